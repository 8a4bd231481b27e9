// Containers of modules: in a row, in a list, by name.

import { ArgumentError, IndexError } from "../errors";
import { isOptions } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import type { Tensor } from "../tensor/tensor";
import { definePlaces } from "../tensor/places";
import { childEntries } from "./members";
import { Module } from "./module";

/** A place counted from the front. Throws IndexError in PyTorch's words. */
export function placeIn(index: number, length: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) {
    throw new IndexError(`index ${index} is out of range`);
  }
  return index < 0 ? index + length : index;
}

/** A container's modules by name: those that were put in. */
function entriesOf<M extends Module>(container: Module): [string, M][] {
  return childEntries(container) as [string, M][];
}

/** Modules under the names 0, 1, 2…: what Sequential and ModuleList share. */
abstract class Row<M extends Module> extends Module implements Iterable<M> {
  /** The module under a number, counted from the end when it is negative; assigning replaces it. Throws IndexError. */
  [index: number]: M;

  /** How many modules there are. */
  override get length(): number {
    return entriesOf<M>(this).length;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return entriesOf<M>(this)
      .map(([, module]) => module)
      .values();
  }

  /** Modules with their numbers: `for (const [i, layer] of layers.entries())` (Python: `enumerate(layers)`). */
  entries(): IterableIterator<[number, M]> {
    return [...this].entries();
  }

  /** The module at an index; negative ones count from the end. Throws IndexError. */
  at(index: number): M {
    const entries = entriesOf<M>(this);
    return entries[placeIn(index, entries.length)][1];
  }

  override addModule(name: string, module: M | null): void;
  override addModule(options: { name: string; module: M | null }): void;
  override addModule(...args: unknown[]): void {
    super.addModule(...(args as [string, M | null]));
    rowPlaces.cover(Object.keys(this).length);
  }

  /** Adds a module at the end. */
  append(module: M): this {
    this.addModule(String(this.length), module);
    return this;
  }

  /** Adds modules at the end. */
  extend(modules: Iterable<M>): this {
    for (const module of [...modules]) this.append(module);
    return this;
  }

  /** Puts a module before the one at an index; later ones move up. Throws IndexError. */
  insert(index: number, module: M): this {
    const modules = [...this];
    if (!(index >= -modules.length && index <= modules.length)) throw new IndexError(`Index out of range: ${index}`);
    modules.splice(index, 0, module);
    modules.forEach((each, k) => {
      this.addModule(String(k), each);
    });
    return this;
  }

  /** Takes the module at an index out and returns it; later ones move down. Throws IndexError. */
  pop(index: number): M {
    const entries = entriesOf<M>(this);
    const [[, found]] = entries.splice(placeIn(index, entries.length), 1);
    for (const [name] of entriesOf(this)) Reflect.deleteProperty(this, name);
    entries.forEach(([, each], k) => {
      this.addModule(String(k), each);
    });
    return found;
  }
}

/**
 * Brackets on the rows of a class: own properties hold the numbered modules, what these do not answer is answered here. JavaScript
 * needs every key beforehand; the keys reach as far as the longest row, and some way beyond.
 */
export class RowPlaces<S extends object> {
  private covered = 0;

  constructor(
    private readonly prototype: S,
    private readonly names: (row: S) => readonly string[],
  ) {
    this.cover(32);
  }

  /** Sees to the keys of a row of a length. */
  cover(length: number): void {
    if (length <= this.covered) return;
    this.covered = 2 * length;
    const name = (row: S, place: number): string => {
      const names = this.names(row);
      return names[placeIn(place, names.length)];
    };
    definePlaces(this.prototype, -this.covered, this.covered - 1, {
      read: (row, place) => Reflect.get(row, name(row, place)),
      write: (row, place, value) => Reflect.set(row, name(row, place), value),
    });
  }
}

const rowPlaces = new RowPlaces<Row<Module>>(Row.prototype, (row) => entriesOf(row).map(([name]) => name));

/** A module that takes one tensor and gives one. */
export type Layer = Module & ((input: Tensor) => Tensor);

/** Modules by name, in their order. */
type NamedModules = { readonly [name: string]: Module } | ReadonlyMap<string, Module>;

/** The modules by their places, so that `model[0]` has the type of the first one, and `model[-1]` that of the last. */
type Places<M extends Module[]> = { [K in keyof M as K extends `${number}` ? K : never]: M[K] } & LastPlace<M>;

type LastPlace<M extends Module[]> = M extends [...Module[], infer L] ? { [-1]: L } : unknown;

/** Modules that run one after another (PyTorch: `torch.nn.Sequential`). */
export interface Sequential extends Row<Module> {
  forward(input: Tensor): Tensor;
}

