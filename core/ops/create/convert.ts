import { record } from "../../autograd/record";
import { copyInto, copyOf } from "../../dispatch";
import { ArgumentError, AutogradError, DeviceError } from "../../errors";
import { Device, meta, requireDevice } from "../../tensor/device";
import * as dt from "../../tensor/dtype";
import type { DType } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import { checkShared } from "../../tensor/storage";
import { emptyMeta, Tensor } from "../../tensor/tensor";
import { isOptions } from "../../arguments/arguments";

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

/**
 * The tensor with another dtype, on a device, or with the dtype of another tensor; itself when nothing changes unless `copy`.
 * Throws DeviceError for a device that is absent. Source: Tensor.to.
 */
export function to(
  input: Tensor,
  ...args: (DType | Device | string | Tensor | boolean | ToOptions | null | undefined)[]
): Tensor {
  let dtype: DType = input.dtype;
  let { device } = input;
  let copy = false;
  let flags = 0;
  for (const value of args) {
    if (value instanceof dt.DType) dtype = value;
    else if (value instanceof Tensor) {
      dtype = value.dtype;
      device = value.device;
    } else if (typeof value === "string" || value instanceof Device) device = requireDevice(value);
    else if (typeof value === "boolean") copy = flags++ === 1 ? value : copy;
    else if (isOptions(value)) {
      for (const name of Object.keys(value)) {
        if (!["dtype", "device", "copy", "nonBlocking", "memoryFormat"].includes(name)) {
          throw new ArgumentError(`to() got an unexpected keyword argument '${name}'`);
        }
      }
      const options: ToOptions = value;
      dtype = options.dtype ?? dtype;
      copy = options.copy ?? copy;
      if (options.device !== undefined && options.device !== null) device = requireDevice(options.device);
    } else if (value !== null && value !== undefined) {
      throw new ArgumentError(`to() received an invalid combination of arguments - got (${typeof value})`);
    }
  }
  return device === input.device ? converted(input, dtype, copy) : moved(input, dtype, device);
}

const as = (dtype: DType) => (input: Tensor) => converted(input, dtype, false);
/** As float32. Source: Tensor.float. */
export const float = as(dt.float32);
/** As float64. Source: Tensor.double. */
export const double = as(dt.float64);
/** As float16. Source: Tensor.half. */
export const half = as(dt.float16);
/** As bfloat16. Source: Tensor.bfloat16. */
export const bfloat16 = as(dt.bfloat16);
/** As int64. Source: Tensor.long. */
export const long = as(dt.int64);
/** As int32. Source: Tensor.int. */
export const int = as(dt.int32);
/** As int16. Source: Tensor.short. */
export const short = as(dt.int16);
/** As int8. Source: Tensor.char. */
export const char = as(dt.int8);
/** As uint8. Source: Tensor.byte. */
export const byte = as(dt.uint8);
/** As bool: true where the element is not 0. Source: Tensor.bool. */
export const bool = as(dt.bool);

/** The dtype of another tensor. Source: Tensor.type_as. */
export function typeAs(input: Tensor, other: Tensor): Tensor {
  return converted(input, other.dtype, false);
}

const TYPE_NAMES = new Map(dt.dtypes.map((dtype) => [`torch.${dtype.tensorName}`, dtype]));

/** A class of tensors of one dtype, as `torch.DoubleTensor`: its text is the name of the type. */
interface TensorType {
  readonly dtype: DType;
}

/** The name of the tensor type (`torch.FloatTensor`), or with a dtype the conversion. Source: Tensor.type. */
export function type(input: Tensor): string;
export function type(input: Tensor, dtype: DType | string | TensorType): Tensor;
export function type(input: Tensor, dtype?: DType | string | TensorType): string | Tensor {
  if (dtype === undefined) return `torch.${input.dtype.tensorName}`;
  const found = dtype instanceof dt.DType ? dtype : TYPE_NAMES.get(String(dtype));
  if (found === undefined) throw new ArgumentError(`invalid type: '${String(dtype)}'`);
  return converted(input, found, false);
}

/** On the CPU. Throws DeviceError for a tensor on the meta device, which has no elements. Source: Tensor.cpu. */
export function cpu(input: Tensor): Tensor {
  return to(input, "cpu");
}

/** On a CUDA device. Throws DeviceError: there is none. Source: Tensor.cuda. */
export function cuda(_input: Tensor, device: Device | string | number = "cuda"): Tensor {
  requireDevice(typeof device === "number" ? `cuda:${device}` : device);
  throw new DeviceError(`Invalid device, must be cuda device: ${device}`);
}

/**
 * The elements in row order as a new typed array, the counterpart of `Tensor.numpy`: the one of the dtype, a Uint8Array for bool, a
 * Float32Array for float16 and bfloat16. Throws AutogradError for a tensor that requires grad. Source: Tensor.numpy.
 */
export function toTypedArray(input: Tensor): dt.TypedArray {
  if (input.requiresGrad) {
    throw new AutogradError(
      "Can't call toTypedArray() on Tensor that requires grad. Use tensor.detach().toTypedArray() instead.",
    );
  }
  const half = input.dtype === dt.float16 || input.dtype === dt.bfloat16;
  return (half ? copyOf(input, dt.float32) : input).raw();
}
