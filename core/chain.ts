// A chain: elementwise ops on large tensors that wait for each other, so that one pass over memory computes them all and only
// what is still reachable is written. Five ops on 64 MB are five passes at the speed of memory; as a chain they are one.
//
// Nothing else may notice. An op is checked, and its memory allocated, when it is called; every other use of the backend first
// computes the chain, and so does the end of the turn. docs/decisions/chains.md has the rules and the figures.

import { addon, Compute, f64, i32 } from "./native";
import type { Code } from "./program";
import { checkStop } from "./stop";
import type { Scalar } from "./tensor/dtype";
import { collect } from "./tensor/collector";
import { setPending, computePending } from "./tensor/pending";
import type { Storage } from "./tensor/storage";
import type { Tensor } from "./tensor/tensor";

/** Results below this size are computed at once: a collection costs about as much as a pass over them. */
const CHAIN_BYTES = 16 * 2 ** 20;
/** Bounds of one chain, well within a program's; what it reads stays alive until it is computed. */
const MOST_OPERANDS = 16;
const MOST_SCALARS = 16;
const MOST_STEPS = 32;

// Registers while a chain grows: inputs count from 0, scalars and steps from here. A program numbers them in one row.
const SCALARS = 1000;
const STEPS = 2000;

/** One operand in memory, as it was when the op was called. */
interface Source {
  readonly storage: Storage;
  readonly dtype: number;
  readonly byteOffset: number;
  /** 1, or 0 for a single element that serves every place. */
  readonly stride: number;
}

/** What one op of a chain computes, and the memory that it is for. */
interface Link {
  readonly slot: number;
  /** Tells whether the slot still names that memory. */
  readonly generation: number;
  readonly dtype: number;
  readonly register: number;
}

function alive({ slot, generation }: Link): boolean {
  return addon.info("generation", slot) === generation;
}

class Chain {
  readonly sources: Source[] = [];
  readonly scalars: number[] = [];
  /** op, a, b, c per step. */
  readonly steps: number[] = [];
  readonly links: Link[] = [];
  /** The memory of the newest result: what an op gave is computed even when nobody keeps it. */
  newest: Storage | null = null;
  /** The reduction at the end. */
  end: { reduce: number; into: Source } | null = null;

  constructor(
    readonly compute: Compute,
    readonly numel: number,
  ) {}

  /** The op that computes the memory under `t`. A slot may have named the memory of several, of which one is alive. */
  private linkOf(t: Tensor): Link | undefined {
    return this.links.find((link) => link.slot === t.storage.slot && alive(link));
  }

  /** The register of what `t` shows, when that is exactly what an op of this chain computes. */
  find(t: Tensor): number {
    const link = this.linkOf(t);
    const whole = link !== undefined && t.dtype.code === link.dtype && t._numel === this.numel && t.contiguousNow;
    return whole ? link.register : -1;
  }

  /** Whether an op on `inputs` may join: it must read the chain's newest result, and no other result of the chain. */
  takes(code: Code, compute: Compute, numel: number, inputs: readonly Tensor[]): boolean {
    if (this.end !== null || compute !== this.compute || numel !== this.numel) return false;
    if (this.sources.length + this.links.length + inputs.length >= MOST_OPERANDS) return false;
    if (this.scalars.length + code.scalars.length > MOST_SCALARS) return false;
    if (this.steps.length + code.steps.length > 4 * MOST_STEPS) return false;
    let goesOn = false;
    for (const t of inputs) {
      if (this.linkOf(t) === undefined) continue;
      if (this.find(t) < 0) return false;
      goesOn ||= t.storage.slot === this.newest?.slot;
    }
    return goesOn;
  }

  private source(t: Tensor): number {
    const { storage, dtype, offset } = t;
    const stride = t._numel === 1 ? 0 : 1;
    const byteOffset = storage.byteOffset + offset * dtype.itemsize;
    const known = this.sources.findIndex(
      (s) =>
        s.storage.slot === storage.slot && s.byteOffset === byteOffset && s.dtype === dtype.code && s.stride === stride,
    );
    return known >= 0 ? known : this.sources.push({ storage, dtype: dtype.code, byteOffset, stride }) - 1;
  }

  add(code: Code, inputs: readonly Tensor[], scalars: readonly Scalar[], out: Tensor): void {
    const registers = inputs.map((t) => {
      const found = this.find(t);
      return found >= 0 ? found : this.source(t);
    });
    for (const value of scalars) registers.push(SCALARS + this.scalars.push(Number(value)) - 1);
    const before = STEPS + this.steps.length / 4;
    const { steps } = code;
    for (let k = 0; k < steps.length; k += 4) {
      this.steps.push(steps[k]);
      for (let a = 1; a <= 3; a++) {
        const register = steps[k + a];
        this.steps.push(
          register < registers.length ? (registers[register] ?? -1) : before + register - registers.length,
        );
      }
    }
    const result = code.results[0];
    const { slot } = out.storage;
    this.links.push({
      slot,
      generation: addon.info("generation", slot),
      dtype: out.dtype.code,
      register: result < registers.length ? registers[result] : before + result - registers.length,
    });
    this.newest = out.storage;
  }

