// Independent copies of tensors, modules and the values around them: the counterpart of Python's copy.deepcopy.

import { types } from "node:util";
import { copyInto } from "../dispatch";
import { AutogradError } from "../errors";
import { Device } from "../tensor/device";
import { DType, uint8 } from "../tensor/dtype";
import { Layout } from "../tensor/layout";
import { allocate, MetaStorage, type Storage } from "../tensor/storage";
import { Parameter, Tensor } from "../tensor/tensor";
import { functionWith } from "./callable";
import { Module } from "./module";

/** What was copied so far: originals and their copies. */
export type Memo = Map<unknown, unknown>;

/** An object that copies itself: `__deepcopy__(memo)` returns the copy, as in Python. */
interface CopiesItself {
  __deepcopy__(memo: Memo): unknown;
}

/** Whether an object's data lies outside its properties, or its identity is what matters: such objects stay shared. */
function staysShared(value: object): boolean {
  return (
    value instanceof DType ||
    value instanceof Device ||
    value instanceof Layout ||
    (typeof value === "function" && !(value instanceof Module)) ||
    types.isExternal(value) ||
    types.isPromise(value) ||
    types.isWeakMap(value) ||
    types.isWeakSet(value) ||
    value instanceof WeakRef ||
    types.isGeneratorObject(value) ||
    types.isSharedArrayBuffer(value) ||
    types.isModuleNamespaceObject(value)
  );
}

class Copier {
  /** Copied memory, by the place of the original: tensors that shared memory share the copy. */
  private readonly storages = new Map<string, Storage>();

  constructor(readonly memo: Memo) {}

  copy(value: unknown): unknown {
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value;
    if (this.memo.has(value)) return this.memo.get(value);
    if (staysShared(value)) return value;
    if ("__deepcopy__" in value && typeof value.__deepcopy__ === "function") {
      return this.remember(value, (value as CopiesItself).__deepcopy__(this.memo) as object);
    }
    if (value instanceof Tensor) return this.tensor(value);
    return this.object(value);
  }

  private remember<T>(value: object, copy: T): T {
    this.memo.set(value, copy);
    return copy;
  }

  /** An object of the same class with copies of everything in it. */
  private object(value: object): object {
    const made = this.remember(value, this.shell(value));
    if (value instanceof Map && made instanceof Map) {
      for (const [key, item] of value) made.set(this.copy(key), this.copy(item));
    } else if (value instanceof Set && made instanceof Set) {
      for (const item of value) made.add(this.copy(item));
    } else if (ArrayBuffer.isView(value)) return made;
    this.properties(value, made);
    return Object.isFrozen(value) ? Object.freeze(made) : made;
  }

  /** An object of the same class, still without properties. */
  private shell(value: object): object {
    const prototype: object | null = Object.getPrototypeOf(value);
    if (value instanceof Module) return functionWith(Object.getPrototypeOf(value));
    if (Buffer.isBuffer(value)) return Buffer.from(value);
    if (types.isTypedArray(value)) return value.slice();
    if (value instanceof DataView) {
      return new DataView(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
    }
    let made: object = {};
    if (Array.isArray(value)) made = [];
    else if (value instanceof Map) made = new Map();
    else if (value instanceof Set) made = new Set();
    else if (types.isDate(value)) made = new Date(value);
    else if (types.isRegExp(value)) made = new RegExp(value);
    else if (types.isArrayBuffer(value)) made = value.slice(0);
    return Object.setPrototypeOf(made, prototype);
  }

  /** Own properties, symbols and hidden ones included; getters stay getters. */
  private properties(from: object, to: object): void {
    for (const key of Reflect.ownKeys(from)) {
      const property = Object.getOwnPropertyDescriptor(from, key);
      if (property === undefined) continue;
      if ("value" in property) property.value = this.copy(property.value);
      Object.defineProperty(to, key, property);
    }
  }

  /** A parameter has memory of its own and no gradient; other leaves share what was shared and keep their gradient. */
  private tensor(value: Tensor): Tensor {
    if (value instanceof Parameter) {
      return this.remember(value, new Parameter(value.detach().clone(), value.requiresGrad));
    }
    if (!value.isLeaf) {
      throw new AutogradError(
        "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment",
      );
    }
    const { sizes, strides, offset, dtype } = value;
    const made = this.remember(value, new Tensor(this.storage(value.storage), sizes, strides, offset, dtype));
    if (value.requiresGrad && value.isLeaf) made.requiresGrad = true;
    if (value.grad !== null) made.grad = this.tensor(value.grad);
    for (const key of Reflect.ownKeys(value)) {
      if (!Object.hasOwn(made, key)) Reflect.set(made, key, this.copy(Reflect.get(value, key)));
    }
    return made;
  }

  /** A copy of a whole storage, made once. Storages are told apart by their place: `data` has a Storage object of its own. */
  private storage(from: Storage): Storage {
    const { slot, byteOffset, bytes } = from;
    if (from instanceof MetaStorage) return new MetaStorage(bytes);
    const place = `${slot} ${byteOffset} ${bytes}`;
    let made = this.storages.get(place);
    if (made === undefined) {
      made = allocate(bytes);
      const all = (storage: Storage) => new Tensor(storage, [bytes], [1], 0, uint8);
      if (bytes > 0) copyInto(all(made), all(from));
      this.storages.set(place, made);
    }
    return made;
  }
}

/**
 * A copy that shares nothing that can change: tensors, modules, optimizers, arrays, maps, sets and objects of any class (prototype
 * and properties), each copied once, so that what was shared or circular stays so, tensors that view one memory included.
 * Functions stay shared. A parameter's copy has no gradient. A class with private `#fields` says by a method `__deepcopy__(memo)`
 * how it is copied. Throws AutogradError for a tensor that an operation made. Source: copy.deepcopy.
 */
export function deepcopy<T>(value: T, memo: Memo = new Map()): T {
  return new Copier(memo).copy(value) as T;
}
