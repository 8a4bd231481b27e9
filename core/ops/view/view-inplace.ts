// In-place forms of views: a tensor's elements stay where they are, its shape changes. Methods only.

import { implementationOf, signed } from "../../arguments/signed";
import { reshapedBy } from "../../autograd/inplace";
import { checkInPlace, isRecorded } from "../../autograd/record";
import { AutogradError, ShapeError } from "../../errors";
import { requireSameDtype } from "../../tensor/dtype-checks";
import { sameShape, text } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { tensor } from "../create/create";
import { resize } from "../shared/out";
import { asStrided } from "./slice";
import { squeeze, swapaxes, swapdims, t, transpose, unsqueeze } from "./view";

/** The same operation in place has a node of the next number, squeeze of the number after that. */
function inPlaceName(name: string): string {
  const [, words, number] = /^(.*?)(\d+)$/.exec(name) as RegExpExecArray;
  return `${words}${Number(number) + (words === "SqueezeBackward" ? 2 : 1)}`;
}

function inPlace<A extends unknown[]>(
  view: (input: Tensor, ...args: A) => Tensor,
): (input: Tensor, ...args: A) => Tensor {
  return (input, ...args) => {
    checkInPlace(input, isRecorded([input]));
    const taken = view(input, ...args);
    const node = taken._state?.node ?? null;
    input.storage.version++;
    input.become(taken);
    if (node === null) return input;
    node.label = inPlaceName(node.label);
    reshapedBy(input, node);
    return input;
  };
}

/** `t` in place. Source: Tensor.t_. */
export const t_ = signed("t_(Tensor input)", inPlace(implementationOf(t)));
/** `transpose` in place. Source: Tensor.transpose_. */
export const transpose_ = signed("transpose_(Tensor input, int dim0, int dim1)", inPlace(implementationOf(transpose)));
/** `swapaxes` in place. Source: Tensor.swapaxes_. */
export const swapaxes_ = signed("swapaxes_(Tensor input, int axis0, int axis1)", inPlace(implementationOf(swapaxes)));
/** `swapdims` in place. Source: Tensor.swapdims_. */
export const swapdims_ = signed("swapdims_(Tensor input, int dim0, int dim1)", inPlace(implementationOf(swapdims)));
/** `squeeze` in place. Source: Tensor.squeeze_. */
export const squeeze_ = signed("squeeze_(Tensor input, int dim=None)", inPlace(implementationOf(squeeze)));
/** `unsqueeze` in place. Source: Tensor.unsqueeze_. */
export const unsqueeze_ = signed("unsqueeze_(Tensor input, int dim)", inPlace(implementationOf(unsqueeze)));
/** `asStrided` in place. Source: Tensor.as_strided_. */
export const asStrided_ = signed(
  "asStrided_(Tensor input, int[] size, int[] stride, int? storageOffset=None)",
  inPlace(implementationOf(asStrided)),
);

/** Throws AutogradError for a tensor whose memory may not be changed under a graph. */
function refuseRequiresGrad(input: Tensor, words: string): void {
  if (input.requiresGrad) throw new AutogradError(words);
}

/**
 * Other sizes over the tensor's own memory, which grows where it is too small: new elements are undefined. Throws AutogradError for a tensor
 * that requires grad. Source: Tensor.resize_.
 */
export const resize_ = signed(
  "resize_(Tensor input, int[]... sizes)",
  (input: Tensor, sizes: readonly number[]): Tensor => {
    refuseRequiresGrad(input, "cannot resize variables that require grad");
    for (const n of sizes) {
      if (n < 0) throw new ShapeError(`Trying to resize to a negative dimension ${n}: ${text(sizes)}`);
    }
    if (!sameShape(input.sizes, sizes)) resize(input, sizes);
    return input;
  },
);

/** `resize_` to the sizes of another tensor. Source: Tensor.resize_as_. */
export const resizeAs_ = signed(
  "resizeAs_(Tensor input, Tensor tensor)",
  (input: Tensor, other: Tensor): Tensor => resize_(input, other.sizes),
);

/**
 * The memory, sizes and strides of another tensor of the same dtype; none without one. Throws AutogradError for a tensor that requires
 * grad, DTypeError for another dtype. Source: Tensor.set_.
 */
export const set_ = signed(
  "set_(Tensor input, Tensor? source=None)",
  (input: Tensor, source: Tensor | null = null): Tensor => {
    refuseRequiresGrad(input, "cannot call set_() on a Variable that requires grad");
    const from = source ?? empty([0], input.dtype);
    requireSameDtype(
      from,
      input,
      `set_(): expected a source of dtype ${input.dtype.scalarName}, got ${from.dtype.scalarName}`,
    );
    input.become(from.alias(from.sizes, from.strides, from.offset));
    return input;
  },
);

/** Elements of tensors row by row. */
const elementsOf = (x: Tensor): number[] => Array.from(x.contiguous().reshape([-1]).tolist<number[]>());

/** What a function gives for the elements, written over them. */
function applied(call: string, input: Tensor, others: readonly Tensor[], f: (...elements: number[]) => number): Tensor {
  refuseRequiresGrad(input, `Can't call ${call}() on Variable that requires grad. Use var.detach().${call}() instead.`);
  const columns = [input, ...others.map((x) => x.expand([...input.sizes]))].map(elementsOf);
  const results = columns[0].map((_, k) => f(...columns.map((column) => column[k])));
  const whole = input.dtype.isFloatingPoint ? results : results.map((x) => Math.trunc(Number(x)));
  return input.copy_(tensor(whole, { dtype: input.dtype }).reshape([...input.sizes]));
}

/** Every element replaced by what `callable` gives for it; slow. Source: Tensor.apply_. */
export const apply_ = signed(
  "apply_(Tensor input, function callable)",
  (input: Tensor, callable: (x: number) => number): Tensor => applied("apply_", input, [], callable),
);

/** Every element replaced by what `callable` gives for it and the one of another tensor; slow. Source: Tensor.map_. */
export const map_ = signed(
  "map_(Tensor input, Tensor tensor, function callable)",
  (input: Tensor, other: Tensor, callable: (x: number, y: number) => number): Tensor =>
    applied("map_", input, [other], callable),
);

/** `map_` with two other tensors; slow. Source: Tensor.map2_. */
export const map2_ = signed(
  "map2_(Tensor input, Tensor x, Tensor y, function callable)",
  (input: Tensor, x: Tensor, y: Tensor, callable: (a: number, b: number, c: number) => number): Tensor =>
    applied("map2_", input, [x, y], callable),
);
