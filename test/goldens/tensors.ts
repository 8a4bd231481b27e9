// Tensors of the goldens: how they lie in files (safetensors, base64, nested lists), how they become the library's tensors, and how a
// tensor's contents are read back for comparison. Values are numbers, int64 bigints, bools 0 and 1.

import { readFileSync } from "node:fs";
import { type Bag, callMethod, isBag, isTensor, lookup, MissingFunction, Mismatch, member, torch } from "./library";

/** The contents of one tensor, row by row. */
export interface Contents {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly (number | bigint)[];
}

interface Codec {
  readonly bytes: number;
  /** The element at a byte offset, little-endian. */
  read(view: DataView, offset: number): number | bigint;
  write(view: DataView, offset: number, value: number | bigint): void;
  /** The typed array from which the library makes a tensor of this dtype. */
  pack(values: readonly (number | bigint)[]): unknown;
}

const halfToNumber = (bits: number): number => {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
};

/** Values read back are exact in float16, so no rounding is needed here. */
const numberToHalf = (value: number): number => {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  if (magnitude === Number.POSITIVE_INFINITY) return sign | 0x7c00;
  if (magnitude < 2 ** -14) return sign | (magnitude * 2 ** 24);
  const exponent = Math.floor(Math.log2(magnitude));
  return sign | ((exponent + 15) << 10) | ((magnitude / 2 ** exponent - 1) * 1024);
};

const scratch = new DataView(new ArrayBuffer(4));
const numbers = (values: readonly (number | bigint)[]) => values.map(Number);

const codecs: { readonly [dtype: string]: Codec } = {
  float32: {
    bytes: 4,
    read: (view, at) => view.getFloat32(at, true),
    write: (view, at, value) => view.setFloat32(at, Number(value), true),
    pack: (values) => Float32Array.from(numbers(values)),
  },
  float64: {
    bytes: 8,
    read: (view, at) => view.getFloat64(at, true),
    write: (view, at, value) => view.setFloat64(at, Number(value), true),
    pack: (values) => Float64Array.from(numbers(values)),
  },
  float16: {
    bytes: 2,
    read: (view, at) => halfToNumber(view.getUint16(at, true)),
    write: (view, at, value) => view.setUint16(at, numberToHalf(Number(value)), true),
    pack: (values) => Float32Array.from(numbers(values)),
  },
  bfloat16: {
    bytes: 2,
    read: (view, at) => {
      scratch.setUint32(0, view.getUint16(at, true) << 16);
      return scratch.getFloat32(0);
    },
    write: (view, at, value) => {
      scratch.setFloat32(0, Number(value));
      view.setUint16(at, scratch.getUint16(0), true);
    },
    pack: (values) => Float32Array.from(numbers(values)),
  },
  int64: {
    bytes: 8,
    read: (view, at) => view.getBigInt64(at, true),
    write: (view, at, value) => view.setBigInt64(at, BigInt(value), true),
    pack: (values) => BigInt64Array.from(values.map(BigInt)),
  },
  int32: {
    bytes: 4,
    read: (view, at) => view.getInt32(at, true),
    write: (view, at, value) => view.setInt32(at, Number(value), true),
    pack: (values) => Int32Array.from(numbers(values)),
  },
  int16: {
    bytes: 2,
    read: (view, at) => view.getInt16(at, true),
    write: (view, at, value) => view.setInt16(at, Number(value), true),
    pack: (values) => Int16Array.from(numbers(values)),
  },
  int8: {
    bytes: 1,
    read: (view, at) => view.getInt8(at),
    write: (view, at, value) => view.setInt8(at, Number(value)),
    pack: (values) => Int8Array.from(numbers(values)),
  },
  uint8: {
    bytes: 1,
    read: (view, at) => view.getUint8(at),
    write: (view, at, value) => view.setUint8(at, Number(value)),
    pack: (values) => Uint8Array.from(numbers(values)),
  },
  bool: {
    bytes: 1,
    read: (view, at) => view.getUint8(at),
    write: (view, at, value) => view.setUint8(at, Number(value)),
    pack: (values) => values.map(Boolean),
  },
};

const safetensorsNames: { readonly [name: string]: string } = {
  BOOL: "bool",
  U8: "uint8",
  I8: "int8",
  I16: "int16",
  I32: "int32",
  I64: "int64",
  F16: "float16",
  BF16: "bfloat16",
  F32: "float32",
  F64: "float64",
};

