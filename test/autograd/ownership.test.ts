// Who has the memory of a gradient: a sum is right whatever else its summands are for, and no two holders share memory.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const leaf = (...values: number[]) => torch.tensor(values, { dtype: torch.float32, requiresGrad: true });
const list = (tensor: torch.Tensor | null | undefined) => tensor?.tolist() ?? null;

describe("sums of gradients", () => {
  test("of three terms of which two are one tensor", () => {
    const p = leaf(1.5);
    p.add(p).add(p).mul(2).sum().backward();
    expect(list(p.grad)).toEqual([6]);
  });

  test("of a tensor that also feeds an older operation", () => {
    const [a, b] = [new torch.nn.Linear(1, 1), new torch.nn.Linear(1, 1)];
    const x = torch.ones(1, 1);
    const [p, q] = [a(x), b(x)];
    const aux = p.sum().mul(10);
    p.add(q).mul(2).sum().add(aux).backward();
    expect([list(a.weight.grad), list(b.weight.grad)]).toEqual([[[12]], [[2]]]);
  });

  test("do not change a gradient that is retained", () => {
    const x = leaf(1);
    const y = x.mul(2);
    y.retainGrad();
    const z = x.exp();
    y.add(x).mul(3).sum().add(z.sum().mul(0)).backward();
    expect(list(y.grad)).toEqual([3]);
  });

  test("do not change a gradient that a hook keeps, nor does accumulation", () => {
    const x = leaf(1);
    const kept: torch.Tensor[] = [];
    x.registerHook((grad) => kept.push(grad));
    x.mul(2).sum().backward();
    x.mul(3).sum().backward();
    expect(kept.map(list)).toEqual([[2], [3]]);
  });

  test("do not change what a user's function was given or keeps", () => {
    const kept: torch.Tensor[] = [];
    class Keeping extends torch.autograd.Function {
      static forward(_: torch.autograd.FunctionCtx, x: torch.Tensor): torch.Tensor {
        return x.mul(1);
      }
      static backward(_: torch.autograd.FunctionCtx, grad: torch.Tensor): torch.Tensor {
        const own = grad.mul(2);
        kept.push(grad, own);
        return own;
      }
    }
    const x = leaf(1);
    const early = x.exp();
    const y = Keeping.apply(x);
    y.add(y).sum().add(early.sum()).backward();
    expect(kept.map(list)).toEqual([[2], [4]]);
    expect(x.grad?.item()).toBeCloseTo(4 + Math.E, 5);
  });
});

