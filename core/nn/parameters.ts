// Gradients kept within bounds, and parameters as one vector.

import { withGradMode } from "../autograd/modes";
import { CressetError } from "../errors";
import { signed } from "../arguments/signed";
import { zeros } from "../ops/create/create";
import { cat, stack } from "../ops/create/join";
import { pythonText } from "../tensor/python-text";
import { Tensor } from "../tensor/tensor";

function gradients(parameters: Tensor | Iterable<Tensor>): Tensor[] {
  const list = parameters instanceof Tensor ? [parameters] : [...parameters];
  return list.flatMap((p) => (p.grad === null ? [] : [p.grad]));
}

/** The order of a norm as a number. */
const orderOf = (normType: number | "inf" | undefined): number =>
  normType === "inf" ? Number.POSITIVE_INFINITY : (normType ?? 2);

/** The norm of the norms of tensors. */
function totalNorm(tensors: readonly Tensor[], normType: number, errorIfNonfinite: boolean): Tensor {
  if (tensors.length === 0) return zeros([]);
  return withGradMode(false, () => {
    const norms = stack(tensors.map((tensor) => tensor.norm(normType)));
    const total = normType === Number.POSITIVE_INFINITY ? norms.max() : norms.norm(normType);
    if (errorIfNonfinite && !total.isfinite().item()) {
      throw new CressetError(
        `The total norm of order ${pythonText(normType, { float: true })} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`error_if_nonfinite=False\``,
      );
    }
    return total;
  });
}

/** Scales tensors in place so that their norm, which is `total`, is at most `maxNorm`. */
function scaleTo(tensors: readonly Tensor[], maxNorm: number, total: Tensor): void {
  withGradMode(false, () => {
    const scale = total.add(1e-6).reciprocal().mul(maxNorm).clampMax(1);
    for (const tensor of tensors) tensor.mul_(scale);
  });
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
  ): Tensor => {
    const grads = gradients(parameters);
    const total = totalNorm(grads, orderOf(normType), errorIfNonfinite ?? false);
    scaleTo(grads, maxNorm, total);
    return total;
  },
);

/**
 * The norm of tensors, as of gradients, taken together. Options: `normType` (2), also "inf"; `errorIfNonfinite` (false); `foreach` is
 * accepted. Source: torch.nn.utils.get_total_norm of PyTorch 2.
 */
export const getTotalNorm = signed(
  "def getTotalNorm(value tensors, float|str normType=2.0, bool errorIfNonfinite=False, bool? foreach=None)",
  (
    tensors: Tensor | Iterable<Tensor>,
    normType?: number | "inf",
    errorIfNonfinite?: boolean,
    _foreach?: boolean | null,
  ): Tensor =>
    totalNorm(tensors instanceof Tensor ? [tensors] : [...tensors], orderOf(normType), errorIfNonfinite ?? false),
);

/**
 * Scales all gradients in place so that their norm, `totalNorm` as `getTotalNorm` gave it, is at most `maxNorm`; `foreach` is
 * accepted. Source: torch.nn.utils.clip_grads_with_norm_ of PyTorch 2.
 */
export const clipGradsWithNorm_ = signed(
  "def clipGradsWithNorm_(value parameters, float maxNorm, Tensor totalNorm, bool? foreach=None)",
  (parameters: Tensor | Iterable<Tensor>, maxNorm: number, total: Tensor, _foreach?: boolean | null): void =>
    scaleTo(gradients(parameters), maxNorm, total),
);

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
