// Differences between graphs here and in PyTorch 1.13 that are no fault here, by kind. docs/decisions/fuzz.md gives the reasons.

import { spellings, type Value } from "./statements";
import type { Explain, StatementProgram } from "./statements-kind";
import { Running } from "./statements-run";

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

/** Nodes for which PyTorch saves an operand that several derivatives read, also where none of these gradients is asked for. */
const SAVED_ANYWAY = new Set(["LerpBackward1", "AddcdivBackward0"]);

/** Whether a program multiplies a matrix, or a vector, by batches of matrices: PyTorch turns the batches round, which copies them. */
function multipliesBatches({ seed, statements }: StatementProgram): boolean {
  const running = new Running(seed);
  const dims = (x: Value): number =>
    typeof x === "object" && x !== null && "variable" in x ? (running.tensor(x.variable)?.ndim ?? 0) : 0;
  return statements.some((statement) => {
    if (statement.call === "matmul" && dims({ variable: statement.on }) <= 2 && dims(statement.args[0]) >= 3)
      return true;
    running.step(spellings(statement));
    return false;
  });
}

export const explainNames: Explain = (program, { kind, where, here, there }) => {
  if (kind === "raises here only" && /modified by an inplace operation/.test(here) && multipliesBatches(program))
    return "an operand that PyTorch copies was written";
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
  if (SAVED_ANYWAY.has(node)) return "an operand is saved for gradients that nobody asks for";
  return alone === undefined ? null : "a view made without recording is saved for";
};

export const explainGraph: Explain = (program, difference) =>
  DETAILS.get(difference.kind) ?? explainNames(program, difference);
