// A session after many cells holds little more than after a few. bench/soak.ts runs thousands.

import { createRequire } from "node:module";
import { expect, test } from "vitest";
import type * as Soak from "../../bench/soak";

// Compiled, as the session is.
const { soak } = createRequire(__filename)("../../dist/bench/soak.js") as typeof Soak;

test("the executor keeps little of cells that have ended", async () => {
  const { before, after, failed } = await soak(150, 30);
  expect(failed).toBe(0);
  // Garbage that has not been collected yet included; what is kept of a cell is a few kilobytes.
  expect(after.executor - before.executor).toBeLessThan(40 * 2 ** 20);
});
