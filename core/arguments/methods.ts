// Methods with a signature: they read their arguments by position and by name, and run as they are written, with all by position.

import { Tensor } from "../tensor/tensor";
import { Signature } from "./signature";
import { signature } from "./signed";

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Lets methods of a class, of at most eight parameters, read their arguments by signatures such as
 * "def Linear.forward(Tensor input)". A class that overrides one of them has its own way.
 */
export function readsMethods(
  owner: { readonly prototype: object },
  ...texts: `def ${string}.${string}(${string}`[]
): void {
  for (const text of texts) {
    const own = new Signature(text);
    const name = text.slice(text.indexOf(".") + 1, text.indexOf("("));
    const run = Reflect.get(owner.prototype, name) as Method;
    const method = /\(Tensor \w+\)$/.test(text) ? ofOne(own, run) : ofSeveral(own, run);
    // What is missing is told by the signature.
    Object.defineProperty(method, "length", { value: 0 });
    Object.defineProperty(method, "name", { value: name });
    Object.defineProperty(owner.prototype, name, {
      value: Object.assign(method, { [signature]: own }),
      configurable: true,
      writable: true,
    });
  }
}

/** For methods that take one tensor, as most modules' `forward`: the fewer values are handed on, the faster the call. */
function ofOne(own: Signature, run: Method): Method {
  return function (this: unknown, a?: unknown): unknown {
    // biome-ignore lint/complexity/noArguments: a rest parameter would make an array for every call
    if (a instanceof Tensor && arguments.length === 1) return run.call(this, a);
    // biome-ignore lint/complexity/noArguments: see above
    return run.apply(this, own.read(Array.from(arguments)));
  };
}

function ofSeveral(own: Signature, run: Method): Method {
  return function (
    this: unknown,
    a?: unknown,
    b?: unknown,
    c?: unknown,
    d?: unknown,
    e?: unknown,
    f?: unknown,
    g?: unknown,
    h?: unknown,
  ): unknown {
    // biome-ignore lint/complexity/noArguments: see above
    if (own.fits(arguments.length, a, b, c, d, e, f, g, h)) return run.call(this, a, b, c, d, e, f, g, h);
    // biome-ignore lint/complexity/noArguments: see above
    return run.apply(this, own.read(Array.from(arguments)));
  };
}
