// Stochastic gradient descent. Source: torch.optim.SGD.

import { ArgumentError } from "../errors";
import type { Tensor } from "../tensor/tensor";
import { fusedUpdate, type UpdateFormula } from "./fused";
import type { Arguments } from "../arguments/arguments";
import {
  type GroupSpecification,
  Optimizer,
  type Parameters,
  type ParameterState,
  type ParamGroup,
  readOptions,
  requireRange,
} from "./optimizer";

/** Options of SGD with PyTorch's defaults. */
export interface SGDOptions {
  /** The learning rate. */
  lr: number;
  /** Share of the last step that goes into the next. Default 0. */
  momentum: number;
  /** Share of the gradient kept out of the momentum. Default 0. */
  dampening: number;
  /** L2 penalty. Default 0. */
  weightDecay: number;
  /** Nesterov's momentum, which needs momentum and no dampening. Default false. */
  nesterov: boolean;
  /** Climbs instead. Default false. */
  maximize: boolean;
  /** Kept for PyTorch's checkpoints; the update is always one fused program. */
  foreach: boolean | null;
  /** Kept for PyTorch's checkpoints. */
  differentiable: boolean;
}

const POSITIONAL = ["lr", "momentum", "dampening", "weightDecay", "nesterov"] as const;

const DEFAULTS = {
  // Groups may each give one of their own.
  lr: undefined as unknown as number,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
  maximize: false,
  foreach: null,
  differentiable: false,
};

function formula(group: SGDOptions, first: boolean): UpdateFormula {
  return ({ p, g, buffer, lr, weightDecay, momentum, share }) => {
    let step = group.maximize ? g.neg() : g;
    if (group.weightDecay !== 0) step = step.add(p.mul(weightDecay));
    if (group.momentum === 0) return { p: p.sub(step.mul(lr)) };
    const kept = first ? step : buffer.mul(momentum).add(step.mul(share));
    step = group.nesterov ? step.add(kept.mul(momentum)) : kept;
    return { p: p.sub(step.mul(lr)), buffer: kept };
  };
}

/** Stochastic gradient descent with momentum (PyTorch: `torch.optim.SGD`). `lr` is required, here or in every group. */
export class SGD extends Optimizer<SGDOptions> {
  constructor(
    params: Parameters<SGDOptions>,
    lr: number,
    ...args: Arguments<
      [momentum?: number, dampening?: number, weightDecay?: number, nesterov?: boolean],
      Partial<SGDOptions>
    >
  );
  constructor(params: Parameters<SGDOptions>, options: Partial<SGDOptions> & { lr: number });
  constructor(params: Iterable<GroupSpecification<SGDOptions> & { lr: number }>, options?: Partial<SGDOptions>);
  constructor(params: Parameters<SGDOptions>, ...args: unknown[]) {
    const all = readOptions<SGDOptions>("SGD", args, POSITIONAL, DEFAULTS);
    const { lr, momentum, weightDecay, nesterov, dampening } = all;
    if (lr !== undefined) requireRange("learning rate", lr, lr >= 0);
    requireRange("momentum value", momentum, momentum >= 0);
    requireRange("weight_decay value", weightDecay, weightDecay >= 0);
    if (nesterov && (momentum <= 0 || dampening !== 0)) {
      throw new ArgumentError("Nesterov momentum requires a momentum and zero dampening");
    }
    super(params, all);
  }

  protected update(parameter: Tensor, grad: Tensor, state: ParameterState, group: ParamGroup<SGDOptions>): void {
    const { lr, momentum, dampening, weightDecay, nesterov, maximize } = group;
    const first = momentum !== 0 && !state.momentum_buffer;
    if (first) state.momentum_buffer = parameter.newEmpty([...parameter.sizes]);
    else if (momentum === 0) state.momentum_buffer = null;
    const key = `sgd ${momentum !== 0} ${first} ${weightDecay !== 0} ${nesterov} ${maximize}`;
    const buffer = state.momentum_buffer as Tensor | null;
    const tensors = buffer === null ? { p: parameter, g: grad } : { p: parameter, g: grad, buffer };
    fusedUpdate(key, formula(group, first), tensors, { lr, weightDecay, momentum, share: 1 - dampening });
  }
}
