// The classic notebook as a person uses it: Jupyter's server, a browser, clicks and keys.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installedFor, type JupyterPlace, kernelName } from "./jupyter-place";

const patience = 100_000;

let place: JupyterPlace;
let server: ChildProcess;
let browser: Browser;
let page: Page;

const sources = [
  "const x = torch.ones(2); x",
  `import { existsSync } from "node:fs";
const model = new nn.Linear(4, 1), optimizer = new optim.SGD(model.parameters(), { lr: 0.01 }), chart = plot();
while (!existsSync("enough")) {
  optimizer.zeroGrad();
  const loss = model(torch.rand(8, 4)).sum().square();
  loss.backward();
  optimizer.step();
  chart.push({ loss: loss.item() });
}`,
  "for (;;) await null;",
  "x.sum()",
];

/** Ubuntu has no package of a browser. */
const executablePath = ["/usr/bin/chromium", "/usr/bin/google-chrome", "/snap/bin/chromium"].find(existsSync);
const inBrowser = test.skipIf(executablePath === undefined);

beforeAll(async () => {
  if (executablePath === undefined) return;
  place = await installedFor("notebook");
  const cells = sources.map((source) => ({
    cell_type: "code",
    metadata: {},
    execution_count: null,
    outputs: [],
    source,
  }));
  const kernelspec = { name: kernelName, display_name: "Test", language: "typescript" };
  const notebook = { nbformat: 4, nbformat_minor: 4, metadata: { kernelspec }, cells };
  writeFileSync(join(place.folder, "work.ipynb"), JSON.stringify(notebook));
  const options = [
    "--no-browser",
    "--allow-root",
    "--ip=127.0.0.1",
    `--port=${await freePort()}`,
    "--NotebookApp.token=",
  ];
  server = spawn("/usr/bin/jupyter-notebook", options, { cwd: place.folder, env: place.env });
  const address = await new Promise<string>((resolve, reject) => {
    let said = "";
    server.stderr?.on("data", (text: Buffer) => {
      said += text;
      const [found] = /http:\/\/127\.0\.0\.1:\d+\//.exec(said) ?? [];
      if (found) resolve(found);
    });
    server.once("exit", () => reject(new Error(said)));
  });
  const quiet = ["background-networking", "component-update", "gpu", "quic", "sync"].map((name) => `--disable-${name}`);
  browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--no-first-run", ...quiet],
  });
  page = await browser.newPage();
  page.setDefaultTimeout(patience);
  await page.goto(`${address}notebooks/work.ipynb`);
  await idle();
});

afterAll(async () => {
  await browser?.close();
  server?.kill("SIGTERM");
  if (server?.exitCode === null) await new Promise((resolve) => server.once("exit", resolve));
  place?.remove();
});

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

const cell = (index: number): Locator => page.locator(".code_cell").nth(index);
const idle = (): Promise<void> => page.locator(".kernel_idle_icon").waitFor();
const press = (action: string): Promise<void> =>
  page.locator(`button[data-jupyter-action="jupyter-notebook:${action}"]`).click();

async function run(index: number): Promise<void> {
  await cell(index).locator(".CodeMirror").click();
  await page.keyboard.press("Shift+Enter");
}

/** The text of a cell's output when it contains `part`. */
async function output(index: number, part: string): Promise<string> {
  const found = cell(index).locator(".output_wrapper", { hasText: part });
  await found.waitFor();
  return found.innerText();
}

inBrowser("runs a cell", async () => {
  await run(0);
  expect(await output(0, "tensor")).toContain("tensor([1., 1.])");
  expect(await cell(0).locator(".output_prompt").innerText()).toBe("Out[1]:");
});

inBrowser("a chart moves while a cell trains", async () => {
  await run(1);
  const svg = cell(1).locator(".output svg");
  await svg.waitFor();
  const drawn = await svg.innerHTML();
  await expect.poll(() => svg.innerHTML(), { timeout: patience }).not.toBe(drawn);
  expect(await cell(1).locator(".input_prompt").innerText()).toContain("[*]");
  writeFileSync(join(place.folder, "enough"), "");
  await cell(1).locator(".input_prompt", { hasText: "[2]" }).waitFor();
  expect(await svg.count()).toBe(1);
});

inBrowser("interrupts a cell and keeps variables", async () => {
  await run(2);
  await cell(2).locator(".input_prompt", { hasText: "[*]" }).waitFor();
  await page.locator(".kernel_busy_icon").waitFor();
  await press("interrupt-kernel");
  expect(await output(2, "Interrupted")).toContain("In [3] was stopped");
  await run(3);
  expect(await output(3, "tensor")).toContain("tensor(2.)");
});

inBrowser("restarts the kernel", async () => {
  await press("confirm-restart-kernel");
  await page.locator(".modal-dialog .btn-danger").click();
  await page.locator(".modal-dialog").waitFor({ state: "detached" });
  await idle();
  await run(3);
  expect(await output(3, "TypeCheckError")).toContain("Cannot find name 'x'");
  expect(await cell(3).locator(".input_prompt").innerText()).toContain("[1]");
});
