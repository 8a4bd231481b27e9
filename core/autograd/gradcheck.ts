// Checks derivatives against finite differences (PyTorch: torch.autograd.gradcheck).

import { signed } from "../arguments/signed";
import { CressetError } from "../errors";
import { copyOf } from "../dispatch";
import { Tensor } from "../tensor/tensor";
import { grad } from "./backward";
import { noGrad, withGradMode } from "./modes";

/**
 * Whether the gradients of a function agree with central differences, for every input that requires grad; inputs (one tensor or several)
 * should be float64. `eps` (1e-6) is the step of the differences, `atol` (1e-5) and `rtol` (1e-3) are the tolerances. Throws CressetError
 * that names the input, the position and both values when they do not, or gives false where `raiseException` is false. Source:
 * torch.autograd.gradcheck.
 */
export const gradcheck = signed(
  "def gradcheck(function func, Tensor|Tensor[] inputs, *, float eps=1e-06, float atol=1e-05, float rtol=0.001, bool raiseException=True)",
  gradcheckOf,
);

function gradcheckOf(
  func: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  eps = 1e-6,
  atol = 1e-5,
  rtol = 1e-3,
  raiseException = true,
): boolean {
  const mismatch = findMismatch(func, inputs instanceof Tensor ? [inputs] : inputs, eps, atol, rtol);
  if (mismatch !== null && raiseException) throw new CressetError(mismatch);
  return mismatch === null;
}

/** The first pair of an output and an input whose gradient is not what differences say, in words; null where all are. */
function findMismatch(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  eps: number,
  atol: number,
  rtol: number,
): string | null {
  const outputsOf = (list: readonly Tensor[]): Tensor[] => {
    const result = f(...list);
    return (Array.isArray(result) ? result : [result]).filter((t: Tensor) => t.dtype.isFloatingPoint);
  };
  const outputs = outputsOf(inputs);
  for (const [which, input] of inputs.entries()) {
    if (!input.requiresGrad) continue;
    for (const [o, output] of outputs.entries()) {
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
          return `Jacobian mismatch for output ${o} with respect to input ${which}, element ${k} by ${i}: numerical ${numeric}, analytical ${exact}`;
        }
      }
    }
  }
  return null;
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

/**
 * Whether second derivatives of a function agree with differences of its first ones: `gradcheck` of its gradient, by the inputs and by the
 * gradients of its results, which are random unless `gradOutputs` gives them. Tolerances and errors as `gradcheck`. Source:
 * torch.autograd.gradgradcheck.
 */
export const gradgradcheck = signed(
  "def gradgradcheck(function func, Tensor|Tensor[] inputs, Tensor|Tensor[]? gradOutputs=None, *, float eps=1e-06, float atol=1e-05, float rtol=0.001, bool raiseException=True)",
  gradgradcheckOf,
);

function gradgradcheckOf(
  func: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: Tensor | readonly Tensor[],
  gradOutputs: Tensor | readonly Tensor[] | null = null,
  eps = 1e-6,
  atol = 1e-5,
  rtol = 1e-3,
  raiseException = true,
): boolean {
  const list = inputs instanceof Tensor ? [inputs] : inputs;
  const resultsOf = (xs: readonly Tensor[]): Tensor[] => {
    const given = func(...xs);
    return (Array.isArray(given) ? given : [given]).filter((y: Tensor) => y.requiresGrad);
  };
  const chosen = gradOutputs instanceof Tensor ? [gradOutputs] : gradOutputs;
  const weights = (chosen ?? resultsOf(list).map((y) => copyOf(y.detach()).uniform_(-1, 1))).map((w) =>
    w.detach().requiresGrad_(),
  );
  // Differences are taken of copies, and without recording.
  const first = (...args: Tensor[]): Tensor[] =>
    withGradMode(true, () => {
      const xs = args.slice(0, list.length).map((x, k) => (list[k].requiresGrad ? x.requiresGrad_() : x));
      const wanted = xs.filter((_, k) => list[k].requiresGrad);
      const gradOutputs = args.slice(list.length);
      const found = grad(resultsOf(xs), wanted, { gradOutputs, createGraph: true, allowUnused: true });
      return found.filter((g): g is Tensor => g !== null);
    });
  return gradcheckOf(first, [...list, ...weights], eps, atol, rtol, raiseException);
}
