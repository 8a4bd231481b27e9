// State_dicts: names and tensors in the order of their modules, and how they are loaded into a module.

import { inspectSymbol } from "../inspect";
import { withGradMode } from "../autograd/modes";
import { displaySymbol } from "../display/host";
import { stateDictBundle, stateDictText } from "../display/state-dict";
import { ArgumentError, CressetError } from "../errors";
import { typeName } from "../tensor/python-text";
import { sameShape } from "../tensor/shape";
import { Parameter, Tensor } from "../tensor/tensor";
import { isUninitialized } from "./uninitialized";
import { stateHooks } from "./hooks";
import { childEntries, mayLack, moduleEntries, type Owner, propertyOf, stateEntries } from "./members";

/** What a state_dict can do besides holding tensors by name; an entry of one of these names hides the method. */
interface Dictionary extends Iterable<[name: string, tensor: Tensor]> {
  /** Names and tensors in order. */
  items(): [name: string, tensor: Tensor][];
  /** Names in order. */
  keys(): string[];
  /** Tensors in order. */
  values(): Tensor[];
  /** The tensor of a name, or `missing` (null). */
  get<M = null>(name: string, missing?: M): Tensor | M;
  /** Takes a tensor out and returns it. Throws ArgumentError when there is none and no `missing` is given. */
  pop<M = never>(name: string, missing?: M): Tensor | M;
  /** Adds or replaces tensors. */
  update(entries: { readonly [name: string]: Tensor } | Iterable<readonly [string, Tensor]>): void;
  /** A state_dict of the same tensors; `torch.deepcopy` copies them as well. */
  copy(): StateDict;
}

/**
 * Tensors by name, in order: `state["fc1.weight"]`, `state.items()`, `for (const [name, tensor] of state)`. Prints as Python prints
 * an OrderedDict.
 */
export type StateDict = { [name: string]: Tensor } & Dictionary;

// The class's own type could not have both methods and tensors under every other name.
const prototype = {
  items(this: object): [string, Tensor][] {
    return Object.entries(this);
  },
  keys(this: object): string[] {
    return Object.keys(this);
  },
  values(this: object): Tensor[] {
    return Object.values(this);
  },
  get(this: object, name: string, missing: unknown = null): unknown {
    return Object.hasOwn(this, name) ? Reflect.get(this, name) : missing;
  },
  pop(this: object, name: string, ...missing: unknown[]): unknown {
    if (!Object.hasOwn(this, name)) {
      if (missing.length === 0) throw new ArgumentError(`'${name}'`);
      return missing[0];
    }
    const found: unknown = Reflect.get(this, name);
    Reflect.deleteProperty(this, name);
    return found;
  },
  update(this: object, entries: object): void {
    Object.assign(
      this,
      Symbol.iterator in entries ? Object.fromEntries(entries as Iterable<[string, Tensor]>) : entries,
    );
  },
  copy(this: object): StateDict {
    return Object.assign(new StateDict(), this);
  },
  toString(this: object): string {
    return stateDictText(Object.entries(this));
  },
  [Symbol.iterator](this: object): IterableIterator<[string, Tensor]> {
    return Object.entries(this).values();
  },
  [inspectSymbol](this: object): string {
    return stateDictText(Object.entries(this));
  },
  [displaySymbol](this: object): { [mime: string]: unknown } {
    return stateDictBundle(Object.entries(this));
  },
};

/** Makes an empty state_dict, or one with the given entries. */
export const StateDict = class StateDict {
  constructor(entries: { readonly [name: string]: Tensor } | Iterable<readonly [string, Tensor]> = {}) {
    prototype.update.call(this, entries);
  }
} as new (
  entries?: { readonly [name: string]: Tensor } | Iterable<readonly [string, Tensor]>,
) => StateDict;

for (const key of Reflect.ownKeys(prototype)) {
  Object.defineProperty(StateDict.prototype, key, {
    value: Reflect.get(prototype, key),
    writable: true,
    configurable: true,
  });
}

/** What `loadStateDict` found wanting. Prints `<All keys matched successfully>` when nothing was. */
export class IncompatibleKeys {
  constructor(
    /** Names that the module has and the state_dict lacks. */
    readonly missingKeys: readonly string[],
    /** Names that the state_dict has and the module lacks. */
    readonly unexpectedKeys: readonly string[],
  ) {}

