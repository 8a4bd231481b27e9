// New tensors with the dtype of an existing one. Methods only.

import type { Scalar } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import {
  type CreateOptions,
  empty,
  full,
  ones,
  readCreate,
  readSizeArguments,
  type SizeArguments,
  type TensorData,
  tensor,
  zeros,
} from "./create";

/** A tensor of the same dtype from data. Source: Tensor.new_tensor. */
export function newTensor(input: Tensor, data: TensorData, options?: CreateOptions): Tensor {
  return tensor(data, { ...options, dtype: options?.dtype ?? input.dtype, device: options?.device ?? input.device });
}
/** Zeros of the same dtype. Source: Tensor.new_zeros. */
export function newZeros(input: Tensor, ...args: SizeArguments): Tensor {
  return newLike(zeros, "newZeros", input, args);
}
/** Ones of the same dtype. Source: Tensor.new_ones. */
export function newOnes(input: Tensor, ...args: SizeArguments): Tensor {
  return newLike(ones, "newOnes", input, args);
}
/** Undefined contents of the same dtype. Source: Tensor.new_empty. */
export function newEmpty(input: Tensor, ...args: SizeArguments): Tensor {
  return newLike(empty, "newEmpty", input, args);
}

function newLike(
  create: (sizes: readonly number[], options?: CreateOptions) => Tensor,
  name: string,
  input: Tensor,
  args: SizeArguments,
): Tensor {
  const { sizes, options } = readSizeArguments(name, args);
  const { dtype, device, requiresGrad } = options;
  return create(sizes, { dtype: dtype ?? input.dtype, device: device ?? input.device, requiresGrad });
}

/** One value everywhere, of the same dtype. Source: Tensor.new_full. */
export function newFull(input: Tensor, size: readonly number[], fillValue: Scalar, options?: CreateOptions): Tensor {
  const given = readCreate("newFull", options);
  return full(size, fillValue, { ...given, dtype: given.dtype ?? input.dtype, device: given.device ?? input.device });
}
