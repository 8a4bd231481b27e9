// How the library's own modules read the arguments of their calls: by position and by name, as their constructors do.

import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { Tensor } from "../tensor/tensor";

type Method = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Lets the `forward` of a class, of at most eight parameters, read its arguments by a signature such as
 * "def Linear.forward(Tensor input)"; the method as written then gets them by position. A class that overrides it has its own way.
 */
export function readsForward(owner: { readonly prototype: object }, text: `def ${string}.forward(${string}`): void {
  const own = new Signature(text);
  const run = Reflect.get(owner.prototype, "forward") as Method;
  const forward = /\(Tensor \w+\)$/.test(text) ? ofOne(own, run) : ofSeveral(own, run);
  // What is missing is told by the signature.
  Object.defineProperty(forward, "length", { value: 0 });
  Object.defineProperty(owner.prototype, "forward", {
    value: Object.assign(forward, { [signature]: own }),
    configurable: true,
    writable: true,
  });
}

/** For modules that take one tensor, as most do: the fewer values are handed on, the faster the call. */
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
