// Jupyter's own programs over the kernel: the tests that it has for every kernel, nbclient, nbconvert and the console.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Terminal } from "../repl/terminal";
import { execute, installedFor, type JupyterPlace, kernelName, python } from "./jupyter-place";

let place: JupyterPlace;

beforeAll(async () => {
  place = await installedFor("programs");
});

afterAll(() => place.remove());

test("passes the tests that Jupyter has for every kernel", async () => {
  const tests = join(__dirname, "python/kernel_tests.py");
  const { stderr } = await execute(python, [tests, kernelName], { cwd: place.folder, env: place.env });
  expect(stderr).toMatch(/^Ran 12 tests in [\d.]+s\n\nOK$/m);
});

const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: kernelName, display_name: "Test", language: "typescript" } },
  cells: [
    "const x = torch.ones(2, 2);\nx.sum()",
    "for (const i of tqdm([1, 2, 3])) console.log(i);",
    "await Promise.resolve('done')",
  ].map((source, i) => ({
    cell_type: "code",
    id: `cell-${i}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  })),
};

interface Output {
  output_type: string;
  text?: string | string[];
  data?: Record<string, string | string[]>;
}

function outputsOf(file: string): Output[][] {
  return (JSON.parse(readFileSync(file, "utf8")) as { cells: { outputs: Output[] }[] }).cells.map(
    ({ outputs }) => outputs,
  );
}

test("nbconvert executes a notebook", async () => {
  writeFileSync(join(place.folder, "n.ipynb"), JSON.stringify(notebook));
  const args = ["nbconvert", "--to", "notebook", "--execute", "n.ipynb", "--output", "converted.ipynb"];
  await execute("jupyter", args, { cwd: place.folder, env: place.env });
  const [sum, loop, last] = outputsOf(join(place.folder, "converted.ipynb"));
  expect(sum[0].data?.["text/plain"]).toEqual(["tensor(4.)"]);
  expect(
    loop
      .filter((output) => output.output_type === "stream")
      .flatMap((output) => output.text)
      .join(""),
  ).toBe("1\n2\n3\n");
  expect(loop.some((output) => output.output_type === "display_data")).toBe(true);
  expect(last[0].data?.["text/plain"]).toEqual(["'done'"]);
});

test("nbclient executes a notebook and stops at an error", async () => {
  const failing = {
    ...notebook,
    cells: [notebook.cells[0], { ...notebook.cells[1], source: "throw new Error('stop here')" }],
  };
  writeFileSync(join(place.folder, "failing.ipynb"), JSON.stringify(failing));
  const script = "import nbformat, nbclient; nbclient.execute(nbformat.read('failing.ipynb', 4))";
  const failed = execute(python, ["-c", script], { cwd: place.folder, env: place.env });
  await expect(failed).rejects.toMatchObject({ stderr: expect.stringContaining("Error: stop here") });
});

/** Opens the console in a terminal, waits for its prompt, and closes it after `use`. */
async function withConsole(options: string, use: (terminal: Terminal) => Promise<void>): Promise<void> {
  const terminal = new Terminal();
  try {
    const environment = Object.entries(place.env)
      .filter(([name]) => /^(JUPYTER|IPYTHON|XDG_STATE|HOME|NO_COLOR)/.test(name))
      .map(([name, value]) => `${name}='${value}'`);
    // On a busy machine the console would soon stop asking.
    const patient = "--ZMQTerminalInteractiveShell.kernel_is_complete_timeout=60 --ZMQCompleter.timeout=60";
    terminal.line(`${environment.join(" ")} /usr/bin/jupyter-console --kernel ${kernelName} ${patient} ${options}`);
    await terminal.shows("In [1]:");
    await use(terminal);
  } finally {
    terminal.close();
  }
}

test("the console runs cells, asks and completes", () =>
  withConsole("", async (terminal) => {
    // First, because the console fails of itself when Enter gets its answer later than a second.
    terminal.type("Math.cbr");
    terminal.keys("Tab");
    await terminal.shows("In [1]: Math.cbrt");
    terminal.line("(27)");
    await terminal.shows("Out[1]: 3");
    terminal.line("throw new RangeError('far')");
    await terminal.shows("RangeError: far");
    await terminal.shows("In [3]:");
    terminal.line("prompt('name?').toUpperCase()");
    await terminal.shows(/^name\?/m);
    terminal.line("ada");
    await terminal.shows("Out[3]: 'ADA'");
    terminal.line("promptSecret('word?').length");
    await terminal.shows(/^word\?/m);
    terminal.line("hidden");
    await terminal.shows("Out[4]: 6");
    expect(terminal.everything()).not.toContain("hidden");
  }));

// The console's other prompt does not hear Ctrl-C while a cell runs, with any kernel.
test("the console interrupts a cell", () =>
  withConsole("--simple-prompt", async (terminal) => {
    terminal.line("const kept = 5; console.log('turning'); for (;;) await null;");
    await terminal.shows(/^turning/m);
    terminal.keys("C-c");
    await terminal.shows("Interrupted: In [1] was stopped");
    terminal.line("kept");
    await terminal.shows("Out[2]: 5");
  }));
