// Questions about a tensor's shape, dtype and layout, and comparisons of two tensors whose answer is true or false.

import { signed } from "../../arguments/signed";
import { CressetError, ShapeError } from "../../errors";
import { sameElements, sharesMemory } from "../../tensor/overlap";
import { bool, getDefaultDtype } from "../../tensor/dtype";
import { sameShape, type Size, wrapOwnDim } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";

/** All sizes, or one of them. Source: Tensor.size. */
export function size(input: Tensor): Size;
export function size(input: Tensor, dim: number): number;
export function size(input: Tensor, dim?: number): Size | number {
  return dim === undefined ? input.shape : input.sizes[wrapOwnDim(dim, input.ndim)];
}

/** All strides in elements, or one of them. Source: Tensor.stride. */
export function stride(input: Tensor): number[];
export function stride(input: Tensor, dim: number): number;
export function stride(input: Tensor, dim?: number): number[] | number {
  return dim === undefined ? [...input.strides] : input.strides[wrapOwnDim(dim, input.ndim)];
}

/** The number of dimensions. Source: Tensor.dim. */
export function dim(input: Tensor): number {
  return input.ndim;
}
/** The number of dimensions. Source: Tensor.ndimension. */
export function ndimension(input: Tensor): number {
  return input.ndim;
}
/** The number of elements. Source: Tensor.nelement. */
export function nelement(input: Tensor): number {
  return input.numel();
}
/** Bytes per element. Source: Tensor.element_size. */
export function elementSize(input: Tensor): number {
  return input.itemsize;
}
/** Where the tensor begins in its storage, in elements. Source: Tensor.storage_offset. */
export function storageOffset(input: Tensor): number {
  return input.offset;
}
/** Where the tensor begins in memory, as a number that equal memory shares. Source: Tensor.data_ptr. */
export function dataPtr(input: Tensor): number {
  return input.storage.slot * 2 ** 32 + input.storage.byteOffset + input.offset * input.itemsize;
}
/** Whether the dtype is a float. Source: torch.is_floating_point. */
export function isFloatingPoint(input: Tensor): boolean {
  return input.dtype.isFloatingPoint;
}
/** Whether the dtype is complex: never. Source: torch.is_complex. */
export function isComplex(input: Tensor): boolean {
  return input === undefined;
}
/** Whether the dtype has negative numbers. Source: Tensor.is_signed. */
export function isSigned(input: Tensor): boolean {
  return input.dtype.name !== "bool" && input.dtype.name !== "uint8";
}
/** Whether both have the same sizes. Source: Tensor.is_same_size. */
export const isSameSize = signed("isSameSize(Tensor input, Tensor other)", isSameSizeOf);

function isSameSizeOf(input: Tensor, other: Tensor): boolean {
  return sameShape(input.sizes, other.sizes);
}
/** Whether both are the same memory seen the same way. Source: Tensor.is_set_to. */
export function isSetTo(input: Tensor, other: Tensor): boolean {
  return sharesMemory(input.storage, other.storage) && input.offset === other.offset && sameElements(input, other);
}
/** Whether the only element is not 0. Throws CressetError for another number of elements. Source: torch.is_nonzero. */
export function isNonzero(input: Tensor): boolean {
  if (input.numel() === 0) throw new CressetError("Boolean value of Tensor with no values is ambiguous");
  if (input.numel() !== 1) throw new CressetError("Boolean value of Tensor with more than one value is ambiguous");
  return Number(input.item()) !== 0;
}

/** Tolerances of `isclose` and `allclose`. */
export interface CloseOptions {
  rtol?: number;
  atol?: number;
  equalNan?: boolean;
}
/** |input − other| ≤ atol (1e-8) + rtol (1e-5) · |other|, elementwise; infinities of one sign are close. Source: torch.isclose. */
export const isclose = signed(
  "isclose(Tensor input, Tensor other, float rtol=1e-5, float atol=1e-8, bool equalNan=False)",
  iscloseOf,
);

function iscloseOf(input: Tensor, other: Tensor, rtol = 1e-5, atol = 1e-8, equalNan = false): Tensor {
  if (input.dtype !== other.dtype) {
    throw new CressetError(`${input.dtype.scalarName} did not match ${other.dtype.scalarName}`);
  }
  if (rtol < 0) throw new CressetError(`rtol must be greater than or equal to zero, but got ${rtol}`);
  if (atol < 0) throw new CressetError(`atol must be greater than or equal to zero, but got ${atol}`);
  const equal = input.eq(other);
  const both =
    equalNan && input.dtype.isFloatingPoint ? equal.logicalOr(input.isnan().logicalAnd(other.isnan())) : equal;
  // Whole numbers are compared as floats.
  const second = other.dtype.isFloatingPoint ? other : other.to(getDefaultDtype());
  const allowed = second.abs().mul(rtol).add(atol);
  const difference = (input.dtype === bool ? input.to(getDefaultDtype()) : input).sub(second).abs();
  return both.logicalOr(difference.isfinite().logicalAnd(difference.le(allowed)));
}

/** Whether all elements are close, as `isclose`. Source: torch.allclose. */
export const allclose = signed(
  "allclose(Tensor input, Tensor other, float rtol=1e-5, float atol=1e-8, bool equalNan=False)",
  allcloseOf,
);

function allcloseOf(input: Tensor, other: Tensor, rtol = 1e-5, atol = 1e-8, equalNan = false): boolean {
  return isNonzero(isclose(input, other, rtol, atol, equalNan).all());
}

/** Whether both have the same sizes and elements. Source: torch.equal. */
export const equal = signed("equal(Tensor input, Tensor other)", equalOf);

function equalOf(input: Tensor, other: Tensor): boolean {
  if (!(other instanceof Tensor)) throw new ShapeError("equal(): argument 'other' (position 1) must be Tensor");
  return sameShape(input.sizes, other.sizes) && isNonzero(input.eq(other).all());
}
