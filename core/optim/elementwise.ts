// Optimizers that treat every element alike: a row says what is kept, which numbers a step has, and the formula of the step,
// which runs as one program per parameter.

import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import type { Operand } from "../program";
import { getDefaultDtype } from "../tensor/dtype";
import { empty, Tensor } from "../tensor/tensor";
import { fusedUpdate } from "./fused";
import {
  type NamedOptions,
  Optimizer,
  type Parameters,
  type ParameterState,
  type ParamGroup,
  requireRange,
} from "./optimizer";

/** Options that every row has. */
export interface CommonOptions {
  /** The learning rate. */
  lr: number;
  /** Kept for PyTorch's checkpoints; the update is always one fused program. */
  foreach: boolean | null;
  weightDecay?: number;
  maximize?: boolean;
}

/** What a formula sees: the parameter `p`, its gradient `g` (with weight decay), what is kept, and numbers, by name. */
type Scope = { [name: string]: Operand };

/** The row of an optimizer. */
export interface OptimizerRow<O extends CommonOptions> {
  /** What the constructor takes, with PyTorch's defaults. */
  takes: `def ${string}(value params, ${string}`;
  /** Options that print as floats even when they are whole. */
  floats?: readonly (keyof O & string)[];
  /** Whether the count of steps is kept as a tensor, as PyTorch's checkpoints have it. */
  tensorStep: boolean;
  /** Further checks: [what, value, whether it is allowed]. */
  ranges?(options: O): [what: string, value: number, allowed: boolean][];
  /** Kept per element: name and first value. */
  kept(group: O): { [name: string]: number };
  /** Kept once per parameter, as 0-d tensors. */
  keptNumbers?(group: O): { [name: string]: number };
  /** Numbers of a step; may change what `keptNumbers` started. */
  numbers(group: O, step: number, state: ParameterState): { [name: string]: number };
  /** Names one of several formulas. */
  variant?(group: O, numbers: { readonly [name: string]: number }): string;
  /** New values by name: `p` and what is kept. */
  formula(f: Scope, group: O, numbers: { readonly [name: string]: number }): { [written: string]: Operand };
}

/** A 0-d tensor of a number that an optimizer keeps. */
function kept(value: number): Tensor {
  return empty([], getDefaultDtype()).fill_(value);
}

/** An optimizer that follows a row. */
export class RowOptimizer<O extends CommonOptions> extends Optimizer<O> {
  constructor(
    private readonly row: OptimizerRow<O>,
    params: Parameters<O>,
    all: O,
  ) {
    requireRange("learning rate", all.lr, all.lr >= 0);
    const { weightDecay = 0 } = all;
    requireRange("weight_decay value", weightDecay, weightDecay >= 0);
    for (const [what, value, allowed] of row.ranges?.(all) ?? []) requireRange(what, value, allowed);
    super(params, all);
  }

  protected override get floats(): readonly string[] {
    return this.row.floats ?? [];
  }

  protected override update(parameter: Tensor, grad: Tensor, state: ParameterState, group: ParamGroup<O>): void {
    const { row } = this;
    const names = row.kept(group);
    if (state.step === undefined) begin(state, parameter, names, row.keptNumbers?.(group) ?? {}, row.tensorStep);
    const step = countStep(state);
    const numbers = row.numbers(group, step, state);
    const { weightDecay = 0, maximize = false } = group;
    const tensors: { [name: string]: Tensor } = { p: parameter, g: grad };
    for (const name of Object.keys(names)) tensors[name] = state[name] as Tensor;
    const key = `${row.takes} ${maximize} ${weightDecay !== 0} ${row.variant?.(group, numbers) ?? ""}`;
    const formula = (f: Scope) => {
      const uphill = maximize ? f.g.neg() : f.g;
      const g = weightDecay === 0 ? uphill : uphill.add(f.p.mul(f.weightDecay));
      return row.formula({ ...f, g }, group, numbers);
    };
    fusedUpdate(key, formula, tensors, { ...numbers, weightDecay });
  }
}

/** The class of a row; `P` are the arguments after the parameters. */
export type OptimizerClass<O extends CommonOptions, P extends unknown[]> = (new (
  params: Parameters<O>,
  ...args: Arguments<P, Partial<O>>
) => RowOptimizer<O>) &
  (new (
    options: NamedOptions<O>,
  ) => RowOptimizer<O>);

/** The class that a row describes. */
export function elementwise<O extends CommonOptions, P extends unknown[]>(row: OptimizerRow<O>): OptimizerClass<O, P> {
  const takes = new Signature(row.takes);
  class Described extends RowOptimizer<O> {
    /** @internal */
    static readonly [signature] = takes;

    constructor(...args: unknown[]) {
      const { params, ...options } = takes.complete<{ params: Parameters<O> }>(args);
      super(row, params, options as unknown as O);
    }
  }
  return Described as OptimizerClass<O, P>;
}

function begin(
  state: ParameterState,
  parameter: Tensor,
  perElement: { readonly [name: string]: number },
  single: { readonly [name: string]: number },
  tensorStep: boolean,
): void {
  state.step = tensorStep ? kept(0) : 0;
  for (const [name, value] of Object.entries(perElement)) {
    state[name] = parameter.detach().newFull([...parameter.sizes], value);
  }
  for (const [name, value] of Object.entries(single)) state[name] = kept(value);
}

/** Counts a step and returns its number, from 1. */
function countStep(state: ParameterState): number {
  const { step } = state;
  if (step instanceof Tensor) return step.add_(1).item();
  const next = (typeof step === "number" ? step : 0) + 1;
  state.step = next;
  return next;
}

/** Checks of a pair of decay rates. */
export function betaRanges(betas: readonly [number, number]): [string, number, boolean][] {
  return betas.map((beta, k) => [`beta parameter at index ${k}`, beta, beta >= 0 && beta < 1]);
}
