// Values made ready for another thread. Data is copied, memory of large tensors is shared until somebody writes it. Functions and
// classes go by where they are found, as exports of modules, or else by their text with the variables that it mentions.

import { existsSync, realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { types } from "node:util";
import { Module } from "../nn/module";
import { Callable } from "../nn/callable";
import { Parameter, Tensor } from "../tensor/tensor";
import type { Node, ObjectNode, Packed, PackedProperty, Parcel } from "./format";
import { packStorage, packTensor, tensorFields } from "./tensors";
import { References } from "./references";
import { ClosureReader } from "./scopes";
import { isVariables } from "./settings";
import { declaresPrivate, formOf, membersMentioned, mentioned, withHeritage } from "./source-text";
import { shareBlock, type Storage } from "../tensor/storage";

/** What packing knows beyond the value. */
export interface PackOptions {
  /** Scripts whose functions go by their text although they are modules: the other side did not find them by their export. */
  readonly byText?: ReadonlySet<string>;
  /** Numbers of values that came from the other side: they are named, not carried back. */
  readonly home?: ReadonlyMap<object, number>;
}

/** An object that says how it is made again: its class and the arguments of the constructor, as Python's `__reduce__`. */
interface Reducible {
  __reduce__(): readonly [object, readonly unknown[]];
}

const references = new References();

/** One packing: what was met so far, and the nodes it became. */
class Packer {
  readonly nodes: Node[] = [];
  private readonly met = new Map<unknown, number>();
  private readonly units = new Map<number, Map<string, Packed>>();
  private readonly scripts = new Map<number, number>();
  private readonly imports = new Set<string>();
  /** What was packed of objects that stand for variables. */
  private readonly members = new Map<object, PackedProperty[]>();
  private reader: ClosureReader | null = null;

  constructor(private readonly options: PackOptions) {}

  run(value: unknown): { parcel: Parcel; originals: unknown[] } {
    references.addModules();
    try {
      const root = this.pack(value);
      const units = [...this.units.values()].map((names) => ({ variables: [...names] }));
      return {
        parcel: { root, nodes: this.nodes, units, imports: [...this.imports] },
        originals: [...this.met.keys()],
      };
    } finally {
      this.reader?.close();
    }
  }

  private pack(value: unknown): Packed {
    if (typeof value === "symbol") return this.reference(value, () => references.find(value) ?? symbolNode(value));
    if ((typeof value !== "object" && typeof value !== "function") || value === null) return value as Packed;
    return this.reference(value, () => this.node(value));
  }

  private reference(value: unknown, make: () => Node): Packed {
    let number = this.met.get(value);
    if (number === undefined) {
      number = this.nodes.length;
      this.met.set(value, number);
      // Holds the place: what hangs on the value may lead back to it.
      this.nodes.push({ kind: "refused", message: "" });
      this.nodes[number] = make();
    }
    return { node: number };
  }

  private node(value: object): Node {
    const home = this.options.home?.get(value);
    if (home !== undefined) return { kind: "home", id: home };
    const found = references.find(value);
    if (found !== null) return found;
    const owner = ownerOf(value);
    if (owner !== undefined && Reflect.get(owner, "prototype") === value)
      return { kind: "prototype", of: this.pack(owner) };
    if (value instanceof Tensor) return this.tensor(value);
    if (typeof value === "function" && !(value instanceof Callable || value instanceof Module))
      return this.function(value);
    return this.object(value);
  }

  // Objects

  private object(value: object): Node {
    const refusal = refusalOf(value);
    if (refusal !== null) return refused(refusal);
    if (types.isModuleNamespaceObject(value)) return this.namespace(value);
    const prototype: object | null = Object.getPrototypeOf(value);
    if ("__reduce__" in value && typeof value.__reduce__ === "function") {
      const [constructed, given] = (value as Reducible).__reduce__();
      return { kind: "rebuilt", constructed: this.pack(constructed), arguments: this.pack([...given]) };
    }
    const owner = prototype === null ? undefined : ownerOf(prototype);
    if (owner !== undefined && !ArrayBuffer.isView(value)) {
      if (references.find(owner) === null && references.findBuiltin(owner) !== null) {
        return refused(`an object of Node's class ${owner.name} belongs to its thread`);
      }
      if (references.find(owner) === null && declaresPrivate(Function.prototype.toString.call(owner))) {
        return refused(
          `an object of class ${owner.name} has private #members, which only its constructor can make: declare them \`private\` without #, or give the class a method __reduce__() that returns [${owner.name}, constructor arguments]`,
        );
      }
    }
    return { ...this.shell(value, prototype), ...this.outside(value) };
  }

  /** What an object is apart from its properties. */
  private shell(value: object, prototype: object | null): ObjectNode {
    const special = (usual: object) => (prototype === usual ? undefined : this.pack(prototype));
    if (Array.isArray(value)) {
      const plain = value.every((_, index) => index in value) && Object.keys(value).length === value.length;
      const items = plain ? { items: value.map((item) => this.pack(item)) } : {};
      return { kind: "array", prototype: special(Array.prototype), length: value.length, ...items };
    }
    if (value instanceof Map) {
      const entries = [...Map.prototype.entries.call(value)].map(
        ([key, item]) => [this.pack(key), this.pack(item)] as const,
      );
      return { kind: "map", prototype: special(Map.prototype), entries };
    }
    if (value instanceof Set) {
      const items = [...Set.prototype.values.call(value)].map((item) => this.pack(item));
      return { kind: "set", prototype: special(Set.prototype), items };
    }
    if (types.isDate(value) || types.isRegExp(value) || types.isAnyArrayBuffer(value)) return { kind: "clone", value };
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset: offset, byteLength } = value;
      const type = Buffer.isBuffer(value) ? "Buffer" : Object.prototype.toString.call(value).slice(8, -1);
      const length = value instanceof DataView || !("length" in value) ? byteLength : Number(value.length);
      // Small views into the pool that Node keeps for buffers, or into a large array, leave the rest behind.
      if (byteLength * 2 < buffer.byteLength && !types.isSharedArrayBuffer(buffer)) {
        const own = buffer.slice(offset, offset + byteLength);
        return { kind: "view", type, buffer: this.pack(own), offset: 0, length };
      }
      return { kind: "view", type, buffer: this.pack(buffer), offset, length };
    }
    if (types.isNativeError(value)) return { kind: "error", prototype: this.pack(prototype) };
    return {
      kind: value instanceof Callable || value instanceof Module ? "callable" : "object",
      prototype: this.pack(prototype),
    };
  }

  /** Own properties, and whether more can come. */
  private outside(
    value: object,
    isLeft: (key: string | symbol) => boolean = () => false,
  ): Pick<ObjectNode, "properties" | "frozen"> {
    const inShell = shellKeys(value);
    const packed = Reflect.ownKeys(value)
      .filter((key) => !isLeft(key) && !inShell(key))
      .map((key) => this.property(value, key));
    return {
      ...(packed.length > 0 && { properties: packed }),
      ...(Object.isFrozen(value) && !ArrayBuffer.isView(value) && { frozen: true }),
    };
  }

  private property(owner: object, name: string | symbol): PackedProperty {
    const { value, get, set, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(
      owner,
      name,
    ) as PropertyDescriptor;
    const key = this.pack(name);
    const flags = { enumerable: enumerable === true, configurable: configurable === true };
    if (get !== undefined || set !== undefined) return { key, get: this.pack(get), set: this.pack(set), flags };
    const usual = writable && enumerable && configurable;
    return { key, value: this.pack(value), ...(!usual && { flags: { ...flags, writable } }) };
  }

  /** `import * as x`: the CommonJS module or the module of Node behind it, or an object of its exports. */
  private namespace(value: object): Node {
    const whole: unknown = Reflect.get(value, "default");
    if ((typeof whole === "object" || typeof whole === "function") && whole !== null) {
      const found = references.find(whole) ?? references.findBuiltin(whole);
      if (found?.kind === "commonjs" && found.path.length === 0) return found;
    }
    return { kind: "object", prototype: null, ...this.outside({ ...value }) };
  }

  private tensor(value: Tensor): Node {
    const storage = (of: Storage) => this.reference(of, () => packStorage(of));
    const prototype: object = Object.getPrototypeOf(value);
    const isOwn = prototype === Tensor.prototype || prototype === Parameter.prototype;
    const added = this.outside(value, (key) => typeof key === "string" && tensorFields.has(key));
    return { ...packTensor(value, storage), ...(!isOwn && { prototype: this.pack(prototype) }), ...added };
  }

  // Functions

  private function(value: object): Node {
    const text = Function.prototype.toString.call(value);
    const native = /\{\s*\[native code\]\s*\}$/.test(text);
    const builtin = references.findBuiltin(value);
    if (builtin !== null) return builtin;
    // What JavaScript gives every context, in another context's copy.
    if (native && Reflect.get(globalThis, nameOf(value)) instanceof Function)
      return { kind: "global", path: [nameOf(value)] };
    if (native)
      return refused(
        `the function ${nameOf(value)} has no text (was it made by bind()?): write it as a function of its own`,
      );
    const found = this.closures.read(value);
    if (found === null) return refused(`the function ${nameOf(value)} is not JavaScript`);
    const { script, place, outer, inner } = found;
    const { url } = place;
    if (isImportable(url) && !this.options.byText?.has(url)) {
      this.imports.add(url);
      return { kind: "module", url, name: nameOf(value), text };
    }
    const form = formOf(text);
    const heritage =
      form === "class" && withHeritage(text, "") !== null ? (Object.getPrototypeOf(value) as object) : undefined;
    const names = mentioned(text);
    const seen = new Set<string>();
    const closed: (readonly [string, Packed])[] = [];
    for (const scope of inner) {
      for (const name of Object.keys(scope)) {
        if (!names.has(name) || seen.has(name)) continue;
        seen.add(name);
        closed.push([name, this.variable(scope, name, text)]);
      }
    }
    const shared = this.unit(script);
    const used = Object.keys(outer).filter((name) => names.has(name) && !seen.has(name));
    for (const name of used) {
      const known = shared.get(name);
      const owner: unknown = Reflect.get(outer, name);
      if (known !== undefined && !(typeof owner === "object" && owner !== null && isVariables(owner))) continue;
      // Holds the place, for functions that mention themselves.
      shared.set(name, undefined);
      shared.set(name, this.variable(outer, name, text));
    }
    const members = Reflect.get(value, "prototype") as object | undefined;
    const isOfText = (owner: object) => (key: string | symbol) => madeByText(owner, key, text);
    const ofClass = members !== undefined && this.outside(members, isOfText(members)).properties;
    return {
      kind: "function",
      script: this.scripts.get(script) as number,
      name: nameOf(value),
      text,
      place,
      form,
      outer: used,
      inner: closed,
      ...(heritage !== undefined && { heritage: this.pack(heritage) }),
      ...(ofClass && { members: ofClass }),
      ...this.outside(value, isOfText(value)),
    };
  }

  private get closures(): ClosureReader {
    this.reader ??= new ClosureReader();
    return this.reader;
  }

  private unit(script: number): Map<string, Packed> {
    let shared = this.units.get(script);
    if (shared === undefined) {
      shared = new Map();
      this.scripts.set(script, this.units.size);
      this.units.set(script, shared);
    }
    return shared;
  }

  /** The value of a variable; of an object that stands for variables, those that the text mentions. */
  private variable(scope: object, name: string, text: string): Packed {
    const value: unknown = Reflect.get(scope, name);
    if (typeof value !== "object" || value === null || !isVariables(value)) return this.pack(value);
    const properties = this.members.get(value) ?? [];
    this.members.set(value, properties);
    const reference = this.reference(value, () => ({ kind: "object", prototype: null, properties }));
    for (const member of membersMentioned(text, name)) {
      if (properties.some(({ key }) => key === member) || !(member in value)) continue;
      const at = properties.push({ key: member, value: undefined }) - 1;
      properties[at] = { key: member, value: this.pack(Reflect.get(value, member)) };
    }
    return reference;
  }
}

