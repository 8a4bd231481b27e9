// What all optimizers share: groups of parameters with options, the state kept per parameter, saving, loading and text.

import { inspect } from "node:util";
import { withGradMode } from "../autograd/modes";
import { ArgumentError, CressetError } from "../errors";
import { type PythonValue, pythonText, snakeCase } from "../tensor/python-text";
import { Tensor } from "../tensor/tensor";

/** Values that an optimizer keeps for one parameter, by PyTorch's names (`exp_avg`, `momentum_buffer`, …). */
export type ParameterState = { [name: string]: Tensor | number | null | readonly Tensor[] };

/** A group as a user gives it: parameters, and options that differ from the optimizer's own. */
export type GroupSpecification<O> = { params: Iterable<Tensor> | Tensor } & { [K in keyof O]?: O[K] };

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

/** Base of all optimizers (PyTorch: `torch.optim.Optimizer`). `O` is the type of a group's options. */
export abstract class Optimizer<O extends object = AnyOptions> {
  /** Groups of parameters with their options: `opt.paramGroups[0].lr = 1e-4`. */
  readonly paramGroups: ParamGroup<O>[] = [];
  /** What is kept per parameter. */
  readonly state = new Map<Tensor, ParameterState>();

  /**
   * Takes parameters, or groups of them with options of their own. Throws ArgumentError for an empty list, something that is no
   * tensor, or a tensor that is no leaf.
   */
  constructor(
    params: Iterable<Tensor | GroupSpecification<O>>,
    /** Options of groups that do not give them. */
    readonly defaults: O,
  ) {
    if (params instanceof Tensor) {
      throw new ArgumentError(
        "params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch.FloatTensor",
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

  private append(params: Tensor[], options: object): void {
    const known = new Set(this.paramGroups.flatMap((g) => g.params));
    for (const p of params) {
      if (!(p instanceof Tensor)) {
        throw new ArgumentError(`optimizer can only optimize Tensors, but one of the params is ${typeof p}`);
      }
      if (!p.isLeaf && !p.retainsGrad) throw new ArgumentError("can't optimize a non-leaf Tensor");
      if (known.has(p)) throw new ArgumentError("some parameters appear in more than one parameter group");
      known.add(p);
    }
    this.paramGroups.push({ ...this.defaults, ...options, params });
  }

  /**
   * Fills the gradients of all parameters with zeros, or with `setToNone` forgets them (as later PyTorch versions do by
   * default; this one follows 1.13).
   */
  zeroGrad(setToNone: boolean | { setToNone?: boolean } = false): void {
    const forget = typeof setToNone === "boolean" ? setToNone : (setToNone.setToNone ?? false);
    for (const { params } of this.paramGroups) {
      for (const p of params) {
        const { grad } = p;
        if (grad === null) continue;
        if (forget) p.grad = null;
        else grad.detach_().zero_();
      }
    }
  }

  /** Updates every parameter that has a gradient. With `closure`, computes the loss first and returns it. */
  step(): null;
  step<L>(closure: () => L): L;
  step<L>(closure?: () => L): L | null {
    const loss = closure === undefined ? null : withGradMode(true, closure);
    withGradMode(false, () => {
      for (const group of this.paramGroups) {
        for (const p of group.params) {
          const { grad } = p;
          if (grad === null) continue;
          let state = this.state.get(p);
          if (state === undefined) {
            state = {};
            this.state.set(p, state);
          }
          this.update(p, grad, state, group);
        }
      }
    });
    return loss;
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
      ...Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value])),
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
    saved.param_groups.forEach((group, k) => {
      const own = paramGroups[k];
      const names = new Map(Object.keys(own).map((name) => [snakeCase(name), name]));
      for (const [name, value] of Object.entries(group)) {
        if (name !== "params") Object.assign(own, { [names.get(name) ?? name]: value });
      }
      const numbers = group.params as number[];
      own.params.forEach((p, at) => {
        const kept = saved.state[numbers[at]];
        if (kept === undefined) return;
        const entries = Object.entries(kept).map(([name, value]) => {
          if (!(value instanceof Tensor)) return [name, value];
          return [name, name === "step" ? value.clone() : value.to(p.dtype, { copy: true })];
        });
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

  [inspect.custom](): string {
    return this.toString();
  }
}

/** Throws ArgumentError in PyTorch's words unless the value lies in the range. */
export function requireRange(what: string, value: number, inside: boolean): void {
  if (!inside) throw new ArgumentError(`Invalid ${what}: ${pythonText(value)}`);
}
