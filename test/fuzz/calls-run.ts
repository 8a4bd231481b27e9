// Runs a call here and says what came of it, as calls.py does in PyTorch.

import * as torch from "cresset";
import type { Argument, Layout, TensorSpec, Value } from "./calls-arguments";

/** Where a function is found. */
export type Space = "torch" | "functional" | "linalg" | "special" | "method";

/** One call: a function, its arguments in order, and from `named` on by name. */
export interface Call {
  space: Space;
  name: string;
  tensors: TensorSpec[];
  args: Argument[];
  /** How many arguments stand by position; the others are named. */
  positional: number;
}

/** A result as plain values. */
export type Encoded =
  | null
  | boolean
  | number
  | string
  | { dtype: string }
  | { tensor: (number | string | boolean)[]; dtype: string; sizes: number[]; grad?: boolean }
  | Encoded[];

/** What came of a call. */
export interface Outcome {
  skip?: string;
  error?: string;
  value?: Encoded;
  /** Which results lie in the memory of which tensors. */
  shares?: [result: number, tensor: number][];
  /** The elements of all tensors afterwards. */
  after?: (number | string | boolean)[][];
  /** Gradients of the leaves, nothing where no result requires grad, or why there are none. */
  grads?: (Encoded | null)[] | string | null;
}

/** Whether a name is that of a function that writes in place. */
export function writes(name: string): boolean {
  return name.endsWith("_") || name === "setAt";
}

function numberOf(x: number | bigint | boolean): number | string | boolean {
  if (typeof x === "bigint") return Number.isSafeInteger(Number(x)) ? Number(x) : String(x);
  if (typeof x === "boolean") return x;
  if (Number.isNaN(x)) return "nan";
  if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
  return x;
}

function plain(x: torch.Tensor): (number | string | boolean)[] {
  const whole = x.detach().contiguous();
  if (whole.dtype === torch.int64) return [...whole.raw()].map((v) => numberOf(v));
  return [...whole.double().raw()].map((v) => (whole.dtype === torch.bool ? Number(v) !== 0 : numberOf(Number(v))));
}

function encode(x: unknown, found: torch.Tensor[]): Encoded {
  if (x instanceof torch.Tensor) {
    found.push(x);
    return { tensor: plain(x), dtype: x.dtype.name, sizes: [...x.sizes], grad: x.requiresGrad };
  }
  if (x === null || x === undefined) return null;
  if (typeof x === "boolean" || typeof x === "string") return x;
  if (typeof x === "number" || typeof x === "bigint") return numberOf(x);
  if (x instanceof torch.DType) return { dtype: x.name };
  if (Array.isArray(x)) return x.map((v) => encode(v, found));
  return typeof x;
}

const dtypes: { readonly [name: string]: torch.DType } = {
  bool: torch.bool,
  uint8: torch.uint8,
  int8: torch.int8,
  int16: torch.int16,
  int32: torch.int32,
  int64: torch.int64,
  float16: torch.float16,
  bfloat16: torch.bfloat16,
  float32: torch.float32,
  float64: torch.float64,
};

const everySecond = (x: torch.Tensor, dim: number): torch.Tensor => x.at(...new Array<string>(dim).fill(":"), "::2");

/** The memory under a layout, holding the values. */
function baseOf(values: torch.Tensor, layout: Layout | null): torch.Tensor {
  if (layout === null) return values;
  if (layout.kind === "permute") return values.permute(layout.order).contiguous();
  const { dim } = layout;
  const n = values.sizes[dim];
  if (layout.kind === "expand") return values.narrow(dim, 0, Math.min(n, 1)).clone();
  const sizes = values.sizes.map((m, d) => (d !== dim ? m : layout.kind === "step" ? 2 * n : n + 2));
  const base = torch.ones(sizes, { dtype: values.dtype });
  (layout.kind === "step" ? everySecond(base, dim) : base.narrow(dim, 1, n)).copy_(values);
  return base;
}

/** The tensor of the call in that memory. */
function laidOut(base: torch.Tensor, sizes: readonly number[], layout: Layout | null): torch.Tensor {
  if (layout === null) return base;
  if (layout.kind === "permute") return base.permute(layout.order.map((_, k) => layout.order.indexOf(k)));
  if (layout.kind === "expand") return base.expand([...sizes]);
  return layout.kind === "step" ? everySecond(base, layout.dim) : base.narrow(layout.dim, 1, sizes[layout.dim]);
}

