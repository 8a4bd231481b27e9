// Adam and AdamW: one update, which differs in how the weights decay. Sources: torch.optim.Adam, torch.optim.AdamW.

import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { empty } from "../tensor/tensor";
import { getDefaultDtype } from "../tensor/dtype";
import type { Tensor } from "../tensor/tensor";
import { fusedUpdate, type UpdateFormula } from "./fused";
import {
  type NamedOptions,
  Optimizer,
  type Parameters,
  type ParameterState,
  type ParamGroup,
  requireRange,
} from "./optimizer";

/** Options of AdamW with PyTorch's defaults. */
export interface AdamWOptions {
  /** The learning rate. Default 1e-3. */
  lr: number;
  /** Decay of the running means of the gradient and of its square. Default [0.9, 0.999]. */
  betas: [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps: number;
  /** Weight decay. Default 0 for Adam (an L2 penalty), 1e-2 for AdamW (decoupled). */
  weightDecay: number;
  /** Keeps the largest running mean of squares. Default false. */
  amsgrad: boolean;
  /** Climbs instead. Default false. */
  maximize: boolean;
  /** Kept for PyTorch's checkpoints; the update is always one fused program. */
  foreach: boolean | null;
  /** Kept for PyTorch's checkpoints. */
  capturable: boolean;
}

/** Options of Adam: those of AdamW, and two more that PyTorch's checkpoints hold. */
export interface AdamOptions extends AdamWOptions {
  differentiable: boolean;
  fused: boolean;
}

function formula(group: AdamWOptions, decoupled: boolean): UpdateFormula {
  return ({ p, g, mean, square, largest, beta1, rest1, beta2, rest2, decay, size, scale, eps }) => {
    let grad = group.maximize ? g.neg() : g;
    let weight = p;
    if (group.weightDecay !== 0) {
      if (decoupled) weight = p.mul(decay);
      else grad = grad.add(p.mul(decay));
    }
    const m = mean.mul(beta1).add(grad.mul(rest1));
    const v = square.mul(beta2).add(grad.mul(grad).mul(rest2));
    const top = group.amsgrad ? largest.maximum(v) : v;
    const moved = weight.sub(m.mul(size).div(top.sqrt().div(scale).add(eps)));
    return { p: moved, mean: m, square: v, ...(group.amsgrad ? { largest: top } : {}) };
  };
}

abstract class AdamBase<O extends AdamWOptions> extends Optimizer<O> {
  /** Whether weights decay by themselves rather than through the gradient. */
  protected abstract readonly decoupled: boolean;

  constructor(params: Parameters<O>, options: O) {
    const { lr, eps, betas, weightDecay } = options;
    requireRange("learning rate", lr, lr >= 0);
    requireRange("epsilon value", eps, eps >= 0);
    betas.forEach((beta, k) => {
      requireRange(`beta parameter at index ${k}`, beta, beta >= 0 && beta < 1);
    });
    requireRange("weight_decay value", weightDecay, weightDecay >= 0);
    super(params, options);
  }

  protected update(parameter: Tensor, grad: Tensor, state: ParameterState, group: ParamGroup<O>): void {
    const { lr, betas, eps, weightDecay, amsgrad, maximize } = group;
    if (state.step === undefined) {
      state.step = empty([], getDefaultDtype()).zero_();
      state.exp_avg = parameter.newZeros([...parameter.sizes]);
      state.exp_avg_sq = parameter.newZeros([...parameter.sizes]);
      if (amsgrad) state.max_exp_avg_sq = parameter.newZeros([...parameter.sizes]);
    }
    const count = (state.step as Tensor).add_(1).item();
    const [beta1, beta2] = betas;
    const correction1 = 1 - beta1 ** count;
    const correction2 = 1 - beta2 ** count;
    const tensors = {
      p: parameter,
      g: grad,
      mean: state.exp_avg as Tensor,
      square: state.exp_avg_sq as Tensor,
      ...(amsgrad ? { largest: state.max_exp_avg_sq as Tensor } : {}),
    };
    const key = `adam ${this.decoupled} ${weightDecay !== 0} ${amsgrad} ${maximize}`;
    fusedUpdate(key, formula(group, this.decoupled), tensors, {
      beta1,
      rest1: 1 - beta1,
      beta2,
      rest2: 1 - beta2,
      decay: this.decoupled ? 1 - lr * weightDecay : weightDecay,
      size: lr / correction1,
      scale: Math.sqrt(correction2),
      eps,
    });
  }
}

/** What may be given in order after the parameters. */
type Positional = [lr?: number, betas?: [number, number], eps?: number, weightDecay?: number, amsgrad?: boolean];

/** The same in signatures, with the default of `weightDecay`. */
function inOrder(weightDecay: number): string {
  return `value params, float lr=0.001, float[] betas=[0.9,0.999], float eps=1e-08, float weightDecay=${weightDecay}, bool amsgrad=False`;
}

/** Adam with an L2 penalty (PyTorch: `torch.optim.Adam`). Options: `lr` (1e-3), `betas`, `eps`, `weightDecay`, `amsgrad`, `maximize`. */
export class Adam extends AdamBase<AdamOptions> {
  /** @internal */
  static readonly [signature] = new Signature(
    `def Adam(${inOrder(0)}, *, bool? foreach=None, bool maximize=False, bool capturable=False, bool differentiable=False, bool fused=False)`,
  );
  protected readonly decoupled = false;

  constructor(params: Parameters<AdamOptions>, ...args: Arguments<Positional, Partial<AdamOptions>>);
  constructor(options: NamedOptions<AdamOptions>);
  constructor(...args: unknown[]) {
    const { params, ...options } = Adam[signature].complete<NamedOptions<AdamOptions>>(args);
    super(params, options);
  }
}

/** Adam with decoupled weight decay (PyTorch: `torch.optim.AdamW`). Options: `lr` (1e-3), `betas`, `eps`, `weightDecay` (1e-2), `amsgrad`, `maximize`. */
export class AdamW extends AdamBase<AdamWOptions> {
  /** @internal */
  static readonly [signature] = new Signature(
    `def AdamW(${inOrder(0.01)}, *, bool maximize=False, bool? foreach=None, bool capturable=False)`,
  );
  protected readonly decoupled = true;

  constructor(params: Parameters<AdamWOptions>, ...args: Arguments<Positional, Partial<AdamWOptions>>);
  constructor(options: NamedOptions<AdamWOptions>);
  constructor(...args: unknown[]) {
    const { params, ...options } = AdamW[signature].complete<NamedOptions<AdamWOptions>>(args);
    super(params, options);
  }
}
