// One tensor's values written over those of another.

import { rebase } from "../../autograd/inplace";
import { type Backward, FunctionNode } from "../../autograd/node";
import { checkInPlace, edgesOf, isRecorded } from "../../autograd/record";
import { zerosAs } from "../../autograd/zeros";
import { copyInto } from "../../dispatch";
import type { DType } from "../../tensor/dtype";
import { checkNoInternalOverlap, checkNoPartialOverlap } from "../../tensor/overlap";
import { checkBroadcast } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { sumToSize } from "../reduce/reduction";

/** The node of a copy. */
export const COPY = "CopyBackwards";

/** Writes the result of an operation on a tensor's own elements into it, recorded as that operation, a node `label`. */
export function overwrite(input: Tensor, src: Tensor, label: string): Tensor {
  checkBroadcast(src.sizes, input.sizes);
  const recorded = isRecorded([input, src]);
  checkInPlace(input, recorded && input.dtype.isFloatingPoint);
  if (src !== input) {
    checkNoInternalOverlap(input);
    checkNoPartialOverlap(input, src);
  }
  const node =
    recorded && input.dtype.isFloatingPoint
      ? new FunctionNode(label, edgesOf([input, src]), copyBackward(src.sizes, src.dtype), [])
      : null;
  if (node !== null && label !== COPY) node.shown = [node.edges[0]];
  input.storage.written();
  if (input._numel > 0 && src !== input) copyInto(input, src);
  if (node !== null) rebase(input, node);
  return input;
}

function copyBackward(sizes: readonly number[], dtype: DType): Backward {
  return ([g], _, [own, other]) => [
    own ? zerosAs(g as Tensor) : null,
    other ? sumToSize((g as Tensor).to(dtype), sizes) : null,
  ];
}