/** Tells which own properties of an object its shell has already: the length of an array, elements that lie one after another. */
function shellKeys(value: object): (key: string | symbol) => boolean {
  const isView = ArrayBuffer.isView(value);
  if (!isView && !Array.isArray(value)) return () => false;
  const hasElements = isView || Object.keys(value).length === value.length;
  return (key) => key === "length" || (hasElements && typeof key === "string" && /^\d+$/.test(key));
}

/** Properties that JavaScript itself gives functions and their `prototype`. */
const ofEveryFunction: ReadonlySet<string | symbol> = new Set([
  "constructor",
  "prototype",
  "length",
  "name",
  "arguments",
  "caller",
]);

/** Whether a property of a function or its `prototype` is there because of the text alone. */
function madeByText(owner: object, key: string | symbol, text: string): boolean {
  if (ofEveryFunction.has(key)) return true;
  const { value, get, set } = Object.getOwnPropertyDescriptor(owner, key) as PropertyDescriptor;
  const parts = [value, get, set].filter((part) => typeof part === "function");
  return parts.length > 0 && parts.every((part) => text.includes(Function.prototype.toString.call(part)));
}

function nameOf(value: object): string {
  return String(Reflect.get(value, "name") ?? "");
}

/** The class of objects with a prototype. */
function ownerOf(prototype: object): { name: string } | undefined {
  const made: unknown = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  return typeof made === "function" ? (made as { name: string }) : undefined;
}

