// What views remember of how they were made, and which of them may not be written in place while that is recorded.

import { AutogradError } from "../errors";
import type { Tensor, ViewCreation, ViewOf } from "../tensor/tensor";
import { isGradEnabled } from "./modes";

/** Makes `out`, which shares the memory of `input`, a view of it. */
export function trackView(out: Tensor, input: Tensor): void {
  const parent = input._view;
  out._view = {
    base: parent === null ? input : parent.base,
    creation: isGradEnabled() ? (parent === null ? null : parent.creation) : "noGrad",
    part: 0,
    version: out.storage.version,
  };
}

/** Says that a view is one of several results of a function, or what a user's function returned. */
export function markView(view: Tensor, creation: ViewCreation, part: number): void {
  if (view._view === null || !isGradEnabled()) return;
  view._view.creation = creation;
  view._view.part = part;
}

const REASONS: { readonly [creation in ViewCreation]: string } = {
  noGrad:
    "Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the no_grad block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).",
  parts:
    "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.",
  function:
    "This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.",
};

/**
 * Throws AutogradError, in PyTorch's words, where a view cannot follow a recorded write: to itself, or with `indirect` to its
 * base or to another view of its base.
 */
export function checkFollows(tensor: Tensor, { creation, part }: ViewOf, indirect: boolean): void {
  if (creation === null) return;
  const written = indirect ? "its base or another view of its base has been" : "is being";
  const node = tensor._state?.node ?? null;
  const output = node === null ? "" : `Output ${part} of ${node.label} is a view`;
  let what = `${output} and ${written} modified inplace.`;
  if (creation === "noGrad" || node === null) {
    const view = node === null ? "A view was created in" : `${output} of a view which was created in`;
    what = `${view} no_grad mode and ${written} modified inplace with grad mode enabled.`;
  }
  throw new AutogradError(`${what} ${REASONS[creation]}`);
}
