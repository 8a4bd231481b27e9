// In-place forms of views: a tensor's elements stay where they are, its shape changes. Methods only.

import { implementationOf, signed } from "../../arguments/signed";
import { reshapedBy } from "../../autograd/inplace";
import { checkInPlace, isRecorded } from "../../autograd/record";
import type { Tensor } from "../../tensor/tensor";
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
