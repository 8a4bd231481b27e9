// Differences between graphs here and in PyTorch 1.13 that are no fault here, by kind. docs/decisions/fuzz.md gives the reasons.

import type { Explain } from "./statements-kind";

/** What no number depends on; the kind `names` counts these as wrong. */
const DETAILS = new Map([
  ["node", "name of a node"],
  ["strides", "memory layout of a result"],
]);

export const explainNames: Explain = ({ statements }, { kind, there }) => {
  if (kind !== "raises in PyTorch only") return null;
  if (/INTERNAL ASSERT/.test(there)) return "internal assertion of PyTorch";
  if (!/modified by an inplace operation|backward through the graph a second time/.test(there)) return null;
  if (statements.some(({ call, args }) => call === "mean" && args.length > 0))
    return "mean over dimensions saves its operand";
  return statements.some(({ noGrad }) => noGrad === true) ? "a view made without recording is saved for" : null;
};

export const explainGraph: Explain = (program, difference) =>
  DETAILS.get(difference.kind) ?? explainNames(program, difference);
