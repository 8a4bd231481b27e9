// RMSprop. Source: torch.optim.RMSprop.

import { type CommonOptions, elementwise } from "./elementwise";

/** Options of RMSprop. */
export interface RMSpropOptions extends CommonOptions {
  /** Decay of the running mean of squares. Default 0.99. */
  alpha: number;
  eps: number;
  weightDecay: number;
  momentum: number;
  /** Whether the gradient's variance rather than its square is used. Default false. */
  centered: boolean;
  maximize: boolean;
  differentiable: boolean;
}

/** Steps by the root of a running mean of squares. Options: `lr` (1e-2), `alpha`, `eps`, `weightDecay`, `momentum`, `centered`, `maximize`. */
export class RMSprop extends elementwise<
  RMSpropOptions,
  [
    lr?: number,
    alpha?: number,
    eps?: number,
    weightDecay?: number,
    momentum?: number,
    centered?: boolean,
    foreach?: boolean | null,
    maximize?: boolean,
    differentiable?: boolean,
  ]
>({
  takes:
    "def RMSprop(value params, float lr=0.01, float alpha=0.99, float eps=1e-08, float weightDecay=0, float momentum=0, bool centered=False, bool? foreach=None, bool maximize=False, bool differentiable=False)",
  tensorStep: false,
  ranges: ({ eps, momentum, alpha }) => [
    ["epsilon value", eps, eps >= 0],
    ["momentum value", momentum, momentum >= 0],
    ["alpha value", alpha, alpha >= 0],
  ],
  kept: ({ momentum, centered }) => ({
    square_avg: 0,
    ...(momentum > 0 ? { momentum_buffer: 0 } : {}),
    ...(centered ? { grad_avg: 0 } : {}),
  }),
  numbers: ({ lr, alpha, eps, momentum }) => ({ lr, alpha, rest: 1 - alpha, eps, momentum }),
  variant: ({ momentum, centered }) => `${momentum > 0} ${centered}`,
  formula: ({ p, g, square_avg, momentum_buffer, grad_avg, lr, alpha, rest, eps, momentum }, group) => {
    const square = square_avg.mul(alpha).add(g.mul(g).mul(rest));
    const mean = group.centered ? grad_avg.mul(alpha).add(g.mul(rest)) : null;
    const spread = (mean === null ? square : square.sub(mean.mul(mean))).sqrt().add(eps);
    const kept = { square_avg: square, ...(mean === null ? {} : { grad_avg: mean }) };
    if (group.momentum <= 0) return { p: p.sub(g.div(spread).mul(lr)), ...kept };
    const buffer = momentum_buffer.mul(momentum).add(g.div(spread));
    return { p: p.sub(buffer.mul(lr)), ...kept, momentum_buffer: buffer };
  },
}) {}
