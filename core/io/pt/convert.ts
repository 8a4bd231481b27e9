// What a file describes as the library's own values. A dict is a plain object where that keeps its keys and their order, else a Map;
// an OrderedDict of tensors is a state_dict; a tuple is a frozen array, which saving makes a tuple again.

import { FormatError } from "../../errors";
import type * as dt from "../../tensor/dtype";
import { numelOf } from "../../tensor/shape";
import { emptyMeta, Parameter, Tensor } from "../../tensor/tensor";
import { StateDict } from "../../nn";
import { tensorOfBytes } from "../numpy/descr";
import { Dict, Global, Tuple } from "../pickle/values";
import { restoredObject } from "./modules";
import { NumpyArray, NumpyScalar, ObjectRef, StorageRef, TensorRef } from "./parts";
import type { StorageTable } from "./storages";

/** Deeper values than Python itself reads are not made by any program. */
const MAX_DEPTH = 1000;

/** A dict that keeps the order of its keys, whatever they are: PyTorch's OrderedDict where it is no state_dict. */
export class OrderedDict<K = unknown, V = unknown> extends Map<K, V> {}

/** Whether a key of a plain object counts as a whole number: JavaScript lists such keys first, in their order. */
export function isIndex(key: string): boolean {
  return /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1;
}

/** Whether a plain object keeps these keys apart, in this order, and of this kind. */
function fitsObject(keys: readonly unknown[]): boolean {
  let last = -1;
  let names = false;
  for (const key of keys) {
    if (typeof key === "string") {
      if (isIndex(key) || key === "__proto__") return false;
      names = true;
    } else {
      const number = typeof key === "number" && isIndex(String(key)) && !names;
      if (!number || (key as number) <= last) return false;
      last = key as number;
    }
  }
  return true;
}

/** Whether a state_dict keeps these names in their order. */
function fitsStateDict(keys: readonly unknown[]): boolean {
  let last = -1;
  let names = false;
  for (const key of keys) {
    if (typeof key !== "string" || key === "__proto__") return false;
    if (!isIndex(key)) names = true;
    else if (names || Number(key) <= last) return false;
    else last = Number(key);
  }
  return true;
}

/** Makes values of one file. */
export class Converter {
  private readonly made = new Map<unknown, unknown>();
  private depth = 0;

  constructor(private readonly storages: StorageTable) {}

  /** The value here of what the file describes. Throws FormatError for what has none. */
  value(raw: unknown): unknown {
    if (typeof raw !== "object" || raw === null || raw instanceof Uint8Array) return raw;
    const known = this.made.get(raw);
    if (known !== undefined) return known;
    if (++this.depth > MAX_DEPTH) throw new FormatError(`values are nested more than ${MAX_DEPTH} deep`);
    const made = this.make(raw);
    this.depth--;
    return made;
  }

  private remember<T extends object>(raw: object, made: T): T {
    this.made.set(raw, made);
    return made;
  }

  private make(raw: object): unknown {
    if (raw instanceof Dict) return this.dict(raw);
    if (raw instanceof TensorRef) return this.remember(raw, this.tensor(raw));
    if (raw instanceof Tuple) return Object.freeze(this.fill(this.remember(raw, []), raw.items));
    if (raw instanceof Set) return this.set(raw);
    if (raw instanceof ObjectRef) return restoredObject(raw, (made) => this.remember(raw, made), this);
    if (raw instanceof StorageRef) return this.remember(raw, this.tensor(wholeOf(raw)));
    if (raw instanceof NumpyArray) return this.remember(raw, numpyTensor(raw));
    if (raw instanceof NumpyScalar) return raw.value;
    if (raw instanceof Global) return this.global(raw);
    // A list; sizes, dtypes and devices are values of the library already.
    return Object.getPrototypeOf(raw) === Array.prototype
      ? this.fill(this.remember(raw, []), raw as readonly unknown[])
      : raw;
  }

  private global({ name, value }: Global): unknown {
    if (value === undefined) throw new FormatError(`the file holds ${name}, which has no counterpart here`);
    return value;
  }

  private fill(list: unknown[], items: readonly unknown[]): unknown[] {
    for (const item of items) list.push(this.value(item));
    return list;
  }

  private set(raw: Set<unknown>): Set<unknown> {
    const made = this.remember(raw, new Set<unknown>());
    for (const item of raw) made.add(this.value(item));
    return made;
  }

  private dict(raw: Dict): object {
    const keys = [...raw.keys()];
    const tensors = raw.kind === "OrderedDict" && [...raw.values()].every((value) => value instanceof TensorRef);
    if (tensors ? fitsStateDict(keys) : raw.kind === "dict" && fitsObject(keys)) {
      const made = this.remember(raw, tensors ? new StateDict() : {});
      for (const [key, value] of raw) Reflect.set(made, String(key), this.value(value));
      return made;
    }
    const made = this.remember(raw, raw.kind === "dict" ? new Map() : new OrderedDict());
    for (const [key, value] of raw) made.set(this.value(key), this.value(value));
    return made;
  }

  private tensor(ref: TensorRef): Tensor {
    const { storage, dtype, offset, sizes, strides, requiresGrad, parameter } = ref;
    const numel = numelOf(sizes);
    if (!Number.isSafeInteger(numel * dtype.itemsize)) throw new FormatError(`a tensor of size (${sizes.join(", ")})`);
    if (requiresGrad && !dtype.isFloatingPoint) {
      throw new FormatError(`the file is damaged: a tensor of ${dtype} requires grad`);
    }
    const made =
      storage === null
        ? emptyMeta(sizes, dtype)
        : this.view(storage, dtype, offset + storage.begin, sizes, strides, numel);
    if (parameter) return new Parameter(made, requiresGrad);
    if (requiresGrad) made.requiresGrad = true;
    return made;
  }

  private view(
    ref: StorageRef,
    dtype: dt.DType,
    offset: number,
    sizes: readonly number[],
    strides: readonly number[],
    numel: number,
  ): Tensor {
    const storage = this.storages.get(ref);
    const reach = sizes.reduce((sum, size, d) => sum + Math.max(size - 1, 0) * strides[d], offset);
    if (numel > 0 && reach >= ref.begin + ref.count) {
      throw new FormatError(
        `setStorage: sizes [${sizes.join(", ")}], strides [${strides.join(", ")}], storage offset ${offset}, and itemsize ` +
          `${dtype.itemsize} requiring a storage size of ${(reach + 1) * dtype.itemsize} are out of bounds for storage of size ` +
          `${ref.count * dtype.itemsize}`,
      );
    }
    return new Tensor(storage, sizes, strides, offset, dtype, numel);
  }
}

/** A storage by itself, as the tensor over all of it. */
function wholeOf(storage: StorageRef): TensorRef {
  return new TensorRef(storage, storage.dtype, 0, [storage.count], [1], false);
}

function numpyTensor({ bytes, shape, dtype, fortran }: NumpyArray): Tensor {
  if (dtype === null) throw new FormatError("a NumPy array in the file has no elements");
  return tensorOfBytes(bytes, shape, dtype.elements(), fortran);
}
