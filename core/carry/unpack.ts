// Values from another thread made again: the counterpart of pack.ts.

import { functionWith } from "../nn/callable";
import type { Storage } from "../tensor/storage";
import type { Tensor } from "../tensor/tensor";
import type { Form, FunctionNode, Node, ObjectNode, Packed, PackedProperty, Parcel, Place } from "./format";
import { atPath } from "./references";
import { withHeritage } from "./source-text";
import { carriedSource } from "./stacks";
import { discardStorage, unpackStorage, unpackTensor } from "./tensors";

/** A function that its module does not export: it must come by its text. */
export class NotExported extends Error {
  constructor(readonly url: string) {
    super(`a function of ${url} is not exported`);
  }
}

/** What unpacking knows beyond the parcel. */
export interface UnpackOptions {
  /** ES modules by their address, imported before. */
  readonly modules?: ReadonlyMap<string, object>;
  /** Values by the numbers under which the other side got them from here. */
  readonly home?: readonly unknown[];
}

/** Makes functions of one script: `make` one by its number, `set` variables that they share. */
interface Script {
  readonly make: readonly ((
    heritage: unknown,
    inner: unknown[],
  ) => { made: object; set: ((values: unknown[]) => void) | undefined })[];
  set(name: string, value: unknown): void;
}

class Unpacker {
  readonly values: unknown[] = [];
  private readonly done: boolean[] = [];
  /** What waits for values that are being made, by the number of their node. */
  private readonly waiting = new Map<number, (() => void)[]>();
  private readonly scripts: Script[] = [];
  /** The functions of each script, by the numbers of their nodes. */
  private readonly makers: number[][] = [];
  /** Variables that got their values. */
  private readonly filled: Set<string>[] = [];

  constructor(
    private readonly parcel: Parcel,
    private readonly options: UnpackOptions,
  ) {
    this.makers = parcel.units.map(() => []);
    parcel.nodes.forEach((node, number) => {
      if (node.kind === "function") this.makers[node.script].push(number);
    });
  }

  run(): unknown {
    try {
      return this.unpack(this.parcel.root);
    } finally {
      this.parcel.nodes.forEach((node, number) => {
        if (node.kind === "storage" && !this.done[number]) discardStorage(node);
      });
    }
  }

  private unpack(packed: Packed): unknown {
    if (typeof packed !== "object" || packed === null) return packed;
    const { node: number } = packed;
    if (this.done[number]) return this.values[number];
    return this.node(this.parcel.nodes[number], number);
  }

  /** Hands a value on: now, or, when it hangs on what is being made now, as soon as that is made. */
  private assign(packed: Packed, hand: (value: unknown) => void): void {
    const number = typeof packed === "object" && packed !== null ? packed.node : -1;
    const waiting = this.waiting.get(number);
    if (waiting === undefined) hand(this.unpack(packed));
    else waiting.push(() => hand(this.values[number]));
  }

  /** Makes a value that has to be whole before anything can refer to it: a class, what a constructor gives. */
  private whole<T>(number: number, make: () => T): T {
    this.waiting.set(number, []);
    const made = this.remember(number, make());
    const waiting = this.waiting.get(number) ?? [];
    this.waiting.delete(number);
    for (const hand of waiting) hand();
    return made;
  }

  /** Remembers a value before what hangs on it is made, which may lead back to it. */
  private remember<T>(number: number, value: T): T {
    this.done[number] = true;
    this.values[number] = value;
    return value;
  }

  private node(node: Node, number: number): unknown {
    switch (node.kind) {
      case "storage":
        return this.remember(number, unpackStorage(node));
      case "tensor": {
        const made = this.remember(number, unpackTensor(node, this.unpack(node.storage) as Storage)) as Tensor;
        if (node.prototype !== undefined) this.inherit(made, node.prototype);
        return this.finish(made, node);
      }
      case "commonjs":
        return this.remember(number, atPath(require(node.file), node.path));
      case "global":
        return this.remember(number, atPath(globalThis, node.path));
      case "prototype":
        return this.remember(number, Reflect.get(this.unpack(node.of) as object, "prototype"));
      case "module":
        return this.remember(number, this.exported(node));
      case "symbol":
        return this.remember(number, node.key === undefined ? Symbol(node.description) : Symbol.for(node.key));
      case "home":
        return this.remember(number, this.options.home?.[node.id]);
      case "refused":
        return this.remember(number, refusal(node.message));
      case "rebuilt":
        return this.whole(number, () =>
          Reflect.construct(
            this.unpack(node.constructed) as new (
              ...args: unknown[]
            ) => object,
            this.unpack(node.arguments) as unknown[],
          ),
        );
      case "function":
        return this.function(node, number);
      default:
        return this.object(node, number);
    }
  }

