// Stochastic gradient descent. Source: torch.optim.SGD.

import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ArgumentError } from "../errors";
import type { Tensor } from "../tensor/tensor";
import { fusedUpdate, type UpdateFormula } from "./fused";
import {
  type GroupSpecification,
  type NamedOptions,
  Optimizer,
  type Parameters,
  type ParameterState,
  type ParamGroup,
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
  /** @internal */
  static readonly [signature] = new Signature(
    "def SGD(value params, float lr=required, float momentum=0, float dampening=0, float weightDecay=0, bool nesterov=False, *, bool maximize=False, bool? foreach=None, bool differentiable=False)",
  );

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
  constructor(options: NamedOptions<SGDOptions>);
  constructor(...args: unknown[]) {
    // The learning rate may be missing: groups may each give one of their own.
    const { params, ...all } = SGD[signature].complete<NamedOptions<SGDOptions>>(args);
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
