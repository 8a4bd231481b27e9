// Random arguments of calls: numbers, flags, shapes and tensors, as plain values that both sides build for themselves.

import type { Random } from "./random";

/** How a tensor lies in memory: its dimensions permuted, every second element of one, a part of one, or one repeated by stride 0. */
export type Layout =
  | { kind: "permute"; order: number[] }
  | { kind: "step"; dim: number }
  | { kind: "narrow"; dim: number }
  | { kind: "expand"; dim: number };

/** A tensor that both sides make: its elements row by row. */
export interface TensorSpec {
  dtype: string;
  sizes: number[];
  data: (number | string)[];
  layout: Layout | null;
  grad: boolean;
}

/** An argument: JSON, with `{ tensor }` for a tensor of the call and `{ dtype }` for a dtype, `{ number }` for what JSON has not. */
export type Value =
  | null
  | boolean
  | number
  | string
  | { tensor: number }
  | { dtype: string }
  | { number: string }
  | Value[];

/** An argument by its name in PyTorch's order; undefined leaves it out. */
export type Argument = [name: string, value: Value | undefined, only?: "keyword"];

export const FLOATS = ["float32", "float64", "bfloat16", "float16"] as const;
export const INTS = ["int64", "int32", "int16", "int8", "uint8"] as const;

/** What elements a tensor has. */
export type Elements =
  | "any"
  | "positive"
  | "unit"
  | "sign"
  | "bool"
  | { below: number }
  | { from: number; below: number };

const LIMITS: { readonly [dtype: string]: readonly number[] } = {
  uint8: [0, 255, 200],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-2147483648, 2147483647],
  int64: [-9007199254740991, 4294967296],
};

/** Makes the arguments of one call. */
export class Maker {
  readonly tensors: TensorSpec[] = [];
  /** The dtype that most tensors of the call have. */
  dtype = "float32";
  /** Whether tensors of the call require grad. */
  readonly grad: boolean;
  /** Whether NaN and infinities may stand among elements. */
  private readonly special: boolean;

  constructor(readonly random: Random) {
    this.grad = random.unit() < 0.4;
    this.special = random.unit() < 0.12;
  }

  /** True with probability `p`. */
  chance(p: number): boolean {
    return this.random.unit() < p;
  }
  /** A whole number from `low` to `high`, both included. */
  int(low: number, high: number): number {
    return low + this.random.below(high - low + 1);
  }
  pick<T>(list: readonly T[]): T {
    return this.random.pick(list);
  }
  /** The same entries in another order. */
  shuffled<T>(list: readonly T[]): T[] {
    const left = [...list];
    return list.map(() => left.splice(this.random.below(left.length), 1)[0]);
  }
  /** The value made, or nothing. */
  maybe<T>(p: number, make: () => T): T | undefined {
    return this.chance(p) ? make() : undefined;
  }
  bool(): boolean {
    return this.chance(0.5);
  }

  /** Decides the dtype of the call: mostly one that the function takes. */
  use(kind: "any" | "float" | "int" | "number" | "bool"): void {
    const stray = this.chance(0.06);
    const group = stray ? "any" : kind;
    if (group === "bool") this.dtype = "bool";
    else if (group === "float") this.dtype = this.chance(0.7) ? "float32" : this.chance(0.8) ? "float64" : "bfloat16";
    else if (group === "int") this.dtype = this.pick(INTS);
    else if (this.chance(0.55)) this.dtype = this.chance(0.75) ? "float32" : "float64";
    else this.dtype = this.pick(group === "any" ? [...INTS, "bool", "bfloat16", "float16"] : [...INTS, "bfloat16"]);
  }

  /** A shape of `least` to `most` dimensions; sizes are small, 0 now and then. */
  shape(least = 0, most = 4): number[] {
    const ndim = this.chance(0.7) ? this.int(least, Math.max(least, Math.min(most, 3))) : this.int(least, most);
    const empty = this.chance(0.05);
    return Array.from({ length: ndim }, () => (empty && this.chance(0.5) ? 0 : this.chance(0.2) ? 1 : this.int(1, 4)));
  }

  /** A shape that broadcasts with another. */
  broadcast(sizes: readonly number[]): number[] {
    if (this.chance(0.45)) return [...sizes];
    const kept = sizes.slice(this.int(0, sizes.length));
    return kept.map((n) => (this.chance(0.3) ? 1 : n));
  }

  /** A dimension, from either end. */
  dim(ndim: number): number {
    const n = Math.max(ndim, 1);
    return this.int(-n, n - 1);
  }

