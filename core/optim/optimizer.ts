// What all optimizers share: groups of parameters with options, the state kept per parameter, saving, loading and text.

import { readsMethods } from "../arguments/methods";
import { inspectSymbol } from "../inspect";
import { withGradMode } from "../autograd/modes";
import { ArgumentError, CressetError } from "../errors";
import { addHook, type RemovableHandle } from "../nn/hooks";
import type { AnyHook } from "../nn/members";
import { deepcopy } from "../nn/deepcopy";
import { uninterrupted } from "../stop";
import { camelCase, type PythonValue, pythonText, snakeCase, typeName } from "../tensor/python-text";
import { Tensor } from "../tensor/tensor";
import { warn } from "../warnings";

/** Values that an optimizer keeps for one parameter, by PyTorch's names (`exp_avg`, `momentum_buffer`, …). */
export type ParameterState = { [name: string]: Tensor | number | null | readonly Tensor[] };

/**
 * A group as a user gives it: parameters, and options that differ from the optimizer's own. `name` is for the user's own use,
 * `initialLr` for a schedule that goes on from `lastEpoch`.
 */
export type GroupSpecification<O> = { params: Iterable<Tensor> | Tensor; name?: string; initialLr?: number } & {
  [K in keyof O]?: O[K];
};

/** What an optimizer takes first: parameters, or groups of them. */
export type Parameters<O> = Iterable<Tensor | GroupSpecification<O>>;

/** A group as the optimizer keeps it; its options may be changed at any time. */
export type ParamGroup<O> = { params: Tensor[] } & O;

/** What `stateDict()` gives: PyTorch's layout, with parameters numbered in the order of the groups. */
export interface OptimizerState {
  state: { [index: number]: ParameterState };
  param_groups: { [name: string]: unknown }[];
}

/** What the groups of any optimizer hold. */
export interface AnyOptions {
  lr: number;
}

/** What is called around a step: with the optimizer, and the closure as the only argument where there is one. */
export type StepHook<T, R> = (optimizer: T, args: readonly unknown[]) => R;

interface StepHooks {
  before: AnyHook[];
  after: AnyHook[];
}

/** Base of all optimizers (PyTorch: `torch.optim.Optimizer`). `O` is the type of a group's options. */
export abstract class Optimizer<O extends object = AnyOptions> {
  static {
    readsMethods(
      Optimizer,
      "def Optimizer.zeroGrad(bool setToNone=False)",
      "def Optimizer.step(function? closure=None)",
    );
  }

  /** Groups of parameters with their options: `opt.paramGroups[0].lr = 1e-4`. */
  readonly paramGroups: ParamGroup<O>[] = [];
  /** What is kept per parameter. */
  readonly state = new Map<Tensor, ParameterState>();
  /** @internal Steps since a schedule began: schedules tell when they are called too early. */
  stepCount = 0;
  /** @internal Hooks of steps; made for the first one. */
  protected hooks: StepHooks | null = null;

  /**
   * Takes parameters, or groups of them with options of their own. Throws ArgumentError for an empty list, something that is no
   * tensor, or a tensor that is no leaf.
   */
  constructor(
    params: Parameters<O>,
    /** Options of groups that do not give them; undefined where every group must. */
    readonly defaults: O,
  ) {
    if (params instanceof Tensor || typeof params?.[Symbol.iterator] !== "function") {
      throw new ArgumentError(
        `params argument given to the optimizer should be an iterable of Tensors or dicts, but got ${typeName(params)}`,
      );
    }
    const list = [...params];
    if (list.length === 0) throw new ArgumentError("optimizer got an empty parameter list");
    const tensors = list.filter((item): item is Tensor => item instanceof Tensor);
    if (tensors.length > 0) this.append(tensors, {});
    for (const item of list) if (!(item instanceof Tensor)) this.addParamGroup(item);
  }

  /** Adds a group, for layers that begin to train later. Throws ArgumentError for a parameter that is in a group already. */
  addParamGroup(group: GroupSpecification<O>): void {
    const { params, ...options } = group;
    this.append(params instanceof Tensor ? [params] : [...params], options);
  }

