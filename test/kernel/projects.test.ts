// Modules of the user's that are edited while a session lives, and what a project's tsconfig.json says.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { Recorder } from "./recorder";

const project = mkdtempSync(join(tmpdir(), "cresset-project-"));
const folder = join(project, "notebooks");
mkdirSync(folder);
write({
  "tsconfig.json": JSON.stringify({
    compilerOptions: { noUncheckedIndexedAccess: true, experimentalDecorators: true, paths: { "@/*": ["./src/*"] } },
  }),
});
const cells = new Recorder({ cwd: folder });

afterAll(async () => {
  await cells.session.close();
  rmSync(project, { recursive: true });
});

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, name)), { recursive: true });
    writeFileSync(join(project, name), text);
  }
}

const result = async (code: string): Promise<unknown> => {
  const { error, result: shown } = await cells.run(code);
  return error ? error.message : shown;
};

test("an edited module has new values and types at every place that imports it, and instances new methods", async () => {
  write({
    "notebooks/m.ts": "export const f = (): number => 1.5;\nexport class A { x = 1; }\n",
    "notebooks/n.ts": 'import { f } from "./m";\nexport const g = () => f();\n',
    "notebooks/d.json": "[1, 2]",
  });
  await cells.run('import { f, A } from "./m"; import { g } from "./n"; import d from "./d.json"; const a = new A();');
  expect(await result("f().toFixed(1) + g().toFixed(1) + d.length")).toBe("'1.51.52'");
  write({
    "notebooks/m.ts":
      'export const f = (): string => "new";\nexport class A { x = 1; more() { return this.x + 1; } }\n',
    "notebooks/d.json": "[1, 2, 3]",
  });
  const edited = () => result("f().toUpperCase() + g().length + d.length + a.more() + (a instanceof A)");
  await expect.poll(edited, { timeout: 10_000 }).toBe("'NEW332true'");
});

test("one with an error stays as it was, and says so; the next cell goes on", async () => {
  write({ "src/ok.ts": 'export const ok: string = "old";\n' });
  expect(await result('import { ok } from "@/ok"; ok')).toBe("'old'");
  write({ "src/ok.ts": "export const ok: string = 7;\n" });
  const told = async () => (await cells.run("1")).stderr;
  await expect.poll(told, { timeout: 10_000 }).toMatch(/ok\.ts stays as it was: line 1 has an error/);
  expect(await result("ok")).toBe("'old'");
  write({ "src/ok.ts": 'export const ok: string = "new";\n' });
  await expect.poll(() => result("ok"), { timeout: 10_000 }).toBe("'new'");
});

test("errors in modules above the notebook are told", async () => {
  write({ "src/bad.ts": "export const bad: string = 5;\n" });
  const { error } = await cells.run('import { bad } from "../src/bad";');
  expect(error?.traceback).toContain("../src/bad.ts, line 1:");
});

test("modules with the extensions of ES modules and of CommonJS are TypeScript as well", async () => {
  write({
    "notebooks/es.mts": "export const es: number = 1;\n",
    "notebooks/cjs.cts": "export const cjs: number = 2;\n",
    "notebooks/js.mjs": "export const js = 3;\n",
  });
  const imports = 'import { es } from "./es.mjs"; import { cjs } from "./cjs.cjs"; import { js } from "./js.mjs";';
  expect(await result(`${imports} es + cjs + js`)).toBe("6");
  write({ "notebooks/js.mjs": "export const js = 30;\n" });
  await expect.poll(() => result("es + cjs + js"), { timeout: 10_000 }).toBe("33");
});

test("the project's strictness and decorators hold", async () => {
  expect(await result("const list = [1]; list[0].toFixed()")).toMatch(/possibly 'undefined'/);
  const { stdout } = await cells.run(
    "function old(_: object, key: string) { console.log(key) }\nclass Old { @old method() {} }",
  );
  expect(stdout).toBe("method\n");
});
