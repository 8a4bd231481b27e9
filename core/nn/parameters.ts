// Gradients kept within bounds, and parameters as one vector.

import { withGradMode } from "../autograd/modes";
import { CressetError } from "../errors";
import { signed } from "../arguments/signed";
import { zeros } from "../ops/create/create";
import { cat, stack } from "../ops/create/join";
import { Tensor } from "../tensor/tensor";

function gradients(parameters: Tensor | Iterable<Tensor>): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return list.flatMap((p) => (p.grad === null ? [] : [p.grad]));
}

/**
 * Scales all gradients together so that their norm is at most `maxNorm`, in place, and returns the norm they had. Options: `normType`
 * (2), also "inf"; `errorIfNonfinite` (false). Source: torch.nn.utils.clip_grad_norm_.
 */
export const clipGradNorm_ = signed(
  "def clipGradNorm_(value parameters, float maxNorm, float|str normType=2.0, bool errorIfNonfinite=False)",
  (
    parameters: Tensor | Iterable<Tensor>,
    maxNorm: number,
    normType?: number | "inf",
    errorIfNonfinite?: boolean,
  ): Tensor =>
    clipNorm(
      gradients(parameters),
      maxNorm,
      normType === "inf" ? Number.POSITIVE_INFINITY : (normType ?? 2),
      errorIfNonfinite ?? false,
    ),
);

function clipNorm(grads: readonly Tensor[], maxNorm: number, normType: number, errorIfNonfinite: boolean): Tensor {
  if (grads.length === 0) return zeros([]);
  return withGradMode(false, () => {
    const norms = stack(grads.map((grad) => grad.norm(normType)));
    const total = normType === Number.POSITIVE_INFINITY ? norms.max() : norms.norm(normType);
    if (errorIfNonfinite && !total.isfinite().item()) {
      throw new CressetError(
        `The total norm of order ${normType} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`error_if_nonfinite=False\``,
      );
    }
    const scale = total.add(1e-6).reciprocal().mul(maxNorm).clampMax(1);
    for (const grad of grads) grad.mul_(scale);
    return total;
  });
}

/** Bounds every element of all gradients to ±`clipValue`, in place. Source: torch.nn.utils.clip_grad_value_. */
export const clipGradValue_ = signed(
  "def clipGradValue_(value parameters, float clipValue)",
  (parameters: Tensor | Iterable<Tensor>, clipValue: number): void => {
    withGradMode(false, () => {
      for (const grad of gradients(parameters)) grad.clamp_(-clipValue, clipValue);
    });
  },
);

/** All parameters end to end as one vector. Source: torch.nn.utils.parameters_to_vector. */
export const parametersToVector = signed(
  "def parametersToVector(value parameters)",
  (parameters: Iterable<Tensor>): Tensor => cat([...parameters].map((p) => p.reshape([-1]))),
);

/** Copies a vector into parameters, in order. Source: torch.nn.utils.vector_to_parameters. */
export const vectorToParameters = signed(
  "def vectorToParameters(Tensor vec, value parameters)",
  (vec: Tensor, parameters: Iterable<Tensor>): void => {
    let at = 0;
    for (const parameter of parameters) {
      const count = parameter.numel();
      parameter.data = vec
        .narrow(0, at, count)
        .reshape([...parameter.sizes])
        .detach()
        .clone();
      at += count;
    }
  },
);
