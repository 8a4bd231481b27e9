// User-defined operations that write their operands, return them as they are, or want no zeros.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const leaf = (...values: number[]) => torch.tensor(values, { dtype: torch.float32, requiresGrad: true });
type Ctx = torch.autograd.FunctionCtx;

class Doubling extends torch.autograd.Function {
  static forward(ctx: Ctx, x: torch.Tensor): torch.Tensor {
    x.mul_(2);
    ctx.markDirty(x);
    return x;
  }
  static backward(_: Ctx, grad: torch.Tensor): torch.Tensor {
    return grad.mul(2);
  }
}

describe("markDirty", () => {
  test("gives the operand the function's node", () => {
    const x = leaf(1, 2);
    const y = x.mul(1);
    y.retainGrad();
    expect(Doubling.apply(y)).toBe(y);
    expect([y.gradFn?.name(), y._version]).toEqual(["DoublingBackward", 2]);
    y.sum().backward();
    expect([x.grad?.tolist(), y.grad?.tolist()]).toEqual([
      [2, 2],
      [1, 1],
    ]);
  });

  test("reaches the base of a view", () => {
    const x = leaf(1, 2);
    const y = x.mul(1);
    Doubling.apply(y.at("0:1"));
    expect(y.gradFn?.name()).toBe("torch::autograd::CopySlices");
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([2, 1]);
  });

  test("refuses leaves, operands that are no result, and views among several results", () => {
    class Lost extends Doubling {
      static override forward(ctx: Ctx, x: torch.Tensor): torch.Tensor {
        ctx.markDirty(x.mul_(2));
        return x.mul(3);
      }
    }
    class Two extends torch.autograd.Function {
      static forward(ctx: Ctx, x: torch.Tensor): torch.Tensor[] {
        ctx.markDirty(x.mul_(2));
        return [x, x.mul(2)];
      }
      static backward(_: Ctx, g: torch.Tensor, h: torch.Tensor): torch.Tensor {
        return g.mul(2).add(h.mul(4));
      }
    }
    const x = leaf(1, 2);
    expect(() => Doubling.apply(x)).toThrow(
      "a leaf Variable that requires grad has been used in an in-place operation.",
    );
    expect(() => Lost.apply(x.mul(1))).toThrow("Some elements marked as dirty during the forward method were not");
    expect(() => Two.apply(x.mul(1).at("0:1"))).toThrow("your Function cannot return more than one Tensor");
    const [y, z] = Two.apply(x.mul(1));
    expect([y.outputNr, z.outputNr]).toEqual([0, 1]);
    y.add(z).sum().backward();
    expect(x.grad?.tolist()).toEqual([6, 6]);
  });
});

test("setMaterializeGrads(false) gives backward null for results without use", () => {
  let seen: unknown[] = [];
  class Pair extends torch.autograd.Function {
    static forward(ctx: Ctx, x: torch.Tensor, zeros: boolean): torch.Tensor[] {
      ctx.setMaterializeGrads(zeros);
      return [x.mul(1), x.mul(2)];
    }
    static backward(_: Ctx, g: torch.Tensor, h: torch.Tensor | null): (torch.Tensor | null)[] {
      seen = [g.tolist(), h === null ? null : h.tolist()];
      return [g, null];
    }
  }
  Pair.apply(leaf(1, 2), true)[0].sum().backward();
  expect(seen).toEqual([
    [1, 1],
    [0, 0],
  ]);
  Pair.apply(leaf(1, 2), false)[0].sum().backward();
  expect(seen).toEqual([[1, 1], null]);
});

test("views that a function returns, and operands returned as they are, refuse recorded writes", () => {
  class Same extends torch.autograd.Function {
    static forward(_: Ctx, x: torch.Tensor): torch.Tensor {
      return x;
    }
    static backward(_: Ctx, grad: torch.Tensor): torch.Tensor {
      return grad.mul(2);
    }
  }
  class Flat extends Same {
    static override forward(_: Ctx, x: torch.Tensor): torch.Tensor {
      return x.view(-1);
    }
  }
  const y = leaf(1, 2).mul(1);
  const z = Same.apply(y);
  expect([z === y, z._base === y, y.gradFn?.name()]).toEqual([false, true, "MulBackward0"]);
  expect(() => z.mul_(2)).toThrow(
    "Output 0 of SameBackward is a view and is being modified inplace. This view was created inside a custom Function",
  );
  expect(() => Flat.apply(y).mul_(2)).toThrow("Output 0 of FlatBackward is a view and is being modified inplace.");
  const relu = new torch.nn.ReLU(true);
  relu.registerFullBackwardHook(() => undefined);
  expect(() => relu(leaf(1, 2).mul(1))).toThrow(
    "Output 0 of BackwardHookFunctionBackward is a view and is being modified inplace.",
  );
});
