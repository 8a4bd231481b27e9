// The notebook that teaches the training loop, executed as Jupyter does and as a plain script, against the recorded run.

import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as ts from "typescript";
import { compareRun, type Epoch } from "../goldens/fashion";
import { ownGoldens } from "../goldens/groups";
import { root } from "../support/child";

const python = "/usr/bin/python3";
const notebook = join(root, "notebooks", "01-fashion-mnist.ipynb");
const execute = promisify(execFile);
const options = { maxBuffer: 1 << 27 };
/** Prints what the notebook noted of its epochs. */
const last = "console.log(JSON.stringify(history));";

interface Noted {
  readonly losses: number[];
  readonly accuracy: number;
  readonly averageLoss: number;
}

interface Output {
  readonly output_type: string;
  readonly text?: string | string[];
  readonly data?: { readonly [mime: string]: unknown };
}

let folder: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cresset-notebooks-"));
  env = {
    ...process.env,
    NODE_OPTIONS: "",
    JUPYTER_PATH: join(folder, "share", "jupyter"),
    JUPYTER_RUNTIME_DIR: folder,
    XDG_STATE_HOME: folder,
    CRESSET_FASHION_MNIST_ROOT: join(root, "test", "data", "fashion-mnist-small"),
  };
  const command = join(root, "scripts", "cresset.js");
  await execute(process.execPath, [command, "kernel", "install", "--prefix", folder], { env });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function compare(printed: string): void {
  const noted: Noted[] = JSON.parse(printed);
  const epochs = noted.map(
    ({ losses, accuracy, averageLoss }): Epoch => ({ losses, test_accuracy: accuracy, test_avg_loss: averageLoss }),
  );
  compareRun({ dir: ownGoldens, device: "cpu" }, false, epochs);
}

/** Files keep text by lines. */
function joined(text: unknown): string {
  return Array.isArray(text) ? text.join("") : String(text ?? "");
}

const cells = (file = notebook) =>
  (
    JSON.parse(readFileSync(file, "utf8")).cells as {
      cell_type: string;
      source: string | string[];
      outputs?: Output[];
    }[]
  )
    .filter(({ cell_type }) => cell_type === "code")
    .map(({ source, outputs }) => ({ source: joined(source), outputs: outputs ?? [] }));

test("is kept without outputs", () => {
  expect(cells().flatMap(({ outputs }) => outputs)).toEqual([]);
});

/** A page of nbconvert with its drawings as text: newer versions put them into the page as images. */
function drawn(html: string): string {
  return html.replace(/data:image\/svg\+xml;base64,([\w+/=]+)/g, (_, data: string) =>
    Buffer.from(data, "base64").toString(),
  );
}

test("executes in Jupyter, trains as recorded, and shows what it promises", async () => {
  const copy = JSON.parse(readFileSync(notebook, "utf8"));
  copy.cells.push({ cell_type: "code", id: "last", metadata: {}, execution_count: null, outputs: [], source: last });
  writeFileSync(join(folder, "copy.ipynb"), JSON.stringify(copy));
  const nbconvert = (...args: string[]) =>
    execute(python, ["-m", "nbconvert", ...args], { ...options, env, cwd: folder });
  await nbconvert("--to", "notebook", "--execute", "--output", "executed.ipynb", "copy.ipynb");
  const outputs = cells(join(folder, "executed.ipynb")).map(({ outputs }) => outputs);
  const all = outputs.flat();
  expect(all.filter(({ output_type }) => output_type === "error")).toEqual([]);
  const text = (list: readonly Output[]) => list.map((output) => joined(output.text)).join("");
  compare(text(outputs[outputs.length - 1]));

  const form = (mime: string) => all.map(({ data }) => joined(data?.[mime]));
  const plain = form("text/plain");
  const drawings = form("image/svg+xml");
  expect(drawings.filter((drawing) => drawing.includes("Ankle boot")).length).toBeGreaterThanOrEqual(2);
  expect(drawings.some((drawing) => drawing.includes("training"))).toBe(true);
  expect(form("image/png").some((picture) => picture.startsWith("iVBORw0KGgo"))).toBe(true);
  expect(plain.some((shown) => shown.includes("Number of datapoints: 6000"))).toBe(true);
  expect(plain.some((shown) => shown.includes("(flatten): Flatten(start_dim=1, end_dim=-1)"))).toBe(true);
  expect(plain.some((shown) => shown.includes("linearReluStack.4.bias"))).toBe(true);
  expect(plain.some((shown) => /epoch 3: 100%.*94\/94/.test(shown))).toBe(true);
  expect(text(all)).toMatch(/epoch 1: test accuracy \d\d\.\d %, average loss 0\.\d{6}/);

  await nbconvert("--to", "html", "executed.ipynb");
  const html = readFileSync(join(folder, "executed.html"), "utf8");
  expect(drawn(html)).toContain("Ankle boot");
  expect(html).toMatch(/epoch 3: test accuracy/);
});

test("is a plain program too", async () => {
  const source = [...cells().map(({ source }) => source), last].join("\n");
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const { stdout } = await execute(process.execPath, ["-e", outputText], { ...options, env, cwd: root });
  compare(stdout.trim().split("\n").slice(-1)[0]);
});