interface SequentialClass {
  new <M extends Module[]>(...modules: M): Sequential & Places<M>;
  // Also what classes extend: TypeScript leaves signatures with type parameters out there.
  new (...modules: Module[] | [NamedModules]): Sequential;
  readonly prototype: Sequential;
}

/**
 * Modules that run one after another (PyTorch: `torch.nn.Sequential`): `new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU())`,
 * or with names `new nn.Sequential({ fc: new nn.Linear(4, 8) })`.
 */
export const Sequential = class Sequential extends Row<Module> {
  constructor(...modules: Module[] | [NamedModules]) {
    super();
    const [first] = modules;
    const named = first instanceof Map ? [...first] : isOptions(first) ? Object.entries(first) : null;
    for (const [name, module] of named ?? Object.entries(modules)) this.addModule(name, module as Module);
  }

  override forward(input: Tensor): Tensor {
    let value = input;
    for (const module of this) value = module(value);
    return value;
  }
} as SequentialClass;

/** A list of modules that belong to their owner (PyTorch: `torch.nn.ModuleList`). Iterates, indexes and has a `length`. */
export class ModuleList<M extends Module = Module> extends Row<M> {
  /** @internal */
  static readonly [signature] = new Signature("def ModuleList(value modules=None)");

  constructor(modules?: Iterable<M> | null);
  constructor(options: { modules?: Iterable<M> | null });
  constructor(...args: unknown[]) {
    super();
    const { modules } = ModuleList[signature].complete<{ modules: Iterable<M> | null }>(args);
    if (modules !== null) this.extend(modules);
  }
}

/** What a ModuleDict does, besides having its modules under their names. */
class NamedModulesModule<M extends Module = Module> extends Module implements Iterable<string> {
  constructor(modules: { readonly [name: string]: M } | Iterable<readonly [string, M]> = {}) {
    super();
    this.update(modules);
  }

  /** Adds or replaces modules. */
  update(modules: { readonly [name: string]: M } | Iterable<readonly [string, M]>): void {
    const entries = Symbol.iterator in modules ? (modules as Iterable<readonly [string, M]>) : Object.entries(modules);
    for (const [name, module] of entries) this.addModule(name, module);
  }

  /** How many modules there are. */
  get size(): number {
    return this.keys().length;
  }

  /** Names in order. */
  keys(): string[] {
    return this.items().map(([name]) => name);
  }

  /** Modules in order. */
  values(): M[] {
    return this.items().map(([, module]) => module);
  }

  /** Names and modules in order. */
  items(): [string, M][] {
    return entriesOf<M>(this);
  }

  /** Whether there is a module of a name. */
  has(name: string): boolean {
    return this.keys().includes(name);
  }

  /** The module of a name. Throws ArgumentError when there is none. */
  get(name: string): M {
    const found = this.items().find(([key]) => key === name);
    if (found === undefined) throw new ArgumentError(`'${name}'`);
    return found[1];
  }

  /** Takes a module out and returns it. Throws ArgumentError when there is none. */
  pop(name: string): M {
    const found = this.get(name);
    Reflect.deleteProperty(this, name);
    return found;
  }

  /** Takes all modules out. */
  clear(): void {
    for (const name of this.keys()) Reflect.deleteProperty(this, name);
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.keys().values();
  }
}

/**
 * Modules by name (PyTorch: `torch.nn.ModuleDict`): `heads["b"]`, `heads.b`. Iterates over its names, which may not be those of a
 * module's methods.
 */
export type ModuleDict<M extends Module = Module> = NamedModulesModule<M> & { [name: string]: M };

interface ModuleDictClass {
  // The second type parameter keeps this signature out of `nn.ModuleDict<Layer>`.
  new <T extends { readonly [name: string]: Module }, N extends T>(
    modules: N,
  ): ModuleDict<N[keyof N]> & { -readonly [K in keyof N]: N[K] };
  new <M extends Module>(modules: Iterable<readonly [string, M]>): ModuleDict<M>;
  // TypeScript infers no union of kinds from pairs: of several kinds, they are any modules.
  new <M extends Module = Module>(
    modules: Module extends M ? Iterable<readonly [string, Module]> : never,
  ): ModuleDict<M>;
  new <M extends Module = Module>(modules?: { readonly [name: string]: M }): ModuleDict<M>;
  new (modules?: { readonly [name: string]: Module } | Iterable<readonly [string, Module]>): ModuleDict;
  readonly prototype: ModuleDict;
}

/** Modules by name (PyTorch: `torch.nn.ModuleDict`): `new nn.ModuleDict({ a: new nn.Linear(4, 2) })`, or of pairs. */
export const ModuleDict = class ModuleDict<
  M extends Module = Module,
> extends NamedModulesModule<M> {} as ModuleDictClass;
