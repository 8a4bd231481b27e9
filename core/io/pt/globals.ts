// The allow-list: every name that a checkpoint may use, and what it makes. All of them build values of this library; a name that is
// not here is refused before anything is made of it.

import { ArgumentError, FormatError } from "../../errors";
import { gelu, relu } from "../../nn/functional/activation";
import { Device } from "../../tensor/device";
import { type DType, dtypes, uint8 } from "../../tensor/dtype";
import { Size } from "../../tensor/shape";
import { tensorOfBytes } from "../numpy/descr";
import { Dict, Global, Tuple } from "../pickle/values";
import { moduleClass } from "./module-names";
import { NumpyArray, NumpyDtype, NumpyScalar, ObjectRef, sizesOf, StorageRef, TensorRef, wholeOf } from "./parts";

/** A class that files may name, by its name there: `Net`, or `__main__.Net` where two have one name. */
export interface Classes {
  readonly [name: string]: abstract new (...args: never[]) => object;
}

type Maker = (...args: readonly unknown[]) => unknown;

function refuse(name: string): never {
  throw new FormatError(`the file is damaged: ${name} has other arguments than it is called with`);
}

function dictFrom(kind: Dict["kind"], source: unknown): Dict {
  const dict = new Dict(kind);
  if (source === undefined) return dict;
  if (source instanceof Dict) for (const [key, value] of source) dict.set(key, value);
  else if (Array.isArray(source)) {
    for (const pair of source) {
      const items: unknown = pair instanceof Tuple ? pair.items : pair;
      if (!Array.isArray(items) || items.length !== 2) refuse("a dict");
      dict.set(items[0], items[1]);
    }
  } else refuse("a dict");
  return dict;
}

function setFrom(source: unknown): Set<unknown> {
  if (source instanceof Set || Array.isArray(source)) return new Set(source);
  return source === undefined ? new Set() : refuse("a set");
}

/** Bytes as older protocols write them: a text whose characters are the bytes, or nothing at all. */
function bytesFrom(text: unknown, encoding: unknown): Uint8Array {
  if (text === undefined) return new Uint8Array();
  if (text instanceof Uint8Array) return text;
  if (typeof text !== "string" || !/^latin-?1$/.test(String(encoding))) refuse("_codecs.encode");
  return new Uint8Array(Buffer.from(text, "latin1"));
}

function tensor(storage: unknown, offset: unknown, size: unknown, stride: unknown, requiresGrad: unknown): TensorRef {
  if (!(storage instanceof StorageRef)) refuse("a tensor");
  const sizes = sizesOf(size);
  const strides = sizesOf(stride, "a stride");
  if (strides.length !== sizes.length) refuse("a tensor");
  return new TensorRef(storage, storage.dtype, wholeOf(offset, "an offset"), sizes, strides, requiresGrad === true);
}

function typedTensor(...args: readonly unknown[]): TensorRef {
  const found = tensor(args[0], args[1], args[2], args[3], args[4]);
  const dtype = dtypeOf(args[6]);
  const storage = found.storage as StorageRef;
  const count = Math.floor((storage.count * storage.dtype.itemsize) / dtype.itemsize);
  const typed = new StorageRef(dtype, storage.key, storage.location, count);
  return new TensorRef(typed, dtype, found.offset, found.sizes, found.strides, found.requiresGrad);
}

function dtypeOf(value: unknown): DType {
  const dtype = value instanceof Global ? dtypes.find((each) => each === value.value) : undefined;
  return dtype ?? refuse("a dtype");
}

function parameter(data: unknown, requiresGrad: unknown): TensorRef {
  if (!(data instanceof TensorRef)) refuse("torch._utils._rebuild_parameter");
  const { storage, dtype, offset, sizes, strides } = data;
  return new TensorRef(storage, dtype, offset, sizes, strides, requiresGrad === true, true);
}

function metaTensor(dtype: unknown, size: unknown, stride: unknown, requiresGrad: unknown): TensorRef {
  return new TensorRef(null, dtypeOf(dtype), 0, sizesOf(size), sizesOf(stride, "a stride"), requiresGrad === true);
}

/** A tensor with attributes of Python's: the tensor. */
function fromType(make: unknown, type: unknown, args: unknown): unknown {
  const known = type instanceof Global && (type.name === "torch.Tensor" || type.name === PARAMETER);
  if (!(make instanceof Global) || make.call === null || !(args instanceof Tuple)) refuse("a tensor");
  if (!known) throw new FormatError(`Unsupported class ${type instanceof Global ? type.name : "of a tensor"}`);
  return make.call(args.items);
}

function device(type: unknown, index: unknown): Device {
  if (typeof type !== "string" || !/^[a-z]+(:\d+)?$/.test(type)) refuse("torch.device");
  const [name, number] = type.split(":");
  const given = typeof index === "number" ? index : number;
  return new Device(name, given === undefined ? null : Number(given));
}

function numpyScalar(dtype: unknown, bytes: unknown): NumpyScalar {
  if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array)) refuse("numpy.core.multiarray.scalar");
  return new NumpyScalar(tensorOfBytes(bytes, [], dtype.elements(), false).item());
}

const PARAMETER = "torch.nn.parameter.Parameter";

