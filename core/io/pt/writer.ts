// The pickle of a file: how each value is written, so that Python finds what it would have written itself.

import { types } from "node:util";
import { ArgumentError } from "../../errors";
import * as nn from "../../nn";
import { Optimizer } from "../../optim";
import { LRScheduler } from "../../optim/scheduler";
import { Device } from "../../tensor/device";
import { DType } from "../../tensor/dtype";
import { Size } from "../../tensor/shape";
import { MetaStorage, type Storage } from "../../tensor/storage";
import { Parameter, Tensor } from "../../tensor/tensor";
import { PickleWriter } from "../pickle/write";
import { isIndex, OrderedDict } from "./convert";
import { FUNCTIONS } from "./globals";
import { type AnyClass, pythonName } from "./module-names";
import { describeModule, HOOKS } from "./modules";
import { pythonAttributes } from "./python-attributes";

/** As deep as what is loaded may be. */
const MAX_DEPTH = 1000;

/** A storage to write, under its key. */
interface Saved {
  readonly key: string;
  readonly storage: Storage;
  readonly dtype: DType;
}

/** Writes the pickle of one file, and collects the storages that it refers to. */
export class Writer {
  readonly pickle = new PickleWriter();
  readonly storages = new Map<unknown, Saved>();
  /** Frozen arrays that are being written: a tuple cannot hold itself. */
  private readonly open = new Set<unknown>();
  private depth = 0;

  /** Writes a value. Throws ArgumentError for one that cannot be saved. */
  value(value: unknown): void {
    const { pickle } = this;
    if (value === null || value === undefined) pickle.none();
    else if (typeof value === "boolean") pickle.bool(value);
    else if (typeof value === "bigint") pickle.int(value);
    else if (typeof value === "number") this.number(value);
    else if (typeof value === "string") pickle.text(value);
    else if (typeof value === "symbol") throw new ArgumentError("save(): a symbol cannot be saved");
    else if (!pickle.recall(value)) {
      if (++this.depth > MAX_DEPTH) throw new ArgumentError(`save(): values are nested more than ${MAX_DEPTH} deep`);
      this.object(value);
      this.depth--;
    }
  }

