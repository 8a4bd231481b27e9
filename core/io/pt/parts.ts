// What the pickle of a checkpoint is made of, before its storages are read: tensors and modules as the file describes them.

import { FormatError } from "../../errors";
import type { DType } from "../../tensor/dtype";
import { elementsOf, type Elements } from "../numpy/descr";
import { Built, Dict, Tuple } from "../pickle/values";

/** Memory that the file holds under a key. */
export class StorageRef {
  constructor(
    readonly dtype: DType,
    readonly key: string,
    /** Where it was: `cpu`, `cuda:0`. */
    readonly location: string,
    /** Its elements. */
    readonly count: number,
    /** For a part of the memory of the key, as the older format has them: where it begins, in elements. */
    readonly begin = 0,
  ) {}
}

/** A tensor over it; without memory, one of the meta device. */
export class TensorRef {
  constructor(
    readonly storage: StorageRef | null,
    readonly dtype: DType,
    readonly offset: number,
    readonly sizes: readonly number[],
    readonly strides: readonly number[],
    readonly requiresGrad: boolean,
    readonly parameter = false,
  ) {}
}

/** An object of a class that the library or the user knows, by the attributes that it had. */
export class ObjectRef extends Built {
  state: Dict = new Dict("dict");

  constructor(
    readonly name: string,
    readonly made: { readonly prototype: object },
  ) {
    super();
  }

  build(state: unknown): void {
    if (!(state instanceof Dict)) throw new FormatError(`an object of ${this.name} has a state that is no dict`);
    this.state = state;
  }
}

/** A NumPy dtype. */
export class NumpyDtype extends Built {
  private order = "<";

  constructor(private readonly code: string) {
    super();
  }

  build(state: unknown): void {
    if (state instanceof Tuple && (state.items[1] === ">" || state.items[1] === "<")) this.order = state.items[1];
  }

  /** What its elements are here. Throws FormatError for those that no tensor has. */
  elements(): Elements {
    return elementsOf(this.order + this.code);
  }
}

/** A NumPy number, which becomes a plain one. */
export class NumpyScalar {
  constructor(readonly value: unknown) {}
}

/** A NumPy array. */
export class NumpyArray extends Built {
  shape: readonly number[] = [];
  dtype: NumpyDtype | null = null;
  fortran = false;
  bytes: Uint8Array = new Uint8Array();

  build(state: unknown): void {
    const [, shape, dtype, fortran, bytes] = state instanceof Tuple ? state.items : [];
    if (!(dtype instanceof NumpyDtype) || !(bytes instanceof Uint8Array)) {
      throw new FormatError("a NumPy array in the file has no plain elements");
    }
    this.shape = sizesOf(shape);
    this.dtype = dtype;
    this.fortran = fortran === true;
    this.bytes = bytes;
  }
}

/** A count or an offset. Throws FormatError for what is none. */
export function wholeOf(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new FormatError(`the file is damaged: ${what} is ${String(value)}`);
}

/** The sizes of a tensor. Throws FormatError for what is no list of them. */
export function sizesOf(value: unknown, what = "a size"): number[] {
  const items = value instanceof Tuple ? value.items : value;
  if (!Array.isArray(items) || items.length > 64) throw new FormatError(`the file is damaged: ${what} is no tuple`);
  return items.map((item) => wholeOf(item, what));
}
