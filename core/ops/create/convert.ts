import { record } from "../../autograd/record";
import { copyInto, copyOf } from "../../dispatch";
import { ArgumentError, AutogradError, DeviceError } from "../../errors";
import { type Device, meta, requireDevice } from "../../tensor/device";
import * as dt from "../../tensor/dtype";
import type { DType } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import { checkShared } from "../../tensor/storage";
import { emptyMeta, type Tensor } from "../../tensor/tensor";
import { overloaded, type Signed, signed } from "../../arguments/signed";

function converted(input: Tensor, dtype: DType, copy: boolean): Tensor {
  if (input.dtype === dtype && !copy) return input;
  if (input.device === meta) return emptyMeta(input.sizes, dtype);
  const out = emptyPreserving(input, dtype);
  if (out._numel > 0) copyInto(out, input);
  if (dtype.isFloatingPoint) {
    const own = input.dtype;
    record("ToCopyBackward0", [input], [out], ([g]) => [(g as Tensor).to(own)]);
  }
  return out;
}

/** The tensor on another device. Throws DeviceError for one that has no elements to bring. */
function moved(input: Tensor, dtype: DType, device: Device): Tensor {
  if (device !== meta) checkShared(input.storage);
  return emptyMeta(input.sizes, dtype);
}

/** What `to` takes by name. */
export interface ToOptions {
  dtype?: DType | null;
  device?: Device | string | null;
  copy?: boolean;
  nonBlocking?: boolean;
}

/** The ways to say what a tensor shall become: by a dtype, a device, another tensor, or by name. */
export type ToArguments =
  | [dtype: DType, nonBlocking?: boolean | ToOptions, copy?: boolean | ToOptions, options?: ToOptions]
  | [
      device: Device | string | null,
      dtype?: DType | null | ToOptions,
      nonBlocking?: boolean | ToOptions,
      copy?: boolean | ToOptions,
      options?: ToOptions,
    ]
  | [other: Tensor, nonBlocking?: boolean | ToOptions, copy?: boolean | ToOptions, options?: ToOptions]
  | [options?: ToOptions & { other?: Tensor }];

/**
 * The tensor with another dtype, on a device, or with the dtype of another tensor; itself when nothing changes unless `copy`.
 * Throws DeviceError for a device that is absent. Source: Tensor.to.
 */
export const to = overloaded<(input: Tensor, ...args: ToArguments) => Tensor>(
  [
    "to(Tensor input, Dtype dtype, bool nonBlocking=False, bool copy=False)",
    (input: Tensor, dtype: DType, _: boolean, copy = false): Tensor => converted(input, dtype, copy),
  ],
  ["to(Tensor input, Device? device=None, Dtype? dtype=None, bool nonBlocking=False, bool copy=False)", toPlace],
  [
    "to(Tensor input, Tensor other, bool nonBlocking=False, bool copy=False)",
    (input: Tensor, other: Tensor, _: boolean, copy = false): Tensor =>
      toPlace(input, other.device, other.dtype, false, copy),
  ],
);

function toPlace(
  input: Tensor,
  device: Device | string | null = null,
  dtype: DType | null = null,
  _nonBlocking = false,
  copy = false,
): Tensor {
  const place = device === null ? input.device : requireDevice(device);
  const type = dtype ?? input.dtype;
  return place === input.device ? converted(input, type, copy) : moved(input, type, place);
}

/** A conversion to one dtype. */
type Conversion = Signed<"to(Tensor input)", [input: Tensor], Tensor>;

function as(name: string, dtype: DType): Conversion {
  return overloaded<Conversion>([`${name}(Tensor input)`, (input: Tensor): Tensor => converted(input, dtype, false)]);
}

/** As float32. Source: Tensor.float. */
export const float = as("float", dt.float32);
/** As float64. Source: Tensor.double. */
export const double = as("double", dt.float64);
/** As float16. Source: Tensor.half. */
export const half = as("half", dt.float16);
/** As bfloat16. Source: Tensor.bfloat16. */
export const bfloat16 = as("bfloat16", dt.bfloat16);
/** As int64. Source: Tensor.long. */
export const long = as("long", dt.int64);
/** As int32. Source: Tensor.int. */
export const int = as("int", dt.int32);
/** As int16. Source: Tensor.short. */
export const short = as("short", dt.int16);
/** As int8. Source: Tensor.char. */
export const char = as("char", dt.int8);
/** As uint8. Source: Tensor.byte. */
export const byte = as("byte", dt.uint8);
/** As bool: true where the element is not 0. Source: Tensor.bool. */
export const bool = as("bool", dt.bool);

/** The dtype of another tensor. Source: Tensor.type_as. */
export const typeAs = signed("typeAs(Tensor input, Tensor other)", typeAsOf);

function typeAsOf(input: Tensor, other: Tensor): Tensor {
  return converted(input, other.dtype, false);
}

const TYPE_NAMES = new Map(dt.dtypes.map((dtype) => [`torch.${dtype.tensorName}`, dtype]));

/** A class of tensors of one dtype, as `torch.DoubleTensor`: its text is the name of the type. */
interface TensorType {
  readonly dtype: DType;
}

/** The name of the tensor type (`torch.FloatTensor`), or with a dtype the conversion. Source: Tensor.type. */
export const type = overloaded<TypeConversion>([
  "type(Tensor input, Dtype|str|any? dtype=None, bool nonBlocking=False)",
  (input: Tensor, dtype: DType | string | TensorType | null = null): string | Tensor => {
    if (dtype === null) return `torch.${input.dtype.tensorName}`;
    const found = dtype instanceof dt.DType ? dtype : TYPE_NAMES.get(String(dtype));
    if (found === undefined) throw new ArgumentError(`invalid type: '${String(dtype)}'`);
    return converted(input, found, false);
  },
]);

/** The ways to call `type`. */
interface TypeConversion {
  (input: Tensor): string;
  (input: Tensor, dtype: DType | string | TensorType | { dtype: DType | string | TensorType }): Tensor;
}

/** On the CPU. Throws DeviceError for a tensor on the meta device, which has no elements. Source: Tensor.cpu. */
export const cpu = signed("cpu(Tensor input)", (input: Tensor): Tensor => toPlace(input, "cpu"));

/** On a CUDA device. Throws DeviceError: there is none. Source: Tensor.cuda. */
export const cuda = signed("cuda(Tensor input, Device|int? device=None, bool nonBlocking=False)", cudaOf);

function cudaOf(_input: Tensor, device: Device | string | number | null = null): Tensor {
  requireDevice(typeof device === "number" ? `cuda:${device}` : (device ?? "cuda"));
  throw new DeviceError(`Invalid device, must be cuda device: ${device}`);
}

/**
 * The elements in row order as a new typed array, the counterpart of `Tensor.numpy`: the one of the dtype, a Uint8Array for bool, a
 * Float32Array for float16 and bfloat16. Throws AutogradError for a tensor that requires grad. Source: Tensor.numpy.
 */
export const toTypedArray = signed("toTypedArray(Tensor input)", toTypedArrayOf);

function toTypedArrayOf(input: Tensor): dt.TypedArray {
  if (input.requiresGrad) {
    throw new AutogradError(
      "Can't call toTypedArray() on Tensor that requires grad. Use tensor.detach().toTypedArray() instead.",
    );
  }
  const half = input.dtype === dt.float16 || input.dtype === dt.bfloat16;
  return (half ? copyOf(input, dt.float32) : input).raw();
}
