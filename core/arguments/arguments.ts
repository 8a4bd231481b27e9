// Types of calls: positional arguments in PyTorch's order, then a trailing plain object that may give any of them by name.

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