function codecOf(dtype: string): Codec {
  const codec = codecs[dtype];
  if (codec === undefined) throw new MissingFunction(`torch.${dtype}`);
  return codec;
}

/** The contents held by little-endian bytes. */
export function decode(dtype: string, shape: readonly number[], bytes: Uint8Array): Contents {
  const codec = codecOf(dtype);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = Array.from({ length: bytes.byteLength / codec.bytes }, (_, i) => codec.read(view, i * codec.bytes));
  return { dtype, shape, values };
}

/** The little-endian bytes of contents. */
export function encode(contents: Contents): Uint8Array {
  const codec = codecOf(contents.dtype);
  const bytes = new Uint8Array(contents.values.length * codec.bytes);
  const view = new DataView(bytes.buffer);
  contents.values.forEach((value, i) => {
    codec.write(view, i * codec.bytes, value);
  });
  return bytes;
}

/** All tensors of a safetensors file, decoded when asked for. */
export function readSafetensors(path: string): (name: string) => Contents {
  const file = readFileSync(path);
  const headerBytes = Number(file.readBigUInt64LE(0));
  const header: { [name: string]: { dtype: string; shape: number[]; data_offsets: [number, number] } } = JSON.parse(
    file.toString("utf8", 8, 8 + headerBytes),
  );
  return (name) => {
    const entry = header[name];
    if (entry === undefined) throw new Error(`${path} holds no tensor "${name}"`);
    const [begin, end] = entry.data_offsets;
    const start = 8 + headerBytes;
    return decode(safetensorsNames[entry.dtype] ?? entry.dtype, entry.shape, file.subarray(start + begin, start + end));
  };
}

/** A tensor given as `{dtype, shape, b64}`. */
export function fromBase64(tensor: { dtype: string; shape: number[]; b64: string }): Contents {
  return decode(tensor.dtype, tensor.shape, Buffer.from(tensor.b64, "base64"));
}

const spelled: { readonly [text: string]: number } = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  "-inf": Number.NEGATIVE_INFINITY,
};

/** The number that a text such as `"nan"`, `"-0.0"` or a large integer stands for. */
export function spelledNumber(text: string): number | bigint {
  if (text in spelled) return spelled[text];
  return /^-?\d+$/.test(text) ? BigInt(text) : Number(text);
}

function flatten(nested: unknown, into: (number | bigint)[]): (number | bigint)[] {
  if (Array.isArray(nested)) for (const item of nested) flatten(item, into);
  else if (typeof nested === "string") into.push(spelledNumber(nested));
  else into.push(typeof nested === "bigint" ? nested : Number(nested));
  return into;
}

/** A tensor given as a nested list. */
export function fromNested(dtype: string, shape: readonly number[], data: unknown): Contents {
  return { dtype, shape, values: flatten(data, []) };
}

/** A contiguous tensor of the library with these contents. */
export function makeTensor(contents: Contents, device: string): unknown {
  const flat = lookup("torch.tensor");
  if (typeof flat !== "function") throw new MissingFunction("torch.tensor");
  const dtype = lookup(`torch.${contents.dtype}`);
  const tensor: unknown = flat(codecOf(contents.dtype).pack(contents.values), { dtype, device });
  return callMethod(tensor, "reshape", contents.shape);
}

/** The name of a dtype of the library: `float32`. */
export function dtypeName(dtype: unknown): string {
  return String(dtype).replace(/^torch\./, "");
}

/** The contents of one of the library's tensors. */
export function readTensor(value: unknown): Contents {
  if (!isTensor(value)) throw new Mismatch(`expected a tensor, got ${describe(value)}`);
  const dtype = dtypeName(member(value, "dtype"));
  const values = flatten(callMethod(value, "tolist"), []);
  return { dtype, shape: readShape(member(value, "shape")), values: dtype === "int64" ? values.map(BigInt) : values };
}

/** A `torch.Size` or an array as plain numbers. */
export function readShape(shape: unknown): number[] {
  return isBag(shape) && Symbol.iterator in shape ? Array.from(shape as Iterable<number>, Number) : [];
}

/** A short text for a value in a message. */
export function describe(value: unknown): string {
  const text = typeof value === "bigint" ? `${value}n` : String(value);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

/** The library's own dtype object by name. */
export function dtypeObject(name: string): unknown {
  const bag: Bag = torch;
  if (bag[name] === undefined) throw new MissingFunction(`torch.${name}`);
  return bag[name];
}
