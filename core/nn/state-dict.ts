// State_dicts: names and tensors in the order of their modules, and how they are loaded into a module.

import { inspect } from "node:util";
import { withGradMode } from "../autograd/modes";
import { displaySymbol } from "../display/host";
import { stateDictBundle, stateDictText } from "../display/state-dict";
import { CressetError } from "../errors";
import { sameShape } from "../tensor/shape";
import { Tensor } from "../tensor/tensor";
import { mayLack, stateEntries } from "./members";
import type { Module } from "./module";

/**
 * Tensors by name, in order: `state["fc1.weight"]`, `Object.entries(state)`, `for (const [name, tensor] of state)`. Prints as
 * Python prints an OrderedDict.
 */
export class StateDict {
  [name: string]: Tensor;

  *[Symbol.iterator](): IterableIterator<[string, Tensor]> {
    yield* Object.entries(this);
  }

  [inspect.custom](): string {
    return stateDictText(Object.entries(this));
  }

  [displaySymbol](): { [mime: string]: unknown } {
    return stateDictBundle(Object.entries(this));
  }
}

// Not a declared method: its type would not be that of an entry.
Object.defineProperty(StateDict.prototype, "toString", {
  value(this: StateDict): string {
    return stateDictText(Object.entries(this));
  },
  writable: true,
  configurable: true,
});

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

  [inspect.custom](): string {
    return this.toString();
  }
}

const quoted = (keys: readonly string[]) => keys.map((key) => `"${key}"`).join(", ");

/** Copies `source` into the module, in the order of its entries; see Module.loadStateDict. */
export function load(
  module: Module,
  source: { readonly [name: string]: Tensor } | ReadonlyMap<string, Tensor>,
  strict: boolean,
): IncompatibleKeys {
  if (typeof source !== "object" || source === null) {
    throw new CressetError(`Expected state_dict to be dict-like, got ${typeof source}.`);
  }
  const given = new Map<string, Tensor>(source instanceof Map ? source : Object.entries(source));
  const missing: string[] = [];
  const errors: string[] = [];
  const expected = new Set<string>();
  for (const [path, part] of module.namedModules("", false)) {
    const entries = stateEntries(part);
    for (const [key, tensor] of entries) {
      const name = path === "" ? key : `${path}.${key}`;
      expected.add(name);
      const value = given.get(name);
      if (value !== undefined) copyEntry(name, tensor, value, errors);
      else if (strict && !part[mayLack](key)) missing.push(name);
    }
  }
  const unexpected = strict ? [...given.keys()].filter((name) => !expected.has(name)) : [];
  if (unexpected.length > 0) errors.unshift(`Unexpected key(s) in state_dict: ${quoted(unexpected)}. `);
  if (missing.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quoted(missing)}. `);
  if (errors.length > 0) {
    throw new CressetError(`Error(s) in loading state_dict for ${module.constructor.name}:\n\t${errors.join("\n\t")}`);
  }
  return new IncompatibleKeys(missing, unexpected);
}

function copyEntry(name: string, target: Tensor, value: unknown, errors: string[]): void {
  if (!(value instanceof Tensor)) {
    errors.push(
      `While copying the parameter named "${name}", expected torch.Tensor or Tensor-like object from checkpoint but received ${typeof value}`,
    );
    return;
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
