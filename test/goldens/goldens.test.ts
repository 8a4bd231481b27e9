// The library against the recorded results. No case is named here: each set has a share of cases that must pass, raised as the library
// grows, and a function that is there must not give a wrong result more often than stated.

import { beforeAll, describe, expect, test } from "vitest";
import { type CaseResult, runGroup } from "./cases";
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
  { group: "ops", set: "tier 1", only: (_, tier) => tier === 1, share: 0.99, wrong: 0 },
  { group: "ops", set: "tier 2", only: (_, tier) => tier === 2, share: 0.72, wrong: 0 },
  { group: "ops", set: "tier 3", only: (_, tier) => tier === 3, share: 0.05, wrong: 0 },
  { group: "print", set: "all but names", only: (file) => file !== "names", share: 1, wrong: 0 },
  { group: "print", set: "names", only: (file) => file === "names", share: 0.96, wrong: 0 },
  { group: "rng", set: "all", only: () => true, share: 1, wrong: 0 },
  { group: "checkpoints", set: "all", only: () => true, share: 1, wrong: 0 },
  // Some runs cross a kink at which kernels of different instruction sets part: there PyTorch's own results differ as well.
  { group: "train", set: "programs", only: (file) => file === "programs", share: 0.89, wrong: 1 },
  { group: "train", set: "optimizers", only: (file) => file === "optimizers", share: 1, wrong: 0 },
  { group: "train", set: "schedulers", only: (file) => file === "schedulers", share: 1, wrong: 0 },
  { group: "train", set: "fashion_small", only: (file) => file === "fashion_small", share: 1, wrong: 0 },
  { group: "vision", set: "idx", only: (file) => file === "idx", share: 1, wrong: 0 },
  { group: "vision", set: "transforms", only: (file) => file === "transforms", share: 0.83, wrong: 0 },
];

describe.each([...new Set(bounds.map(({ group }) => group))])("%s", (name) => {
  let results: CaseResult[];

  beforeAll(async () => {
    results = await runGroup(groups[name], options);
  });

  test.each(bounds.filter(({ group }) => group === name))("$set", ({ only, share, wrong }) => {
    const chosen = results.filter(({ file, tier }) => only(file, tier));
    const counts = tally(chosen);
    const failures = chosen
      .filter(({ outcome }) => outcome === "wrong")
      .map(({ file, id, detail }) => `${file} ${id}: ${detail}`);
    expect(counts.total).toBeGreaterThan(0);
    expect(failures.length > wrong ? failures.slice(0, 20) : [], "wrong results").toEqual([]);
    expect(counts.pass / counts.total).toBeGreaterThanOrEqual(share);
  });
});
