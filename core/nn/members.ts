// What belongs to a module: parameters, buffers and children among its own properties. Free functions and symbols, so that
// classes derived from Module may use any name for their own fields.
//
// A member's property is an accessor, which refuses values of another kind as PyTorch's __setattr__ does. Class fields and plain
// assignments make ordinary properties; they become accessors when the module's members are listed for the first time.

import { ArgumentError, CressetError } from "../errors";
import { Parameter, Tensor } from "../tensor/tensor";
import { typeName } from "../tensor/python-text";

/** A hook of any module. */
export type AnyHook = (module: never, ...rest: never[]) => unknown;

/** The hooks of one module, in order of registration; made only for modules that have some. Plain data, so that copies are plain. */
export interface Hooks {
  before: AnyHook[];
  after: AnyHook[];
  backward: AnyHook[];
  /** Around `stateDict` and `loadStateDict`, by when they are called. */
  state: { [when in StateHookTime]?: AnyHook[] };
}

/** When a hook of a module's state is called. */
export type StateHookTime = "beforeSave" | "afterSave" | "beforeLoad" | "afterLoad";

/** What a module keeps besides its properties. */
export interface Internals {
  /** Names of buffers; false for one that state_dicts leave out. */
  buffers: Map<string, boolean>;
  hooks: Hooks | null;
  /** Members by property: what the accessors read. */
  held: { [property: string]: Held | undefined };
  /** Names in order of registration, once one of them is a whole number: JavaScript lists such properties first. */
  order: string[] | null;
}

/** What a member may be. */
export type MemberKind = "parameter" | "buffer" | "module";

