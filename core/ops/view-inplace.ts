// Views that a tensor takes of itself: its elements stay where they are, its shape changes. Methods only.

import { checkInPlace } from "../autograd/record";
import { isGradEnabled } from "../autograd/modes";
import { AutogradError } from "../errors";
import type { Tensor } from "../tensor/tensor";
import { squeeze, swapaxes, swapdims, t, transpose, unsqueeze } from "./view";

function inPlace<A extends unknown[]>(
  name: string,
  view: (input: Tensor, ...args: A) => Tensor,
): (input: Tensor, ...args: A) => Tensor {
  return (input, ...args) => {
    checkInPlace(input, false);
    // What was recorded with the tensor asks it for its shape in backward.
    if (isGradEnabled() && input.requiresGrad) {
      throw new AutogradError(
        `${name}_() changes the shape of a tensor that backward needs: take the view under a name instead, as in y = x.${name}()`,
      );
    }
    const taken = view(input, ...args);
    input.storage.version++;
    input.become(taken);
    const parent = input._state?.view ?? null;
    if (parent !== null) input.state().view = taken._state?.view ?? parent;
    return input;
  };
}

/** `t` in place. Throws AutogradError where gradients are recorded for the tensor. Source: Tensor.t_. */
export const t_ = inPlace("t", t);
/** `transpose` in place. Throws AutogradError where gradients are recorded for the tensor. Source: Tensor.transpose_. */
export const transpose_ = inPlace("transpose", transpose);
/** `swapaxes` in place. Throws AutogradError where gradients are recorded for the tensor. Source: Tensor.swapaxes_. */
export const swapaxes_ = inPlace("swapaxes", swapaxes);
/** `swapdims` in place. Throws AutogradError where gradients are recorded for the tensor. Source: Tensor.swapdims_. */
export const swapdims_ = inPlace("swapdims", swapdims);
/** `squeeze` in place. Throws AutogradError where gradients are recorded for the tensor. Source: Tensor.squeeze_. */
export const squeeze_ = inPlace("squeeze", squeeze);
/** `unsqueeze` in place. Throws AutogradError where gradients are recorded for the tensor. Source: Tensor.unsqueeze_. */
export const unsqueeze_ = inPlace("unsqueeze", unsqueeze);
