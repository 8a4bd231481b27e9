// The library against the recorded results. No case is named here: each set has a share of cases that must pass, raised as the library
// grows, and a function that is there must not give a wrong result more often than stated.

import { describe, expect, test } from "vitest";
import { runGroup } from "./cases";
import { groups, ownGoldens } from "./groups";
import { tally } from "./report";

const options = { dir: ownGoldens, device: process.env.CRESSET_TEST_DEVICE ?? "cpu" };

/** Of the cases in a set: the smallest share that passes, and the largest number of wrong results. */
interface Bound {
  readonly group: string;
  readonly set: string;
  /** Chooses cases by file and tier. */
  readonly only: (file: string, tier: number | undefined) => boolean;
  readonly share: number;
  readonly wrong: number;
}

const bounds: readonly Bound[] = [
  { group: "ops", set: "tier 1", only: (_, tier) => tier === 1, share: 0.6, wrong: 0 },
  { group: "ops", set: "tiers 2 and 3", only: (_, tier) => tier !== 1, share: 0.1, wrong: 0 },
  { group: "print", set: "tensors", only: (file) => file === "tensors", share: 1, wrong: 0 },
  {
    group: "print",
    set: "fuzz and options",
    only: (file) => file === "fuzz" || file === "options",
    share: 1,
    wrong: 0,
  },
  { group: "rng", set: "draws", only: (file) => file === "draws", share: 0.8, wrong: 0 },
  { group: "rng", set: "data", only: (file) => file === "data", share: 1, wrong: 0 },
  { group: "vision", set: "idx", only: (file) => file === "idx", share: 1, wrong: 0 },
  { group: "vision", set: "transforms", only: (file) => file === "transforms", share: 0.8, wrong: 0 },
  { group: "train", set: "fashion_small", only: (file) => file === "fashion_small", share: 1, wrong: 0 },
  { group: "train", set: "programs", only: (file) => file === "programs", share: 0.3, wrong: 0 },
];

describe.each([...new Set(bounds.map(({ group }) => group))])("%s", (name) => {
  const results = runGroup(groups[name], options);

  test.each(bounds.filter(({ group }) => group === name))("$set", async ({ only, share, wrong }) => {
    const chosen = (await results).filter(({ file, tier }) => only(file, tier));
    const counts = tally(chosen);
    const failures = chosen
      .filter(({ outcome }) => outcome === "wrong")
      .map(({ file, id, detail }) => `${file} ${id}: ${detail}`);
    expect(counts.total).toBeGreaterThan(0);
    expect(failures.slice(0, wrong + 20), "wrong results").toHaveLength(Math.min(wrong, failures.length));
    expect(counts.pass / counts.total).toBeGreaterThanOrEqual(share);
  });
});