  private number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.pickle.int(value);
    else this.pickle.float(value);
  }

  private object(value: object): void {
    if (value instanceof Tensor) this.tensor(value);
    else if (value instanceof nn.Module) this.module(value);
    else if (value instanceof Size) this.size(value);
    else if (value instanceof DType) this.pickle.global("torch", value.name);
    else if (value instanceof Device) this.device(value);
    else if (Array.isArray(value)) this.array(value);
    else if (value instanceof OrderedDict || value instanceof nn.StateDict) this.orderedDict(value);
    else if (value instanceof Map) this.dict(value, value);
    else if (value instanceof Set) this.set(value);
    else if (value instanceof Uint8Array) this.bytes(value);
    else if (isPlain(value)) this.dict(value, plainEntries(value));
    else if (typeof value === "function") this.function(value);
    else refuse(value);
  }

  private function(value: object): void {
    const known = FUNCTIONS.find((each) => each[2] === value);
    if (known === undefined) refuse(value);
    this.pickle.global(known[0], known[1]);
  }

  private array(items: readonly unknown[]): void {
    if (Object.isFrozen(items)) this.tuple(items);
    else this.list(items);
  }

  private tuple(items: readonly unknown[]): void {
    if (this.open.has(items)) throw new ArgumentError("save(): a frozen array (a tuple) holds itself");
    this.open.add(items);
    this.pickle.tuple(items.map((item) => () => this.value(item)));
    this.open.delete(items);
    if (items.length > 0) this.pickle.memoize(items);
  }

  private list(items: readonly unknown[]): void {
    const { pickle } = this;
    pickle.emptyList();
    pickle.memoize(items);
    if (items.length === 0) return;
    pickle.mark();
    for (const item of items) this.value(item);
    pickle.appends();
  }

  private setItems(entries: Iterable<readonly [unknown, unknown]>): void {
    const { pickle } = this;
    let some = false;
    for (const [key, value] of entries) {
      if (!some) pickle.mark();
      some = true;
      this.value(key);
      this.value(value);
    }
    if (some) pickle.setItems();
  }

  private dict(known: object, entries: Iterable<readonly [unknown, unknown]>): void {
    this.pickle.emptyDict();
    this.pickle.memoize(known);
    this.setItems(entries);
  }

  private emptyOrderedDict(): void {
    this.pickle.global("collections", "OrderedDict");
    this.pickle.tuple([]);
    this.pickle.reduce();
  }

  private orderedDict(value: object): void {
    this.emptyOrderedDict();
    this.pickle.memoize(value);
    this.setItems(value instanceof Map ? value : Object.entries(value));
  }

  private set(value: ReadonlySet<unknown>): void {
    const { pickle } = this;
    pickle.global("__builtin__", "set");
    pickle.tuple([() => this.list([...value])]);
    pickle.reduce();
    pickle.memoize(value);
  }

  private bytes(value: Uint8Array): void {
    const { pickle } = this;
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
    pickle.global("_codecs", "encode");
    pickle.tuple([() => pickle.text(text), () => pickle.text("latin1")]);
    pickle.reduce();
    pickle.memoize(value);
  }

  private size(value: Size): void {
    this.pickle.global("torch", "Size");
    this.pickle.tuple([() => this.numbers(value)]);
    this.pickle.reduce();
    this.pickle.memoize(value);
  }

  private numbers(values: readonly number[]): void {
    this.pickle.tuple(values.map((value) => () => this.pickle.int(value)));
  }

  private device({ type, index }: Device): void {
    const { pickle } = this;
    pickle.global("torch", "device");
    pickle.tuple([() => pickle.text(type), ...(index === null ? [] : [() => pickle.int(index)])]);
    pickle.reduce();
  }

  private tensor(value: Tensor): void {
    const { pickle } = this;
    if (value instanceof Parameter) {
      pickle.global("torch._utils", "_rebuild_parameter");
      const data = () => this.plainTensor(value, false);
      pickle.tuple([data, () => pickle.bool(value.requiresGrad), () => this.emptyOrderedDict()]);
      pickle.reduce();
    } else this.plainTensor(value, value.requiresGrad);
    pickle.memoize(value);
  }

  private plainTensor({ storage, sizes, strides, offset, dtype }: Tensor, requiresGrad: boolean): void {
    const { pickle } = this;
    const grad = () => pickle.bool(requiresGrad);
    if (storage instanceof MetaStorage) {
      pickle.global("torch._utils", "_rebuild_meta_tensor_no_storage");
      const type = () => pickle.global("torch", dtype.name);
      pickle.tuple([type, () => this.numbers(sizes), () => this.numbers(strides), grad]);
      pickle.reduce();
      return;
    }
    pickle.global("torch._utils", "_rebuild_tensor_v2");
    pickle.tuple([
      () => this.storage(storage, dtype),
      () => pickle.int(offset),
      () => this.numbers(sizes),
      () => this.numbers(strides),
      grad,
      () => this.emptyOrderedDict(),
    ]);
    pickle.reduce();
  }

  private storage(storage: Storage, dtype: DType): void {
    const { pickle } = this;
    // Storages are told apart by their place, since `data` has a Storage object of its own; empty ones have none.
    const place = storage.bytes === 0 ? storage : `${storage.slot} ${storage.byteOffset} ${storage.bytes}`;
    let saved = this.storages.get(place);
    if (saved === undefined) {
      saved = { key: String(this.storages.size), storage, dtype };
      this.storages.set(place, saved);
    }
    if (saved.dtype !== dtype) {
      throw new ArgumentError("Cannot save multiple tensors or storages that view the same data as different types");
    }
    const { key } = saved;
    pickle.tuple([
      () => pickle.text("storage"),
      () => pickle.global("torch", `${dtype.scalarName}Storage`),
      () => pickle.text(key),
      () => pickle.text("cpu"),
      () => pickle.int(Math.floor(storage.bytes / dtype.itemsize)),
    ]);
    pickle.persistent();
  }

  private module(module: nn.Module): void {
    const { pickle } = this;
    const described = describeModule(module);
    const [file, name] = pythonName(module.constructor as AnyClass);
    pickle.global(file, name);
    pickle.tuple([]);
    pickle.newObject();
    pickle.memoize(module);
    pickle.emptyDict();
    pickle.mark();
    const attribute = (key: string, write: () => void) => {
      pickle.text(key);
      write();
    };
    const members = (entries: ReadonlyMap<string, unknown>) => () => {
      this.emptyOrderedDict();
      this.setItems(entries);
    };
    attribute("training", () => pickle.bool(described.training));
    attribute("_parameters", members(described.parameters));
    attribute("_buffers", members(described.buffers));
    attribute("_non_persistent_buffers_set", () => this.set(described.left));
    for (const key of HOOKS) {
      attribute(key, key === "_is_full_backward_hook" ? () => pickle.none() : () => this.emptyOrderedDict());
    }
    attribute("_modules", members(described.modules));
    // Python's layers have tuples where settings are arrays here.
    const own = file !== "__main__";
    for (const [key, value] of described.attributes) {
      attribute(key, () => (own && Array.isArray(value) ? this.tuple(value) : this.value(value)));
    }
    if (own) for (const [key, value] of pythonAttributes(module)) attribute(key, () => this.value(value));
    pickle.setItems();
    pickle.build();
  }
}

/** Whether an object is of no class: also one of another realm, as cells of a notebook may have. */
function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || (typeof value === "object" && Object.getPrototypeOf(prototype) === null);
}

/** The entries of a plain object: keys that JavaScript treats as numbers are numbers in Python, as in an optimizer's state. */
function plainEntries(value: object): (readonly [unknown, unknown])[] {
  return Object.entries(value).map(([key, item]) => [isIndex(key) ? Number(key) : key, item]);
}

function refuse(value: object): never {
  const name = value.constructor?.name || "object";
  if (value instanceof Optimizer || value instanceof LRScheduler) {
    throw new ArgumentError(`save(): a ${name} cannot be saved; save its stateDict()`);
  }
  if (typeof value === "function") {
    throw new ArgumentError(
      `save(): Can't pickle ${"name" in value ? String(value.name) || "a function" : "a function"}: code is never saved`,
    );
  }
  if (types.isTypedArray(value)) {
    throw new ArgumentError(`save(): a ${name} cannot be saved; save torch.tensor(array), or a Uint8Array for bytes`);
  }
  throw new ArgumentError(
    `save(): a value of the class ${name} cannot be saved: tensors, modules, plain objects, arrays, maps, sets, numbers and texts can`,
  );
}
