// Differences between graphs here and in PyTorch 1.13 that are no fault here, by kind. docs/decisions/fuzz.md gives the reasons.

import type { Explain } from "./statements-kind";

/** What no number depends on; the kind `names` counts these as wrong. */
const DETAILS = new Map([
  ["node", "name of a node"],
  ["strides", "memory layout of a result"],
]);

/** Nodes for which PyTorch saves an operand although their backward reads its sizes alone. */
const SIZES_ALONE = new Set([
  "MaskedSelectBackward0",
  "MeanBackward1",
  "TakeBackward0",
  "GatherBackward0",
  "IndexAddBackward0",
  "IndexCopyBackward0",
  "AvgPool2DBackward0",
  "AdaptiveAvgPool2DBackward0",
  "CummaxBackward0",
  "CumminBackward0",
  "EmbeddingBackward0",
]);

export const explainNames: Explain = (_program, { kind, where, there }) => {
  if (kind !== "raises in PyTorch only") return null;
  if (/INTERNAL ASSERT/.test(there)) return "internal assertion of PyTorch";
  if (/setStorage: .* are out of bounds for storage of size/.test(there))
    return "a written view has grown beyond what its base had";
  if (/returned an invalid gradient/.test(there)) return "a gradient of zeros in the shape of a changed tensor";
  // In float64 every view has been looked at.
  if (/a leaf Variable that requires grad/.test(there) && /float32$/.test(where))
    return "a view stays a leaf until it is looked at";
  const [, node, alone] = / \[in (\w+)(, of no operand)?\]$/.exec(there) ?? [];
  if (SIZES_ALONE.has(node)) return "an operand is saved for its sizes";
  return alone === undefined ? null : "a view made without recording is saved for";
};

export const explainGraph: Explain = (program, difference) =>
  DETAILS.get(difference.kind) ?? explainNames(program, difference);
