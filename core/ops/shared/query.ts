// Questions about a tensor's shape, dtype and layout, and comparisons of two tensors whose answer is true or false.

import { overloaded, signed } from "../../arguments/signed";
import { CressetError, DeviceError } from "../../errors";
import { type Device, device } from "../../tensor/device";
import { sameElements, sharesMemory } from "../../tensor/overlap";
import { bool, getDefaultDtype } from "../../tensor/dtype";
import { sameShape, type Size, wrapOwnDim } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";

/** All of `T`, one value per dimension, or the one of a dimension. */
interface PerDimension<T> {
  (input: Tensor): T;
  (input: Tensor, dim: number | { dim: number }): number;
  (options: { input: Tensor }): T;
  (options: { input: Tensor; dim: number }): number;
}

/** All sizes, or one of them. Source: Tensor.size. */
export const size = overloaded<PerDimension<Size>>([
  "size(Tensor input, int? dim=None)",
  (input: Tensor, dim: number | null = null): Size | number =>
    dim === null ? input.shape : input.sizes[wrapOwnDim(dim, input.ndim)],
]);

/** All strides in elements, or one of them. Source: Tensor.stride. */
export const stride = overloaded<PerDimension<number[]>>([
  "stride(Tensor input, int? dim=None)",
  (input: Tensor, dim: number | null = null): number[] | number =>
    dim === null ? [...input.strides] : input.strides[wrapOwnDim(dim, input.ndim)],
]);

/** The number of dimensions. Source: Tensor.dim. */
export const dim = signed("dim(Tensor input)", (input: Tensor): number => input.ndim);
/** The number of dimensions. Source: Tensor.ndimension. */
export const ndimension = signed("ndimension(Tensor input)", (input: Tensor): number => input.ndim);
/** The number of elements. Source: Tensor.nelement. */
export const nelement = signed("nelement(Tensor input)", (input: Tensor): number => input.numel());
/** Bytes per element. Source: Tensor.element_size. */
export const elementSize = signed("elementSize(Tensor input)", (input: Tensor): number => input.itemsize);
/** Where the tensor begins in its storage, in elements. Source: Tensor.storage_offset. */
export const storageOffset = signed("storageOffset(Tensor input)", (input: Tensor): number => input.offset);
/** Where the tensor begins in memory, as a number that equal memory shares. Source: Tensor.data_ptr. */
export const dataPtr = signed(
  "dataPtr(Tensor input)",
  (input: Tensor): number => input.storage.slot * 2 ** 32 + input.storage.byteOffset + input.offset * input.itemsize,
);
/** Whether the dtype is a float. Source: torch.is_floating_point. */
export const isFloatingPoint = signed(
  "isFloatingPoint(Tensor input)",
  (input: Tensor): boolean => input.dtype.isFloatingPoint,
);
/** Whether the dtype is complex: never. Source: torch.is_complex. */
export const isComplex = signed("isComplex(Tensor input)", (_input: Tensor): boolean => false);
/** Whether the dtype has negative numbers. Source: Tensor.is_signed. */
export const isSigned = signed(
  "isSigned(Tensor input)",
  (input: Tensor): boolean => input.dtype.name !== "bool" && input.dtype.name !== "uint8",
);
/** Whether both have the same sizes. Source: Tensor.is_same_size. */
export const isSameSize = signed("isSameSize(Tensor input, Tensor other)", isSameSizeOf);

function isSameSizeOf(input: Tensor, other: Tensor): boolean {
  return sameShape(input.sizes, other.sizes);
}
/** Whether both are the same memory seen the same way. Source: Tensor.is_set_to. */
export const isSetTo = signed("isSetTo(Tensor input, Tensor tensor)", isSetToOf);

function isSetToOf(input: Tensor, other: Tensor): boolean {
  return sharesMemory(input.storage, other.storage) && input.offset === other.offset && sameElements(input, other);
}
/** Whether the only element is not 0. Throws CressetError for another number of elements. Source: torch.is_nonzero. */
export const isNonzero = signed("isNonzero(Tensor input)", isNonzeroOf);

function isNonzeroOf(input: Tensor): boolean {
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
  return sameShape(input.sizes, other.sizes) && isNonzero(input.eq(other).all());
}

/**
 * Whether the memory is page-locked, so that a device can copy it by itself: false, since only CUDA's runtime locks it. Source:
 * torch.Tensor.is_pinned.
 */
export const isPinned = signed(
  "isPinned(Tensor input, Device? device=None)",
  (_: Tensor, on?: string | Device | null) => {
    if (on !== null && on !== undefined) device(on);
    return false;
  },
);

/** A copy in page-locked memory. Throws DeviceError: that needs CUDA, as in PyTorch without it. Source: torch.Tensor.pin_memory. */
export const pinMemory = signed(
  "pinMemory(Tensor input, Device? device=None)",
  (_: Tensor, on: string | Device | null = null): Tensor => {
    const { type } = device(on ?? "cuda");
    throw new DeviceError(
      `Could not run 'aten::_pin_memory' with arguments from the '${type.toUpperCase()}' backend: pinned memory requires CUDA, which is not there (torch.cuda.isAvailable() is false)`,
    );
  },
);

/** Whether elements are seen as their conjugates: never, without complex numbers. Source: torch.is_conj. */
export const isConj = signed("isConj(Tensor input)", (_: Tensor): boolean => false);
/** Whether elements are seen with the other sign: never, without complex numbers. Source: torch.is_neg. */
export const isNeg = signed("isNeg(Tensor input)", (_: Tensor): boolean => false);
/** Whether the tensor was made in inference mode: never, as `inferenceMode` makes ordinary tensors. Source: torch.is_inference. */
export const isInference = signed("isInference(Tensor input)", (_: Tensor): boolean => false);
/** The number of the device that the tensor lives on: −1, the CPU's. Source: torch.get_device. */
export const getDevice = signed("getDevice(Tensor input)", (_: Tensor): number => -1);
