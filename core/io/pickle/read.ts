// The instructions of Python's pickles, protocols 0 to 5, which make values and run nothing: a name in a pickle is given to its host,
// which knows it from a table or refuses it. Memory is bounded by the length of the pickle.

import { decimal, decodeText, fail, floatLine, intLine, longOf, memoKey, quotedLine, unescaped } from "./decode";
import { MARK, Machine, type PickleHost } from "./machine";
import { Dict, Tuple } from "./values";

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

/** The value of the pickle that begins at `at`, and where the pickle ends. Throws FormatError for a damaged one. */
export function unpickle(bytes: Uint8Array, at: number, host: PickleHost): { value: unknown; end: number } {
  const machine = new Machine(bytes, at, host);
  for (;;) {
    const code = machine.u8();
    if (code === STOP) return { value: machine.pop(), end: machine.position };
    const operation = OPERATIONS[code];
    if (operation === undefined) fail(`byte ${machine.position - 1} is no instruction (${code})`);
    operation(machine);
  }
}
