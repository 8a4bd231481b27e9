// Views that a tensor takes of itself: its elements stay where they are, its shape changes. Methods only.

import { isGradEnabled } from "../../autograd/modes";
import { attach, checkInPlace } from "../../autograd/record";
import { AutogradError } from "../../errors";
import type { Tensor } from "../../tensor/tensor";
import { squeeze, swapaxes, swapdims, t, transpose, unsqueeze } from "./view";

/** The same operation in place has a node of the next number, squeeze of the number after that. */
function inPlaceName(name: string): string {
  const [, words, number] = /^(.*?)(\d+)$/.exec(name) as RegExpExecArray;
  return `${words}${Number(number) + (words === "SqueezeBackward" ? 2 : 1)}`;
}

function inPlace<A extends unknown[]>(
  name: string,
  view: (input: Tensor, ...args: A) => Tensor,
): (input: Tensor, ...args: A) => Tensor {
  return (input, ...args) => {
    checkInPlace(input, false);
    if (isGradEnabled() && input._state?.consumed) {
      throw new AutogradError(
        `${name}_() changes the shape of a tensor that backward needs: take the view under a name instead, as in y = x.${name}()`,
      );
    }
    const taken = view(input, ...args);
    input.storage.version++;
    input.become(taken);
    const { _state: own } = input;
    const made = taken._state;
    if (own === null || made === null) return input;
    if (own.view !== null && made.view !== null) {
      own.view = made.view;
      own.seenGraphVersion = made.seenGraphVersion;
    }
    if (made.node !== null) {
      made.node.label = inPlaceName(made.node.label);
      attach(input, made.node);
      // Only the view has taken it so far, and no view keeps what it was taken of.
      own.consumed = false;
    }
    return input;
  };
}

/** `t` in place. Throws AutogradError when a recorded operation took the tensor before. Source: Tensor.t_. */
export const t_ = inPlace("t", t);
/** `transpose` in place. Throws AutogradError when a recorded operation took the tensor before. Source: Tensor.transpose_. */
export const transpose_ = inPlace("transpose", transpose);
/** `swapaxes` in place. Throws AutogradError when a recorded operation took the tensor before. Source: Tensor.swapaxes_. */
export const swapaxes_ = inPlace("swapaxes", swapaxes);
/** `swapdims` in place. Throws AutogradError when a recorded operation took the tensor before. Source: Tensor.swapdims_. */
export const swapdims_ = inPlace("swapdims", swapdims);
/** `squeeze` in place. Throws AutogradError when a recorded operation took the tensor before. Source: Tensor.squeeze_. */
export const squeeze_ = inPlace("squeeze", squeeze);
/** `unsqueeze` in place. Throws AutogradError when a recorded operation took the tensor before. Source: Tensor.unsqueeze_. */
export const unsqueeze_ = inPlace("unsqueeze", unsqueeze);