  toString(): string {
    if (this.missingKeys.length === 0 && this.unexpectedKeys.length === 0) return "<All keys matched successfully>";
    const list = (keys: readonly string[]) => `[${keys.map((key) => `'${key}'`).join(", ")}]`;
    return `_IncompatibleKeys(missing_keys=${list(this.missingKeys)}, unexpected_keys=${list(this.unexpectedKeys)})`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

const quoted = (keys: readonly string[]) => keys.map((key) => `"${key}"`).join(", ");

/** The name of what `getExtraState` gives. */
const EXTRA = "_extra_state";

/** A module as saving and loading see it. */
interface Saved extends Owner {
  getExtraState(): unknown;
  setExtraState(state: unknown): void;
}

/** Whether a module's class has a method of its own in the place of the base's. */
function overrides(module: object, base: object, method: "getExtraState" | "setExtraState"): boolean {
  return Reflect.get(module, method) !== Reflect.get(base, method);
}

/** Puts the tensors and extra state of a module, and of all below it, into `out`; gives it back, or what hooks gave in its place. */
export function save(module: Owner, base: object, out: StateDict, prefix: string, keepVars: boolean): StateDict {
  for (const hook of stateHooks(module, "beforeSave")) Reflect.apply(hook, undefined, [module, prefix, keepVars]);
  for (const [key, tensor] of stateEntries(module)) {
    out[prefix + key] = keepVars || isUninitialized(tensor) ? tensor : tensor.detach();
  }
  if (overrides(module, base, "getExtraState")) Reflect.set(out, prefix + EXTRA, (module as Saved).getExtraState());
  let found = out;
  for (const [name, child] of childEntries(module)) found = save(child, base, found, `${prefix}${name}.`, keepVars);
  for (const hook of stateHooks(module, "afterSave")) {
    found = (Reflect.apply(hook, undefined, [module, found, prefix, {}]) as StateDict | undefined) ?? found;
  }
  return found;
}

/** What loading found so far. */
interface Loading {
  given: Map<string, unknown>;
  base: object;
  strict: boolean;
  assign: boolean;
  missing: string[];
  unexpected: string[];
  errors: string[];
  expected: Set<string>;
}

/** Loads one module's own tensors and extra state. */
function loadOwn(module: Owner, prefix: string, loading: Loading): void {
  const { given, base, strict, assign, missing, unexpected, errors, expected } = loading;
  const hooks = stateHooks(module, "beforeLoad");
  if (hooks.length > 0) {
    const entries = Object.fromEntries(given);
    for (const hook of hooks) {
      Reflect.apply(hook, undefined, [module, entries, prefix, {}, strict, missing, unexpected, errors]);
    }
    given.clear();
    for (const [name, value] of Object.entries(entries)) given.set(name, value);
  }
  for (const [key, tensor] of stateEntries(module)) {
    const name = prefix + key;
    expected.add(name);
    const value = given.get(name);
    if (value === undefined) {
      if (!module[mayLack](key)) missing.push(name);
    } else if (copyable(name, tensor, value, errors)) {
      if (assign) assignEntry(module, key, tensor, value);
      else withGradMode(false, () => tensor.copy_(tensor.ndim === 0 && value.ndim === 1 ? value.select(0, 0) : value));
    }
  }
  if (!overrides(module, base, "setExtraState")) return;
  const name = prefix + EXTRA;
  expected.add(name);
  if (given.has(name)) (module as Saved).setExtraState(given.get(name));
  else if (strict) missing.push(name);
}

/** Puts a loaded tensor itself in a member's place, as a parameter where the member is one. */
function assignEntry(module: Owner, key: string, tensor: Tensor, value: Tensor): void {
  const isParameter = tensor instanceof Parameter && !(value instanceof Parameter);
  Reflect.set(
    module,
    propertyOf(module, key),
    isParameter ? new Parameter(value.detach(), tensor.requiresGrad) : value,
  );
}

/**
 * Copies `source` into the module, in the order of its entries; see Module.loadStateDict. `base` is the class whose methods of extra
 * state do nothing.
 */
export function load(
  module: Owner,
  base: object,
  source: { readonly [name: string]: Tensor } | ReadonlyMap<string, Tensor>,
  strict: boolean,
  assign: boolean,
): IncompatibleKeys {
  if (typeof source !== "object" || source === null) {
    throw new CressetError(`Expected state_dict to be dict-like, got <class '${typeName(source)}'>.`);
  }
  const given = new Map<string, unknown>(source instanceof Map ? source : Object.entries(source));
  const missing: string[] = [];
  const unexpected: string[] = [];
  const errors: string[] = [];
  const expected = new Set<string>();
  const loading = { given, base, strict, assign, missing, unexpected, errors, expected };
  const parts = moduleEntries(module, "", false);
  for (const [path, part] of parts) loadOwn(part, path === "" ? "" : `${path}.`, loading);
  unexpected.push(...[...given.keys()].filter((name) => !expected.has(name)));
  const found = new IncompatibleKeys(missing, unexpected);
  for (const [, part] of parts.reverse()) {
    for (const hook of stateHooks(part, "afterLoad")) Reflect.apply(hook, undefined, [part, found]);
  }
  if (strict && unexpected.length > 0) errors.unshift(`Unexpected key(s) in state_dict: ${quoted(unexpected)}. `);
  if (strict && missing.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quoted(missing)}. `);
  if (errors.length > 0) {
    throw new CressetError(`Error(s) in loading state_dict for ${module.constructor.name}:\n\t${errors.join("\n\t")}`);
  }
  return found;
}

/** Whether a value can be loaded into a tensor; tells in `errors` why not. Gives sizes to a tensor that waits for them. */
function copyable(name: string, target: Tensor, value: unknown, errors: string[]): value is Tensor {
  if (!(value instanceof Tensor)) {
    errors.push(
      `While copying the parameter named "${name}", expected torch.Tensor or Tensor-like object from checkpoint but received <class '${typeName(value)}'>`,
    );
    return false;
  }
  if (isUninitialized(target)) {
    if (isUninitialized(value)) return false;
    target.materialize(value.sizes);
  }
  // Files of old versions hold scalars with one dimension.
  const source = target.ndim === 0 && value.ndim === 1 ? value.select(0, 0) : value;
  if (sameShape(source.sizes, target.sizes)) return true;
  errors.push(
    `size mismatch for ${name}: copying a param with shape ${source.shape} from checkpoint, the shape in current model is ${target.shape}.`,
  );
  return false;
}
