// nn.Module: a callable object whose parameters, buffers and children are found among its own properties, in the order of their
// assignment. Loading, copying and text live beside this file.

import { inspect } from "node:util";
import { withGradMode } from "../autograd/modes";
import { displaySymbol, type MimeBundle } from "../display/host";
import { moduleBundle, moduleText } from "../display/module-tree";
import { ArgumentError, CressetError, DTypeError } from "../errors";
import { isOptions } from "../ops/arguments";
import type { ToOptions } from "../ops/convert";
import type { Device } from "../tensor/device";
import { bfloat16, DType, float16, float32, float64 } from "../tensor/dtype";
import { Parameter, Tensor } from "../tensor/tensor";
import { Callable, type CallArguments, type CallResult, type Forward } from "./callable";
import { addHook, type Hook, type Hooks, type PreHook, type RemovableHandle, runHooks } from "./hooks";
import { viewOf } from "./show";
import { type IncompatibleKeys, load, StateDict } from "./state-dict";

const internals: unique symbol = Symbol("nn.Module");

/** What a module keeps besides its properties. */
interface Internals {
  /** Names of buffers; false for one that state_dicts leave out. */
  buffers: Map<string, boolean>;
  hooks: Hooks | null;
  /** Names in order of registration, once one of them is a whole number: JavaScript lists such properties first. */
  order: string[] | null;
}

const isWhole = (name: string) => /^\d+$/.test(name);

/** A name and what it names, as the `named…` methods list them. */
export type Named<T> = [name: string, value: T];

/** What `to` takes: a dtype, a device, another tensor, or these by name. */
export type ToArguments = (DType | Device | string | Tensor | boolean | ToOptions | null | undefined)[];

// biome-ignore-start lint/suspicious/noUnsafeDeclarationMerging: a class body cannot hold a call signature
// biome-ignore-start lint/style/useShorthandFunctionType: an alias would not merge with the class
export interface Module {
  (...args: CallArguments<this["forward"]>): CallResult<this["forward"]>;
}
// biome-ignore-end lint/style/useShorthandFunctionType: an alias would not merge with the class

/**
 * Base of all networks and layers (PyTorch: `torch.nn.Module`). Subclasses write `forward`; calling the instance runs it:
 * `model(x)`. Parameters and modules assigned to properties, in fields or in the constructor, belong to the module.
 */
export class Module extends Callable {
  /** Whether the module is in training mode; `train()` and `eval()` set it. */
  training = true;
  /** @internal */
  readonly [internals]: Internals = { buffers: new Map(), hooks: null, order: null };

  /** The computation of every call. Subclasses define it. Throws CressetError when they do not. */
  forward(...args: never[]): unknown {
    throw new CressetError(
      `Module [${this.constructor.name}] is missing the required "forward" function (called with ${args.length} arguments)`,
    );
  }

  /** @internal What a call does. */
  invoke(args: unknown[]): unknown {
    const { hooks } = this[internals];
    const forward: (...args: never[]) => unknown = this.forward;
    if (hooks === null) return Reflect.apply(forward, this, args);
    return runHooks(hooks, this, args, (given) => Reflect.apply(forward, this, given));
  }

  /**
   * The name of a member in state_dicts and printed text, when it is not its property's: the library's own modules keep
   * PyTorch's snake_case there.
   */
  protected stateKey(property: string): string {
    return property;
  }

  /** Text between the parentheses of the printed module; may have several lines (PyTorch: `extra_repr`). */
  extraRepr(): string {
    return "";
  }

  private members<T>(accept: (property: string, value: unknown) => value is T): Named<T>[] {
    const found: Named<T>[] = [];
    const { order } = this[internals];
    for (const property of order === null ? Object.keys(this) : new Set([...order, ...Object.keys(this)])) {
      const value: unknown = Reflect.get(this, property);
      if (accept(property, value)) found.push([this.stateKey(property), value]);
    }
    return found;
  }

