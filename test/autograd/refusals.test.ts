// What autograd refuses, in PyTorch's words.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const leaf = (values: torch.TensorData) => torch.tensor(values, { dtype: torch.float64, requiresGrad: true });

describe("what PyTorch refuses", () => {
  test("a gradient of functions that have none, and of those alone", () => {
    const x = leaf([7, -7]);
    expect(String(x.floorDivide(2))).toBe("tensor([ 3., -4.], dtype=torch.float64, grad_fn=<NotImplemented>)");
    expect(() => x.floorDivide(2).sum().backward()).toThrow("derivative for aten::floor_divide is not implemented");
    expect(() => torch.heaviside(x, x).sum().backward()).toThrow("derivative for aten::heaviside is not implemented");
    x.div(2, { roundingMode: "floor" }).add(x.remainder(2)).sum().backward();
    expect(x.grad?.tolist()).toEqual([1, 1]);
  });

  test("a second backward through a product with a number", () => {
    const loss = leaf([1, 2]).mul(3).sum();
    loss.backward();
    expect(() => loss.backward()).toThrow("Trying to backward through the graph a second time");
    const sum = leaf([1, 2]).add(3).sum();
    sum.backward();
    expect(() => sum.backward()).not.toThrow();
  });

  test("recorded in-place writes to one of several results, and to a view that was not recorded", () => {
    const x = leaf([1, 2, 3, 4]);
    expect(() => x.mul(2).unbind()[0].add_(1)).toThrow(
      "Output 0 of UnbindBackward0 is a view and is being modified inplace.",
    );
    expect(() => x.mul(2).split(2)[1].mul_(2)).toThrow("Output 1 of SplitBackward0 is a view");
    const view = torch.noGrad(() => x.view(2, 2));
    expect(() => view.add_(1)).toThrow("A view was created in no_grad mode and is being modified inplace");
    torch.noGrad(() => view.add_(1));
    expect(x.tolist()).toEqual([2, 3, 4, 5]);
    expect(torch.ones(4).split(2)[0].add_(1).tolist()).toEqual([2, 2]);
  });

  test("a hook that changes the shape of a gradient; other results of hooks do not count", () => {
    const x = leaf([1, 2]);
    const seen: torch.Tensor[] = [];
    const handle = x.registerHook((g) => seen.push(g));
    x.sum().backward();
    expect([seen.length, x.grad?.tolist()]).toEqual([1, [1, 1]]);
    handle.remove();
    x.registerHook(() => torch.ones(3, { dtype: torch.float64 }));
    expect(() => x.sum().backward()).toThrow("has changed the size of value");
    const y = leaf([1, 2]);
    y.registerHook((g) => g.float());
    expect(() => y.sum().backward()).toThrow("has changed the type of value");
  });

  test("gradients that only whole numbers could have", () => {
    const whole = () => torch.tensor([1, 2]);
    expect(() => whole().requiresGrad_()).toThrow("only Tensors of floating point dtype can require gradients");
    expect(() => torch.ones(2, { dtype: torch.int64, requiresGrad: true })).toThrow(
      "Only Tensors of floating point and complex dtype can require gradients",
    );
  });
});

