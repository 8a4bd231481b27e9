// The language process from a start-up snapshot: it serves every folder as a plain start does, and whatever is wrong with it shows in
// nothing but the time that a start takes.

import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Recorder } from "./recorder";

const builder = resolve(__dirname, "../../dist/kernel/session/snapshot/build.js");
const minute = 60_000;

let folder: string;
let cache: string;
/** A snapshot as it was made, to start each test from. */
let made: Map<string, Buffer>;
const before = { ...process.env };

const snapshots = (): string => join(cache, "cresset", "snapshots");
const named = (end: string): string =>
  join(snapshots(), readdirSync(snapshots()).find((name) => name.endsWith(end)) ?? "");
const manifest = () => JSON.parse(readFileSync(named(".json"), "utf8"));

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-snapshot-"));
  cache = join(folder, "made");
  delete process.env.CRESSET_SNAPSHOT;
  process.env.XDG_CACHE_HOME = cache;
  execFileSync(process.execPath, [builder]);
  made = new Map(readdirSync(snapshots()).map((name) => [name, readFileSync(join(snapshots(), name))]));
}, 3 * minute);

beforeEach(() => {
  cache = mkdtempSync(join(folder, "cache-"));
  process.env.XDG_CACHE_HOME = cache;
  delete process.env.CRESSET_SNAPSHOT;
  mkdirSync(snapshots(), { recursive: true });
  for (const [name, bytes] of made) writeFileSync(join(snapshots(), name), bytes);
});

afterAll(async () => {
  Object.assign(process.env, before);
  // Sessions that started plainly leave processes behind that make snapshots in the folder.
  while (execFileSync("ps", ["-eo", "args="], { encoding: "utf8" }).includes(builder)) await sleep(100);
  rmSync(folder, { recursive: true, force: true });
}, 3 * minute);

/** Runs cells in a new session; what they gave, and whether the language process then came from a snapshot. */
async function session(root: string, ...cells: string[]) {
  const recorder = new Recorder({ cwd: root });
  const outcomes = [];
  try {
    for (const code of cells) outcomes.push(await recorder.run(code));
    const children = execFileSync("ps", ["-o", "args=", "--ppid", String(process.pid)], { encoding: "utf8" });
    return { outcomes, fromSnapshot: children.includes("--snapshot-blob") };
  } finally {
    await recorder.session.close();
  }
}

async function answersPlainly(root = folder): Promise<void> {
  const { outcomes, fromSnapshot } = await session(root, "1 + 1");
  expect(outcomes[0]).toMatchObject({ status: "ok", result: "2" });
  expect(fromSnapshot).toBe(false);
}

test("serves a folder that it was not made in, with its modules and packages", async () => {
  const root = join(folder, "project", "notebooks");
  const packaged = join(folder, "project", "node_modules", "pack");
  for (const made of [root, packaged]) mkdirSync(made, { recursive: true });
  writeFileSync(join(root, "beside.ts"), 'export const beside = (n: number): string => "b" + n;\n');
  writeFileSync(join(root, "wrong.ts"), "export const wrong: string = 1;\n");
  writeFileSync(
    join(folder, "project", "above.ts"),
    "export class Above { size = 3; }\nexport const make = () => new Above();\n",
  );
  writeFileSync(join(packaged, "package.json"), '{ "name": "pack", "main": "main.js", "types": "main.d.ts" }');
  writeFileSync(join(packaged, "main.js"), "exports.packed = 7;");
  writeFileSync(join(packaged, "main.d.ts"), "export declare const packed: number;");
  const { outcomes, fromSnapshot } = await session(
    root,
    'import { beside } from "./beside"; import { packed } from "pack"; beside(packed)',
    'import { make } from "../above"; const above = make();',
    "above.size + 1",
    "above.weight",
    'import { wrong } from "./wrong";',
    "const given: string = beside(1); given.length",
    "torch.ones(2) + 1",
  );
  expect(fromSnapshot).toBe(true);
  const [first, , size, weight, wrong, given, sum] = outcomes;
  expect(first).toMatchObject({ status: "ok", result: "'b7'" });
  expect(size).toMatchObject({ status: "ok", result: "4" });
  expect(weight.error?.message).toContain("TS2339: Property 'weight' does not exist on type 'Above'");
  expect(wrong.error?.traceback).toContain("wrong.ts, line 1:");
  expect(given).toMatchObject({ status: "ok", result: "2" });
  expect(sum.result).toBe("tensor([2., 2.])");
});

