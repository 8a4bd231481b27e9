// Cells as a program: what it prints under node is what the cells showed.

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  createProgram,
  flattenDiagnosticMessageText,
  ModuleKind,
  ModuleResolutionKind,
  ScriptTarget,
  transpileModule,
} from "typescript";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { root } from "../support/child";
import { Recorder } from "./recorder";

let folder: string;
let cells: Recorder;
/** What cells have shown since the last test. */
let shown = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-export-"));
  mkdirSync(join(folder, "node_modules"));
  mkdirSync(join(folder, "programs"));
  symlinkSync(root, join(folder, "node_modules/cresset"));
  writeFileSync(join(folder, "shared.js"), "export const shared = (x) => x + 41;\n");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  cells = new Recorder({ cwd: folder });
});

beforeEach(async () => {
  await run("%reset -f");
  shown = "";
});

afterAll(async () => {
  await cells.session.close();
  rmSync(folder, { recursive: true });
});

async function run(...codes: string[]): Promise<void> {
  for (const code of codes) {
    const { error, stdout, result } = await cells.run(code);
    expect(error, code).toBeUndefined();
    // What `%time` says is no part of the program.
    shown += stdout.replace(/^(?:CPU times|Wall time):.*\n/gm, "") + (result === undefined ? "" : `${result}\n`);
  }
}

/** What node prints of a program. */
function printed(program: string, place = folder): string {
  const file = join(place, `program-${cells.count}.mjs`);
  const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ESNext };
  writeFileSync(file, transpileModule(program, { compilerOptions }).outputText);
  return execFileSync(process.execPath, [file], { encoding: "utf8", cwd: folder });
}

/** The program of these cells, which must print what they showed. */
async function exported(...codes: string[]): Promise<string> {
  await run(...codes);
  const program = await cells.session.export(join(folder, "program.ts"));
  expect(printed(program), program).toBe(shown);
  expect(typeErrors(program), program).toEqual([]);
  return program;
}

/** What TypeScript says of a program in a project that lets parameters have no types, as cells do. */
function typeErrors(program: string): string[] {
  const file = join(folder, "checked.ts");
  writeFileSync(file, program);
  const made = createProgram([file], {
    strict: true,
    noImplicitAny: false,
    strictNullChecks: true,
    skipLibCheck: true,
    noEmit: true,
    target: ScriptTarget.ESNext,
    module: ModuleKind.ESNext,
    moduleResolution: ModuleResolutionKind.Bundler,
    typeRoots: [join(root, "node_modules/@types")],
    types: ["node"],
  });
  const told = [...made.getSyntacticDiagnostics(), ...made.getSemanticDiagnostics()];
  return told.map(({ messageText }) => flattenDiagnosticMessageText(messageText, "\n"));
}

test("operators and brackets become methods, and stand as they were typed otherwise", async () => {
  const program = await exported(
    "// A first look.\nconst x = torch.tensor([[1., 2.], [3., 4.]]);\nconst y = x * 2 + 1; // twice\ny",
    'let total = torch.tensor(0.);\nfor (const row of x) {\n  // sums\n  total += (row @ row) / 2;\n  if (total > 3 && row[0] < 5) console.log("big", total);\n}\ntotal',
    'x[0, 0] = 100; x[":", 1] += 5; x[x > 50] *= 0.1;\n[2 - x, 1 < x, x == 3, x != null, x[0, "0:1"], (x + 1)[0], -x, x?.[1]]',
    'const picks = [1, 2, 3].map((k) => x * k).filter((t) => t.sum() > 50);\n[picks.length, ["a", "b"][torch.tensor(1)], x * 2.]',
  );
  expect(program).toContain("// A first look.");
  expect(program).toContain("const y = x.mul(2).add(1); // twice\nconsole.log(y);");
  expect(program).toContain("  // sums\n  total.add_(row.matmul(row).div(2));");
  expect(program).toContain('if (total.gt(3).item() && row.at(0).lt(5).item()) console.log("big", total);');
  expect(program).toContain('x.setAt([0, 0], 100);\nx.at(":", 1).add_(5);');
  expect(program).toContain(".filter((t) => t.sum().gt(50).item());");
  expect(program).not.toMatch(/operators\.(?!pending)/);
});

