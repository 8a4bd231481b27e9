// Differences between graphs here and in PyTorch 1.13 that are no fault here, by kind. docs/decisions/fuzz.md gives the reasons.

import type { Explain } from "./statements-kind";

/** What no number depends on; the kind `names` counts these as wrong. */
const DETAILS = new Map([
  ["node", "name of a node"],
  ["strides", "memory layout of a result"],
]);

export const explainNames: Explain = (_program, { kind, there }) =>
  kind === "raises in PyTorch only" && /INTERNAL ASSERT/.test(there) ? "internal assertion of PyTorch" : null;

export const explainGraph: Explain = (program, difference) =>
  DETAILS.get(difference.kind) ?? explainNames(program, difference);
