// What rows of the elementwise tables share: calls that another row serves, and checks in PyTorch's words.

import { DTypeError } from "../../errors";
import { bool } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { isOptions } from "../shared/arguments";
import { type Binary, type Declaration, opOf, type TensorOrScalar } from "./define";

/** The option `alpha` of a call, or null. */
export function alphaOf(args: readonly unknown[]): number | null {
  const last = args[args.length - 1];
  return isOptions(last) && typeof last.alpha === "number" ? last.alpha : null;
}

/** `alpha` scales the second operand first. */
export const scaled =
  (base: () => Binary): NonNullable<Declaration["variant"]> =>
  (args, target) => {
    const alpha = alphaOf(args);
    if (alpha === null) return null;
    const { alpha: _, ...rest } = args[args.length - 1] as { alpha: number };
    const [input, second] = args;
    const other = second instanceof Tensor ? second.mul(alpha) : Number(second) * alpha;
    return op(base()).apply([input, other, rest], target);
  };

/** The table row behind an elementwise function. */
export function op(f: unknown) {
  const found = opOf(f);
  if (found === null) throw new TypeError("not an elementwise function");
  return found;
}

/** A check that refuses bools, in the words given. */
export const notBool =
  (message: string) =>
  (operands: readonly TensorOrScalar[]): void => {
    if (operands.every((x) => x instanceof Tensor && x.dtype === bool)) throw new DTypeError(message);
  };
