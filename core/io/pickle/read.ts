// A machine for Python's pickles, protocols 0 to 5, that makes values and runs nothing: a name in a pickle is given to its host,
// which knows it from a table or refuses it. Memory is bounded by the length of the pickle.

import { FormatError } from "../../errors";
import { Built, Dict, Global, Tuple } from "./values";

/** What a pickle refers to besides plain values. */
export interface PickleHost {
  /** What a global name stands for. Throws FormatError for one that is not allowed. */
  global(module: string, name: string): Global;
  /** What a persistent id stands for. Throws FormatError for one that is none. */
  persistent(id: unknown): unknown;
}

/** Marks where the items of a list, tuple or dict begin. */
const MARK = Symbol("mark");
/** The longest decimal number that is read: its cost grows with the square of its length. */
const MAX_DIGITS = 10_000;

function fail(what: string): never {
  throw new FormatError(`the pickle is damaged: ${what}`);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text as Python writes it: UTF-8, in which halves of surrogate pairs may stand alone. */
function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    let out = "";
    let from = 0;
    for (let k = 0; k + 2 < bytes.length; k++) {
      if (bytes[k] !== 0xed || bytes[k + 1] < 0xa0 || bytes[k + 1] > 0xbf) continue;
      out += decodePart(bytes.subarray(from, k));
      out += String.fromCharCode(0xd000 | ((bytes[k + 1] & 0x3f) << 6) | (bytes[k + 2] & 0x3f));
      from = k + 3;
      k += 2;
    }
    return out + decodePart(bytes.subarray(from));
  }
}

function decodePart(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return fail("a text is no UTF-8");
  }
}

/** An int as a number where that is exact. */
function exact(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** A little-endian two's complement number of any length. */
function longOf(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  const hex = Buffer.from(bytes).reverse().toString("hex");
  return exact(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)));
}

function decimal(text: string): number | bigint {
  if (text.length > MAX_DIGITS || !/^[+-]?\d+$/.test(text)) fail("an int is no number");
  return exact(BigInt(text));
}

/** Python's escapes in the strings of protocol 0. */
function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)/g, (_, code: string) => {
    if (/^[uUx]./.test(code)) return String.fromCodePoint(Math.min(Number.parseInt(code.slice(1), 16), 0x10ffff));
    return { n: "\n", r: "\r", t: "\t" }[code] ?? code;
  });
}

