// Relatives of Adam. Sources: torch.optim.Adamax, torch.optim.NAdam, torch.optim.RAdam.

import type { Operand } from "../program";
import type { Tensor } from "../tensor/tensor";
import { betaRanges, type CommonOptions, elementwise } from "./elementwise";

/** Options of Adam's relatives. */
export interface AdamVariantOptions extends CommonOptions {
  /** Decay of the running means of the gradient and of its size. Default [0.9, 0.999]. */
  betas: [number, number];
  eps: number;
  weightDecay: number;
}

/** Options that all have, in order. */
const ADAM = "float[] betas=[0.9,0.999], float eps=1e-08, float weightDecay=0";

const ranges = ({ betas, eps }: AdamVariantOptions): [string, number, boolean][] => [
  ["epsilon value", eps, eps >= 0],
  ...betaRanges(betas),
];

/** Running means of gradient and square. */
function means({ g, exp_avg, exp_avg_sq, beta1, rest1, beta2, rest2 }: { [name: string]: Operand }) {
  return {
    mean: exp_avg.mul(beta1).add(g.mul(rest1)),
    square: exp_avg_sq.mul(beta2).add(g.mul(g).mul(rest2)),
  };
}

const rates = ([beta1, beta2]: readonly [number, number]) => ({ beta1, rest1: 1 - beta1, beta2, rest2: 1 - beta2 });

/** Options of Adamax. */
export interface AdamaxOptions extends AdamVariantOptions {
  maximize: boolean;
}

/** Adam by the largest magnitude. Options: `lr` (2e-3), `betas`, `eps`, `weightDecay`, `maximize`. */
export class Adamax extends elementwise<
  AdamaxOptions,
  [lr?: number, betas?: [number, number], eps?: number, weightDecay?: number, foreach?: boolean | null]
>({
  takes: `def Adamax(value params, float lr=0.002, ${ADAM}, bool? foreach=None, *, bool maximize=False)`,
  tensorStep: true,
  ranges,
  kept: () => ({ exp_avg: 0, exp_inf: 0 }),
  numbers: ({ lr, betas, eps }, step) => ({ ...rates(betas), rate: lr / (1 - betas[0] ** step), eps }),
  formula: ({ p, g, exp_avg, exp_inf, beta1, rest1, beta2, rate, eps }) => {
    const mean = exp_avg.mul(beta1).add(g.mul(rest1));
    const largest = exp_inf.mul(beta2).maximum(g.abs().add(eps));
    return { p: p.sub(mean.div(largest).mul(rate)), exp_avg: mean, exp_inf: largest };
  },
}) {}

/** Options of NAdam. */
export interface NAdamOptions extends AdamVariantOptions {
  /** How fast the momentum grows. Default 4e-3. */
  momentumDecay: number;
}

/** Adam with Nesterov's momentum. Options: `lr` (2e-3), `betas`, `eps`, `weightDecay`, `momentumDecay`. */
export class NAdam extends elementwise<
  NAdamOptions,
  [
    lr?: number,
    betas?: [number, number],
    eps?: number,
    weightDecay?: number,
    momentumDecay?: number,
    foreach?: boolean | null,
  ]
>({
  takes: `def NAdam(value params, float lr=0.002, ${ADAM}, float momentumDecay=0.004, bool? foreach=None)`,
  tensorStep: true,
  ranges: (options) => [
    ...ranges(options),
    ["momentum_decay value", options.momentumDecay, options.momentumDecay >= 0],
  ],
  kept: () => ({ exp_avg: 0, exp_avg_sq: 0 }),
  keptNumbers: () => ({ mu_product: 1 }),
  numbers: ({ lr, betas, eps, momentumDecay }, step, state) => {
    const momentum = (at: number) => betas[0] * (1 - 0.5 * 0.96 ** (at * momentumDecay));
    const now = momentum(step);
    const next = momentum(step + 1);
    const kept = (state.mu_product as Tensor).mul_(now);
    const product = kept.item();
    // The momentum counts twice in the product of the next step, in the dtype of what is kept, as in the version followed here.
    const after = kept.mul(now).mul(next).item();
    return {
      ...rates(betas),
      correction: 1 - betas[1] ** step,
      ofGradient: (lr * (1 - now)) / (1 - product),
      ofMean: (lr * next) / (1 - after),
      eps,
    };
  },
  formula: (f) => {
    const { mean, square } = means(f);
    const spread = square.div(f.correction).sqrt().add(f.eps);
    const moved = f.p.sub(f.g.div(spread).mul(f.ofGradient)).sub(mean.div(spread).mul(f.ofMean));
    return { p: moved, exp_avg: mean, exp_avg_sq: square };
  },
}) {}

/** Adam that waits until its spread is known. Options: `lr` (1e-3), `betas`, `eps`, `weightDecay`. */
export class RAdam extends elementwise<
  AdamVariantOptions,
  [lr?: number, betas?: [number, number], eps?: number, weightDecay?: number, foreach?: boolean | null]
>({
  takes: `def RAdam(value params, float lr=0.001, ${ADAM}, bool? foreach=None)`,
  tensorStep: true,
  ranges,
  kept: () => ({ exp_avg: 0, exp_avg_sq: 0 }),
  numbers: ({ lr, betas, eps }, step) => {
    const [beta1, beta2] = betas;
    const correction1 = 1 - beta1 ** step;
    const correction2 = 1 - beta2 ** step;
    // The length of the running mean's memory, in the limit and now.
    const limit = 2 / (1 - beta2) - 1;
    const length = limit - (2 * step * beta2 ** step) / correction2;
    const rectification =
      length > 5 ? Math.sqrt(((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length)) : 0;
    return { ...rates(betas), correction1, root2: Math.sqrt(correction2), rectification, lr, eps };
  },
  variant: (_, { rectification }) => String(rectification > 0),
  formula: (f, _, { rectification }) => {
    const { mean, square } = means(f);
    const step = mean.div(f.correction1).mul(f.lr);
    const scaled = rectification > 0 ? step.mul(f.root2.div(square.sqrt().add(f.eps))).mul(f.rectification) : step;
    return { p: f.p.sub(scaled), exp_avg: mean, exp_avg_sq: square };
  },
}) {}
