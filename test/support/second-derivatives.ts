// Checks derivatives of derivatives: the gradient of a function, taken with a graph, against finite differences of itself.

import * as torch from "cresset";

/**
 * Whether the second derivatives of `f` agree with finite differences. A square and random weights make the loss depend on every
 * pair of inputs; throws as `gradcheck` does.
 */
export function checkSecondDerivatives(
  f: (...inputs: torch.Tensor[]) => torch.Tensor,
  inputs: readonly torch.Tensor[],
): boolean {
  const weights = torch.randn(f(...inputs).shape, { dtype: torch.float64 });
  // Finite differences run without a graph and on copies; the inner gradient needs both.
  const gradients = (...given: torch.Tensor[]): torch.Tensor[] =>
    torch.enableGrad(() => {
      const leaves = given.map((x) => (x.requiresGrad ? x : x.detach().requiresGrad_()));
      const loss = f(...leaves)
        .square()
        .mul(weights)
        .sum();
      return torch.autograd.grad(loss, leaves, { createGraph: true });
    });
  return torch.autograd.gradcheck(gradients, inputs);
}