describe("gradients of a custom function", () => {
  const times = (gradients: (g: torch.Tensor) => (torch.Tensor | null)[]) => {
    class Times extends torch.autograd.Function {
      static forward(_: torch.autograd.FunctionCtx, a: torch.Tensor, b: torch.Tensor): torch.Tensor {
        return a.mul(b);
      }

      static backward(_: torch.autograd.FunctionCtx, g: torch.Tensor): (torch.Tensor | null)[] {
        return gradients(g);
      }
    }
    const [a, b] = [leaf([1, 2]), leaf([3, 4])];
    Times.apply(a, b).sum().backward();
    return [a.grad?.tolist(), b.grad?.tolist()];
  };

  test("are as many as the arguments", () => {
    expect(() => times((g) => [g])).toThrow(
      "function TimesBackward returned an incorrect number of gradients (expected 2, got 1)",
    );
    expect(() => times((g) => [g, g, g])).toThrow("(expected 2, got 3)");
    expect(times((g) => [g, null, null])).toEqual([[1, 1], undefined]);
  });

  test("fit the operands, summed where they were broadcast", () => {
    expect(() => times(() => [torch.ones(3), null])).toThrow(
      "Function TimesBackward returned an invalid gradient at index 0 - got [3] but expected shape compatible with [2]",
    );
    expect(times((g) => [g.expand(3, 2), g.float()])).toEqual([
      [3, 3],
      [1, 1],
    ]);
  });

  test("are checked by gradcheck, also of one tensor", () => {
    expect(torch.autograd.gradcheck((x) => x.mul(2), leaf([1, 2]))).toBe(true);
  });
});

test("a leaf whose shape changed in place gets its gradient in the new shape, where it fits", () => {
  const gradient = (change: (x: torch.Tensor) => void) => {
    const x = torch.tensor([[[1, 2]], [[3, 4]]], { dtype: torch.float32, requiresGrad: true });
    const y = torch.cat([x, torch.zeros(2, 1, 2)], 1).mul(torch.arange(8).reshape(2, 2, 2));
    torch.noGrad(() => change(x));
    y.sum().backward();
    return x.grad?.tolist();
  };
  expect(gradient((x) => x.unsqueeze_(0))).toEqual([[[[0, 1]], [[4, 5]]]]);
  expect(gradient((x) => x.transpose_(0, 2))).toEqual([[[0, 1]], [[4, 5]]]);
  expect(() => gradient((x) => x.squeeze_(1))).toThrow(
    "output with shape [2, 2] doesn't match the broadcast shape [2, 2, 2]",
  );
});

test("a view that retains its gradient retains that of what was written into it", () => {
  const x = torch.ones(2, 2, { requiresGrad: true });
  const [view, other] = [x.mul(1).t(), x.mul(1).t()];
  for (const y of [view, other]) y.retainGrad();
  const read = view.mul(2);
  view.copy_(read);
  read.sum().backward();
  expect(view.grad).toBeNull();
  other.copy_(other.mul(2));
  other.sum().backward();
  expect(other.grad?.tolist()).toEqual([
    [1, 1],
    [1, 1],
  ]);
});

test("a base that retains its gradient retains that of what it was before a view of it was written", () => {
  const retained = (write: (y: torch.Tensor) => void): unknown => {
    const y = torch.ones(2, { requiresGrad: true }).mul(2);
    y.retainGrad();
    write(y);
    y.sum().backward();
    return y.grad?.tolist();
  };
  expect(retained((y) => y.at(0).mul_(3))).toEqual([3, 1]);
  expect(retained((y) => y.mul_(3))).toEqual([1, 1]);
});

test("a view that was written keeps the graph of what was written when its base is detached in place", () => {
  const x = torch.ones(2, { requiresGrad: true });
  const calls: unknown[] = [];
  x.registerHook((gradient) => void calls.push(gradient.tolist()));
  const base = x.mul(1);
  const view = base.at("1:");
  view.copy_(torch.tensor([3]));
  base.detach_();
  view.sum().backward();
  expect(calls).toEqual([[0, 0]]);
});

test("a product with two zeros has a derivative of zeros, which depends on nothing", () => {
  const gradient = (values: number[]) => {
    const x = torch.tensor(values, { dtype: torch.float32, requiresGrad: true });
    x.prod().backward({ createGraph: true });
    return [x.grad?.tolist(), x.grad?.requiresGrad];
  };
  expect(gradient([2, 0, 3])).toEqual([[0, 6, 0], true]);
  expect(gradient([2, 0, 0])).toEqual([[0, 0, 0], false]);
  expect(gradient([0, 0, Number.POSITIVE_INFINITY])).toEqual([[0, 0, 0], false]);
});