  private own(kind: "parameters" | "buffers"): Named<Tensor>[] {
    if (kind === "parameters")
      return this.members<Tensor>((_, value): value is Parameter => value instanceof Parameter);
    const { buffers } = this[internals];
    return this.members((property, value): value is Tensor => buffers.has(property) && value instanceof Tensor);
  }

  /** The module's own parameters and persistent buffers, by state_dict name. @internal */
  stateEntries(): Named<Tensor>[] {
    const { buffers } = this[internals];
    return [
      ...this.own("parameters"),
      ...this.members((property, value): value is Tensor => buffers.get(property) === true && value instanceof Tensor),
    ];
  }

  /** @internal Whether state_dicts of older versions lack this entry, which then keeps its value. */
  mayLack(_key: string): boolean {
    return false;
  }

  /** Child modules by name; one that stands under several names is listed for each. @internal */
  namedEntries(): Named<Module>[] {
    return this.members((_, value): value is Module => value instanceof Module);
  }

  /** Child modules by name, each once. */
  namedChildren(): Named<Module>[] {
    const seen = new Set<Module>();
    return this.namedEntries().filter(([, child]) => !seen.has(child) && seen.add(child));
  }

  /** Child modules, each once. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module and all below it by dotted name, each once. The module itself has the name `prefix`. */
  namedModules(prefix = "", removeDuplicate = true): Named<Module>[] {
    const seen = new Set<Module>();
    const found: Named<Module>[] = [];
    const walk = (module: Module, name: string): void => {
      if (removeDuplicate && seen.has(module)) return;
      seen.add(module);
      found.push([name, module]);
      for (const [key, child] of module.namedEntries()) {
        walk(child, name === "" ? key : `${name}.${key}`);
      }
    };
    walk(this, prefix);
    return found;
  }

  /** This module and all below it, each once. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  private named(kind: "parameters" | "buffers", prefix: string, recurse: boolean): Named<Tensor>[] {
    const seen = new Set<Tensor>();
    const found: Named<Tensor>[] = [];
    const modules: Named<Module>[] = recurse ? this.namedModules(prefix) : [[prefix, this]];
    for (const [path, module] of modules) {
      for (const [key, value] of module.own(kind)) {
        if (seen.has(value)) continue;
        seen.add(value);
        found.push([path === "" ? key : `${path}.${key}`, value]);
      }
    }
    return found;
  }

  /** Parameters by dotted name, shared ones once. */
  namedParameters(prefix = "", recurse = true): Named<Parameter>[] {
    return this.named("parameters", prefix, recurse) as Named<Parameter>[];
  }

  /** Parameters, shared ones once. */
  parameters(recurse = true): Parameter[] {
    return this.namedParameters("", recurse).map(([, parameter]) => parameter);
  }

  /** Buffers by dotted name, shared ones once. */
  namedBuffers(prefix = "", recurse = true): Named<Tensor>[] {
    return this.named("buffers", prefix, recurse);
  }

  /** Buffers, shared ones once. */
  buffers(recurse = true): Tensor[] {
    return this.namedBuffers("", recurse).map(([, buffer]) => buffer);
  }

  private checkName(kind: string, name: string): void {
    if (typeof name !== "string") throw new ArgumentError(`${kind} name should be a string. Got ${typeof name}`);
    if (name.includes(".")) throw new CressetError(`${kind} name can't contain "."`);
    if (name === "") throw new CressetError(`${kind} name can't be empty string ""`);
  }

  private assign(name: string, value: unknown): void {
    const known = this[internals];
    if (known.order === null && isWhole(name)) known.order = Object.keys(this);
    if (!Reflect.set(this, name, value)) throw new CressetError(`attribute '${name}' already exists`);
    if (known.order !== null && !known.order.includes(name)) known.order.push(name);
  }

