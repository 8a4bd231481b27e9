// Whole modules, as torch.save(model) writes them. A module is made without its constructor: its attributes are set, its members
// registered. Attributes of the library's modules are snake_case in files and camelCase here; names of parameters, buffers and
// children are the same in both.

import { ArgumentError, FormatError } from "../../errors";
import * as nn from "../../nn";
import { type Internals, internals, type Owner, stateKey } from "../../nn/members";
import { camelCase, snakeCase } from "../../tensor/python-text";
import { Parameter, Tensor } from "../../tensor/tensor";
import { Dict } from "../pickle/values";
import type { ObjectRef } from "./parts";

/** Makes values of what a file describes. */
interface Values {
  value(raw: unknown): unknown;
}

const { Module } = nn;

/** What every module of Python's has and none here: dicts of hooks. */
const HOOKS = [
  "_backward_hooks",
  "_is_full_backward_hook",
  "_forward_hooks",
  "_forward_pre_hooks",
  "_state_dict_hooks",
  "_load_state_dict_pre_hooks",
  "_load_state_dict_post_hooks",
] as const;
const MEMBERS = ["_parameters", "_buffers", "_modules", "_non_persistent_buffers_set"] as const;

const PYTHON_ONLY = /^_|^(transposed|activation_relu_or_gelu|mask_check)$/;

/** The property of a member: the library's modules have some under camelCase names. */
function propertyOf(module: Owner, key: string): string {
  const camel = camelCase(key);
  return camel !== key && module[stateKey](camel) === key ? camel : key;
}

function entries(state: Dict, name: string): [string, unknown][] {
  const found = state.get(name);
  if (found === undefined) return [];
  if (!(found instanceof Dict)) throw new FormatError(`the file is damaged: ${name} of a module is no dict`);
  return [...found].map(([key, value]) => {
    if (typeof key !== "string" || key === "" || key.includes(".")) {
      throw new FormatError(`the file is damaged: ${name} of a module has the key ${String(key)}`);
    }
    return [key, value];
  });
}

function setMembers(module: nn.Module, state: Dict, values: Values): void {
  const register = (
    name: string,
    what: string,
    accept: (value: unknown) => boolean,
    add: (key: string, value: never) => void,
  ) => {
    for (const [key, raw] of entries(state, name)) {
      const value = values.value(raw);
      if (value !== null && !accept(value))
        throw new FormatError(`the file is damaged: ${key} of a module is no ${what}`);
      add(propertyOf(module, key), value as never);
    }
  };
  const left = state.get("_non_persistent_buffers_set");
  const persistent = (key: string) => !(left instanceof Set && left.has(module[stateKey](key)));
  register(
    "_parameters",
    "parameter",
    (value) => value instanceof Parameter,
    (key, value) => module.registerParameter(key, value),
  );
  register(
    "_buffers",
    "tensor",
    (value) => value instanceof Tensor,
    (key, value) => module.registerBuffer(key, value, persistent(key)),
  );
  register(
    "_modules",
    "module",
    (value) => value instanceof Module,
    (key, value) => module.addModule(key, value),
  );
}

/** Sets an attribute that is no member; one that the class computes stays computed. */
function setAttribute(object: object, name: string, value: unknown): void {
  for (let at: object | null = object; at !== null; at = Object.getPrototypeOf(at)) {
    const found = Object.getOwnPropertyDescriptor(at, name);
    if (found === undefined) continue;
    if (found.get !== undefined || (at !== object && typeof found.value === "function")) return;
  }
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** The object that a file describes, made without running anything of its class; `remember` is told before its parts are made. */
export function restoredObject(ref: ObjectRef, remember: (made: object) => object, values: Values): object {
  const { made: type, state } = ref;
  const isModule = type === Module || type.prototype instanceof Module;
  const object = remember(isModule ? bareModule(type) : Object.create(type.prototype));
  if (object instanceof Module) setMembers(object, state, values);
  const skipped: ReadonlySet<unknown> = new Set(isModule ? [...HOOKS, ...MEMBERS] : []);
  const own = ref.name.startsWith("torch.nn.");
  for (const [key, raw] of state) {
    // What Python's own layers keep for themselves is no part of these.
    if (skipped.has(key) || (own && typeof key === "string" && PYTHON_ONLY.test(key))) continue;
    if (typeof key !== "string") throw new FormatError(`the file is damaged: an attribute is called ${String(key)}`);
    setAttribute(object, isModule ? camelCase(key) : key, values.value(raw));
  }
  return object;
}

/** A module of a class as `Module`'s own constructor leaves it. */
function bareModule(type: { readonly prototype: object }): nn.Module {
  return Reflect.construct(Module, [], type as new () => nn.Module);
}

/** A module by Python's attributes, as a pickle holds it. */
export interface DescribedModule {
  readonly training: boolean;
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly buffers: ReadonlyMap<string, unknown>;
  readonly left: ReadonlySet<string>;
  readonly modules: ReadonlyMap<string, unknown>;
  readonly attributes: ReadonlyMap<string, unknown>;
}

/** What is saved of a module. Throws ArgumentError for one with hooks, or with attributes that are functions. */
export function describeModule(module: nn.Module): DescribedModule {
  const known: Internals = module[internals];
  const { name } = module.constructor;
  if (known.hooks !== null && Object.values(known.hooks).some((hooks: readonly unknown[]) => hooks.length > 0)) {
    throw new ArgumentError(`a ${name} with hooks cannot be saved whole: remove them, or save its stateDict()`);
  }
  // Listing the members makes those that are fields known as members.
  module.namedChildren();
  const parts = {
    parameter: new Map<string, unknown>(),
    buffer: new Map<string, unknown>(),
    module: new Map<string, unknown>(),
  };
  const attributes = new Map<string, unknown>();
  for (const property of known.order ?? Object.keys(module)) {
    const held = known.held[property];
    if (held !== undefined) parts[held.kind].set(module[stateKey](property), held.value ?? null);
  }
  for (const property of Object.keys(module)) {
    if (known.held[property] !== undefined || property === "training") continue;
    const value: unknown = Reflect.get(module, property);
    if (value !== undefined) attributes.set(snakeCase(property), value);
  }
  const left = [...known.buffers].filter(([, persistent]) => !persistent).map(([key]) => module[stateKey](key));
  return {
    training: module.training,
    parameters: parts.parameter,
    buffers: parts.buffer,
    left: new Set(left),
    modules: parts.module,
    attributes,
  };
}

/** The attributes of every module that hold its hooks, of which saved modules have none. */
export { HOOKS };