test("what may be a tensor looks at its operands when it runs", async () => {
  const program = await exported(
    "function twice(v) { return v * 2 + v[0]; }\nlet w: any = torch.ones(2); w += 1; w *= 2.;\n[twice(torch.ones(2)), twice([3]), -w, w[0] ? 1 : 0]",
    "const zero = torch.tensor(0) && 'never', two = torch.tensor(2) || 'never';\n[zero, two]",
    "const cells = torch.zeros(2, 2); [cells[0, 0], cells[1, 1]] = [5, 6];\ncells",
  );
  expect(program).toContain(
    "function twice(v) { return operators.add(operators.mul(v, 2, false, true), operators.get(v, 0), false, true); }",
  );
});

test("names, classes and functions that are declared again", async () => {
  const program = await exported(
    "const x = 1; class Net extends nn.Module { forward(t: torch.Tensor) { return t; } }\nnew Net()",
    "const { fc } = { fc: x }, both = { x };\nlet scale = 2;",
    "const scaled = () => scale * fc;\nscaled()",
    "class Net extends nn.Module { forward(t: torch.Tensor) { return t * 2; } }\nconst x = 'two';\nlet scale = 10;\n[new Net(), { x }, both]",
    "scaled()",
    "scale = 20; const fc = 3, far = 1;\nscaled() + far",
    "const nn = 5;\nnn + 1",
  );
  expect(program).toContain("const Net2 = class Net extends nn.Module");
  expect(program).toContain("const x2 = 'two';");
});

test("what cells have without an import, results, modes and magics", async () => {
  const program = await exported(
    "const t = torch.ones(2, { requiresGrad: true });\nfor (const [i, v] of enumerate(range(2), 1)) console.log(i, v);\nt * 2",
    "_.sum() + _.mean()",
    "using _off = torch.noGrad();\n(t * 2).requiresGrad",
    "(t * 2).requiresGrad",
    "const files = !echo a b\n%time const later = await Promise.resolve(t.detach() + 1)\nfiles;",
    "async function slow() { await null; return F.relu(torch.tensor(-7)); }\nslow()",
    "!echo from the shell",
    "import { shared } from './shared';\nshared(1)",
    "import { shared } from './shared';\nshared(later[0].item())",
    "{ a: 1, b: [1, 2] }",
  );
  expect(program.match(/import \{ shared \}/g)).toHaveLength(1);
  expect(program).toContain('import { range, enumerate } from "cresset/prelude";');
});

test("%export writes a file whole, and none that exists unless it is told to", async () => {
  await run("import { shared } from './shared';\nconst x = torch.ones(2) * shared(1);", "x + 1", "x / 0");
  const ran = shown;
  const [one, two] = [cells.count - 2, cells.count - 1];
  const { stdout } = await cells.run(`%export programs/all`);
  expect(stdout).toBe(`3 cells written to ${join(folder, "programs/all.ts")}\n`);
  const program = readFileSync(join(folder, "programs/all.ts"), "utf8");
  expect(program).toContain('import { shared } from "../shared.js";');
  expect(printed(program, join(folder, "programs"))).toBe(ran);
  const again = await cells.run(`%export programs/all.ts ${one}-${two}`);
  expect(again.error?.message).toBe(`${join(folder, "programs/all.ts")} exists: write %export -f to replace it`);
  const replaced = await cells.run(`%export -f programs/all.ts ${one}-${two}`);
  expect([replaced.error, replaced.stdout.slice(0, 7)]).toEqual([undefined, "2 cells"]);
  expect(readFileSync(join(folder, "programs/all.ts"), "utf8")).not.toContain("x.div(0)");
  expect((await cells.run("%export nowhere/all.ts")).error?.message).toMatch(/ENOENT/);
  expect(existsSync(join(folder, "nowhere"))).toBe(false);
  expect(readdirSync(join(folder, "programs")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  expect((await cells.run("%export")).error?.message).toBe("Write %export FILE 1-3 5: a file, then the cells");
});