  /** Adds a tensor that belongs to the module's state without being trained; `persistent: false` keeps it out of state_dicts. */
  registerBuffer(name: string, tensor: Tensor | null, options: boolean | { persistent?: boolean } = {}): void {
    this.checkName("buffer", name);
    if (tensor !== null && !(tensor instanceof Tensor)) {
      throw new ArgumentError(
        `cannot assign '${typeof tensor}' object to buffer '${name}' (torch Tensor or None required)`,
      );
    }
    const persistent = typeof options === "boolean" ? options : (options.persistent ?? true);
    this[internals].buffers.set(name, persistent);
    this.assign(name, tensor);
  }

  /** Adds a parameter under a name. Throws for a tensor that is no Parameter or has a graph. */
  registerParameter(name: string, parameter: Parameter | null): void {
    this.checkName("parameter", name);
    if (parameter !== null && !(parameter instanceof Parameter)) {
      throw new ArgumentError(
        `cannot assign '${typeof parameter}' object to parameter '${name}' (torch.nn.Parameter or None required)`,
      );
    }
    this.assign(name, parameter);
  }

  /** Adds a child module under a name. */
  addModule(name: string, module: Module | null): void {
    if (module !== null && !(module instanceof Module))
      throw new ArgumentError(`${typeof module} is not a Module subclass`);
    this.checkName("module", name);
    this.assign(name, module);
  }

  /** The same as `addModule`. */
  registerModule(name: string, module: Module | null): void {
    this.addModule(name, module);
  }

  /** The module at a dotted name; the module itself for "". Throws CressetError when there is none. */
  getSubmodule(target: string): Module {
    let found: Module = this;
    for (const part of target === "" ? [] : target.split(".")) {
      const child = found.namedEntries().find(([key]) => key === part);
      if (child === undefined) throw new CressetError(`${found.constructor.name} has no attribute \`${part}\``);
      found = child[1];
    }
    return found;
  }

  private getMember(kind: "parameters" | "buffers", target: string): Tensor {
    const cut = target.lastIndexOf(".");
    const module = this.getSubmodule(cut < 0 ? "" : target.slice(0, cut));
    const key = target.slice(cut + 1);
    const found = module.own(kind).find(([name]) => name === key);
    if (found === undefined) throw new CressetError(`${module.constructor.name} has no attribute \`${key}\``);
    return found[1];
  }

  /** The parameter at a dotted name. Throws CressetError when there is none. */
  getParameter(target: string): Parameter {
    return this.getMember("parameters", target) as Parameter;
  }

  /** The buffer at a dotted name. Throws CressetError when there is none. */
  getBuffer(target: string): Tensor {
    return this.getMember("buffers", target);
  }

  /** Calls a function with every module below this one, children first, then with this one. Returns the module. */
  apply(visit: (module: Module) => void): this {
    for (const child of this.children()) child.apply(visit);
    visit(this);
    return this;
  }

  /** Sets training mode here and below. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets evaluation mode here and below. */
  eval(): this {
    return this.train(false);
  }

  /** Whether gradients are computed for all parameters. */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Fills all gradients with zeros; with `setToNone` removes them. */
  zeroGrad(options: boolean | { setToNone?: boolean } = false): void {
    const setToNone = typeof options === "boolean" ? options : (options.setToNone ?? false);
    for (const parameter of this.parameters()) clearGradient(parameter, setToNone);
  }

  private convert(change: (tensor: Tensor) => Tensor): this {
    withGradMode(false, () => {
      for (const tensor of [...this.parameters(), ...this.buffers()]) {
        const { grad } = tensor;
        const changed = change(tensor);
        if (changed === tensor) continue;
        tensor.data = changed;
        if (grad !== null) tensor.grad = change(grad);
      }
    });
    return this;
  }