  /** Computes everything in one program that writes what is still reachable. */
  run(): void {
    // Frees what nobody holds any more: the difference between a chain and its ops one by one.
    if (this.links.length > 1 || this.end !== null) collect("minor");
    let wanted = this.links.filter(alive);
    for (;;) {
      try {
        this.write(wanted);
        return;
      } catch (fault) {
        // Writing the program takes memory of the JavaScript heap, so a collection may have freed a result since it was found alive:
        // the backend then refuses the program before it computes anything.
        const left = wanted.filter(alive);
        if (left.length === wanted.length) throw fault;
        wanted = left;
      }
    }
  }

  /** Runs the program that computes `wanted`, and the reduction at the end. */
  private write(wanted: readonly Link[]): void {
    const { sources, scalars, steps, end } = this;
    let p = 8;
    let q = 0;
    f64[q++] = this.numel;
    const operand = (slot: number, dtype: number, byteOffset: number, stride: number) => {
      i32[p++] = slot;
      i32[p++] = dtype;
      f64[q++] = byteOffset;
      f64[q++] = stride;
    };
    for (const s of sources) operand(s.storage.slot, s.dtype, s.byteOffset, s.stride);
    for (const link of wanted) operand(link.slot, link.dtype, 0, 1);
    if (end !== null) operand(end.into.storage.slot, end.into.dtype, end.into.byteOffset, 0);
    const place = (register: number): number => {
      if (register >= STEPS) return register - STEPS + sources.length + scalars.length;
      return register >= SCALARS ? register - SCALARS + sources.length : register;
    };
    for (const link of wanted) i32[p++] = place(link.register);
    if (end !== null) i32[p++] = place(this.links[this.links.length - 1].register);
    for (let k = 0; k < steps.length; k++) i32[p++] = k % 4 === 0 ? steps[k] : place(steps[k]);
    for (const value of scalars) f64[q++] = value;
    i32[0] = this.compute;
    i32[1] = sources.length;
    i32[2] = wanted.length + (end === null ? 0 : 1);
    i32[3] = scalars.length;
    i32[4] = steps.length / 4;
    i32[5] = 1;
    i32[6] = end === null ? -1 : end.reduce;
    i32[7] = 0;
    addon.run();
  }
}

let chain: Chain | null = null;

/** Computes the chain that waits. */
function computeChain(): void {
  const waiting = chain;
  // A chain that fails is gone: what comes after it is not held up by the same fault.
  chain = null;
  setPending(null);
  waiting?.run();
}

/** Whether results of this dtype are what a compute type works on: stored and loaded again they are the same numbers. */
function exact(out: Tensor, compute: Compute): boolean {
  const { itemsize } = out.dtype;
  return compute === Compute.Float32 ? itemsize === 4 : compute === Compute.Float64 && itemsize === 8;
}

/**
 * Lets an elementwise op wait, or gives false for one that has to run at once. `out` is new memory that nothing else shows; the
 * operands were checked and are broadcast to it.
 */
export function defer(
  code: Code,
  compute: Compute,
  inputs: readonly Tensor[],
  scalars: readonly Scalar[],
  out: Tensor,
): boolean {
  const numel = out._numel;
  if (numel * out.dtype.itemsize < CHAIN_BYTES) return false;
  if (!exact(out, compute) || !out.dtype.isFloatingPoint || !out.contiguousNow) return false;
  for (const t of inputs) {
    if (t.storage.shared !== null || !(t._numel === 1 || (t._numel === numel && t.contiguousNow))) return false;
  }
  checkStop();
  if (chain !== null && !chain.takes(code, compute, numel, inputs)) computePending();
  if (chain === null) {
    chain = new Chain(compute, numel);
    setPending(computeChain);
    queueMicrotask(computePending);
  }
  chain.add(code, inputs, scalars, out);
  return true;
}

/** Lets a reduction to one number wait as the end of the chain that computes `x`, or gives false. */
export function deferReduction(code: Code, compute: Compute, x: Tensor, out: Tensor): boolean {
  if (chain === null || chain.end !== null || compute !== chain.compute || out._numel !== 1) return false;
  if (x.storage.slot !== chain.newest?.slot || chain.find(x) < 0) return false;
  checkStop();
  const { storage, offset, dtype } = out;
  const byteOffset = storage.byteOffset + offset * dtype.itemsize;
  chain.end = { reduce: code.reduce, into: { storage, dtype: dtype.code, byteOffset, stride: 0 } };
  chain.newest = null;
  return true;
}
