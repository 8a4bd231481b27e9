// Checks derivatives against finite differences (PyTorch: torch.autograd.gradcheck).

import { CressetError } from "../errors";
import { copyOf } from "../dispatch";
import { Tensor } from "../tensor/tensor";
import { grad } from "./backward";
import { noGrad } from "./modes";

/** Step and tolerances of `gradcheck`. */
export interface GradcheckOptions {
  /** The step of the differences. Default 1e-6. */
  eps?: number;
  /** Absolute tolerance. Default 1e-5. */
  atol?: number;
  /** Relative tolerance. Default 1e-3. */
  rtol?: number;
}

/**
 * Whether the gradients of a function agree with central differences, for every input that requires grad; inputs (one tensor or several) should be
 * float64. Throws CressetError that names the input, the position and both values when they do not (PyTorch:
 * `torch.autograd.gradcheck`).
 */
export function gradcheck(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  given: Tensor | readonly Tensor[],
  options: GradcheckOptions = {},
): boolean {
  const inputs = given instanceof Tensor ? [given] : given;
  const { eps = 1e-6, atol = 1e-5, rtol = 1e-3 } = options;
  const outputsOf = (list: readonly Tensor[]): Tensor[] => {
    const result = f(...list);
    return (Array.isArray(result) ? result : [result]).filter((t: Tensor) => t.dtype.isFloatingPoint);
  };
  const outputs = outputsOf(inputs);
  inputs.forEach((input, which) => {
    if (!input.requiresGrad) return;
    outputs.forEach((output, o) => {
      for (let k = 0; k < output.numel(); k++) {
        const pick = copyOf(output.detach()).fill_(0);
        pick.reshape([-1]).narrow(0, k, 1).fill_(1);
        const [analytic] = output.requiresGrad
          ? grad(output, input, { gradOutputs: pick, retainGraph: true, allowUnused: true })
          : [null];
        for (let i = 0; i < input.numel(); i++) {
          const numeric = noGrad(() => difference(outputsOf, inputs, which, i, o, k, eps));
          const exact = analytic === null ? 0 : analytic.reshape([-1]).narrow(0, i, 1).item();
          if (Math.abs(exact - numeric) <= atol + rtol * Math.abs(numeric)) continue;
          throw new CressetError(
            `Jacobian mismatch for output ${o} with respect to input ${which}, element ${k} by ${i}: numerical ${numeric}, analytical ${exact}`,
          );
        }
      }
    });
  });
  return true;
}

function difference(
  outputsOf: (list: readonly Tensor[]) => Tensor[],
  inputs: readonly Tensor[],
  which: number,
  position: number,
  output: number,
  element: number,
  eps: number,
): number {
  const at = (shift: number): number => {
    const moved = inputs.map((t, k) => (k === which ? copyOf(t.detach()) : t));
    const place = moved[which].reshape([-1]).narrow(0, position, 1);
    place.add_(shift);
    return outputsOf(moved)[output].detach().reshape([-1]).narrow(0, element, 1).item();
  };
  return (at(eps) - at(-eps)) / (2 * eps);
}