  private object(node: ObjectNode, number: number): object {
    const made = this.shell(node, number);
    if (node.kind === "array") {
      node.items?.forEach((item, index) => {
        this.assign(item, (value) => {
          made[index] = value;
        });
      });
    } else if (node.kind === "map") {
      for (const [key, item] of node.entries) {
        this.assign(key, (name) => this.assign(item, (value) => Map.prototype.set.call(made, name, value)));
      }
    } else if (node.kind === "set") {
      for (const item of node.items) this.assign(item, (value) => Set.prototype.add.call(made, value));
    }
    if ("prototype" in node && node.prototype !== undefined) this.inherit(made, node.prototype);
    return this.finish(made, node);
  }

  /** Makes an object one of a class, or of the prototype given; of a class that is being made, once that is done. */
  private inherit(made: object, prototype: Packed): void {
    const node = typeof prototype === "object" && prototype !== null ? this.parcel.nodes[prototype.node] : null;
    if (node?.kind === "prototype") {
      this.assign(node.of, (owner) => Object.setPrototypeOf(made, Reflect.get(owner as object, "prototype")));
    } else Object.setPrototypeOf(made, this.unpack(prototype) as object | null);
  }

  /** An object without its contents. */
  private shell(node: ObjectNode, number: number): Record<PropertyKey, unknown> {
    const remember = (made: unknown) => this.remember(number, made) as Record<PropertyKey, unknown>;
    switch (node.kind) {
      case "object":
        return remember({});
      case "callable":
        return remember(functionWith(Object.prototype));
      case "array":
        return remember(new Array(node.length));
      case "map":
        return remember(new Map());
      case "set":
        return remember(new Set());
      case "clone":
        return remember(node.value);
      case "error":
        return remember(new Error());
      case "view": {
        const buffer = this.unpack(node.buffer) as ArrayBuffer;
        if (node.type === "Buffer") return remember(Buffer.from(buffer, node.offset, node.length));
        const made = Reflect.get(globalThis, node.type) as new (...args: unknown[]) => object;
        return remember(new made(buffer, node.offset, node.length));
      }
    }
  }

  private finish<T extends object>(
    made: T,
    { properties, frozen }: { properties?: readonly PackedProperty[]; frozen?: boolean },
  ): T {
    for (const property of properties ?? []) this.property(made, property);
    return frozen ? Object.freeze(made) : made;
  }

  private property(owner: object, { key, value, get, set, flags }: PackedProperty): void {
    const name = this.unpack(key) as PropertyKey;
    const usual = { writable: true, enumerable: true, configurable: true };
    if (get !== undefined || set !== undefined) {
      Object.defineProperty(owner, name, {
        get: this.unpack(get) as () => unknown,
        set: this.unpack(set) as (value: unknown) => void,
        enumerable: flags?.enumerable,
        configurable: flags?.configurable,
      });
      return;
    }
    this.assign(value, (found) => Object.defineProperty(owner, name, { value: found, ...(flags ?? usual) }));
  }

  /** An export by its name, or under another name the one with the same text. */
  private exported({ url, name, text }: { url: string; name: string; text: string }): unknown {
    const module = this.options.modules?.get(url) ?? {};
    const isSame = (value: unknown) => typeof value === "function" && Function.prototype.toString.call(value) === text;
    const found = [name, ...Object.keys(module)].find((key) => isSame(Reflect.get(module, key)));
    if (found === undefined) throw new NotExported(url);
    return Reflect.get(module, found);
  }

  // Functions from their text

  private function(node: FunctionNode, number: number): unknown {
    const maker = this.script(node.script).make[this.makers[node.script].indexOf(number)];
    let inner: ((values: unknown[]) => void) | undefined;
    const make = (heritage?: unknown, values: unknown[] = []) => {
      const { made, set } = maker(heritage, values);
      inner = set;
      if (Reflect.get(made, "name") !== node.name) {
        Object.defineProperty(made, "name", { value: node.name, configurable: true });
      }
      return made;
    };
    const made =
      node.form === "class" ? this.whole(number, () => make(...this.before(node))) : this.remember(number, make());
    if (node.form !== "class") this.fill(node);
    this.closed(node, (values) => inner?.(values));
    const members: unknown = Reflect.get(made, "prototype");
    for (const property of node.members ?? []) this.property(members as object, property);
    return this.finish(made, node);
  }

