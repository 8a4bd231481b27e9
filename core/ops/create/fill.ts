// The writes that replace all elements of a tensor. Methods only.

import { scalarFor } from "../../tensor/scalar";
import { signed } from "../../arguments/signed";
import { rebase } from "../../autograd/inplace";
import { type Backward, FunctionNode } from "../../autograd/node";
import { checkInPlace, edgesOf, isRecorded } from "../../autograd/record";
import { copyInto } from "../../dispatch";
import { ShapeError } from "../../errors";
import type { DType, Scalar } from "../../tensor/dtype";
import { checkNoInternalOverlap, checkNoPartialOverlap } from "../../tensor/overlap";
import { broadcastPair, sameShape, text } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";
import { writeValue } from "./write-value";
import { sumToSize } from "../reduce/reduction";
import { zerosAs } from "../../autograd/zeros";

const COPY = "CopyBackwards";

/** Writes the values of `src`, broadcast and converted, into this tensor. Recorded. Source: Tensor.copy_. */
export const copy_ = signed("copy_(Tensor input, Tensor|Number other, bool nonBlocking=False)", copyInPlace);

function copyInPlace(input: Tensor, src: Tensor | Scalar, _nonBlocking = false): Tensor {
  return src instanceof Tensor ? overwrite(input, src, COPY) : fill_(input, src);
}

/** Writes the result of an operation on a tensor's own elements into it, recorded as that operation, a node `label`. */
export function overwrite(input: Tensor, src: Tensor, label: string): Tensor {
  checkBroadcast(src, input);
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
  input.storage.version++;
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

/** Throws unless `src` broadcasts to the target, but for dimensions of size 1 in front. */
function checkBroadcast(src: Tensor, target: Tensor): void {
  const shape = broadcastPair(target.sizes, src.sizes);
  const lead = shape.length - target.ndim;
  if (shape.slice(0, lead).every((n) => n === 1) && sameShape(shape.slice(lead), target.sizes)) return;
  throw new ShapeError(`output with shape ${text(target.sizes)} doesn't match the broadcast shape ${text(shape)}`);
}

/** Writes one value, a number or a 0-d tensor, everywhere; an expanded tensor, too, since all its places take the same. Recorded. Source: Tensor.fill_. */
export const fill_ = signed("fill_(Tensor input, Number|Tensor value)", fillInPlace);

function fillInPlace(input: Tensor, value: Scalar | Tensor): Tensor {
  if (value instanceof Tensor) return writeValue(input, value, "FillBackward3", [input, value]);
  return writeValue(input, scalarFor(value, input.dtype), "FillBackward2", [input]);
}

/** Writes zeros. Source: Tensor.zero_. */
export const zero_ = signed("zero_(Tensor input)", zeroInPlace);

function zeroInPlace(input: Tensor): Tensor {
  return writeValue(input, 0, "ZeroBackward0", [input]);
}
