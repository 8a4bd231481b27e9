// New tensors with the dtype of an existing one. Methods only.

import { overloaded, signed } from "../../arguments/signed";
import type { Scalar } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { CREATE, type Created, type CreateOptions, empty, full, ones, type TensorData, tensor, zeros } from "./create";
import { emptyStrided } from "./memory";

/** What of an existing tensor holds where nothing else is asked. */
function like(input: Tensor, [dtype, device, requiresGrad]: Created) {
  return { dtype: dtype ?? input.dtype, device: device ?? input.device, requiresGrad };
}

/** A tensor of the same dtype from data. Source: Tensor.new_tensor. */
export const newTensor = overloaded<(input: Tensor, data: TensorData, options?: CreateOptions) => Tensor>([
  `newTensor(Tensor input, any data, *, ${CREATE})`,
  (input: Tensor, data: TensorData, ...created: Created): Tensor => tensor(data, like(input, created)),
]);

function newLike(create: typeof zeros) {
  return (input: Tensor, size: readonly number[], ...created: Created): Tensor => create(size, like(input, created));
}

/** Zeros of the same dtype. Source: Tensor.new_zeros. */
export const newZeros = signed(`newZeros(Tensor input, int[]... size, *, ${CREATE})`, newLike(zeros));
/** Ones of the same dtype. Source: Tensor.new_ones. */
export const newOnes = signed(`newOnes(Tensor input, int[]... size, *, ${CREATE})`, newLike(ones));
/** Undefined contents of the same dtype. Source: Tensor.new_empty. */
export const newEmpty = signed(`newEmpty(Tensor input, int[]... size, *, ${CREATE})`, newLike(empty));

/** One value everywhere, of the same dtype. Source: Tensor.new_full. */
export const newFull = signed(`newFull(Tensor input, int[] size, Number fillValue, *, ${CREATE})`, newFullOf);

function newFullOf(input: Tensor, size: readonly number[], fillValue: Scalar, ...created: Created): Tensor {
  return full(size, fillValue, like(input, created));
}

/** Undefined contents in memory with these strides, of the same dtype. Source: Tensor.new_empty_strided. */
export const newEmptyStrided = signed(
  `newEmptyStrided(Tensor input, int[] size, int[] stride, *, ${CREATE})`,
  (input: Tensor, size: readonly number[], stride: readonly number[], ...created: Created): Tensor =>
    emptyStrided(size, stride, like(input, created)),
);
