// Pickles of protocol 2, as torch.save writes them. What a value becomes is the caller's to say; here are the instructions.

import { ArgumentError } from "../../errors";

/** Opcodes by their names in Python's pickletools. */
const OP = {
  PROTO: 0x80,
  STOP: 0x2e,
  MARK: 0x28,
  NONE: 0x4e,
  NEWTRUE: 0x88,
  NEWFALSE: 0x89,
  BININT: 0x4a,
  BININT1: 0x4b,
  BININT2: 0x4d,
  LONG1: 0x8a,
  LONG4: 0x8b,
  BINFLOAT: 0x47,
  BINUNICODE: 0x58,
  EMPTY_LIST: 0x5d,
  APPENDS: 0x65,
  EMPTY_TUPLE: 0x29,
  TUPLE: 0x74,
  TUPLE1: 0x85,
  TUPLE2: 0x86,
  TUPLE3: 0x87,
  EMPTY_DICT: 0x7d,
  SETITEMS: 0x75,
  BINPUT: 0x71,
  LONG_BINPUT: 0x72,
  BINGET: 0x68,
  LONG_BINGET: 0x6a,
  GLOBAL: 0x63,
  REDUCE: 0x52,
  NEWOBJ: 0x81,
  BUILD: 0x62,
  BINPERSID: 0x51,
} as const;

const loneSurrogate = /\p{Surrogate}/u;

/** UTF-8 in which halves of surrogate pairs may stand alone, as Python reads it. */
function encodeText(text: string): Buffer {
  if (!loneSurrogate.test(text)) return Buffer.from(text);
  const parts = Array.from(text, (character) => {
    const code = character.codePointAt(0) as number;
    if (code < 0xd800 || code > 0xdfff) return Buffer.from(character);
    return Buffer.of(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  });
  return Buffer.concat(parts);
}

/** The shortest little-endian two's complement of a whole number. */
function longBytes(value: bigint): Buffer {
  const magnitude = value < 0n ? -value : value;
  const bytes = (magnitude.toString(2).length >> 3) + 1;
  const hex = BigInt.asUintN(bytes * 8, value).toString(16);
  const out = Buffer.from(hex.padStart(bytes * 2, "0"), "hex").reverse();
  const spare = value < 0n && bytes > 1 && out[bytes - 1] === 0xff && out[bytes - 2] >= 0x80;
  return spare ? out.subarray(0, -1) : out;
}

/** Writes one pickle. Methods push values and join what was pushed, as Python's machine has it. */
export class PickleWriter {
  private bytes = Buffer.alloc(4096);
  private used = 0;
  private readonly memo = new Map<unknown, number>();

  constructor() {
    this.op(OP.PROTO, 2);
  }

  private room(count: number): void {
    if (this.used + count <= this.bytes.length) return;
    const grown = Buffer.alloc(Math.max(this.bytes.length * 2, this.used + count));
    this.bytes.copy(grown, 0, 0, this.used);
    this.bytes = grown;
  }

  private op(...codes: number[]): void {
    this.room(codes.length);
    for (const code of codes) this.bytes[this.used++] = code;
  }

  private u32(value: number): void {
    this.room(4);
    this.used = this.bytes.writeUInt32LE(value, this.used);
  }

  private raw(data: Uint8Array): void {
    this.room(data.length);
    this.bytes.set(data, this.used);
    this.used += data.length;
  }

  /** The finished pickle. */
  done(): Uint8Array {
    this.op(OP.STOP);
    return this.bytes.subarray(0, this.used);
  }

  /** Pushes what was memoized under a key, if it was. */
  recall(key: unknown): boolean {
    const at = this.memo.get(key);
    if (at === undefined) return false;
    if (at < 256) this.op(OP.BINGET, at);
    else {
      this.op(OP.LONG_BINGET);
      this.u32(at);
    }
    return true;
  }

  /** Names what was pushed last, so that it is written once. */
  memoize(key: unknown): void {
    const at = this.memo.size;
    this.memo.set(key, at);
    if (at < 256) this.op(OP.BINPUT, at);
    else {
      this.op(OP.LONG_BINPUT);
      this.u32(at);
    }
  }

  none(): void {
    this.op(OP.NONE);
  }

  bool(value: boolean): void {
    this.op(value ? OP.NEWTRUE : OP.NEWFALSE);
  }

  int(value: number | bigint): void {
    if (value >= 0 && value < 256) this.op(OP.BININT1, Number(value));
    else if (value >= 0 && value < 65536) this.op(OP.BININT2, Number(value) & 255, Number(value) >> 8);
    else if (value >= -(2 ** 31) && value < 2 ** 31) {
      this.op(OP.BININT);
      this.u32(Number(value) >>> 0);
    } else this.long(BigInt(value));
  }

  private long(value: bigint): void {
    const bytes = longBytes(value);
    if (bytes.length < 256) this.op(OP.LONG1, bytes.length);
    else {
      this.op(OP.LONG4);
      this.u32(bytes.length);
    }
    this.raw(bytes);
  }

  float(value: number): void {
    this.op(OP.BINFLOAT);
    this.room(8);
    this.used = this.bytes.writeDoubleBE(value, this.used);
  }

  /** A text; one that occurs again is written once. */
  text(value: string): void {
    if (this.recall(value)) return;
    const bytes = encodeText(value);
    if (bytes.length >= 2 ** 32) throw new ArgumentError("a text of 4 GB or more cannot be saved");
    this.op(OP.BINUNICODE);
    this.u32(bytes.length);
    this.raw(bytes);
    this.memoize(value);
  }

  mark(): void {
    this.op(OP.MARK);
  }

  emptyList(): void {
    this.op(OP.EMPTY_LIST);
  }

  /** Appends what was pushed since the mark. */
  appends(): void {
    this.op(OP.APPENDS);
  }

  emptyDict(): void {
    this.op(OP.EMPTY_DICT);
  }

  /** Sets the keys and values that were pushed since the mark. */
  setItems(): void {
    this.op(OP.SETITEMS);
  }

  /** A tuple of what `items` push. */
  tuple(items: readonly (() => void)[]): void {
    if (items.length > 3) this.mark();
    for (const item of items) item();
    this.op([OP.EMPTY_TUPLE, OP.TUPLE1, OP.TUPLE2, OP.TUPLE3][items.length] ?? OP.TUPLE);
  }

  /** A class or a function by its name in Python. */
  global(module: string, name: string): void {
    const key = `${module}\n${name}\n`;
    // Texts are memoized by themselves: no text is this object.
    const known = globals.get(key) ?? globals.set(key, { key }).get(key);
    if (this.recall(known)) return;
    this.op(OP.GLOBAL);
    this.raw(Buffer.from(key));
    this.memoize(known);
  }

  /** Calls the class or function that was pushed with the tuple that was pushed. */
  reduce(): void {
    this.op(OP.REDUCE);
  }

  /** An object of the class that was pushed, made with the tuple that was pushed. */
  newObject(): void {
    this.op(OP.NEWOBJ);
  }

  /** Gives the object below it the state that was pushed last. */
  build(): void {
    this.op(OP.BUILD);
  }

  /** What the tuple that was pushed refers to. */
  persistent(): void {
    this.op(OP.BINPERSID);
  }
}

/** One key per global name. */
const globals = new Map<string, { readonly key: string }>();
