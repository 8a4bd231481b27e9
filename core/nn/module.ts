// nn.Module: a callable object whose parameters, buffers and children are found among its own properties, in the order of their
// assignment. Only PyTorch's names stand on its prototype; how members are found, loaded, copied and shown lies beside this file.

import { readsMethods } from "../arguments/methods";
import { inspectSymbol } from "../inspect";
import { withGradMode } from "../autograd/modes";
import { displaySymbol, type MimeBundle } from "../display/host";
import { moduleBundle, moduleText } from "../display/module-tree";
import { ArgumentError, CressetError, DTypeError } from "../errors";
import { emptyLike } from "../ops/create/create";
import type { ToArguments } from "../ops/create/convert";
import type { Device } from "../tensor/device";
import { bfloat16, type DType, float16, float32, float64 } from "../tensor/dtype";
import { typeName } from "../tensor/python-text";
import { Parameter, Tensor } from "../tensor/tensor";
import type { BackwardHook } from "./backward-hooks";
import { Callable, type CallArguments, type CallResult, invoke, type NamedArguments } from "./callable";
import { placeOf } from "./place";
import {
  addHook,
  addStateHook,
  type Hook,
  type HookOptions,
  type HookWithKwargs,
  hooksOf,
  type KwargsOptions,
  type PreHook,
  type PreHookWithKwargs,
  type RemovableHandle,
  runHooks,
  withKwargs,
} from "./hooks";
import * as members from "./members";
import { type AnyHook, accepted, type Internals, internals, mayLack, type Named, stateKey } from "./members";
import { viewOf } from "./show";
import { type IncompatibleKeys, load, save, StateDict } from "./state-dict";

// biome-ignore-start lint/suspicious/noUnsafeDeclarationMerging: a class body cannot hold a call signature
// biome-ignore-start lint/style/useShorthandFunctionType: an alias would not merge with the class
export interface Module {
  (...args: CallArguments<this["forward"]> | NamedArguments<this>): CallResult<this["forward"]>;
}
// biome-ignore-end lint/style/useShorthandFunctionType: an alias would not merge with the class

/** What `namedModules` takes by name. */
interface ModulesOptions {
  prefix?: string;
  removeDuplicate?: boolean;
}

/** What `namedParameters` and `namedBuffers` take by name. */
interface TreeOptions {
  prefix?: string;
  /** Whether modules below count. Default true. */
  recurse?: boolean;
}

/** Tensors by name, as `stateDict` and `torch.load` give them. */
type Loadable = { readonly [name: string]: Tensor } | ReadonlyMap<string, Tensor>;

/**
 * Base of all networks and layers (PyTorch: `torch.nn.Module`). Subclasses write `forward`; calling the instance runs it:
 * `model(x)`. Parameters and modules assigned to properties, in fields or in the constructor, belong to the module.
 */
export class Module extends Callable {
  static {
    const tree = "str prefix='', bool recurse=True";
    readsMethods(
      Module,
      "def Module.namedModules(str prefix='', bool removeDuplicate=True)",
      `def Module.namedParameters(${tree})`,
      "def Module.parameters(bool recurse=True)",
      `def Module.namedBuffers(${tree})`,
      "def Module.buffers(bool recurse=True)",
      "def Module.registerBuffer(str name, value tensor, bool persistent=True)",
      "def Module.registerParameter(str name, value param)",
      "def Module.addModule(str name, value module)",
      "def Module.registerModule(str name, value module)",
      "def Module.getSubmodule(str target)",
      "def Module.getParameter(str target)",
      "def Module.getBuffer(str target)",
      "def Module.apply(function fn)",
      "def Module.train(value mode=True)",
      "def Module.requiresGrad_(bool requiresGrad=True)",
      "def Module.zeroGrad(bool setToNone=False)",
      "def Module.toEmpty(*, Device device)",
      "def Module.stateDict(*, str prefix='', bool keepVars=False)",
      "def Module.loadStateDict(any stateDict, bool strict=True, bool assign=False)",
    );
  }

  /** Whether the module is in training mode; `train()` and `eval()` set it. */
  training = true;
  /** @internal */
  readonly [internals]: Internals = { buffers: new Map(), held: Object.create(null), hooks: null, order: null };

  /** The computation of every call. Subclasses define it. Throws CressetError when they do not. */
  forward(..._args: never[]): unknown {
    throw new CressetError(`Module [${this.constructor.name}] is missing the required "forward" function`);
  }

  /** @internal What a call does. */
  [invoke](args: unknown[]): unknown {
    return args.length === 0 && this.forward.length > 0 ? callWithoutInput(this) : call(this, args);
  }

  /** @internal */
  [stateKey](property: string): string {
    return property;
  }

  /** @internal */
  [mayLack](_key: string): boolean {
    return false;
  }