  private append(params: Tensor[], given: object): void {
    const known = new Set(this.paramGroups.flatMap((g) => g.params));
    for (const p of params) {
      if (!(p instanceof Tensor)) {
        throw new ArgumentError(`optimizer can only optimize Tensors, but one of the params is ${typeName(p)}`);
      }
      if (!p.isLeaf && !p.retainsGrad) throw new ArgumentError("can't optimize a non-leaf Tensor");
      if (known.has(p)) throw new ArgumentError("some parameters appear in more than one parameter group");
    }
    if (new Set(params).size !== params.length) {
      warn(
        "optimizer contains a parameter group with duplicate parameters; in future, this will cause an error; " +
          "see github.com/pytorch/pytorch/issues/40967 for more information",
      );
    }
    for (const name of Object.keys(given)) {
      const meant = camelCase(name);
      if (meant === name || !(meant in this.defaults)) continue;
      throw new ArgumentError(`a parameter group has no option '${name}'; it is called '${meant}' here`);
    }
    const options = { ...this.defaults, ...given };
    for (const [name, value] of Object.entries(options)) {
      if (value !== undefined) continue;
      throw new ArgumentError(
        `parameter group didn't specify a value of required optimization parameter ${snakeCase(name)}`,
      );
    }
    // A pair that a user changes in one group is nobody else's.
    this.paramGroups.push({ ...deepcopy(options), params });
  }

  /**
   * Fills the gradients of all parameters with zeros, or with `setToNone` forgets them (as later PyTorch versions do by
   * default; this one follows 1.13).
   */
  zeroGrad(setToNone?: boolean | { setToNone?: boolean }): void;
  zeroGrad(setToNone = false): void {
    for (const { params } of this.paramGroups) {
      for (const p of params) {
        const { grad } = p;
        if (grad === null) continue;
        if (setToNone) p.grad = null;
        else {
          if (grad.gradFn !== null) grad.detach_();
          else grad.requiresGrad = false;
          grad.zero_();
        }
      }
    }
  }

  /** Updates every parameter that has a gradient. With `closure`, computes the loss first and returns it. */
  step(): null;
  step<L>(closure: () => L): L;
  step<L>(options: { closure: () => L }): L;
  step<L>(given?: unknown): L | null {
    if (this.hooks !== null) return this.hooked(given, (closure) => this.stepOnce(closure as (() => L) | null));
    return this.stepOnce(given as (() => L) | null | undefined);
  }

  private stepOnce<L>(closure: (() => L) | null | undefined): L | null {
    this.stepCount++;
    const loss = closure === undefined || closure === null ? null : withGradMode(true, closure);
    withGradMode(false, () => {
      for (const group of this.paramGroups) {
        for (const p of group.params) {
          const { grad } = p;
          if (grad === null) continue;
          // An interrupt in the middle would leave a step counted and not made.
          uninterrupted(() => {
            let state = this.state.get(p);
            if (state === undefined) {
              state = {};
              this.state.set(p, state);
            }
            this.update(p, grad, state, group);
          });
        }
      }
    });
    return loss;
  }

  /** A step between the hooks, of which those before it may give another closure. */
  protected hooked<T>(given: unknown, step: (closure: unknown) => T): T {
    let args: unknown[] = given === undefined || given === null ? [] : [given];
    for (const hook of [...(this.hooks?.before ?? [])]) args = Reflect.apply(hook, undefined, [this, args]) ?? args;
    const result = step(args[0]);
    for (const hook of [...(this.hooks?.after ?? [])]) Reflect.apply(hook, undefined, [this, args]);
    return result;
  }

  /**
   * Calls `hook(optimizer, args)` before every step, with the closure as the only argument where there is one; arguments that it
   * returns replace them. Source: torch.optim.Optimizer.register_step_pre_hook of PyTorch 2.
   */
  registerStepPreHook(hook: StepHook<this, unknown[] | undefined>): RemovableHandle {
    return addHook(this.hooksMade().before, hook);
  }

  /** Calls `hook(optimizer, args)` after every step. Source: torch.optim.Optimizer.register_step_post_hook of PyTorch 2. */
  registerStepPostHook(hook: StepHook<this, void>): RemovableHandle {
    return addHook(this.hooksMade().after, hook);
  }

