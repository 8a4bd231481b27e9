// Checks of operands' dtypes, in PyTorch's words. JavaScript cannot see the point in `1.`, so a mismatch says where a
// whole-number tensor may have come from.

import { DTypeError } from "../errors";
import { bool, type DType } from "./dtype";
import type { Tensor } from "./tensor";

/** Throws DTypeError unless `implemented`; `kernel` is PyTorch's name of what works on some dtypes only. */
export function requireImplemented(kernel: string, dtype: DType, implemented: boolean): void {
  if (!implemented) throw new DTypeError(`"${kernel}" not implemented for '${dtype.scalarName}'`);
}

/** Throws DTypeError for whole numbers and bools. */
export function requireFloat(kernel: string, dtype: DType): void {
  requireImplemented(kernel, dtype, dtype.isFloatingPoint);
}

/** Throws DTypeError for bools. */
export function requireNotBool(kernel: string, dtype: DType): void {
  requireImplemented(kernel, dtype, dtype !== bool);
}

/** PyTorch's words for a bool that is an operand of a subtraction beside another dtype. */
export const BOOL_SUBTRACTION =
  "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.";

/** How a whole-number tensor may have come about; empty when both are floats. */
function origin(...tensors: Tensor[]): string {
  const whole = tensors.find((x) => !x.dtype.isFloatingPoint);
  return whole === undefined
    ? ""
    : ` (a tensor made from whole numbers is ${whole.dtype}: pass { dtype: torch.float32 } or convert it with .float())`;
}

/** Throws DTypeError when two operands of a product have different dtypes; `words` replace PyTorch's usual ones. */
export function requireSameDtype(a: Tensor, b: Tensor, words?: string): void {
  if (a.dtype === b.dtype) return;
  const message = words ?? `expected scalar type ${a.dtype.scalarName} but found ${b.dtype.scalarName}`;
  throw new DTypeError(message + origin(a, b));
}

/** PyTorch's words for the operands of `addmm`. */
export const MATRIX_DTYPES = "mat1 and mat2 must have the same dtype";

/** How C++ calls the dtypes, where PyTorch's messages do. */
const NATIVE_NAMES: { readonly [scalarName: string]: string } = {
  Bool: "bool",
  Byte: "unsigned char",
  Char: "signed char",
  Short: "short int",
  Int: "int",
  Long: "long int",
  Half: "c10::Half",
  BFloat16: "c10::BFloat16",
  Float: "float",
  Double: "double",
};

/** The name of the C++ type of a dtype's elements. */
export function nativeName(dtype: DType): string {
  return NATIVE_NAMES[dtype.scalarName];
}

/** Throws DTypeError when a convolution's input and bias have different dtypes. */
export function requireBiasDtype(input: Tensor, bias: Tensor): void {
  const [given, found] = [input, bias].map((x) => nativeName(x.dtype));
  requireSameDtype(input, bias, `Input type (${given}) and bias type (${found}) should be the same`);
}
