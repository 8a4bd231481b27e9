// Random calls of every function that PyTorch has too, for the comparison with it.

import { snakeCase } from "../../core/tensor/python-text";
import { type Argument, Maker, type TensorSpec, type Value } from "./calls-arguments";
import { difference, foreign } from "./calls-compare";
import { pythonName } from "./calls-names";
import { javascript, python } from "./calls-print";
import type { Entry } from "./calls-rows";
import { explained } from "./calls-rules";
import { type Call, type Outcome, runHere, split, writes } from "./calls-run";
import { entries } from "./calls-table";
import type { PyTorchPrograms, Verdict } from "./kind";
import { Random } from "./random";

function requestOf(call: Call): object {
  const { args, named } = split(call);
  return {
    space: call.space,
    name: pythonName(call.name),
    inplace: writes(call.name),
    tensors: call.tensors,
    args,
    named: Object.fromEntries(named.map(([name, v]) => [snakeCase(name), v])),
  };
}

const WRONG: readonly (Value | undefined)[] = ["x", null, [], -100, 100, 1.5, true, 0, -1, [0], [-1, 2], undefined];

/** What Python writes in brackets, where nothing has a name. */
const BRACKETS = /^(at|setAt)$/;

/** Makes something about the call wrong, or at least unusual. */
function spoil(call: Call, g: Maker): void {
  // A method needs its tensor.
  const first = call.space === "method" ? 1 : 0;
  if (call.args.length <= first) return;
  const k = g.int(first, call.args.length - 1);
  const what = g.int(0, 5);
  const replace = (value: Value | undefined) => {
    call.args[k] = [call.args[k][0], value, call.args[k][2]] as Argument;
  };
  if (what === 0) replace(g.pick(WRONG));
  else if (what === 1 && !BRACKETS.test(call.name)) call.args.push(["foo", 1, "keyword"]);
  else if (what === 2) replace(g.tensor(g.shape()));
  else if (call.tensors.length > 0) {
    const at = g.int(0, call.tensors.length - 1);
    const old = call.tensors[at];
    const made = new Maker(g.random);
    const dtype = what < 5 ? old.dtype : g.pick(["float32", "float64", "int64", "int32", "uint8", "bool", "bfloat16"]);
    made.tensor(what === 5 ? old.sizes : g.shape(), "any", dtype);
    call.tensors[at] = made.tensors[0];
  }
}

/** What calls are made. */
export interface CallOptions {
  /** Only functions whose names match. */
  only?: RegExp;
  /** Only arguments that fit, by position. */
  plain?: boolean;
}

/** A random call of an entry. */
function callOf(entry: Entry, random: Random, plain: boolean): Call {
  const g = new Maker(random);
  const args = entry.make(g);
  const call: Call = { space: entry.space, name: entry.name, tensors: g.tensors, args, positional: args.length };
  if (!plain && g.chance(0.12)) spoil(call, g);
  if (!plain && !BRACKETS.test(entry.name) && g.chance(0.3)) call.positional = g.int(1, args.length);
  return call;
}

function verdict(call: Call, here: Outcome, there: Outcome): Verdict {
  if (there.skip !== undefined) return { explained: there.skip };
  const found = difference(call, here, there);
  const where = `${call.space}.${call.name}`;
  if (found !== null) {
    const reason = explained(call, found, here, there);
    return reason === null ? { wrong: { ...found, where } } : { explained: reason };
  }
  if (!foreign(here) || there.error === undefined) return null;
  return { wrong: { kind: "JavaScript's own words", where, here: here.error ?? "", there: there.error } };
}

/** Simpler calls to try in place of a failing one. */
function simpler(call: Call): Call[] {
  const copies: Call[] = [];
  const change = (edit: (copy: Call) => void) => {
    const copy = structuredClone(call);
    edit(copy);
    copies.push(copy);
  };
  call.args.forEach((arg, k) => {
    if (arg[1] === undefined || k === 0) return;
    change((copy) => {
      copy.args[k][1] = undefined;
    });
  });
  call.tensors.forEach((spec, k) => {
    const edit = (of: (copy: TensorSpec) => TensorSpec) =>
      change((copy) => {
        copy.tensors[k] = of(copy.tensors[k]);
      });
    if (spec.layout !== null) edit((copy) => ({ ...copy, layout: null }));
    if (spec.grad) edit((copy) => ({ ...copy, grad: false }));
    if (spec.data.some((v) => v !== 1)) edit((copy) => ({ ...copy, data: copy.data.map(() => 1) }));
    const simple = spec.data.map((v) => (typeof v === "number" ? Math.round(v) + 0 : v));
    if (simple.join() !== spec.data.join()) edit((copy) => ({ ...copy, data: simple }));
    spec.sizes.forEach((n, d) => {
      if (n > 1) edit((copy) => cut(copy, d));
    });
  });
  if (call.positional < call.args.length) {
    change((copy) => {
      copy.positional = copy.args.length;
    });
  }
  return copies;
}

/** Without the last part of one dimension. */
function cut(spec: TensorSpec, dim: number): TensorSpec {
  const inner = spec.sizes.slice(dim + 1).reduce((n, k) => n * k, 1);
  const n = spec.sizes[dim];
  return {
    ...spec,
    data: spec.data.filter((_, k) => Math.floor(k / inner) % n !== n - 1),
    sizes: spec.sizes.map((size, d) => (d === dim ? size - 1 : size)),
  };
}

/** Random calls of every function of the tables, each in turn. */
export function callPrograms({ only, plain = false }: CallOptions = {}): PyTorchPrograms<Call, Outcome> {
  const table = entries.filter(({ name }) => only === undefined || only.test(name));
  return {
    script: "calls.py",
    generate: (seed) => callOf(table[seed % table.length], new Random(seed), plain),
    request: requestOf,
    run: runHere,
    compare: verdict,
    simpler,
    print: (call) => ({ typescript: javascript(call), python: python(call) }),
    signature: (call, { kind }) => `${call.space}.${call.name}: ${kind}`,
  };
}
