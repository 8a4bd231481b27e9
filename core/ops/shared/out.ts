// The option `out` of functions that are no row of the elementwise tables.

import { type Signed, signed } from "../../arguments/signed";
import { isRecorded } from "../../autograd/record";
import { copyInto } from "../../dispatch";
import { AutogradError, CressetError } from "../../errors";
import { meta } from "../../tensor/device";
import { contiguousStrides, numelOf, sameShape, text } from "../../tensor/shape";
import { snakeCase } from "../../tensor/python-text";
import { empty, Tensor } from "../../tensor/tensor";
import { warn } from "../../warnings";
import { requireSameDtype } from "../../tensor/dtype-checks";
import { named } from "./named";

/** Throws AutogradError in PyTorch's words when the tensor that the caller gave for a result, or an operand, requires grad. */
export function refuseRecorded(call: string, operands: readonly Tensor[], out: Tensor): void {
  if (!isRecorded(operands) && !isRecorded([out])) return;
  throw new AutogradError(
    `${call}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.`,
  );
}

/**
 * Gives the tensor that the caller gave for a result the result's shape, with a warning where it had another one and elements; then it
 * lies in memory as `strides` say (default: row by row).
 */
export function resizeOut(
  out: Tensor,
  sizes: readonly number[],
  strides: readonly number[] = contiguousStrides(sizes),
): void {
  if (sameShape(out.sizes, sizes)) return;
  if (out._numel !== 0) {
    warn(
      `An output with one or more elements was resized since it had shape ${text(out.sizes)}, which does not match the required output shape ${text(sizes)}. This behavior is deprecated, and in a future release outputs will not be resized unless they have zero elements.`,
    );
  }
  resize(out, sizes, strides);
}

/**
 * Gives a tensor other sizes and strides without gaps in its own memory, which grows where it is too small: views of it go on sharing the memory.
 * Source: Tensor.resize_.
 */
export function resize(
  out: Tensor,
  sizes: readonly number[],
  strides: readonly number[] = contiguousStrides(sizes),
): void {
  const { storage, dtype, offset, device } = out;
  const wanted = offset + numelOf(sizes);
  const present = Math.floor(storage.bytes / dtype.itemsize);
  if (wanted > present && device !== meta) {
    if (storage.shared !== null) throw new CressetError("Trying to resize storage that is not resizable");
    const larger = empty([wanted], dtype);
    if (present > 0) copyInto(larger.alias([present], [1], 0), out.alias([present], [1], 0));
    storage.moveTo(larger.storage);
  }
  out.become(out.alias(sizes, strides, offset));
}

/**
 * A result written into the tensor that the caller gave for it. Throws in PyTorch's words when an operand requires grad, and for
 * another dtype.
 */
export function intoOut(call: string, operands: readonly Tensor[], out: Tensor, result: Tensor): Tensor {
  requireSameDtype(out, result, `Expected out tensor to have dtype ${result.dtype}, but got ${out.dtype} instead`);
  refuseRecorded(call, operands, out);
  resizeOut(out, result.sizes);
  return out.copy_(result);
}

/** `intoOut` for several results: writes each into the tensor that the caller gave for it, and gives these. */
export function intoOuts(
  call: string,
  operands: readonly Tensor[],
  outs: readonly Tensor[],
  results: readonly Tensor[],
): Tensor[] {
  if (outs.length !== results.length) {
    throw new CressetError(`${call}(): expected a tuple of ${results.length} elements but got ${outs.length}`);
  }
  return results.map((result, k) => intoOut(call, operands, outs[k], result));
}

/** The tensors among arguments, in lists too. */
function tensorsAmong(args: readonly unknown[]): Tensor[] {
  return args.flat().filter((x) => x instanceof Tensor);
}

/** How a function takes `out`, which is the last of its parameters: by name only, so that calls by position cost no more. */
function takingOut(
  text: string,
  f: (...args: never[]) => unknown,
  into: (name: string, operands: readonly Tensor[], out: unknown, result: unknown) => unknown,
): (...args: never[]) => unknown {
  const call: (...args: unknown[]) => unknown = f as unknown as (...args: unknown[]) => unknown;
  const open = text.indexOf("(");
  const name = snakeCase(text.slice(0, open));
  const parameters = text.slice(open + 1, -1).split(", ");
  const at = parameters.filter((parameter) => parameter !== "*").length - 1;
  return function (a?: unknown, b?: unknown, c?: unknown, d?: unknown, e?: unknown, g?: unknown, h?: unknown): unknown {
    // biome-ignore lint/complexity/noArguments: a rest parameter would make an array for every call
    const out: unknown = arguments[at];
    if (out === undefined || out === null) return call(a, b, c, d, e, g, h);
    const args = [a, b, c, d, e, g, h].slice(0, at);
    const operands = tensorsAmong(args);
    for (const one of tensorsAmong([out])) refuseRecorded(name, operands, one);
    return into(name, operands, out, call(...args));
  };
}

/**
 * As `signed`, for a function of one result whose signature ends in `Tensor? out=None`, which `f` does not take: the result is written
 * into the tensor given, by `intoOut`.
 */
export function signedOut<const S extends `${string}Tensor? out=None)`, F extends (...args: never[]) => Tensor>(
  text: S,
  f: F,
): Signed<S, [...Parameters<F>, out?: Tensor | null], Tensor> {
  const run = takingOut(text, f, (name, operands, out, result) =>
    intoOut(name, operands, out as Tensor, result as Tensor),
  );
  return signed(text, run as unknown as (...args: [...Parameters<F>, out?: Tensor | null]) => Tensor);
}

/** `signedOut` for several results of these names, whose signature ends in `Tensor[]? out=None`. */
export function signedOuts<
  const S extends `${string}Tensor[]? out=None)`,
  F extends (...args: never[]) => readonly Tensor[],
>(
  text: S,
  names: readonly string[],
  f: F,
): Signed<S, [...Parameters<F>, out?: readonly Tensor[] | null], ReturnType<F>> {
  const run = takingOut(text, f, (name, operands, out, results) =>
    named(name, names, intoOuts(name, operands, out as Tensor[], results as Tensor[])),
  );
  return signed(text, run as unknown as (...args: [...Parameters<F>, out?: readonly Tensor[] | null]) => ReturnType<F>);
}
