// How calls are read: positional arguments in PyTorch's order, then a trailing plain object that may give any of them by name.

import { ArgumentError } from "../errors";
import { snakeCase } from "../tensor/python-text";

/** Whether a value is an options object: a plain object, not a tensor, array, dtype or module. */
export function isOptions(value: unknown): value is { [name: string]: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Options that give at least the parameters `K`: the only argument of a call that gives everything by name. */
export type Named<O, K extends keyof O> = O & Required<Pick<O, K>>;

/** Positional parameters `P`, each of which may be replaced by the options `O`, which may also follow them. */
export type Arguments<P extends unknown[], O> = [...positional: { [K in keyof P]: P[K] | O }, options?: O];

/**
 * The arguments of a call by name. `positional` lists the parameters in PyTorch's order, `keywords` those that only the options
 * give; the first `required` ones must be given. Throws ArgumentError for an unknown name, a parameter given twice, too
 * many arguments, or a missing one.
 */
export function read<O extends object>(
  call: string,
  args: readonly unknown[],
  positional: readonly (keyof O & string)[],
  keywords: readonly (keyof O & string)[] = [],
  required = 0,
): Partial<O> {
  const out: { [name: string]: unknown } = {};
  let given = args.length;
  while (given > 0 && args[given - 1] === undefined) given--;
  const last = given > 0 ? args[given - 1] : undefined;
  const options = isOptions(last) ? last : null;
  const count = options === null ? given : given - 1;
  if (count > positional.length) {
    throw new ArgumentError(`${call}() takes ${positional.length} positional arguments but ${count} were given`);
  }
  for (let k = 0; k < count; k++) if (args[k] !== undefined) out[positional[k]] = args[k];
  for (const [name, value] of Object.entries(options ?? {})) {
    if (!(positional as readonly string[]).includes(name) && !(keywords as readonly string[]).includes(name)) {
      throw new ArgumentError(`${call}() got an unexpected keyword argument '${name}'`);
    }
    if (value === undefined) continue;
    if (name in out) throw new ArgumentError(`${call}() got multiple values for argument '${name}'`);
    out[name] = value;
  }
  if (required > 0) requireGiven(call, out, positional.slice(0, required));
  return out as Partial<O>;
}

/** Throws ArgumentError, in Python's words, for parameters that were not given. A capital begins the name of a class. */
function requireGiven(call: string, given: object, names: readonly string[]): void {
  const missing = names.filter((name) => !(name in given)).map((name) => `'${snakeCase(name)}'`);
  if (missing.length === 0) return;
  const last = missing.length === 1 ? missing[0] : `${missing.length > 2 ? "," : ""} and ${missing.at(-1)}`;
  const list = missing.length === 1 ? last : missing.slice(0, -1).join(", ") + last;
  const callee = /^[A-Z]/.test(call) ? `${call}.__init__` : call;
  throw new ArgumentError(
    `${callee}() missing ${missing.length} required positional argument${missing.length > 1 ? "s" : ""}: ${list}`,
  );
}

/** A list of numbers as arguments: separate, as one array, or by name. */
export type Sizes<Name extends string> = [list: readonly number[] | { [K in Name]: readonly number[] }] | number[];

/**
 * Sizes given as separate numbers, as one array, or by name: `view(2, 3)`, `view([2, 3])`, `flip({ dims: [0] })`. Throws
 * ArgumentError for anything else.
 */
export function readSizes(call: string, args: readonly unknown[], name = "size"): number[] {
  const only = args.length === 1 ? args[0] : null;
  const given = isOptions(only) && name in only ? only[name] : only;
  const list = Array.isArray(given) ? given : typeof given === "number" ? [given] : args;
  return list.map((value, k) => {
    if (typeof value === "number" && Number.isInteger(value)) return value;
    throw new ArgumentError(
      `${call}(): argument 'size' must be tuple of ints, but found element of type ${typeof value === "number" ? "float" : typeof value} at pos ${k + 1}`,
    );
  });
}