  /** @internal */
  [accepted](value: unknown): unknown {
    return value;
  }

  /** Text between the parentheses of the printed module; may have several lines (PyTorch: `extra_repr`). */
  extraRepr(): string {
    return "";
  }

  /** Child modules by name, each once. */
  namedChildren(): Named<Module>[] {
    const seen = new Set<Module>();
    const children = members.childEntries(this) as Named<Module>[];
    return children.filter(([, child]) => !seen.has(child) && seen.add(child));
  }

  /** Child modules, each once. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** This module and all below it by dotted name, each once. The module itself has the name `prefix`. */
  namedModules(prefix?: string | ModulesOptions, removeDuplicate?: boolean | ModulesOptions): Named<Module>[];
  namedModules(prefix = "", removeDuplicate = true): Named<Module>[] {
    return members.moduleEntries(this, prefix, removeDuplicate) as Named<Module>[];
  }

  /** This module and all below it, each once. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** Parameters by dotted name, shared ones once. */
  namedParameters(prefix?: string | TreeOptions, recurse?: boolean | TreeOptions): Named<Parameter>[];
  namedParameters(prefix = "", recurse = true): Named<Parameter>[] {
    return members.tensorEntries(this, "parameters", prefix, recurse) as Named<Parameter>[];
  }

  /** Parameters, shared ones once. */
  parameters(recurse?: boolean | { recurse?: boolean }): Parameter[];
  parameters(recurse = true): Parameter[] {
    return this.namedParameters("", recurse).map(([, parameter]) => parameter);
  }

  /** Buffers by dotted name, shared ones once. */
  namedBuffers(prefix?: string | TreeOptions, recurse?: boolean | TreeOptions): Named<Tensor>[];
  namedBuffers(prefix = "", recurse = true): Named<Tensor>[] {
    return members.tensorEntries(this, "buffers", prefix, recurse);
  }

  /** Buffers, shared ones once. */
  buffers(recurse?: boolean | { recurse?: boolean }): Tensor[];
  buffers(recurse = true): Tensor[] {
    return this.namedBuffers("", recurse).map(([, buffer]) => buffer);
  }

  /** Adds a tensor that belongs to the module's state without being trained; `persistent: false` keeps it out of state_dicts. */
  registerBuffer(name: string, tensor: Tensor | null, persistent?: boolean | { persistent?: boolean }): void;
  registerBuffer(options: { name: string; tensor: Tensor | null; persistent?: boolean }): void;
  registerBuffer(...args: unknown[]): void {
    const [name, tensor, persistent = true] = args as [string, Tensor | null, boolean?];
    if (tensor !== null && !(tensor instanceof Tensor)) {
      throw new ArgumentError(
        `cannot assign '${typeName(tensor)}' object to buffer '${name}' (torch Tensor or None required)`,
      );
    }
    members.assignMember(this, "buffer", name, tensor);
    this[internals].buffers.set(name, persistent);
  }

  /** Adds a parameter under a name. Throws for a tensor that is no Parameter or has a graph. */
  registerParameter(name: string, param: Parameter | null): void;
  registerParameter(options: { name: string; param: Parameter | null }): void;
  registerParameter(...args: unknown[]): void {
    const [name, parameter] = args as [string, Parameter | null];
    if (parameter !== null && !(parameter instanceof Parameter)) {
      throw new ArgumentError(
        `cannot assign '${typeName(parameter)}' object to parameter '${name}' (torch.nn.Parameter or None required)`,
      );
    }
    members.assignMember(this, "parameter", name, parameter);
  }

  /** Adds a child module under a name. */
  addModule(name: string, module: Module | null): void;
  addModule(options: { name: string; module: Module | null }): void;
  addModule(...args: unknown[]): void {
    const [name, module] = args as [string, Module | null];
    if (module !== null && !(module instanceof Module))
      throw new ArgumentError(`${typeName(module)} is not a Module subclass`);
    members.assignMember(this, "module", name, module);
  }

  /** The same as `addModule`. */
  registerModule(name: string, module: Module | null): void;
  registerModule(options: { name: string; module: Module | null }): void;
  registerModule(...args: unknown[]): void {
    const [name, module] = args as [string, Module | null];
    this.addModule(name, module);
  }

  /** The module at a dotted name; the module itself for "". Throws CressetError when there is none. */
  getSubmodule(target: string): Module {
    return members.submodule(this, target) as Module;
  }

  /** The parameter at a dotted name. Throws CressetError when there is none. */
  getParameter(target: string): Parameter {
    return members.tensorAt(this, "parameters", target) as Parameter;
  }

  /** The buffer at a dotted name. Throws CressetError when there is none. */
  getBuffer(target: string): Tensor {
    return members.tensorAt(this, "buffers", target);
  }

