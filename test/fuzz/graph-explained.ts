// Differences between graphs here and in PyTorch 1.13 that are no fault here, by kind. docs/decisions/fuzz.md gives the reasons.

import type { Statement } from "./statements";
import type { Explain } from "./statements-kind";

/** What no number depends on; the kind `names` counts these as wrong. */
const DETAILS = new Map([
  ["node", "name of a node"],
  ["strides", "memory layout of a result"],
]);

/** Calls for whose gradient PyTorch saves a tensor although it reads the sizes alone. */
const SIZES_ALONE = new Set(["take", "gather", "takeAlongDim", "avgPool2d", "adaptiveAvgPool2d", "cummax", "cummin"]);

function savesForSizes({ call, args }: Statement): boolean {
  return SIZES_ALONE.has(call) || (call === "mean" && args.length > 0);
}

export const explainNames: Explain = ({ statements }, { kind, where, there }) => {
  if (kind !== "raises in PyTorch only") return null;
  if (/INTERNAL ASSERT/.test(there)) return "internal assertion of PyTorch";
  if (/returned an invalid gradient/.test(there)) return "a gradient of zeros in the shape of a changed tensor";
  // In float64 every view has been looked at.
  if (/a leaf Variable that requires grad/.test(there) && /float32$/.test(where))
    return "a view stays a leaf until it is looked at";
  if (!/modified by an inplace operation|backward through the graph a second time/.test(there)) return null;
  if (statements.some(savesForSizes)) return "an operand is saved for its sizes";
  return statements.some(({ noGrad }) => noGrad === true) ? "a view made without recording is saved for" : null;
};

export const explainGraph: Explain = (program, difference) =>
  DETAILS.get(difference.kind) ?? explainNames(program, difference);
