// How calls are read: positional arguments in PyTorch's order, then a trailing plain object that may give any of them by name.

import { ArgumentError } from "../errors";

/** Whether a value is an options object: a plain object, not a tensor, array, dtype or module. */
export function isOptions(value: unknown): value is { [name: string]: unknown } {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Positional parameters `P`, each of which may be replaced by the options `O`, which may also follow them. */
export type Arguments<P extends unknown[], O> = [...positional: { [K in keyof P]: P[K] | O }, options?: O];

/**
 * The arguments of a call by name. `positional` lists the parameters in PyTorch's order, `keywords` those that only the options
 * give. Throws ArgumentError for an unknown name, a parameter given twice, or too many arguments.
 */
export function read<O extends object>(
  call: string,
  args: readonly unknown[],
  positional: readonly (keyof O & string)[],
  keywords: readonly (keyof O & string)[] = [],
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
  return out as Partial<O>;
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
