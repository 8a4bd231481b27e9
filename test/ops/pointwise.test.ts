// Every row of the elementwise table, generated from the table itself: dtypes, memory layouts, shapes, in-place forms, gradients.

import * as torch from "cresset";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { root } from "../support/child";

type Elementwise = ((...args: (torch.Tensor | number)[]) => torch.Tensor) & {
  op: {
    arity: number;
    name: string;
    row: { only?: string; grad?: unknown; to?: string; condition?: boolean; missing?: (string | null)[] };
  };
};

const tableOf = (file: string): { [name: string]: Elementwise } =>
  createRequire(root)(join(root, "dist", "core", "ops", "elementwise", file));
const table = { ...tableOf("pointwise.js"), ...tableOf("special-only.js") };

type Call = (x: torch.Tensor | number, ...rest: (torch.Tensor | number)[]) => torch.Tensor;
/** How rows are called that take more than tensors, and what their methods then take. */
const calls: { [name: string]: { call: Call; rest: number[] } } = {
  // Bounds for the row that has no meaning without any.
  clamp: { call: (x) => table.clamp(x, 0.3, 2.2), rest: [0.3, 2.2] },
  polygamma: { call: (x) => table.polygamma(2, x), rest: [2] },
};
const called = (f: Elementwise): Elementwise => {
  const own = calls[f.op.name];
  if (own === undefined) return f;
  const { name, row } = f.op;
  return Object.assign(own.call, { op: { arity: 1, name, row } });
};

const rows = Object.entries(table)
  .filter(([name, f]) => f.op !== undefined && f.op.name.toLowerCase().replace(/^special/, "") === name.toLowerCase())
  .map(([name, f]): [string, Elementwise] => [name, called(f)]);

/** Points where functions are smooth: some take (0, 1), some only numbers above 1. */
const domains = [
  [0.15, 0.35, 0.62, 0.81, 0.29, 0.57],
  [1.35, 2.62, 1.81, 3.27, 2.17, 1.57],
];

function samples(f: Elementwise, dtype: torch.DType): torch.Tensor[] {
  const { arity, row } = f.op;
  const make = (values: number[], shift: number) =>
    torch
      .tensor(
        values.map((_, k) => values[(k + shift) % values.length]),
        { dtype },
      )
      .reshape(2, 3);
  for (const domain of domains) {
    const operands = Array.from({ length: arity }, (_, k) => make(domain, k));
    if (row.condition) operands[0] = operands[0].gt(0.5);
    if (!dtype.isFloatingPoint)
      return operands.map((x, k) =>
        row.condition && k === 0 ? x : torch.tensor([1, 2, 3, 5, 4, 2], { dtype: torch.int64 }).to(dtype).reshape(2, 3),
      );
    const out = f(...operands);
    if (!out.dtype.isFloatingPoint || out.isfinite().all().item()) return operands;
  }
  throw new Error(`no sample of ${f.op.name} is finite`);
}

const allowed = (f: Elementwise, dtype: torch.DType): boolean =>
  f.op.row.only === undefined || (f.op.row.only === "float") === dtype.isFloatingPoint;

/** Ops that PyTorch itself has for floats only. */
const attempt = (f: Elementwise, operands: torch.Tensor[]): torch.Tensor | null => {
  try {
    return f(...operands);
  } catch (error) {
    expect(error).toBeInstanceOf(torch.CressetError);
    return null;
  }
};

describe.each(rows)("%s", (name, f) => {
  const dtype = allowed(f, torch.float64) ? torch.float64 : torch.int64;

  test("agrees across memory layouts", () => {
    const operands = samples(f, dtype);
    const plain = f(...operands);
    const transposed = operands.map((x) => x.t().contiguous().t());
    const strided = operands.map((x) => torch.stack([x, x.mul(0).to(x.dtype)], -1).select(-1, 0));
    for (const other of [transposed, strided]) expect(f(...other).tolist()).toEqual(plain.tolist());
    const row = operands.map((x) => x.select(0, 0));
    const expanded = operands.map((x) => x.select(0, 0).expand(4, 3));
    const once = f(...row).tolist();
    expect(f(...expanded).tolist()).toEqual([once, once, once, once]);
  });

  test("takes 0-d and empty tensors", () => {
    const operands = samples(f, dtype);
    const single = f(...operands.map((x) => x.select(0, 0).select(0, 0)));
    expect([...single.shape]).toEqual([]);
    expect(single.tolist()).toEqual(f(...operands).tolist<number[][]>()[0][0]);
    const none = f(...operands.map((x) => x.narrow(0, 0, 0)));
    expect([...none.shape]).toEqual([0, 3]);
  });

  test("gives every dtype a result or an error", () => {
    for (const type of [
      torch.bool,
      torch.uint8,
      torch.int8,
      torch.int16,
      torch.int32,
      torch.int64,
      torch.float16,
      torch.bfloat16,
      torch.float32,
    ]) {
      if (!allowed(f, type)) continue;
      const out = attempt(f, samples(f, type));
      if (out === null) continue;
      if (f.op.row.to === "bool") expect(out.dtype).toBe(torch.bool);
      else if (f.op.row.to === "float") expect(out.dtype.isFloatingPoint).toBe(true);
    }
  });

  test("writes in place what it returns", () => {
    const operands = samples(f, dtype);
    const at = f.op.row.condition ? 1 : 0;
    const target = operands[at].clone();
    const method: unknown = Reflect.get(target, `${name}_`);
    if (f.op.row.condition || typeof method !== "function") return;
    const expected = f(...operands).to(target.dtype);
    const version = target._version;
    const result = Reflect.apply(method, target, calls[name]?.rest ?? operands.slice(1));
    expect(result).toBe(target);
    expect(target.tolist()).toEqual(expected.tolist());
    expect(target._version).toBeGreaterThan(version);
  });

  test("has the derivative that differences show", () => {
    if (f.op.row.grad === undefined || f.op.row.to === "bool" || !dtype.isFloatingPoint) return;
    const operands = samples(f, torch.float64);
    const { missing } = f.op.row;
    const has = (k: number) => missing === undefined || missing[k] === null;
    const inputs = operands.map((x, k) => (x.dtype.isFloatingPoint && has(k) ? x.clone().requiresGrad_() : x));
    if (!inputs.some((x) => x.requiresGrad)) return;
    expect(torch.autograd.gradcheck((...xs) => f(...xs), inputs)).toBe(true);
    // The fused backward program and the recorded one must agree.
    const recorded = torch.autograd.grad(
      f(...inputs).sum(),
      inputs.filter((x) => x.requiresGrad),
      { createGraph: true, allowUnused: true },
    );
    const fused = torch.autograd.grad(
      f(...inputs).sum(),
      inputs.filter((x) => x.requiresGrad),
      { allowUnused: true },
    );
    recorded.forEach((g, k) => {
      if (g === null || fused[k] === null) expect(g).toBe(fused[k]);
      else expect(torch.allclose(g.detach(), fused[k] as torch.Tensor)).toBe(true);
    });
  });
});