const MAKERS: { readonly [name: string]: Maker } = {
  "collections.OrderedDict": (items) => dictFrom("OrderedDict", items),
  "collections.Counter": (items) => dictFrom("dict", items),
  "collections.defaultdict": (_factory, items) => dictFrom("dict", items),
  "_codecs.encode": bytesFrom,
  "torch.Size": (sizes) => new Size(sizesOf(sizes)),
  "torch.device": device,
  "torch._utils._rebuild_tensor": (storage, offset, size, stride) => tensor(storage, offset, size, stride, false),
  "torch._utils._rebuild_tensor_v2": tensor,
  "torch._utils._rebuild_tensor_v3": typedTensor,
  "torch._utils._rebuild_parameter": parameter,
  "torch._utils._rebuild_parameter_with_state": parameter,
  "torch._utils._rebuild_meta_tensor_no_storage": metaTensor,
  "torch._tensor._rebuild_from_type_v2": fromType,
  "numpy.dtype": (code) => (typeof code === "string" ? new NumpyDtype(code) : refuse("numpy.dtype")),
  ...both("numpy.core.multiarray", "numpy._core.multiarray", {
    scalar: numpyScalar,
    _reconstruct: () => new NumpyArray(),
  }),
  ...both("builtins", "__builtin__", { set: setFrom, frozenset: setFrom, bytes: bytesFrom, bytearray: bytesFrom }),
};

function both(a: string, b: string, makers: { readonly [name: string]: Maker }): { [name: string]: Maker } {
  const entries = Object.entries(makers);
  return Object.fromEntries([a, b].flatMap((module) => entries.map(([name, maker]) => [`${module}.${name}`, maker])));
}

/** Names that are given to others, and not called. */
const PLAIN = [
  "torch.Tensor",
  PARAMETER,
  "numpy.ndarray",
  ...["builtins", "__builtin__"].flatMap((module) =>
    ["int", "float", "list", "dict", "str", "bool"].map((name) => `${module}.${name}`),
  ),
];

const STORAGES = new Map<string, DType>([
  ...dtypes.map((dtype): [string, DType] => [`torch.${dtype.scalarName}Storage`, dtype]),
  ["torch.storage.UntypedStorage", uint8],
  ["torch.storage._UntypedStorage", uint8],
]);

/** Functions that layers keep as settings; no file calls them. */
export const FUNCTIONS: readonly (readonly [module: string, name: string, value: unknown])[] = [
  ["torch.nn.functional", "relu", relu],
  ["torch._C._nn", "gelu", gelu],
];

const KNOWN = new Map<string, Global>([
  ...FUNCTIONS.map(([module, name, value]): [string, Global] => [
    `${module}.${name}`,
    new Global(`${module}.${name}`, null, value),
  ]),
  ...Object.entries(MAKERS).map(([name, make]): [string, Global] => [name, new Global(name, (args) => make(...args))]),
  ...PLAIN.map((name): [string, Global] => [name, new Global(name, null)]),
  ...dtypes.map((dtype): [string, Global] => [`torch.${dtype.name}`, new Global(`torch.${dtype.name}`, null, dtype)]),
  ...[...STORAGES].map(([name, dtype]): [string, Global] => [name, new Global(name, null, dtype)]),
]);

function objectGlobal(name: string, made: Classes[string]): Global {
  return new Global(name, (args) => (args.length === 0 ? new ObjectRef(name, made) : refuse(name)), made);
}

/**
 * What a name in a file stands for; `classes` are the user's, null where a file may name no classes of objects. Throws FormatError,
 * which names it, for one that is not allowed.
 */
export function globalOf(module: string, name: string, classes: Classes | null): Global {
  const full = `${module}.${name}`;
  const known = KNOWN.get(full);
  if (known !== undefined) return known;
  if (classes === null) throw new FormatError(`Unsupported class ${full}: weightsOnly allows tensors and plain values`);
  const given = Object.hasOwn(classes, full) ? classes[full] : Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (given !== undefined) {
    if (typeof given !== "function") throw new ArgumentError(`load(): classes.${name} is no class`);
    return objectGlobal(full, given);
  }
  const own = moduleClass(module, name);
  if (own !== undefined) return objectGlobal(full, own);
  throw new FormatError(
    `Unsupported class ${full}: the file asks for it, and nothing that a file names is ever run. A module of yours loads with its ` +
      `class: torch.load(file, { classes: { ${/^\w+$/.test(name) ? name : "Net"} } }).`,
  );
}

/** The storage that a persistent id names. Throws FormatError for what is none. */
export function persistentOf(id: unknown): unknown {
  const [kind, type, key, location, count, view] = id instanceof Tuple ? id.items : [];
  // How the older format says where a class of modules was defined.
  if (kind === "module") return type;
  const dtype = type instanceof Global ? STORAGES.get(type.name) : undefined;
  if (kind !== "storage" || dtype === undefined || typeof location !== "string") {
    const what = type instanceof Global ? type.name : String(kind);
    throw new FormatError(`the file is damaged: ${what} is no storage`);
  }
  if (!(view instanceof Tuple)) return new StorageRef(dtype, String(key), location, wholeOf(count, "a storage's size"));
  const [, begin, elements] = view.items;
  return new StorageRef(
    dtype,
    String(key),
    location,
    wholeOf(elements, "a storage's size"),
    wholeOf(begin, "a storage's offset"),
  );
}