  /** Calls a function with every module below this one, children first, then with this one. Returns the module. */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Sets training mode here and below. */
  train(mode?: boolean | { mode?: boolean }): this;
  train(mode: unknown = true): this {
    if (typeof mode !== "boolean") throw new ArgumentError("training mode is expected to be boolean");
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets evaluation mode here and below. */
  eval(): this {
    return this.train(false);
  }

  /** Whether gradients are computed for all parameters. */
  requiresGrad_(requiresGrad?: boolean | { requiresGrad?: boolean }): this;
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Fills all gradients with zeros; with `setToNone` removes them. */
  zeroGrad(setToNone?: boolean | { setToNone?: boolean }): void;
  zeroGrad(setToNone = false): void {
    for (const parameter of this.parameters()) clearGradient(parameter, setToNone);
  }

  /** Converts floating parameters and buffers in place, or moves all to a device; arguments as of `Tensor.to`. */
  to(...args: ToArguments): this {
    const { dtype, device } = placeOf(...args);
    if (dtype !== null && !dtype.isFloatingPoint) {
      throw new DTypeError(
        `nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${dtype}`,
      );
    }
    return converted(this, (tensor) => tensor.to(device, tensor.dtype.isFloatingPoint ? dtype : null));
  }

  /** Moves parameters and buffers to a device without their contents, which are undefined. */
  toEmpty(options: { device: Device | string }): this;
  toEmpty(...args: unknown[]): this {
    const [device] = args as [Device | string];
    return converted(this, (tensor) => emptyLike(tensor, { device }));
  }

  /** Floating parameters and buffers as float32. */
  float(): this {
    return floating(this, float32);
  }

  /** Floating parameters and buffers as float64. */
  double(): this {
    return floating(this, float64);
  }

  /** Floating parameters and buffers as float16. */
  half(): this {
    return floating(this, float16);
  }

  /** Floating parameters and buffers as bfloat16. */
  bfloat16(): this {
    return floating(this, bfloat16);
  }

  /** All parameters and buffers as one dtype. */
  type(dtype: DType): this {
    return converted(this, (tensor) => tensor.to(dtype));
  }

  /** On the CPU. */
  cpu(): this {
    return this.to("cpu");
  }

  /** On a CUDA device. Throws DeviceError: there is none. */
  cuda(device: Device | string | number = "cuda"): this {
    return this.to(typeof device === "number" ? `cuda:${device}` : device);
  }

  /** Parameters and persistent buffers by dotted name, sharing memory with the module. `keepVars` gives the tensors themselves. */
  stateDict(options?: { prefix?: string; keepVars?: boolean }): StateDict;
  stateDict(...args: unknown[]): StateDict {
    const [prefix = "", keepVars = false] = args as [prefix?: string, keepVars?: boolean];
    return save(this, Module.prototype, new StateDict(), prefix, keepVars);
  }

  /**
   * Copies values into parameters and buffers by name, from what `stateDict` or `torch.load` gave. Throws CressetError, in
   * PyTorch's words, for sizes that differ and, when `strict` (default), for missing and unexpected names. With `assign` (false) the
   * tensors themselves take the places, in their dtypes; optimizers are made after that.
   */
  loadStateDict(
    stateDict: Loadable,
    strict?: boolean | { strict?: boolean; assign?: boolean },
    assign?: boolean | { assign?: boolean },
  ): IncompatibleKeys;
  loadStateDict(options: { stateDict: Loadable; strict?: boolean; assign?: boolean }): IncompatibleKeys;
  loadStateDict(...args: unknown[]): IncompatibleKeys {
    const [stateDict, strict = true, assign = false] = args as [Loadable, boolean?, boolean?];
    return load(this, Module.prototype, stateDict, strict, assign);
  }

  /** What else state_dicts hold of the module, under `_extra_state`. Subclasses define it with `setExtraState`. */
  getExtraState(): unknown {
    throw new CressetError("Module.get_extra_state() is to be defined by classes that have extra state");
  }

  /** Takes what `getExtraState` gave when it was saved. */
  setExtraState(_state: unknown): void {
    throw new CressetError("Module.set_extra_state() is to be defined by classes that have extra state");
  }

  /** Calls `hook(module, prefix, keepVars)` before `stateDict` takes this module's tensors. */
  registerStateDictPreHook(hook: (module: this, prefix: string, keepVars: boolean) => void): RemovableHandle {
    return addStateHook(this, "beforeSave", hook);
  }

  /** Calls `hook(module, stateDict, prefix)` when `stateDict` has this module and all below it; another dict that it gives is used. */
  registerStateDictPostHook(
    hook: (module: this, stateDict: StateDict, prefix: string) => StateDict | undefined | void,
  ): RemovableHandle {
    return addStateHook(this, "afterSave", hook);
  }

  /**
   * Calls `hook(module, stateDict, prefix, metadata, strict, missingKeys, unexpectedKeys, errorMsgs)` before this module loads its
   * tensors; it may change the dict, which is not the caller's, and the lists.
   */
  registerLoadStateDictPreHook(
    hook: (
      module: this,
      stateDict: { [name: string]: unknown },
      prefix: string,
      metadata: object,
      strict: boolean,
      missingKeys: string[],
      unexpectedKeys: string[],
      errorMsgs: string[],
    ) => void,
  ): RemovableHandle {
    return addStateHook(this, "beforeLoad", hook);
  }

  /** Calls `hook(module, incompatibleKeys)` when all is loaded; it may take names out of the lists. */
  registerLoadStateDictPostHook(
    hook: (module: this, incompatibleKeys: { missingKeys: string[]; unexpectedKeys: string[] }) => void,
  ): RemovableHandle {
    return addStateHook(this, "afterLoad", hook);
  }

  /**
   * Calls `hook(module, args)` before every forward; a value that it returns replaces the arguments (an array of them, or the only
   * one). Options: `prepend` (false); `withKwargs` (false): the hook gets `(module, args, kwargs)` and may give `[args, kwargs]`.
   */
  registerForwardPreHook(hook: PreHookWithKwargs<this>, options: KwargsOptions): RemovableHandle;
  registerForwardPreHook(hook: PreHook<this>, options?: HookOptions): RemovableHandle;
  registerForwardPreHook(hook: AnyHook, options: HookOptions & { withKwargs?: boolean } = {}): RemovableHandle {
    return addHook(hooksOf(this).before, options.withKwargs ? withKwargs(hook) : hook, options.prepend);
  }

  /**
   * Calls `hook(module, args, output)` after every forward; a value that it returns replaces the output. Options: `prepend` (false);
   * `withKwargs` (false): the hook gets `(module, args, kwargs, output)`.
   */
  registerForwardHook(hook: HookWithKwargs<this>, options: KwargsOptions): RemovableHandle;
  registerForwardHook(hook: Hook<this>, options?: HookOptions): RemovableHandle;
  registerForwardHook(hook: AnyHook, options: HookOptions & { withKwargs?: boolean } = {}): RemovableHandle {
    return addHook(hooksOf(this).after, options.withKwargs ? withKwargs(hook) : hook, options.prepend);
  }

  /**
   * Calls `hook(module, gradInput, gradOutput)` in backward, with a gradient or null per argument and per result of forward;
   * gradients that it returns replace those of the arguments (PyTorch: `register_full_backward_hook`).
   */
  registerFullBackwardHook(hook: BackwardHook<this>): RemovableHandle {
    return addHook(hooksOf(this).backward, hook);
  }

  /** The text that PyTorch prints. */
  override toString(): string {
    return moduleText(viewOf(this));
  }

  [inspectSymbol](): string {
    return this.toString();
  }

  [displaySymbol](): MimeBundle {
    return moduleBundle(viewOf(this));
  }
}

// biome-ignore-end lint/suspicious/noUnsafeDeclarationMerging: a class body cannot hold a call signature

function call(module: Module, args: unknown[]): unknown {
  const { hooks } = module[internals];
  const forward: (...args: never[]) => unknown = module.forward;
  if (hooks === null) return Reflect.apply(forward, module, args);
  return runHooks(hooks, module, args, (given) => Reflect.apply(forward, module, given));
}

/** Code that nobody checked may call without arguments by mistake: what then goes wrong inside says what `forward` takes. */
function callWithoutInput(module: Module): unknown {
  try {
    return call(module, []);
  } catch (error) {
    const parameters = /^[^(]*(\([^)]*\))/.exec(String(module.forward))?.[1] ?? "its input";
    if (error instanceof TypeError)
      error.message += `\n${module.constructor.name} was called without arguments; its forward takes ${parameters}`;
    throw error;
  }
}

/** Changes the elements of all parameters and buffers, and of their gradients; whoever holds the tensors sees it. */
function converted<M extends Module>(module: M, change: (tensor: Tensor) => Tensor): M {
  withGradMode(false, () => {
    for (const tensor of [...module.parameters(), ...module.buffers()]) {
      const { grad } = tensor;
      const changed = change(tensor);
      if (changed === tensor) continue;
      tensor.data = changed;
      if (grad !== null) tensor.grad = change(grad);
    }
  });
  return module;
}

function floating<M extends Module>(module: M, dtype: DType): M {
  return converted(module, (tensor) => (tensor.dtype.isFloatingPoint ? tensor.to(dtype) : tensor));
}

/** Fills a gradient with zeros, or removes it. */
function clearGradient(parameter: Tensor, setToNone: boolean): void {
  const { grad } = parameter;
  if (grad === null) return;
  if (setToNone) parameter.grad = null;
  else if (grad.gradFn === null && !grad.requiresGrad) grad.zero_();
  else parameter.grad = grad.detach().zero_();
}
