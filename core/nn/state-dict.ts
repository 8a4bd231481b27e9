// State_dicts: names and tensors in the order of their modules, and how they are loaded into a module.

import { inspectSymbol } from "../inspect";
import { withGradMode } from "../autograd/modes";
import { displaySymbol } from "../display/host";
import { stateDictBundle, stateDictText } from "../display/state-dict";
import { ArgumentError, CressetError } from "../errors";
import { typeName } from "../tensor/python-text";
import { sameShape } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";
import { isUninitialized } from "./uninitialized";
import { mayLack, moduleEntries, type Owner, stateEntries } from "./members";

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

/** Copies `source` into the module, in the order of its entries; see Module.loadStateDict. */
export function load(
  module: Owner,
  source: { readonly [name: string]: Tensor } | ReadonlyMap<string, Tensor>,
  strict: boolean,
): IncompatibleKeys {
  if (typeof source !== "object" || source === null) {
    throw new CressetError(`Expected state_dict to be dict-like, got <class '${typeName(source)}'>.`);
  }
  const given = new Map<string, Tensor>(source instanceof Map ? source : Object.entries(source));
  const missing: string[] = [];
  const errors: string[] = [];
  const expected = new Set<string>();
  for (const [path, part] of moduleEntries(module, "", false)) {
    const entries = stateEntries(part);
    for (const [key, tensor] of entries) {
      const name = path === "" ? key : `${path}.${key}`;
      expected.add(name);
      const value = given.get(name);
      if (value !== undefined) copyEntry(name, tensor, value, errors);
      else if (!part[mayLack](key)) missing.push(name);
    }
  }
  const unexpected = [...given.keys()].filter((name) => !expected.has(name));
  if (strict && unexpected.length > 0) errors.unshift(`Unexpected key(s) in state_dict: ${quoted(unexpected)}. `);
  if (strict && missing.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quoted(missing)}. `);
  if (errors.length > 0) {
    throw new CressetError(`Error(s) in loading state_dict for ${module.constructor.name}:\n\t${errors.join("\n\t")}`);
  }
  return new IncompatibleKeys(missing, unexpected);
}

function copyEntry(name: string, target: Tensor, value: unknown, errors: string[]): void {
  if (!(value instanceof Tensor)) {
    errors.push(
      `While copying the parameter named "${name}", expected torch.Tensor or Tensor-like object from checkpoint but received <class '${typeName(value)}'>`,
    );
    return;
  }
  if (isUninitialized(target)) {
    if (isUninitialized(value)) return;
    target.materialize(value.sizes);
  }
  // Files of old versions hold scalars with one dimension.
  const source = target.ndim === 0 && value.ndim === 1 ? value.select(0, 0) : value;
  if (!sameShape(source.sizes, target.sizes)) {
    errors.push(
      `size mismatch for ${name}: copying a param with shape ${source.shape} from checkpoint, the shape in current model is ${target.shape}.`,
    );
    return;
  }
  withGradMode(false, () => target.copy_(source));
}