  /** What a class needs while it is made, since it computes its static members then. */
  private before(node: FunctionNode): [heritage: unknown, inner: unknown[]] {
    const heritage = node.heritage === undefined ? undefined : this.unpack(node.heritage);
    this.fill(node);
    return [heritage, this.closed(node)];
  }

  /** The variables of the functions around a function; `changed` is told whenever one more of them is there. */
  private closed(node: FunctionNode, changed: (values: unknown[]) => void = () => {}): unknown[] {
    const values: unknown[] = [];
    node.inner.forEach(([, value], index) => {
      this.assign(value, (found) => {
        values[index] = found;
        changed(values);
      });
    });
    return values;
  }

  /** Gives the variables that a function mentions their values. */
  private fill(node: FunctionNode): void {
    const script = this.script(node.script);
    const { variables } = this.parcel.units[node.script];
    this.filled[node.script] ??= new Set();
    const filled = this.filled[node.script];
    for (const [name, value] of variables) {
      if (!node.outer.includes(name) || filled.has(name)) continue;
      filled.add(name);
      this.assign(value, (found) => script.set(name, found));
    }
  }

  /** All functions of a script in one scope, whose variables they share. */
  private script(index: number): Script {
    this.scripts[index] ??= compile(
      this.parcel.units[index].variables.map(([name]) => name),
      this.makers[index].map((number) => this.parcel.nodes[number] as FunctionNode),
    );
    return this.scripts[index];
  }
}

/** A name that no text of a program mentions. */
const hidden = "\u0275carried";

function compile(variables: readonly string[], functions: readonly FunctionNode[]): Script {
  const lines: (Place | null)[] = [];
  const code: string[] = [
    '"use strict";',
    variables.length > 0 ? `let ${variables.join(", ")};` : "",
    "return { make: [",
  ];
  for (const { text, form, inner, place } of functions) {
    const names = inner.map(([name]) => name);
    const declared = names.length > 0 ? `let [${names.join(", ")}] = ${hidden};` : "";
    const set = names.length > 0 ? `(${hidden}) => { [${names.join(", ")}] = ${hidden}; }` : "undefined";
    code.push(`(${hidden}base, ${hidden}) => { ${declared} const made = `);
    const whole = expression(text, form);
    const rows = whole.split("\n").length;
    for (let row = 0; row < rows; row++) {
      const column = row === 0 ? place.column - whole.indexOf(text.slice(0, 8)) : 1;
      lines[code.length + row] = { url: place.url, line: place.line + row, column };
    }
    code.push(...whole.split("\n"), `; return { made, set: ${set} }; },`);
  }
  const setters = variables.map((name) => `${JSON.stringify(name)}: (${hidden}) => { ${name} = ${hidden}; }`);
  code.push(`], setters: { __proto__: null, ${setters.join(", ")} } };`);
  const source = carriedSource(lines);
  const { make, setters: set } = new Function(`${code.join("\n")}\n//# sourceURL=${source}`)() as {
    make: Script["make"];
    setters: Record<string, (value: unknown) => void>;
  };
  return { make, set: (name, value) => set[name](value) };
}

/** An expression that gives the function of a text. */
function expression(text: string, form: Form): string {
  if (form === "expression") return `(${text})`;
  if (form === "class") return `(${withHeritage(text, `${hidden}base`) ?? text})`;
  // Getters and setters are no values of their object.
  return `((object) => { const key = Reflect.ownKeys(object)[0]; const { value, get, set } = Object.getOwnPropertyDescriptor(object, key); return value ?? get ?? set; })({ ${text} })`;
}

/** Stands for what could not be carried: every use throws. */
function refusal(message: string): object {
  const fail = () => {
    throw new TypeError(`This value cannot be used in a worker: ${message}.`);
  };
  const traps = Reflect.ownKeys(Reflect).filter((name): name is keyof ProxyHandler<object> => typeof name === "string");
  return new Proxy(() => {}, Object.fromEntries(traps.map((name) => [name, fail])));
}

/** A value of another thread, and the values of the parcel's nodes. Throws NotExported. */
export function unpack(parcel: Parcel, options: UnpackOptions = {}): { value: unknown; values: unknown[] } {
  const unpacker = new Unpacker(parcel, options);
  return { value: unpacker.run(), values: unpacker.values };
}

/** Frees the memory of a parcel that nobody will unpack. */
export function discard({ nodes }: Parcel): void {
  for (const node of nodes) if (node.kind === "storage") discardStorage(node);
}
