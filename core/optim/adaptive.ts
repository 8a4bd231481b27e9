// Adagrad and Adadelta. Sources: torch.optim.Adagrad, torch.optim.Adadelta.

import { type CommonOptions, elementwise } from "./elementwise";

/** Options of Adagrad. */
export interface AdagradOptions extends CommonOptions {
  /** How fast the learning rate falls. Default 0. */
  lrDecay: number;
  weightDecay: number;
  initialAccumulatorValue: number;
  eps: number;
  maximize: boolean;
}

/** Steps by the root of the sum of squares. Options: `lr` (1e-2), `lrDecay`, `weightDecay`, `initialAccumulatorValue`, `eps`, `maximize`. */
export class Adagrad extends elementwise<
  AdagradOptions,
  [
    lr?: number,
    lrDecay?: number,
    weightDecay?: number,
    initialAccumulatorValue?: number,
    eps?: number,
    foreach?: boolean | null,
  ]
>({
  takes:
    "def Adagrad(value params, float lr=0.01, float lrDecay=0, float weightDecay=0, float initialAccumulatorValue=0, float eps=1e-10, bool? foreach=None, *, bool maximize=False)",
  tensorStep: true,
  ranges: ({ lrDecay, initialAccumulatorValue, eps }) => [
    ["lr_decay value", lrDecay, lrDecay >= 0],
    ["initial_accumulator_value value", initialAccumulatorValue, initialAccumulatorValue >= 0],
    ["epsilon value", eps, eps >= 0],
  ],
  kept: ({ initialAccumulatorValue }) => ({ sum: initialAccumulatorValue }),
  numbers: ({ lr, lrDecay, eps }, step) => ({ rate: lr / (1 + (step - 1) * lrDecay), eps }),
  formula: ({ p, g, sum, rate, eps }) => {
    const total = sum.add(g.mul(g));
    return { p: p.sub(g.div(total.sqrt().add(eps)).mul(rate)), sum: total };
  },
}) {}

/** Options of Adadelta. */
export interface AdadeltaOptions extends CommonOptions {
  /** Decay of the running means. Default 0.9. */
  rho: number;
  eps: number;
  weightDecay: number;
  maximize: boolean;
}

/** Steps in the units of earlier steps. Options: `lr` (1), `rho`, `eps` (1e-6), `weightDecay`, `maximize`. */
export class Adadelta extends elementwise<
  AdadeltaOptions,
  [lr?: number, rho?: number, eps?: number, weightDecay?: number, foreach?: boolean | null]
>({
  takes:
    "def Adadelta(value params, float lr=1.0, float rho=0.9, float eps=1e-06, float weightDecay=0, bool? foreach=None, *, bool maximize=False)",
  floats: ["lr"],
  tensorStep: false,
  ranges: ({ rho, eps }) => [
    ["rho value", rho, rho >= 0 && rho <= 1],
    ["epsilon value", eps, eps >= 0],
  ],
  kept: () => ({ square_avg: 0, acc_delta: 0 }),
  numbers: ({ lr, rho, eps }) => ({ lr, rho, rest: 1 - rho, eps }),
  formula: ({ p, g, square_avg, acc_delta, lr, rho, rest, eps }) => {
    const square = square_avg.mul(rho).add(g.mul(g).mul(rest));
    const delta = acc_delta.add(eps).sqrt().div(square.add(eps).sqrt()).mul(g);
    return {
      p: p.sub(delta.mul(lr)),
      square_avg: square,
      acc_delta: acc_delta.mul(rho).add(delta.mul(delta).mul(rest)),
    };
  },
}) {}
