// The set-up as a person meets it: its message on an old Node, its silence when nothing changed, its answer to a failing step.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root, runProgram, runScript } from "../support/child";

const setup = join(root, "scripts", "setup.js");
const part = (name: string) => JSON.stringify(join(root, "scripts", "setup", name));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-setup-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

test("an old Node is refused with the version that is needed", async () => {
  const { code, stderr } = await runScript(`
    Object.defineProperty(process.versions, "node", { value: "18.19.1" });
    process.argv[2] = "start";
    require(${JSON.stringify(setup)});
  `);
  expect(code).toBe(1);
  expect(stderr).toContain("needs Node 20.19 or newer; this is Node 18.19.1");
});

test("an unknown mode is refused with the known ones", async () => {
  const { code, stderr } = await runProgram(process.execPath, [setup, "nonsense"]);
  expect(code).toBe(1);
  expect(stderr).toContain("build|start|test|bench");
});

/** A plan of one step over a file in the temporary folder, run in a process of its own. */
const plan = (work: string) => `
  const { allDone, perform } = require(${part("steps.js")});
  const fs = require("node:fs");
  const input = ${JSON.stringify(join(folder, "input"))};
  const log = ${JSON.stringify(join(folder, "log"))};
  const step = {
    name: "example", title: "an example", stamp: ${JSON.stringify(join(folder, "stamp"))},
    fingerprint: () => fs.readFileSync(input, "utf8"),
    run: async () => { fs.appendFileSync(log, "ran "); ${work} },
  };
  if (!allDone([step])) perform([step]).catch((error) => { console.error(error.message); process.exit(1); });
`;
const runs = () => readFileSync(join(folder, "log"), "utf8").split("ran").length - 1;

test("a step runs when its input changed, and only then", async () => {
  writeFileSync(join(folder, "input"), "one");
  for (let i = 0; i < 3; i++) expect((await runScript(plan(""))).code).toBe(0);
  expect(runs()).toBe(1);
  writeFileSync(join(folder, "input"), "two");
  expect((await runScript(plan(""))).stderr).toMatch(/^an example … \d+\.\d s\n$/);
  expect(runs()).toBe(2);
});

test("a step that failed or was interrupted runs again", async () => {
  writeFileSync(join(folder, "input"), "one");
  expect((await runScript(plan("process.exit(3)"))).code).toBe(3);
  expect((await runScript(plan(""))).code).toBe(0);
  expect(runs()).toBe(2);
});

test("a failing program is shown with its output, its command and what to do", async () => {
  const { code, stderr } = await runScript(`
    const { run } = require(${part("run.js")});
    run("trying", "sh", ["-c", "echo the reason; exit 7"]).catch((error) => { console.error(error.message); process.exit(1); });
  `);
  expect(code).toBe(1);
  expect(stderr).toContain("the reason");
  expect(stderr).toContain("Set-up failed: trying (exit code 7)");
  expect(stderr).toContain("Command: sh -c 'echo the reason; exit 7'");
});

/** Three set-ups that start together; what each tells when it begins and ends. */
async function together(): Promise<string> {
  const log = JSON.stringify(join(folder, "log"));
  const script = `
    const { withLock } = require(${part("steps.js")});
    const fs = require("node:fs");
    withLock(async () => {
      fs.appendFileSync(${log}, "in ");
      await new Promise((resolve) => setTimeout(resolve, 300));
      fs.appendFileSync(${log}, "out ");
    });
  `;
  await Promise.all([0, 1, 2].map(() => runScript(script)));
  return readFileSync(join(folder, "log"), "utf8");
}

test("two set-ups of one folder do not work at the same time", async () => {
  expect(await together()).toBe("in out in out in out ");
});

test.each([
  ["is empty", ""],
  ["names a process that has ended", "4194304"],
])("a lock that %s holds nobody up", async (_, text) => {
  const cache = join(root, ".cache", "setup");
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, "lock"), text);
  expect(await together()).toBe("in out in out in out ");
});

test("without root the command to run is named", async () => {
  const { code, stderr } = await runScript(`
    process.getuid = () => 1000;
    const { install } = require(${part("system.js")});
    install("build", "installing").catch((error) => { console.error(error.message); process.exit(1); });
  `);
  expect(code).toBe(1);
  expect(stderr).toContain("apt-get install -y --no-install-recommends");
});
