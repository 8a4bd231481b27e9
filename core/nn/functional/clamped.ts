// A bound that gradients do not see.

import { withGradMode } from "../../autograd/modes";
import type { Tensor } from "../../tensor/tensor";

/** Values not below `least`, in new memory; the bound is no part of the graph, as in PyTorch: gradients pass it. */
export function clampedBehind(values: Tensor, least: number): Tensor {
  const out = values.clone();
  withGradMode(false, () => out.clampMin_(least));
  return out;
}
