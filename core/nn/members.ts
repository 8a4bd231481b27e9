// What belongs to a module: parameters, buffers and children among its own properties. Free functions and symbols, so that
// classes derived from Module may use any name for their own fields.

import { ArgumentError, CressetError } from "../errors";
import { Parameter, Tensor } from "../tensor/tensor";
import type { Hooks } from "./hooks";
import type { Module } from "./module";

/** What a module keeps besides its properties. */
export interface Internals {
  /** Names of buffers; false for one that state_dicts leave out. */
  buffers: Map<string, boolean>;
  hooks: Hooks | null;
  /** Names in order of registration, once one of them is a whole number: JavaScript lists such properties first. */
  order: string[] | null;
}

/** Where a module keeps them. */
export const internals: unique symbol = Symbol("nn.Module");
/**
 * A module's method that gives the name of a member in state_dicts and printed text, when it is not its property's: the library's
 * own modules keep PyTorch's snake_case there.
 */
export const stateKey: unique symbol = Symbol("state key");
/** A module's method that tells whether state_dicts of older versions lack an entry, which then keeps its value. */
export const mayLack: unique symbol = Symbol("may lack");

/** A name and what it names, as the `named…` methods list them. */
export type Named<T> = [name: string, value: T];

/** Kinds of tensors that belong to modules. */
export type Kind = "parameters" | "buffers";

/** Whether a value is a module. */
export function isModule(value: unknown): value is Module {
  return typeof value === "function" && internals in value;
}

const isWhole = (name: string) => /^\d+$/.test(name);
const joined = (path: string, key: string) => (path === "" ? key : `${path}.${key}`);

function members<T>(module: Module, accept: (property: string, value: unknown) => value is T): Named<T>[] {
  const found: Named<T>[] = [];
  const { order } = module[internals];
  for (const property of order === null ? Object.keys(module) : new Set([...order, ...Object.keys(module)])) {
    const value: unknown = Reflect.get(module, property);
    if (accept(property, value)) found.push([module[stateKey](property), value]);
  }
  return found;
}

/** Child modules by name; one that stands under several names is listed for each. */
export function childEntries(module: Module): Named<Module>[] {
  return members(module, (_, value): value is Module => isModule(value));
}

/** A module's own tensors of a kind, by state_dict name. */
export function ownTensors(module: Module, kind: Kind): Named<Tensor>[] {
  const { buffers } = module[internals];
  return members(module, (property, value): value is Tensor =>
    kind === "parameters" ? value instanceof Parameter : buffers.has(property) && value instanceof Tensor,
  );
}

/** A module's own parameters and persistent buffers, by state_dict name. */
export function stateEntries(module: Module): Named<Tensor>[] {
  const { buffers } = module[internals];
  const persistent = (property: string, value: unknown): value is Tensor =>
    buffers.get(property) === true && value instanceof Tensor;
  return [...ownTensors(module, "parameters"), ...members(module, persistent)];
}

/** A module and all below it by dotted name. */
export function moduleEntries(root: Module, prefix: string, removeDuplicate: boolean): Named<Module>[] {
  const seen = new Set<Module>();
  const found: Named<Module>[] = [];
  const walk = (module: Module, path: string): void => {
    if (removeDuplicate && seen.has(module)) return;
    seen.add(module);
    found.push([path, module]);
    for (const [key, child] of childEntries(module)) walk(child, joined(path, key));
  };
  walk(root, prefix);
  return found;
}

/** Tensors of a kind by dotted name, shared ones once. */
export function tensorEntries(root: Module, kind: Kind, prefix: string, recurse: boolean): Named<Tensor>[] {
  const seen = new Set<Tensor>();
  const found: Named<Tensor>[] = [];
  const modules: Named<Module>[] = recurse ? moduleEntries(root, prefix, true) : [[prefix, root]];
  for (const [path, module] of modules) {
    for (const [key, value] of ownTensors(module, kind)) {
      if (seen.has(value)) continue;
      seen.add(value);
      found.push([joined(path, key), value]);
    }
  }
  return found;
}

/** The module at a dotted name. Throws CressetError when there is none. */
export function submodule(root: Module, target: string): Module {
  let found = root;
  for (const part of target === "" ? [] : target.split(".")) {
    const child = childEntries(found).find(([key]) => key === part);
    if (child === undefined) throw new CressetError(`${found.constructor.name} has no attribute \`${part}\``);
    found = child[1];
  }
  return found;
}

/** The tensor of a kind at a dotted name. Throws CressetError when there is none. */
export function tensorAt(root: Module, kind: Kind, target: string): Tensor {
  const cut = target.lastIndexOf(".");
  const module = submodule(root, cut < 0 ? "" : target.slice(0, cut));
  const key = target.slice(cut + 1);
  const found = ownTensors(module, kind).find(([name]) => name === key);
  if (found === undefined) throw new CressetError(`${module.constructor.name} has no attribute \`${key}\``);
  return found[1];
}

/** Gives a module a member under a name. Throws for names that state_dicts could not tell apart. */
export function assignMember(module: Module, kind: string, name: string, value: unknown): void {
  if (typeof name !== "string") throw new ArgumentError(`${kind} name should be a string. Got ${typeof name}`);
  if (name.includes(".")) throw new CressetError(`${kind} name can't contain "."`);
  if (name === "") throw new CressetError(`${kind} name can't be empty string ""`);
  const known = module[internals];
  if (known.order === null && isWhole(name)) known.order = Object.keys(module);
  if (!Reflect.set(module, name, value)) throw new CressetError(`attribute '${name}' already exists`);
  if (known.order !== null && !known.order.includes(name)) known.order.push(name);
}