/** A number that JSON does not have. */
function special(name: string): number {
  if (name === "nan") return Number.NaN;
  if (name === "-0") return -0;
  return name === "inf" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
}

function build(spec: TensorSpec, inPlace: boolean): { leaf: torch.Tensor; x: torch.Tensor } {
  const dtype = dtypes[spec.dtype];
  const data = spec.data.map((v) => (typeof v === "string" ? special(v) : v));
  const values = torch.tensor(data, { dtype: dtype.isFloatingPoint ? torch.float64 : torch.int64 }).to(dtype);
  const leaf = baseOf(values.reshape(spec.sizes), spec.layout);
  if (spec.grad) leaf.requiresGrad_();
  return { leaf, x: laidOut(inPlace && spec.grad ? leaf.clone() : leaf, spec.sizes, spec.layout) };
}

function argumentOf(v: Value, tensors: readonly torch.Tensor[]): unknown {
  if (Array.isArray(v)) return v.map((item) => argumentOf(item, tensors));
  if (typeof v !== "object" || v === null) return v;
  if ("tensor" in v) return tensors[v.tensor];
  if ("dtype" in v) return dtypes[v.dtype];
  return special(v.number);
}

/** The arguments that are given: by position and by name. */
export function split(call: Call): { args: Value[]; named: [string, Value][] } {
  const args: Value[] = [];
  const named: [string, Value][] = [];
  let open = true;
  call.args.forEach(([name, value, only], k) => {
    if (value === undefined || only === "keyword" || k >= call.positional) open = false;
    if (value === undefined) return;
    if (open) args.push(value);
    else named.push([name, value]);
  });
  return { args, named };
}

function gradients(found: readonly torch.Tensor[], leaves: readonly torch.Tensor[]): (Encoded | null)[] | null {
  let total: torch.Tensor | null = null;
  let k = 0;
  for (const r of found) {
    if (!r.requiresGrad) continue;
    const n = r.numel();
    const weights = Array.from({ length: n }, (_, j) => (((k + j) * 7919 + 13) % 17) - 8);
    k += n;
    const part = r
      .double()
      .mul(torch.tensor(weights, { dtype: torch.float64 }).reshape(r.sizes))
      .div(4)
      .sum();
    total = total === null ? part : total.add(part);
  }
  if (total === null) return null;
  total.backward();
  return leaves.map((x) =>
    x.grad === null ? null : { tensor: plain(x.grad), dtype: x.grad.dtype.name, sizes: [...x.grad.sizes] },
  );
}

function message(error: unknown): string {
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error);
}

/** Where functions are found. */
const holders = { torch, functional: torch.nn.functional, linalg: torch.linalg, special: torch.special } as const;

function invoke(call: Call, tensors: readonly torch.Tensor[]): unknown {
  const { args, named } = split(call);
  const given = args.map((v) => argumentOf(v, tensors));
  if (named.length > 0) given.push(Object.fromEntries(named.map(([name, v]) => [name, argumentOf(v, tensors)])));
  if (call.space === "method") {
    const [self, ...rest] = given;
    return Reflect.apply(Reflect.get(self as object, call.name), self, rest);
  }
  return Reflect.apply(Reflect.get(holders[call.space], call.name), undefined, given);
}

/** Makes the call. */
export function runHere(call: Call): Outcome {
  torch.manualSeed(0);
  const built = call.tensors.map((spec) => build(spec, writes(call.name)));
  const tensors = built.map(({ x }) => x);
  const found: torch.Tensor[] = [];
  const out: Outcome = {};
  try {
    out.value = encode(invoke(call, tensors), found);
  } catch (error) {
    return { error: message(error) };
  }
  out.shares = found.flatMap((r, k) =>
    tensors.flatMap((x, j): [number, number][] =>
      r.numel() > 0 && x.numel() > 0 && r.storage === x.storage ? [[k, j]] : [],
    ),
  );
  out.after = tensors.map(plain);
  if (call.tensors.some((spec) => spec.grad)) {
    try {
      out.grads = gradients(
        found,
        built.map(({ leaf }) => leaf),
      );
    } catch (error) {
      out.grads = message(error);
    }
  }
  return out;
}
