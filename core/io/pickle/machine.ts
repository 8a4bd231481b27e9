// What the instructions of a pickle work on: its bytes, a stack of values and a memo.

import { FormatError } from "../../errors";
import { decodeText, fail } from "./decode";
import { Built, Dict, Global, Tuple } from "./values";

/** What a pickle refers to besides plain values. */
export interface PickleHost {
  /** What a global name stands for. Throws FormatError for one that is not allowed. */
  global(module: string, name: string): Global;
  /** What a persistent id stands for. Throws FormatError for one that is none. */
  persistent(id: unknown): unknown;
}

/** Marks where the items of a list, tuple or dict begin. */
export const MARK = Symbol("mark");

/** The stack and the memo of a pickle, and what instructions do with them. */
export class Machine {
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

  /** Where the next instruction is. */
  get position(): number {
    return this.at;
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
