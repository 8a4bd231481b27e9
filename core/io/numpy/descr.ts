// NumPy's names of element types (`<f4`, `|b1`), and elements in them as tensors.

import { FormatError } from "../../errors";
import { type DType, dtypes } from "../../tensor/dtype";
import { contiguousStrides, numelOf } from "../../tensor/shape";
import type { Storage } from "../../tensor/storage";
import { Tensor } from "../../tensor/tensor";
import { storageOf } from "../source";

const CODES: { readonly [code: string]: string } = {
  b1: "bool",
  u1: "uint8",
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  f2: "float16",
  f4: "float32",
  f8: "float64",
};

/** Elements as a file has them. */
export interface Elements {
  readonly dtype: DType;
  /** Whether the bytes of each element are in the other order. */
  readonly swapped: boolean;
}

/** What a name stands for. Throws FormatError, in the words of `torch.from_numpy`, for elements that no tensor has. */
export function elementsOf(descr: string): Elements {
  const match = /^([<>|=]?)([a-zA-Z]\d+)$/.exec(descr);
  const dtype = match === null ? undefined : dtypes.find(({ name }) => name === CODES[match[2]]);
  if (match === null || dtype === undefined) {
    throw new FormatError(
      `can't convert np.ndarray of type ${descr}. The only supported types are: float64, float32, float16, int64, int32, int16, int8, uint8, and bool.`,
    );
  }
  return { dtype, swapped: match[1] === ">" && dtype.itemsize > 1 };
}

/** The name of a dtype. Throws FormatError for bfloat16, which NumPy does not have. */
export function descrOf(dtype: DType): string {
  const found = Object.entries(CODES).find(([, name]) => name === dtype.name);
  if (found === undefined) throw new FormatError(`NumPy has no ${dtype.name}: save it as float32`);
  return `${dtype.itemsize === 1 ? "|" : "<"}${found[0]}`;
}

/** The bytes of elements in this machine's order. */
export function native(bytes: Uint8Array, { dtype, swapped }: Elements): Uint8Array {
  if (!swapped) return bytes;
  const out = Buffer.from(bytes);
  if (dtype.itemsize === 2) return out.swap16();
  return dtype.itemsize === 4 ? out.swap32() : out.swap64();
}

/** The tensor over a storage; in Fortran's order, the first dimension runs fastest. */
export function arrangedTensor(storage: Storage, shape: readonly number[], dtype: DType, fortran: boolean): Tensor {
  const strides = fortran ? contiguousStrides([...shape].reverse()).reverse() : contiguousStrides(shape);
  return new Tensor(storage, shape, strides, 0, dtype);
}

/** Elements as bytes in a tensor of their own. Throws FormatError when there are not as many as the shape says. */
export function tensorOfBytes(
  bytes: Uint8Array,
  shape: readonly number[],
  elements: Elements,
  fortran: boolean,
): Tensor {
  const { dtype } = elements;
  if (numelOf(shape) * dtype.itemsize !== bytes.byteLength) {
    throw new FormatError(`an array of shape (${shape.join(", ")}) has ${bytes.byteLength} bytes of ${dtype}`);
  }
  return arrangedTensor(storageOf(native(bytes, elements)), shape, dtype, fortran);
}
