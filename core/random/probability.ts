// Checks of probabilities that come as tensors.

import { CressetError } from "../errors";
import { requireFloat } from "../tensor/dtype-checks";
import type { Tensor } from "../tensor/tensor";

/** Throws unless the tensor holds floats between 0 and 1. */
export function checkProbabilities(p: Tensor): void {
  requireFloat("bernoulli_tensor_cpu_p_", p.dtype);
  const plain = p.detach();
  if (plain.numel() > 0 && !plain.ge(0).logicalAnd(plain.le(1)).all().item()) {
    throw new CressetError("Expected p_in >= 0 && p_in <= 1 to be true, but got false.");
  }
}