  /** Converts floating parameters and buffers in place, or moves all to a device; arguments as of `Tensor.to`. */
  to(...args: ToArguments): this {
    const dtypes = args.map((value) =>
      value instanceof DType ? value : isOptions(value) ? (value as ToOptions).dtype : null,
    );
    const wrong = dtypes.find((dtype) => dtype && !dtype.isFloatingPoint);
    if (wrong) {
      throw new DTypeError(
        `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${wrong}`,
      );
    }
    const place = args.map((value) =>
      value instanceof DType ? null : isOptions(value) ? { ...(value as ToOptions), dtype: null } : value,
    );
    return this.convert((tensor) => tensor.to(...(tensor.dtype.isFloatingPoint ? args : place)));
  }

  private as(dtype: DType): this {
    return this.convert((tensor) => (tensor.dtype.isFloatingPoint ? tensor.to(dtype) : tensor));
  }

  /** Floating parameters and buffers as float32. */
  float(): this {
    return this.as(float32);
  }

  /** Floating parameters and buffers as float64. */
  double(): this {
    return this.as(float64);
  }

  /** Floating parameters and buffers as float16. */
  half(): this {
    return this.as(float16);
  }

  /** Floating parameters and buffers as bfloat16. */
  bfloat16(): this {
    return this.as(bfloat16);
  }

  /** All parameters and buffers as one dtype. */
  type(dtype: DType): this {
    return this.convert((tensor) => tensor.to(dtype));
  }

  /** On the CPU. */
  cpu(): this {
    return this.to("cpu");
  }

  /** Parameters and persistent buffers by dotted name, sharing memory with the module. `keepVars` gives the tensors themselves. */
  stateDict(options: { prefix?: string; keepVars?: boolean } = {}): StateDict {
    const { prefix = "", keepVars = false } = options;
    const out = new StateDict();
    for (const [path, module] of this.namedModules("", false)) {
      for (const [key, tensor] of module.stateEntries()) {
        out[prefix + (path === "" ? key : `${path}.${key}`)] = keepVars ? tensor : tensor.detach();
      }
    }
    return out;
  }

  /**
   * Copies values into parameters and buffers by name, from what `stateDict` or `torch.load` gave. Throws CressetError, in
   * PyTorch's words, for sizes that differ and, when `strict` (default), for missing and unexpected names.
   */
  loadStateDict(
    stateDict: { readonly [name: string]: Tensor } | ReadonlyMap<string, Tensor>,
    options: boolean | { strict?: boolean } = true,
  ): IncompatibleKeys {
    const strict = typeof options === "boolean" ? options : (options.strict ?? true);
    return load(this, stateDict, strict);
  }

  private hooksOf(): Hooks {
    this[internals].hooks ??= { before: [], after: [] };
    return this[internals].hooks;
  }

  /** Calls `hook(module, args)` before every forward; a value that it returns replaces the arguments (an array of them, or the only one). */
  registerForwardPreHook(hook: PreHook<this>): RemovableHandle {
    return addHook(this.hooksOf().before, hook);
  }

  /** Calls `hook(module, args, output)` after every forward; a value that it returns replaces the output. */
  registerForwardHook(hook: Hook<this>): RemovableHandle {
    return addHook(this.hooksOf().after, hook);
  }

  /** The text that PyTorch prints. */
  override toString(): string {
    return moduleText(viewOf(this));
  }

  [inspect.custom](): string {
    return this.toString();
  }

  [displaySymbol](): MimeBundle {
    return moduleBundle(viewOf(this));
  }
}

// biome-ignore-end lint/suspicious/noUnsafeDeclarationMerging: a class body cannot hold a call signature

/** Fills a gradient with zeros, or removes it. */
export function clearGradient(parameter: Tensor, setToNone: boolean): void {
  const { grad } = parameter;
  if (grad === null) return;
  if (setToNone) parameter.grad = null;
  else if (grad.gradFn === null && !grad.requiresGrad) grad.zero_();
  else parameter.grad = grad.detach().zero_();
}

export type { Forward };
