// Averaged SGD and resilient backpropagation. Sources: torch.optim.ASGD, torch.optim.Rprop.

import type { Tensor } from "../tensor/tensor";
import { type CommonOptions, elementwise } from "./elementwise";

/** Options of ASGD. */
export interface ASGDOptions extends CommonOptions {
  /** Decay term. Default 1e-4. */
  lambd: number;
  /** Power of the learning rate's fall. Default 0.75. */
  alpha: number;
  /** Step at which averaging begins. Default 1e6. */
  t0: number;
  weightDecay: number;
  maximize: boolean;
}

/** SGD that also keeps the average of the parameters. Options: `lr` (1e-2), `lambd`, `alpha`, `t0`, `weightDecay`, `maximize`. */
export class ASGD extends elementwise<
  ASGDOptions,
  [
    lr?: number,
    lambd?: number,
    alpha?: number,
    t0?: number,
    weightDecay?: number,
    foreach?: boolean | null,
    maximize?: boolean,
  ]
>({
  takes:
    "def ASGD(value params, float lr=0.01, float lambd=0.0001, float alpha=0.75, float t0=1000000.0, float weightDecay=0, bool? foreach=None, bool maximize=False)",
  floats: ["t0"],
  tensorStep: true,
  kept: () => ({ ax: 0 }),
  keptNumbers: ({ lr }) => ({ eta: lr, mu: 1 }),
  numbers: ({ lr, lambd, alpha, t0 }, step, state) => {
    const [eta, mu] = [state.eta as Tensor, state.mu as Tensor];
    const now = { eta: eta.item(), mu: mu.item() };
    eta.fill_(lr / (1 + lambd * lr * step) ** alpha);
    mu.fill_(1 / Math.max(1, step - t0));
    return { ...now, decay: 1 - lambd * now.eta };
  },
  variant: (_, { mu }) => String(mu === 1),
  formula: ({ p, g, ax, eta, decay, mu: share }, _, { mu }) => {
    const moved = p.mul(decay).sub(g.mul(eta));
    return { p: moved, ax: mu === 1 ? moved : ax.add(moved.sub(ax).mul(share)) };
  },
}) {}

/** Options of Rprop. */
export interface RpropOptions extends CommonOptions {
  /** Factors of the step size when the gradient's sign changes and when it stays. Default [0.5, 1.2]. */
  etas: [number, number];
  /** Bounds of the step size. Default [1e-6, 50]. */
  stepSizes: [number, number];
  maximize: boolean;
}

/** Steps by the sign of the gradient. Options: `lr` (1e-2), `etas`, `stepSizes`, `maximize`. */
export class Rprop extends elementwise<
  RpropOptions,
  [lr?: number, etas?: [number, number], stepSizes?: [number, number], foreach?: boolean | null, maximize?: boolean]
>({
  takes:
    "def Rprop(value params, float lr=0.01, float[] etas=[0.5,1.2], float[] stepSizes=[1e-06,50], bool? foreach=None, bool maximize=False)",
  tensorStep: false,
  ranges: ({ etas }) => [["eta values", etas[0], etas[0] > 0 && etas[0] < 1 && etas[1] > 1]],
  kept: ({ lr }) => ({ prev: 0, step_size: lr }),
  numbers: ({ etas, stepSizes }) => ({
    shrink: etas[0],
    grow: etas[1],
    least: stepSizes[0],
    most: stepSizes[1],
    one: 1,
  }),
  formula: ({ p, g, prev, step_size, shrink, grow, least, most, one }) => {
    const agreement = g.mul(prev);
    const factor = grow.where(agreement.gt(0), shrink.where(agreement.lt(0), one));
    const size = step_size.mul(factor).maximum(least).minimum(most);
    // Where the sign changed, this step is left out and the next sign counts as new.
    const used = g.where(agreement.ge(0), 0);
    return { p: p.sub(used.sign().mul(size)), prev: used, step_size: size };
  },
}) {}
