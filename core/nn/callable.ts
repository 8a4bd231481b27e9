// What makes a module a function: `model(x)` runs its hooks and its `forward`, and has the types of `forward`. Knows nothing of
// parameters.

/** What every `forward` is assignable to; also the type of the one that a class has not written yet. */
export type Forward = (...args: never[]) => unknown;

// A value typed plain `nn.Module` may be any module at all, so its call is unchecked, as every call is in PyTorch. Only `any`
// lets classes with a `forward` of their own be assigned to it and still be called.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Unchecked = any;

/** Where a module's type says what its call takes by name: a type only, no property. */
export declare const inputs: unique symbol;

/** The arguments of a module's call by name, for modules that read them so. */
export type NamedArguments<M> = typeof inputs extends keyof M ? [options: M[typeof inputs]] : never;

/** The arguments of a module's call: those of its `forward`. */
export type CallArguments<F extends Forward> = Forward extends F ? Unchecked[] : Parameters<F>;
/** The result of a module's call: that of its `forward`. */
export type CallResult<F extends Forward> = Forward extends F ? Unchecked : ReturnType<F>;

/** The method of a module that a call runs. */
export const invoke: unique symbol = Symbol("invoke");

interface Invoked {
  /** What a call does. */
  [invoke](args: unknown[]): unknown;
}

/** Makes a function with the given prototype instead of Function's; calling it runs `invoke` on it. */
export function functionWith(prototype: object): object {
  const self: Invoked & ((...args: unknown[]) => unknown) = Object.setPrototypeOf(
    (...args: unknown[]) => self[invoke](args),
    prototype,
  );
  // Own properties of every function, in the way of fields with these names.
  Reflect.deleteProperty(self, "name");
  Reflect.deleteProperty(self, "length");
  return self;
}

/** The base of Module: its instances are functions. Class fields of subclasses land on the function. */
export abstract class Callable implements Invoked {
  abstract [invoke](args: unknown[]): unknown;

  constructor() {
    // biome-ignore lint/correctness/noConstructorReturn: the instance is this function
    return functionWith(new.target.prototype) as this;
  }
}