function symbolNode(value: symbol): Node {
  for (const name of Object.getOwnPropertyNames(Symbol)) {
    if (Reflect.get(Symbol, name) === value) return { kind: "global", path: ["Symbol", name] };
  }
  return { kind: "symbol", key: Symbol.keyFor(value), description: value.description };
}

function refused(message: string): Node {
  return { kind: "refused", message };
}

/** Why an object cannot leave its thread; null when it can. */
function refusalOf(value: object): string | null {
  if (types.isPromise(value)) return "a promise belongs to its thread: await it first";
  if (types.isWeakMap(value) || types.isWeakSet(value)) return "a WeakMap or WeakSet does not tell what is in it";
  if (types.isGeneratorObject(value))
    return "a generator that has begun cannot be copied: keep the function, and call it in the worker";
  if (types.isExternal(value)) return "memory of a native add-on belongs to its thread";
  return null;
}

/** Whether an address is that of an ES module that the other side can import: not the main program, nor a CommonJS module. */
function isImportable(url: string): boolean {
  if (!url.startsWith("file:")) return false;
  const file = fileURLToPath(url);
  const [, main] = process.argv;
  return require.cache[file] === undefined && !(main !== undefined && existsSync(main) && realpathSync(main) === file);
}

/**
 * Makes a value ready for another thread; `originals` are the values of the parcel's nodes. What cannot be carried fails when it is
 * used there. Whoever gets the parcel unpacks it or discards it, once.
 */
export function pack(value: unknown, options: PackOptions = {}): { parcel: Parcel; originals: unknown[] } {
  return new Packer(options).run(value);
}

/** The parcel with holds of its own on shared memory, for one more receiver. */
export function shareAgain({ parcel, originals }: { parcel: Parcel; originals: readonly unknown[] }): Parcel {
  for (const [number, node] of parcel.nodes.entries()) {
    if (node.kind === "storage" && "block" in node) shareBlock(originals[number] as Storage);
  }
  return parcel;
}