  /** Several distinct dimensions. */
  dims(ndim: number): number[] {
    const all = this.shuffled(Array.from({ length: ndim }, (_, d) => d));
    return all.slice(0, this.int(0, ndim)).map((d) => (this.chance(0.3) ? d - ndim : d));
  }

  /** A number as users write it. */
  number(): Value {
    if (this.chance(0.03)) return this.pick<Value>([{ number: "inf" }, { number: "-inf" }, { number: "nan" }, true]);
    return this.chance(0.6) ? this.pick([0, 1, 2, 3, -1, -2, 5]) : this.pick([0.5, -0.5, 1.5, 2.5, -1.25, 0.1]);
  }

  float(low: number, high: number): number {
    return Math.round((low + (high - low) * this.random.unit()) * 1000) / 1000;
  }

  private element(dtype: string, elements: Elements): number | string {
    if (typeof elements === "object") return this.int("from" in elements ? elements.from : 0, elements.below - 1);
    if (dtype === "bool" || elements === "bool") return this.int(0, 1);
    if (elements === "sign") return this.pick([-1, 1]);
    const whole = LIMITS[dtype];
    if (whole !== undefined) {
      if (elements === "any" && this.chance(0.01)) return this.pick(whole);
      return this.int(
        elements === "any" && dtype !== "uint8" ? -4 : elements === "positive" ? 1 : 0,
        elements === "unit" ? 1 : 6,
      );
    }
    if (elements === "unit") return this.int(1, 31) / 32;
    if (this.special && this.chance(0.12)) return this.pick(["nan", "inf", "-inf", "-0", 0]);
    const value = this.chance(0.5) ? this.int(-24, 24) / 8 : Math.fround((this.random.unit() - 0.5) * 6);
    const half = dtype === "float16" || dtype === "bfloat16";
    const rounded = half ? Math.round(value * 8) / 8 + 0 : value;
    return elements === "positive" ? Math.abs(rounded) + 0.125 : rounded;
  }

  private layoutOf(sizes: readonly number[]): Layout | null {
    const ndim = sizes.length;
    if (ndim === 0 || this.chance(0.6)) return null;
    const dim = this.int(0, ndim - 1);
    const kind = this.pick(["permute", "step", "narrow", "expand"] as const);
    if (kind === "permute") {
      return { kind, order: this.shuffled(Array.from({ length: ndim }, (_, d) => d)) };
    }
    return { kind, dim };
  }

  /** A tensor of the call. Of another dtype than the call's now and then, unless one is given. */
  tensor(sizes: readonly number[], elements: Elements = "any", dtype?: string, plain = false): { tensor: number } {
    const other = dtype === undefined && this.chance(0.06);
    const type = dtype ?? (other ? this.pick([...FLOATS, ...INTS, "bool"]) : this.dtype);
    const layout = plain ? null : this.layoutOf(sizes);
    const total = sizes.reduce((n, k) => n * k, 1);
    const data = Array.from({ length: total }, () => this.element(type, elements));
    if (layout?.kind === "expand") repeatAlong(data, sizes, layout.dim);
    const float = type.includes("float");
    this.tensors.push({ dtype: type, sizes: [...sizes], data, layout, grad: this.grad && float && this.chance(0.8) });
    return { tensor: this.tensors.length - 1 };
  }

  /** Two tensors that broadcast together, or a tensor and a number. */
  pair(scalars = true): [Value, Value] {
    const sizes = this.shape();
    const other = this.broadcast(sizes);
    const swap = this.chance(0.3);
    const first = this.tensor(swap ? other : sizes);
    if (scalars && this.chance(0.2)) return [first, this.number()];
    return [first, this.tensor(swap ? sizes : other)];
  }

  /** Positions along a dimension of size `n`, as int64. */
  index(sizes: readonly number[], n: number, negative = false): { tensor: number } {
    const below = Math.max(n, 1);
    return this.tensor(sizes, negative && this.chance(0.3) ? { from: -below, below } : { below }, "int64");
  }
}

/** Makes all slices along a dimension equal to the first: what stride 0 shows. */
function repeatAlong(data: (number | string)[], sizes: readonly number[], dim: number): void {
  const inner = sizes.slice(dim + 1).reduce((n, k) => n * k, 1);
  const block = inner * sizes[dim];
  for (let k = 0; k < data.length; k++) data[k] = data[Math.floor(k / block) * block + (k % inner)];
}