class Machine {
  private stack: unknown[] = [];
  private readonly memo = new Map<number, unknown>();
  private readonly view: DataView;

  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly host: PickleHost,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): { value: unknown; end: number } {
    for (;;) {
      const code = this.u8();
      if (code === STOP) return { value: this.pop(), end: this.at };
      const operation = OPERATIONS[code];
      if (operation === undefined) {
        fail(`byte ${this.at - 1} is no instruction (${code})`);
      }
      operation(this);
    }
  }

  take(length: number): Uint8Array {
    if (length < 0 || length > this.bytes.length - this.at) throw new FormatError("pickle data was truncated");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  u8(): number {
    return this.take(1)[0];
  }

  u16(): number {
    this.take(2);
    return this.view.getUint16(this.at - 2, true);
  }

  u32(): number {
    this.take(4);
    return this.view.getUint32(this.at - 4, true);
  }

  i32(): number {
    return this.u32() | 0;
  }

  u64(): number {
    this.take(8);
    const value = this.view.getBigUint64(this.at - 8, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw new FormatError("pickle data was truncated");
    return Number(value);
  }

  f64(): number {
    this.take(8);
    return this.view.getFloat64(this.at - 8, false);
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw new FormatError("pickle data was truncated");
    const text = decodeText(this.take(end - this.at));
    this.at++;
    return text;
  }

  push(value: unknown): void {
    this.stack.push(value);
  }

  pop(): unknown {
    if (this.stack.length === 0 || this.top() === MARK) fail("an instruction lacks its operand");
    return this.stack.pop();
  }

  top(): unknown {
    if (this.stack.length === 0) fail("an instruction lacks its operand");
    return this.stack[this.stack.length - 1];
  }

  popMark(): unknown[] {
    const mark = this.stack.lastIndexOf(MARK);
    if (mark < 0) fail("could not find MARK");
    const items = this.stack.splice(mark + 1);
    this.stack.length = mark;
    return items;
  }

  /** Takes off whatever is on top, a mark too. */
  drop(): void {
    this.top();
    this.stack.pop();
  }

  put(key: number): void {
    const value = this.top();
    if (value === MARK) fail("a mark has no name");
    this.memo.set(key, value);
  }

  memoize(): void {
    this.put(this.memo.size);
  }

  get(key: number): void {
    if (!this.memo.has(key)) fail(`Memo value not found at index ${key}`);
    this.push(this.memo.get(key));
  }

  tuple(count: number): void {
    const items = Array.from({ length: count }, () => this.pop()).reverse();
    this.push(new Tuple(items));
  }

  list(): unknown[] {
    const list = this.top();
    if (!Array.isArray(list)) fail("items are appended to what is no list");
    return list;
  }

  setItems(items: readonly unknown[]): void {
    const dict = this.top();
    if (!(dict instanceof Dict)) fail("items are set in what is no dict");
    if (items.length % 2 !== 0) fail("a key has no value");
    for (let k = 0; k < items.length; k += 2) dict.set(items[k], items[k + 1]);
  }

  addItems(items: readonly unknown[]): void {
    const set = this.top();
    if (!(set instanceof Set)) fail("items are added to what is no set");
    for (const item of items) set.add(item);
  }

  global(module: unknown, name: unknown): void {
    if (typeof module !== "string" || typeof name !== "string") fail("a global has no name");
    this.push(this.host.global(module, name));
  }

  reduce(): void {
    const args = this.pop();
    const callee = this.pop();
    if (!(callee instanceof Global) || callee.call === null) {
      const name = callee instanceof Global ? callee.name : "a value";
      throw new FormatError(`the file calls ${name}, which is nothing that builds a value`);
    }
    if (!(args instanceof Tuple)) fail("arguments are no tuple");
    this.push(callee.call(args.items));
  }

  build(): void {
    const state = this.pop();
    const target = this.top();
    if (target instanceof Built) target.build(state);
    // Attributes of an OrderedDict: versions of modules, which no version of the library needs.
    else if (!(target instanceof Dict)) fail("a state is given to what has none");
  }

  persistent(id: unknown): void {
    this.push(this.host.persistent(id));
  }
}

type Operation = (m: Machine) => void;

const STOP = ".".charCodeAt(0);

const counted = (read: (m: Machine) => number, make: (bytes: Uint8Array) => unknown): Operation => {
  return (m) => m.push(make(m.take(read(m))));
};
const u8 = (m: Machine) => m.u8();
const u32 = (m: Machine) => m.u32();
const u64 = (m: Machine) => m.u64();
const i32 = (m: Machine) => m.i32();
// Not `slice`, which of a Buffer is a view.
const copied = (bytes: Uint8Array) => new Uint8Array(bytes);
const latin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const constant = (value: unknown): Operation => {
  return (m) => m.push(value);
};

const newObject: Operation = (m) => m.reduce();

/** Instructions by their byte, written as Python's pickletools names them. */
const named: readonly (readonly [code: string | number, operation: Operation])[] = [
  [0x80, (m) => (m.u8() > 5 ? fail("its protocol is not known") : undefined)], // PROTO
  [0x95, (m) => void m.u64()], // FRAME
  ["(", (m) => m.push(MARK)],
  ["0", (m) => m.drop()],
  ["1", (m) => void m.popMark()],
  ["2", (m) => (m.top() === MARK ? fail("a mark is doubled") : m.push(m.top()))],
  ["N", constant(null)],
  [0x88, constant(true)],
  [0x89, constant(false)],
  ["I", (m) => m.push(intLine(m.line()))],
  ["L", (m) => m.push(decimal(m.line().replace(/L$/, "")))],
  ["J", (m) => m.push(m.i32())],
  ["K", (m) => m.push(m.u8())],
  ["M", (m) => m.push(m.u16())],
  [0x8a, counted(u8, longOf)], // LONG1
  [0x8b, counted(i32, longOf)], // LONG4
  ["F", (m) => m.push(floatLine(m.line()))],
  ["G", (m) => m.push(m.f64())],
  ["S", (m) => m.push(quotedLine(m.line()))],
  ["T", counted(i32, latin1)],
  ["U", counted(u8, latin1)],
  ["V", (m) => m.push(unescaped(m.line()))],
  ["X", counted(u32, decodeText)],
  [0x8c, counted(u8, decodeText)], // SHORT_BINUNICODE
  [0x8d, counted(u64, decodeText)], // BINUNICODE8
  ["B", counted(u32, copied)],
  ["C", counted(u8, copied)],
  [0x8e, counted(u64, copied)], // BINBYTES8
  [0x96, counted(u64, copied)], // BYTEARRAY8
  ["]", (m) => m.push([])],
  ["l", (m) => m.push(m.popMark())],
  ["a", (m) => append(m, [m.pop()])],
  ["e", (m) => append(m, m.popMark())],
  [")", (m) => m.tuple(0)],
  ["t", (m) => m.push(new Tuple(m.popMark()))],
  [0x85, (m) => m.tuple(1)],
  [0x86, (m) => m.tuple(2)],
  [0x87, (m) => m.tuple(3)],
  ["}", (m) => m.push(new Dict("dict"))],
  ["d", (m) => dictOf(m, m.popMark())],
  ["s", (m) => setItem(m, m.pop(), m.pop())],
  ["u", (m) => m.setItems(m.popMark())],
  [0x8f, (m) => m.push(new Set())], // EMPTY_SET
  [0x90, (m) => m.addItems(m.popMark())], // ADDITEMS
  [0x91, (m) => m.push(new Set(m.popMark()))], // FROZENSET
  ["p", (m) => m.put(memoKey(m.line()))],
  ["q", (m) => m.put(m.u8())],
  ["r", (m) => m.put(m.u32())],
  [0x94, (m) => m.memoize()],
  ["g", (m) => m.get(memoKey(m.line()))],
  ["h", (m) => m.get(m.u8())],
  ["j", (m) => m.get(m.u32())],
  ["c", (m) => m.global(m.line(), m.line())],
  [0x93, (m) => stackGlobal(m, m.pop(), m.pop())], // STACK_GLOBAL
  ["R", (m) => m.reduce()],
  [0x81, newObject],
  ["b", (m) => m.build()],
  ["P", (m) => m.persistent(m.line())],
  ["Q", (m) => m.persistent(m.pop())],
];

const OPERATIONS: readonly (Operation | undefined)[] = named.reduce<(Operation | undefined)[]>(
  (table, [code, operation]) => {
    table[typeof code === "string" ? code.charCodeAt(0) : code] = operation;
    return table;
  },
  new Array<Operation | undefined>(256).fill(undefined),
);

function append(m: Machine, items: readonly unknown[]): void {
  const list = m.list();
  for (const item of items) list.push(item);
}

function dictOf(m: Machine, items: readonly unknown[]): void {
  m.push(new Dict("dict"));
  m.setItems(items);
}

function setItem(m: Machine, value: unknown, key: unknown): void {
  m.setItems([key, value]);
}

function stackGlobal(m: Machine, name: unknown, module: unknown): void {
  m.global(module, name);
}

function memoKey(text: string): number {
  return Number(decimal(text));
}

function intLine(text: string): unknown {
  // Protocol 0 writes booleans as these two.
  if (text === "00" || text === "01") return text === "01";
  return decimal(text);
}

function floatLine(text: string): number {
  const word = /^([+-]?)(inf|nan)$/i.exec(text.trim());
  if (word !== null) {
    return word[2].toLowerCase() === "nan" ? Number.NaN : word[1] === "-" ? -Infinity : Infinity;
  }
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) fail("a float is no number");
  return value;
}

function quotedLine(text: string): string {
  if (!/^(["']).*\1$/s.test(text) || text.length < 2) fail("a string has no quotes");
  return unescaped(text.slice(1, -1));
}

/** The value of the pickle that begins at `at`, and where the pickle ends. Throws FormatError for a damaged one. */
export function unpickle(bytes: Uint8Array, at: number, host: PickleHost): { value: unknown; end: number } {
  return new Machine(bytes, at, host).run();
}