test("knows the types of Node's modules and globals", async () => {
  const { outcomes, fromSnapshot } = await session(
    folder,
    'import { readFileSync } from "node:fs"; const bytes: string = readFileSync("x");',
    'import { createServer } from "http"; createServer((request) => request.url?.nothing);',
    "process.argv.length.toFixed().nothing",
    "Buffer.from('a').toString('hex')",
    "new URL('http://a/b').pathname",
  );
  expect(fromSnapshot).toBe(true);
  const [read, serve, process, hex, path] = outcomes;
  expect(read.error?.message).toContain("is not assignable to type 'string'");
  for (const { error } of [serve, process])
    expect(error?.message).toContain("Property 'nothing' does not exist on type 'string'");
  expect(hex.result).toBe("'61'");
  expect(path.result).toBe("'/b'");
});

test("a program runs from it", async () => {
  const recorder = new Recorder({ cwd: folder, file: "[eval]", display: "text" });
  expect(await recorder.run("const a = 1; console.log(a);")).toMatchObject({ status: "ok", stdout: "1\n" });
  expect(await recorder.session.finish()).toBe(0);
});

test("a broken snapshot is passed over, and not tried again", async () => {
  const blob = named(".blob");
  const { length } = readFileSync(blob);
  writeFileSync(blob, Buffer.alloc(length, "nonsense"));
  await answersPlainly();
  expect(manifest()).toMatchObject({ blob: null, failures: 1 });
});

test("so is one whose end is missing, and one that is gone", async () => {
  writeFileSync(named(".blob"), readFileSync(named(".blob")).subarray(0, 1 << 20));
  await answersPlainly();
  rmSync(named(".blob"));
  await answersPlainly();
  writeFileSync(named(".json"), "not a manifest");
  await answersPlainly();
});

test("one made from a file that has changed since is not used", async () => {
  const known = manifest();
  known.files.at(-1)[1] -= 1000;
  writeFileSync(named(".json"), JSON.stringify(known));
  await answersPlainly();
});

test("one made for another copy of Cresset is not used", async () => {
  const known = manifest();
  writeFileSync(named(".json"), JSON.stringify({ ...known, key: `${known.key} elsewhere` }));
  await answersPlainly();
});

test("one that others may have written is not used", async () => {
  chmodSync(named(".blob"), 0o666);
  await answersPlainly();
  chmodSync(named(".blob"), 0o600);
  chmodSync(snapshots(), 0o777);
  await answersPlainly();
});

test.each([
  ["is empty", "", 60_000],
  ["is older than any work, whoever has its number now", String(process.pid), 3600_000],
])(
  "a lock that %s holds nothing up",
  (_, text, age) => {
    rmSync(named(".json"));
    const lock = join(snapshots(), "lock");
    writeFileSync(lock, text);
    utimesSync(lock, new Date(), new Date(Date.now() - age));
    execFileSync(process.execPath, [builder]);
    expect(existsSync(lock)).toBe(false);
    expect(manifest().blob).toMatch(/blob$/);
    for (const path of [snapshots(), named(".json"), named(".blob")]) expect(statSync(path).mode & 0o077).toBe(0);
  },
  minute,
);

test("a lock of a process that works is left alone", () => {
  rmSync(named(".json"));
  writeFileSync(join(snapshots(), "lock"), String(process.pid));
  execFileSync(process.execPath, [builder]);
  expect(readdirSync(snapshots())).not.toContainEqual(expect.stringMatching(/json$/));
});

test("a session without one has one made for the next, and leaves nothing else behind", async () => {
  for (const name of readdirSync(snapshots())) rmSync(join(snapshots(), name));
  await answersPlainly();
  const deadline = Date.now() + 2 * minute;
  while (!existsSync(snapshots()) || !readdirSync(snapshots()).some((name) => name.endsWith(".json"))) {
    expect(Date.now()).toBeLessThan(deadline);
    await sleep(100);
  }
  while (existsSync(join(snapshots(), "lock"))) await sleep(100);
  const { outcomes, fromSnapshot } = await session(folder, "1 + 1");
  expect(outcomes[0].result).toBe("2");
  expect(fromSnapshot).toBe(true);
  expect(readdirSync(snapshots())).toHaveLength(2);
});

test("the environment turns it off; a cache that cannot be written is none", async () => {
  process.env.CRESSET_SNAPSHOT = "0";
  await answersPlainly();
  delete process.env.CRESSET_SNAPSHOT;
  writeFileSync(join(folder, "file"), "");
  process.env.XDG_CACHE_HOME = join(folder, "file");
  await answersPlainly();
});