/** A member's kind, which stays when it is set to null, and its value. */
interface Held {
  kind: MemberKind;
  value: unknown;
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

/** A module's method that gives what a value becomes when it is assigned to a member. */
export const accepted: unique symbol = Symbol("accepted");

/** What has members: every module. Only what its members need is known here. */
export interface Owner {
  [internals]: Internals;
  [stateKey](property: string): string;
  [accepted](value: unknown): unknown;
  [mayLack](key: string): boolean;
}

/** A name and what it names, as the `named…` methods list them. */
export type Named<T> = [name: string, value: T];

/** Kinds of tensors that belong to modules. */
export type Kind = "parameters" | "buffers";

/** Whether a value is a module. */
export function isModule(value: unknown): value is Owner {
  return typeof value === "function" && internals in value;
}

const isWhole = (name: string) => /^\d+$/.test(name);
const joined = (path: string, key: string) => (path === "" ? key : `${path}.${key}`);

/** Kinds as messages name them, and what each may be replaced by. */
const KINDS = {
  parameter: {
    text: "parameter",
    takes: "torch.nn.Parameter or None",
    is: (value: unknown) => value instanceof Parameter,
  },
  buffer: { text: "buffer", takes: "torch.Tensor or None", is: (value: unknown) => value instanceof Tensor },
  module: { text: "child module", takes: "torch.nn.Module or None", is: isModule },
} as const;

/** Replaces a member. Throws ArgumentError, in PyTorch's words, for a value that would no longer belong to the module. */
function replaceMember(module: Owner, property: string, held: Held, given: unknown): void {
  const value = module[accepted](given);
  if (value instanceof Parameter) held.kind = "parameter";
  else if (isModule(value) && held.kind === "buffer") held.kind = "module";
  else if (value !== null && value !== undefined && !KINDS[held.kind].is(value)) {
    const { text, takes } = KINDS[held.kind];
    throw new ArgumentError(`cannot assign '${typeName(value)}' as ${text} '${property}' (${takes} expected)`);
  }
  if (held.kind !== "buffer") module[internals].buffers.delete(property);
  held.value = value;
}

/** One accessor per name, so that modules of a class stay alike to the JavaScript engine. */
const accessors = new Map<string, PropertyDescriptor>();

function accessorOf(property: string): PropertyDescriptor {
  let found = accessors.get(property);
  if (found === undefined) {
    found = {
      get(this: Owner): unknown {
        return this[internals].held[property]?.value;
      },
      set(this: Owner, value: unknown) {
        const held = this[internals].held[property];
        if (held !== undefined) replaceMember(this, property, held, value);
      },
      enumerable: true,
      configurable: true,
    };
    accessors.set(property, found);
  }
  return found;
}

function hold(module: Owner, property: string, kind: MemberKind, value: unknown): void {
  module[internals].held[property] = { kind, value };
  Object.defineProperty(module, property, accessorOf(property));
}

function members<T>(module: Owner, accept: (property: string, value: unknown) => value is T): Named<T>[] {
  const found: Named<T>[] = [];
  const known = module[internals];
  const { held, buffers } = known;
  // Members may have been deleted since they were registered.
  known.order &&= known.order.filter((name) => Object.hasOwn(module, name));
  for (const property of known.order === null
    ? Object.keys(module)
    : new Set([...known.order, ...Object.keys(module)])) {
    const value: unknown = Reflect.get(module, property);
    if (value === null || (typeof value !== "object" && typeof value !== "function")) continue;
    if (held[property]?.value !== value) {
      if (value instanceof Parameter) hold(module, property, "parameter", value);
      else if (isModule(value)) hold(module, property, "module", value);
      else if (buffers.has(property)) hold(module, property, "buffer", value);
    }
    if (accept(property, value)) found.push([module[stateKey](property), value]);
  }
  return found;
}

/** Child modules by name; one that stands under several names is listed for each. */
export function childEntries(module: Owner): Named<Owner>[] {
  return members(module, (_, value): value is Owner => isModule(value));
}

/** A module's own tensors of a kind, by state_dict name. */
export function ownTensors(module: Owner, kind: Kind): Named<Tensor>[] {
  const { buffers } = module[internals];
  return members(module, (property, value): value is Tensor =>
    kind === "parameters" ? value instanceof Parameter : buffers.has(property) && value instanceof Tensor,
  );
}

/** A module's own parameters and persistent buffers, by state_dict name. */
export function stateEntries(module: Owner): Named<Tensor>[] {
  const { buffers } = module[internals];
  const persistent = (property: string, value: unknown): value is Tensor =>
    buffers.get(property) === true && value instanceof Tensor;
  return [...ownTensors(module, "parameters"), ...members(module, persistent)];
}

/** A module and all below it by dotted name. */
export function moduleEntries(root: Owner, prefix: string, removeDuplicate: boolean): Named<Owner>[] {
  const seen = new Set<Owner>();
  const found: Named<Owner>[] = [];
  const walk = (module: Owner, path: string): void => {
    if (removeDuplicate && seen.has(module)) return;
    seen.add(module);
    found.push([path, module]);
    for (const [key, child] of childEntries(module)) walk(child, joined(path, key));
  };
  walk(root, prefix);
  return found;
}

/** Tensors of a kind by dotted name, shared ones once. */
export function tensorEntries(root: Owner, kind: Kind, prefix: string, recurse: boolean): Named<Tensor>[] {
  const seen = new Set<Tensor>();
  const found: Named<Tensor>[] = [];
  const modules: Named<Owner>[] = recurse ? moduleEntries(root, prefix, true) : [[prefix, root]];
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
export function submodule(root: Owner, target: string): Owner {
  let found = root;
  for (const part of target === "" ? [] : target.split(".")) {
    const child = childEntries(found).find(([key]) => key === part);
    if (child === undefined) throw new CressetError(`${found.constructor.name} has no attribute \`${part}\``);
    found = child[1];
  }
  return found;
}

/** The tensor of a kind at a dotted name. Throws CressetError when there is none. */
export function tensorAt(root: Owner, kind: Kind, target: string): Tensor {
  const cut = target.lastIndexOf(".");
  const module = submodule(root, cut < 0 ? "" : target.slice(0, cut));
  const key = target.slice(cut + 1);
  const found = ownTensors(module, kind).find(([name]) => name === key);
  if (found === undefined) throw new CressetError(`${module.constructor.name} has no attribute \`${key}\``);
  return found[1];
}

/** Whether a name is already in use for something that registering may not replace: a method, or a field of another kind. */
function inUse(module: Owner, name: string): boolean {
  if (!(name in module)) return false;
  const property = Object.getOwnPropertyDescriptor(module, name);
  // Of whole numbers, rows of modules have accessors that stand for no member.
  if (property === undefined) return !isWhole(name);
  const value: unknown = Reflect.get(module, name);
  return !(value === undefined || value === null || value instanceof Tensor || isModule(value));
}

/**
 * Gives a module a member under a name. Throws CressetError for names that state_dicts could not tell apart and for the names of
 * methods and other fields. A field that a class declares may hold the member already.
 */
export function assignMember(module: Owner, kind: MemberKind, name: string, given: unknown): void {
  if (typeof name !== "string") throw new ArgumentError(`${kind} name should be a string. Got ${typeName(name)}`);
  if (name.includes(".")) throw new CressetError(`${kind} name can't contain "."`);
  if (name === "") throw new CressetError(`${kind} name can't be empty string ""`);
  if (inUse(module, name)) throw new CressetError(`attribute '${name}' already exists`);
  const known = module[internals];
  if (known.order === null && isWhole(name)) known.order = Object.keys(module);
  if (kind !== "buffer") known.buffers.delete(name);
  hold(module, name, kind, given);
  if (known.order !== null && !known.order.includes(name)) known.order.push(name);
}

/** The property that has a name in state_dicts; the name itself when no member has it. */
export function propertyOf(module: Owner, name: string): string {
  if (Object.hasOwn(module, name)) return name;
  return Object.keys(module).find((property) => module[stateKey](property) === name) ?? name;
}

/** Takes a member out of a module: neither the property nor what is kept for it stays. */
export function releaseMember(module: Owner, property: string): void {
  const known = module[internals];
  Reflect.deleteProperty(module, property);
  delete known.held[property];
  known.buffers.delete(property);
}