describe("a leaf's grad", () => {
  test("is never another's, nor what the user gave", () => {
    const [x, y] = [leaf(1, 1), leaf(1, 1)];
    const given = torch.ones(2);
    x.add(y).backward(given);
    x.grad?.mul_(10);
    expect([list(y.grad), list(given)]).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test("is its own under createGraph, too, and not expanded", () => {
    const [x, p] = [leaf(1), leaf(1)];
    const loss = x.add(p).sum();
    loss.backward({ createGraph: true });
    loss.backward();
    expect([list(x.grad), list(p.grad)]).toEqual([[2], [2]]);
    const wide = leaf(1, 2);
    wide.sum().backward({ createGraph: true });
    wide.sum().backward();
    expect(list(wide.grad)).toEqual([2, 2]);
  });

  test("may be written where backward made it of a view", () => {
    const x = leaf(1, 2);
    x.sum().backward();
    const scale = leaf(3, 4);
    x.grad?.mul_(scale);
    expect(x.grad?.requiresGrad).toBe(true);
  });

  test("lies in memory as the leaf does", () => {
    const x = torch.zeros(2, 3).t().requiresGrad_();
    x.mul(2).sum().backward();
    expect(x.grad?.stride()).toEqual([1, 3]);
    const gaps = torch.zeros(4, 3).at("::2").detach().requiresGrad_();
    gaps.t().exp().sum().backward();
    expect(gaps.grad?.stride()).toEqual([3, 1]);
  });

  test("stays away when the leaf stopped requiring it after recording", () => {
    const x = leaf(1);
    const y = x.mul(2);
    x.requiresGrad_(false);
    y.sum().backward();
    expect(x.grad).toBeNull();
  });
});

test("a leaf has its gradient as soon as it is complete, also when an older node then fails", () => {
  const [x, y] = [leaf(1, 2), leaf(3, 4)];
  x.mul(2);
  const early = y.exp();
  const loss = x.mul(3).add(early).sum();
  early.add_(1);
  expect(() => loss.backward()).toThrow("has been modified by an inplace operation");
  expect([list(x.grad), y.grad]).toEqual([[3, 3], null]);
});

test("products are no views: they may be written and detached", () => {
  const w = torch.ones(2, 2, { requiresGrad: true });
  for (const left of [torch.ones(2), torch.ones(3, 2), torch.ones(2, 3, 2)]) {
    expect(left.matmul(w)._base).toBeNull();
    expect(left.matmul(w.at(0)).detach_().requiresGrad).toBe(false);
  }
});

describe("retained gradients", () => {
  test("are copies of what the user gave", () => {
    const y = leaf(1, 2).mul(2);
    y.retainGrad();
    const given = torch.ones(2);
    y.backward(given);
    y.grad?.mul_(10);
    expect(list(given)).toEqual([1, 1]);
  });

  test("follow a tensor that is written in place", () => {
    const y = leaf(1, 1).mul(2);
    y.retainGrad();
    y.mul_(3);
    y.t_().sum().backward();
    expect(list(y.grad)).toEqual([1, 1]);
  });

  test("come before hooks that were there later, and after those that were there before", () => {
    const first = leaf(1).mul(2);
    first.retainGrad();
    first.registerHook((grad) => grad.mul(10));
    const second = leaf(1).mul(2);
    second.registerHook((grad) => grad.mul(10));
    second.retainGrad();
    second.registerHook((grad) => grad.mul(10));
    first.add(second).sum().backward();
    expect([list(first.grad), list(second.grad)]).toEqual([[1], [100]]);
  });
});

describe("backward into given inputs", () => {
  test("accumulates into the grad that is there, and calls the leaf's hooks", () => {
    const x = leaf(1);
    x.mul(2).sum().backward();
    const { grad } = x;
    x.registerHook((g) => g.mul(2));
    x.mul(3)
      .sum()
      .backward({ inputs: [x] });
    expect(x.grad).toBe(grad);
    expect(list(grad)).toEqual([8]);
  });

  test("gives every input memory of its own", () => {
    const [x, y] = [leaf(1, 1), leaf(1, 1)];
    x.add(y)
      .sum()
      .backward({ inputs: [x, y] });
    x.grad?.mul_(10);
    expect([list(x.grad), list(y.grad)]).toEqual([
      [10, 10],
      [1, 1],
    ]);
    x.sum().backward();
    expect(list(x.grad)).toEqual([11, 11]);
  });

  test("retains a tensor that is no leaf, and leaves other leaves alone", () => {
    const x = leaf(1);
    const y = x.mul(2);
    y.mul(3)
      .sum()
      .backward({ inputs: [y], retainGraph: true });
    expect([list(y.grad), y.retainsGrad, x.grad]).toEqual([[3], true, null]);
    y.sum().backward();
    expect(list(y.grad)).toEqual([4]);
    expect(() => x.sum().backward({ inputs: [] })).toThrow("'inputs' argument to backward cannot be empty.");
  });
});

describe("grad", () => {
  test("gives memory that is nobody else's", () => {
    const [x, z] = [leaf(1, 2), leaf(1, 2)];
    const given = torch.ones(2);
    const [gx, gz, again] = torch.autograd.grad(x.add(z), [x, z, x], given);
    gx.mul_(10);
    expect([list(given), list(gz), list(again)]).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  test("by a tensor that is no leaf does not free what made it", () => {
    const x = leaf(0, 0);
    const y = x.exp();
    expect(list(torch.autograd.grad(y.sum(), y)[0])).toEqual([1, 1]);
    y.sum().backward();
    expect(list(x.grad)).toEqual([1, 1]);
  });
});
