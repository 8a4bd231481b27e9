// A part of the random programs (`npm run fuzz`), with fixed seeds.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import type { Tally } from "./kind";

const compiled = createRequire(resolve(__dirname, "../../dist/test/fuzz/main.js"));
const { kinds } = compiled("./kinds.js") as typeof import("./kinds");
const { peerVersion, REFERENCE } = compiled("./peer.js") as typeof import("./peer");
const present = peerVersion()?.startsWith(`${REFERENCE}.`) ?? false;

/** The reports of what is wrong in the programs of `count` seeds from 1 on. */
async function wrong(name: string, count: number): Promise<string[]> {
  const kind = await kinds[name].make();
  const tally: Tally = { programs: 0, failures: [], explained: new Map(), skipped: 0 };
  await kind.compare(1, count, tally);
  await kind.close();
  expect(tally.programs).toBe(count);
  return tally.failures.map(({ seed, report }) => `seed ${seed} ${report}`);
}

const minutes = 60_000;

test.runIf(present)("random graphs agree with PyTorch", { timeout: 10 * minutes }, async () => {
  expect(await wrong("graph", 2000)).toEqual([]);
});

test.runIf(present)("random training programs agree with PyTorch", { timeout: 10 * minutes }, async () => {
  expect(await wrong("models", 2000)).toEqual([]);
});

test.runIf(present)("single calls with random arguments agree with PyTorch", { timeout: 10 * minutes }, async () => {
  expect(await wrong("calls", 2000)).toEqual([]);
});

test.runIf(present)("random loaders agree with PyTorch", { timeout: 10 * minutes }, async () => {
  expect(await wrong("loaders", 100)).toEqual([]);
});

test("random programs cut into cells agree with node", async () => {
  expect(await wrong("cells", 25)).toEqual([]);
});

test("random expressions with operators agree with methods", { timeout: 10 * minutes }, async () => {
  expect(await wrong("operators", 10)).toEqual([]);
});

test("damaged files are errors or load as they were", async () => {
  expect(await wrong("files", 600)).toEqual([]);
});
