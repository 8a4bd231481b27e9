// PyTorch's older constructors: `new torch.Tensor(2, 3)`, and `torch.FloatTensor([1, 2])`, with `new` or without.

import { ArgumentError, DTypeError } from "../../errors";
import { type Device, requireDevice } from "../../tensor/device";
import * as dt from "../../tensor/dtype";
import type { DType } from "../../tensor/dtype";
import { typeName } from "../../tensor/python-text";
import { Size } from "../../tensor/shape";
import { setConstructor, Tensor } from "../../tensor/tensor";
import { isOptions } from "../../arguments/arguments";
import { empty, type TensorData, tensor } from "./create";

interface DeviceOption {
  device?: Device | string | null;
}

type ConstructorArguments = [...sizes: number[]] | [data: TensorData | Tensor | Size, options?: DeviceOption];

/** A class of tensors as PyTorch's older programs call it. */
export interface TypedTensorConstructor {
  /** Undefined contents of the given sizes, or the elements of nested arrays. */
  (...args: ConstructorArguments): Tensor;
  /** Undefined contents of the given sizes, or the elements of nested arrays. */
  new (...args: ConstructorArguments): Tensor;
  readonly prototype: Tensor;
  /** The dtype of its tensors. */
  readonly dtype: DType;
}

function made(name: string, dtype: DType | null, args: readonly unknown[]): Tensor {
  const last = args.at(-1);
  const given = isOptions(last) ? args.slice(0, -1) : args;
  if (isOptions(last)) {
    for (const option of Object.keys(last)) {
      if (option !== "device") throw new ArgumentError(`${name}() got an unexpected keyword argument '${option}'`);
    }
    if (last.device) requireDevice(last.device as string);
  }
  const own = dtype ?? dt.getDefaultDtype();
  const [first] = given;
  if (given.length === 0) return empty([0], { dtype: own });
  if (given.every((value) => typeof value === "number" && Number.isInteger(value))) {
    return empty(given as number[], { dtype: own });
  }
  if (given.length === 1) {
    if (first instanceof Tensor) {
      if (dtype !== null && first.dtype !== dtype) {
        throw new DTypeError(
          `${name}(): expected a tensor of ${dtype} (got one of ${first.dtype}); write x.to(${dtype})`,
        );
      }
      return first.viewAs(first);
    }
    if (first instanceof Size) return empty(first, { dtype: own });
    if (Array.isArray(first) || ArrayBuffer.isView(first)) return tensor(first as TensorData, { dtype: own });
    if (typeof first === "string") throw new ArgumentError("new(): invalid data type 'str'");
    throw new ArgumentError(`new(): data must be a sequence (got ${typeName(first)})`);
  }
  throw new ArgumentError(
    `new() received an invalid combination of arguments - got (${given.map(typeName).join(", ")})`,
  );
}

function constructorOf(name: string, dtype: DType): TypedTensorConstructor {
  // A function, not a class: it is called without `new` as well.
  function typed(...args: unknown[]): Tensor {
    return made(name, dtype, args);
  }
  Object.defineProperties(typed, {
    name: { value: name },
    prototype: { value: Tensor.prototype, writable: false },
    dtype: { value: dtype },
    toString: { value: () => `torch.${name}` },
    [Symbol.hasInstance]: {
      value: (value: unknown) => value instanceof Tensor && value.dtype === dtype,
    },
  });
  const described: unknown = typed;
  return described as TypedTensorConstructor;
}

setConstructor((args) => made("Tensor", null, args));

/** As `torch.Tensor`, in float32. */
export const FloatTensor: TypedTensorConstructor = constructorOf("FloatTensor", dt.float32);
/** As `torch.Tensor`, in float64. */
export const DoubleTensor: TypedTensorConstructor = constructorOf("DoubleTensor", dt.float64);
/** As `torch.Tensor`, in float16. */
export const HalfTensor: TypedTensorConstructor = constructorOf("HalfTensor", dt.float16);
/** As `torch.Tensor`, in bfloat16. */
export const BFloat16Tensor: TypedTensorConstructor = constructorOf("BFloat16Tensor", dt.bfloat16);
/** As `torch.Tensor`, in uint8. */
export const ByteTensor: TypedTensorConstructor = constructorOf("ByteTensor", dt.uint8);
/** As `torch.Tensor`, in int8. */
export const CharTensor: TypedTensorConstructor = constructorOf("CharTensor", dt.int8);
/** As `torch.Tensor`, in int16. */
export const ShortTensor: TypedTensorConstructor = constructorOf("ShortTensor", dt.int16);
/** As `torch.Tensor`, in int32. */
export const IntTensor: TypedTensorConstructor = constructorOf("IntTensor", dt.int32);
/** As `torch.Tensor`, in int64. */
export const LongTensor: TypedTensorConstructor = constructorOf("LongTensor", dt.int64);
/** As `torch.Tensor`, in bool. */
export const BoolTensor: TypedTensorConstructor = constructorOf("BoolTensor", dt.bool);
