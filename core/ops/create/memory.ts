// Tensors over memory laid out by hand, or that is there already.

import { signed } from "../../arguments/signed";
import { CressetError, ShapeError } from "../../errors";
import { type DType, getDefaultDtype } from "../../tensor/dtype";
import { numelOf, text } from "../../tensor/shape";
import { adopt } from "../../tensor/storage";
import { empty as allocate, Tensor } from "../../tensor/tensor";
import { CREATE, type Created, checkSizes, createOptions, finishCreate } from "./create";

/**
 * Undefined contents of these sizes in memory with these strides. Options as `zeros`. Throws ShapeError for other than one stride
 * per size, or negative ones. Source: torch.empty_strided.
 */
export const emptyStrided = signed(`emptyStrided(int[] size, int[] stride, *, ${CREATE})`, emptyStridedOf);

function emptyStridedOf(size: readonly number[], stride: readonly number[], ...created: Created): Tensor {
  const options = createOptions(created);
  if (size.length !== stride.length) {
    throw new ShapeError(
      `dimensionality of sizes (${size.length}) must match dimensionality of strides (${stride.length})`,
    );
  }
  checkSizes(size);
  if (stride.some((step) => step < 0)) {
    throw new ShapeError(`Storage size calculation overflowed with sizes=${text(size)} and strides=${text(stride)}`);
  }
  const dtype = options.dtype ?? getDefaultDtype();
  const last = size.reduce((sum, n, d) => sum + (n - 1) * stride[d], 0);
  const base = allocate([numelOf(size) === 0 ? 0 : last + 1], dtype);
  return finishCreate(base.alias(size, stride, 0), options);
}

/** Memory that JavaScript has. */
type Buffer = ArrayBufferLike | ArrayBufferView;

/**
 * A 1-d tensor over the memory of an ArrayBuffer or typed array, of `count` elements (−1: as many as there are) from the byte `offset` (0) on;
 * writes are seen on both sides. Throws CressetError for what does not fit. Source: torch.frombuffer.
 */
export const frombuffer = signed(
  "frombuffer(any buffer, *, Dtype dtype, int count=-1, int offset=0, bool requiresGrad=False)",
  frombufferOf,
);

function frombufferOf(buffer: Buffer, dtype: DType, count = -1, offset = 0, requiresGrad = false): Tensor {
  const view = ArrayBuffer.isView(buffer) ? buffer : new Uint8Array(buffer);
  const bytes = view.byteLength;
  if (bytes === 0 || count === 0) {
    throw new CressetError(`both buffer length (${bytes}) and count (${count}) must not be 0`);
  }
  if (offset < 0 || offset >= bytes) {
    throw new CressetError(
      `offset (${offset} bytes) must be non-negative and no greater than buffer length (${bytes} bytes) minus 1`,
    );
  }
  const { itemsize } = dtype;
  if (count < 0 && (bytes - offset) % itemsize !== 0) {
    throw new CressetError(
      `buffer length (${bytes} bytes) after offset (${offset} bytes) must be a multiple of element size (${itemsize})`,
    );
  }
  const elements = count < 0 ? (bytes - offset) / itemsize : count;
  if (elements * itemsize > bytes - offset) {
    throw new CressetError(
      `requested buffer length (${elements} * ${itemsize} bytes) after offset (${offset} bytes) must not be greater than actual buffer length (${bytes} bytes)`,
    );
  }
  const from = view.byteOffset + offset;
  if (from % itemsize !== 0) {
    throw new CressetError(`the byte ${from} of the memory is no place for an element of ${itemsize} bytes`);
  }
  const storage = adopt(view.buffer, from, elements * itemsize);
  return finishCreate(new Tensor(storage, [elements], [1], 0, dtype), { requiresGrad });
}