  private hooksMade(): StepHooks {
    this.hooks ??= { before: [], after: [] };
    return this.hooks;
  }

  /** Updates one parameter in place. */
  protected abstract update(parameter: Tensor, grad: Tensor, state: ParameterState, group: ParamGroup<O>): void;

  /** Groups and state for a checkpoint, in PyTorch's layout. */
  stateDict(): OptimizerState {
    const numbers = new Map(this.paramGroups.flatMap((g) => g.params).map((p, k) => [p, k]));
    const state: OptimizerState["state"] = {};
    for (const [p, kept] of this.state) {
      const number = numbers.get(p);
      if (number !== undefined) state[number] = { ...kept };
    }
    const groups = this.paramGroups.map(({ params, ...options }) => ({
      ...Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), tupled(value)])),
      params: params.map((p) => numbers.get(p)),
    }));
    return { state, param_groups: groups };
  }

  /** Takes over groups and state of a checkpoint. Throws CressetError when the groups differ in number or size. */
  loadStateDict(saved: OptimizerState): void {
    const { paramGroups } = this;
    if (saved.param_groups.length !== paramGroups.length) {
      throw new CressetError("loaded state dict has a different number of parameter groups");
    }
    saved.param_groups.forEach((group, k) => {
      const { params } = group;
      if (!Array.isArray(params) || params.length !== paramGroups[k].params.length) {
        throw new CressetError(
          "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
        );
      }
    });
    this.state.clear();
    saved.param_groups.forEach(({ params, ...options }, k) => {
      const own = paramGroups[k];
      const names = new Map(Object.keys(own).map((name) => [snakeCase(name), name]));
      // What schedules keep beside the options is not in the groups yet: `initial_lr` comes back as `initialLr`.
      for (const [name, value] of Object.entries(options)) {
        Object.assign(own, {
          [names.get(name) ?? camelCase(name)]: deepcopy(Array.isArray(value) ? [...value] : value),
        });
      }
      const numbers = params as number[];
      own.params.forEach((p, at) => {
        const kept = saved.state[numbers[at]];
        if (kept === undefined) return;
        const entries = Object.entries(kept).map(([name, value]) => [name, restored(p, name, value)]);
        this.state.set(p, Object.fromEntries(entries));
      });
    });
  }

  /** Options that print as floats even when they are whole. */
  protected get floats(): readonly string[] {
    return [];
  }

  /** PyTorch's text: each group with its options in alphabetical order. */
  toString(): string {
    const groups = this.paramGroups.map(({ params: _, ...options }, k) => {
      const lines = Object.entries(options)
        .map(([name, value]): [string, string] => [
          snakeCase(name),
          pythonText(value as PythonValue, { float: this.floats.includes(name) }),
        ])
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, text]) => `    ${name}: ${text}`);
      return `Parameter Group ${k}\n${lines.join("\n")}\n`;
    });
    return `${this.constructor.name} (\n${groups.join("\n")})`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

/** Options of several values, as `betas`, are tuples in PyTorch: frozen arrays, which `torch.save` writes as such. */
function tupled(value: unknown): unknown {
  return Array.isArray(value) ? Object.freeze([...value]) : value;
}

/** A copy of what was kept for a parameter: tensors in the parameter's dtype, but for the count of steps. */
function restored(parameter: Tensor, name: string, value: ParameterState[string]): ParameterState[string] {
  const one = (x: Tensor) =>
    name === "step" || !parameter.dtype.isFloatingPoint ? x.clone() : x.to(parameter.dtype, { copy: true });
  if (value instanceof Tensor) return one(value);
  return Array.isArray(value) ? value.map(one) : value;
}

/** What an optimizer takes, all by name. */
export type NamedOptions<O> = Partial<O> & { params: Parameters<O> };

/** Throws ArgumentError in PyTorch's words unless the value lies in the range. */
export function requireRange(what: string, value: number, inside: boolean): void {
  if (!inside) throw new ArgumentError(`Invalid ${what}: ${pythonText(value)}`);
}
