import * as torch from "cresset";
import { describe, expect, expectTypeOf, test } from "vitest";

const leaf = (values: torch.TensorData) => torch.tensor(values, { dtype: torch.float64, requiresGrad: true });

describe("backward", () => {
  test("adds to the gradients of leaves", () => {
    const x = leaf([1, 2, 3]);
    x.mul(x).sum().backward();
    x.mul(2).sum().backward();
    expect(x.grad?.tolist()).toEqual([4, 6, 8]);
  });

  test("sums gradients of broadcast operands to their shape", () => {
    const a = leaf([[1], [2]]);
    const b = leaf([10, 20, 30]);
    a.mul(b).sum().backward();
    expect(a.grad?.tolist()).toEqual([[60], [60]]);
    expect(b.grad?.tolist()).toEqual([3, 3, 3]);
  });

  test("gives two leaves of one sum gradients that do not share memory", () => {
    const a = leaf([1, 2]);
    const b = leaf([3, 4]);
    a.add(b).sum().backward();
    a.grad?.mul_(5);
    expect(b.grad?.tolist()).toEqual([1, 1]);
  });

  test("keeps a user's gradient argument untouched", () => {
    const x = leaf([1, 2]);
    const g = torch.tensor([1, 1], { dtype: torch.float64 });
    x.mul(1).backward(g);
    x.mul(3).backward(g);
    expect(g.tolist()).toEqual([1, 1]);
    expect(x.grad?.tolist()).toEqual([4, 4]);
  });

  test("refuses a second run through a freed graph, and allows it with retainGraph", () => {
    const x = leaf([1, 2]);
    const y = x.exp().sum();
    y.backward({ retainGraph: true });
    y.backward();
    expect(() => y.backward()).toThrow(/Trying to backward through the graph a second time/);
  });

  test("refuses a tensor without a graph and a missing gradient", () => {
    expect(() => torch.ones(1).backward()).toThrow(
      "element 0 of tensors does not require grad and does not have a grad_fn",
    );
    expect(() => leaf([1, 2]).mul(2).backward()).toThrow("grad can be implicitly created only for scalar outputs");
  });

  test("walks deep graphs without recursion", () => {
    const x = leaf([1]);
    let y = x.mul(1);
    for (let k = 0; k < 20000; k++) y = y.add(1);
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([1]);
  });
});

describe("grad", () => {
  test("gives higher derivatives with createGraph", () => {
    const x = leaf([2, 3]);
    const [first] = torch.autograd.grad(x.pow(3).sum(), x, { createGraph: true });
    const [second] = torch.autograd.grad(first.sum(), x, { createGraph: true });
    const [third] = torch.autograd.grad(second.sum(), x);
    expect(first?.tolist()).toEqual([12, 27]);
    expect(second?.tolist()).toEqual([12, 18]);
    expect(third?.tolist()).toEqual([6, 6]);
  });

  test("takes everything by name, and the rest in order", () => {
    const x = leaf([2, 3]);
    const outputs = x.pow(2);
    const gradOutputs = torch.ones(2, { dtype: torch.float64 });
    const named = { outputs, inputs: x, gradOutputs, createGraph: true, retainGraph: true, onlyInputs: true };
    const [first]: torch.Tensor[] = torch.autograd.grad(named);
    expect([first.tolist(), first.requiresGrad]).toEqual([[4, 6], true]);
    const [again] = torch.autograd.grad(outputs, x, gradOutputs.mul(2), true);
    expect(again.tolist()).toEqual([8, 12]);
    const [unused] = torch.autograd.grad({ outputs, inputs: leaf([1]), gradOutputs, allowUnused: true });
    expect(unused).toBeNull();
    // @ts-expect-error inputs are missing
    expect(() => torch.autograd.grad({ outputs })).toThrow("grad() missing 1 required positional argument: 'inputs'");
  });

  test("leaves grad fields alone and names unused inputs", () => {
    const x = leaf([1]);
    const z = leaf([1]);
    expect(() => torch.autograd.grad(x.mul(2).sum(), [x, z])).toThrow(/appears to not have been used in the graph/);
    const [gx, gz] = torch.autograd.grad(x.mul(2).sum(), [x, z], { allowUnused: true });
    expect(gx?.tolist()).toEqual([2]);
    expect(gz).toBeNull();
    expect(x.grad).toBeNull();
  });

  test("reaches tensors that are no leaves", () => {
    const x = leaf([1, 2]);
    const y = x.mul(3);
    const [g] = torch.autograd.grad(y.mul(y).sum(), y);
    expect(g?.tolist()).toEqual([6, 12]);
  });
});

describe("in-place", () => {
  test("a saved value that was changed is refused in PyTorch's words", () => {
    const x = torch.tensor([1, 2, 3], { dtype: torch.float32, requiresGrad: true });
    const y = x.exp();
    y.add_(1);
    expect(() => y.sum().backward()).toThrow(
      "one of the variables needed for gradient computation has been modified by an inplace operation: " +
        "[torch.FloatTensor [3]], which is output 0 of ExpBackward0, is at version 1; expected version 0 instead.",
    );
  });

  test("a write to a view reaches its base's graph", () => {
    const x = leaf([1, 2, 3, 4]);
    const y = x.mul(2);
    y.narrow(0, 1, 2).mul_(10);
    y.mul(y).sum().backward();
    expect(x.grad?.tolist()).toEqual([8, 2 * 20 * 40, 2 * 20 * 60, 32]);
  });

  test("another view of the base sees the write", () => {
    const x = leaf([1, 2, 3]);
    const base = x.mul(1);
    const all = base.view(3);
    base.select(0, 0).mul_(5);
    all.sum().backward();
    expect(x.grad?.tolist()).toEqual([5, 1, 1]);
  });

  test("a write into a plain tensor records the value's gradient", () => {
    const x = leaf([1, 2]);
    const out = torch.zeros(4, { dtype: torch.float64 });
    out.narrow(0, 1, 2).copy_(x.mul(3));
    out.sum().backward();
    expect(x.grad?.tolist()).toEqual([3, 3]);
  });

  test("a write that fails on the way has changed the memory, and counts as a write", () => {
    const x = torch.tensor([4, 6]);
    expect(() => x.floorDivide_(torch.tensor([2, 0]))).toThrow("ZeroDivisionError");
    expect(x._version).toBe(1);
  });

  test("leaves that require grad, and their views, are refused", () => {
    const x = leaf([1, 2]);
    expect(() => x.add_(1)).toThrow("a leaf Variable that requires grad is being used in an in-place operation.");
    expect(() => x.view(2).add_(1)).toThrow(
      "a view of a leaf Variable that requires grad is being used in an in-place operation.",
    );
    torch.noGrad(() => x.add_(1));
    expect(x.tolist()).toEqual([2, 3]);
  });

  test("overlapping operands are read before they are written", () => {
    const x = torch.arange(6).view(2, 3);
    x.narrow(1, 1, 2).copy_(x.narrow(1, 0, 2));
    expect(x.tolist()).toEqual([
      [0, 0, 1],
      [3, 3, 4],
    ]);
    expect(() => torch.zeros(1).expand(3).add_(1)).toThrow(/more than one element of the written-to tensor/);
  });

  test("a gradient of what lies in one place several times cannot go through a write there", () => {
    const writes: ((y: torch.Tensor) => torch.Tensor)[] = [
      (y) => y.indexFill_(0, torch.tensor([0]), 1.5),
      (y) => y.maskedFill_(torch.tensor([true, false]), 1.5),
      (y) => y.fill_(3),
    ];
    for (const write of writes) {
      const s = leaf([1, 2]).sum();
      write(s.expand(2));
      expect(() => s.backward()).toThrow("more than one element of the written-to tensor refers to a single memory");
    }
  });

  test("requiresGrad_(false) takes a view whose base was written since for the leaf that it was made as", () => {
    const base = leaf([1, 2]).mul(2);
    const view = torch.noGrad(() => base.expand(2, 2));
    base.add_(1);
    expect(view.requiresGrad_(false)).toBe(view);
    expect(() => base.requiresGrad_(false)).toThrow("you can only change requires_grad flags of leaf variables.");
  });

  test("no gradient reaches a view that was made without recording", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2).sum();
    const view = torch.noGrad(() => x.at(":"));
    expect(torch.autograd.grad(y, view, { allowUnused: true, retainGraph: true })).toEqual([null]);
    expect(() => torch.autograd.grad(y, view, { retainGraph: true })).toThrow("appears to not have been used");
    y.backward({ inputs: [view] });
    expect([x.grad, view.grad]).toEqual([null, null]);
  });

  test("detach shares the version, data does not", () => {
    const x = torch.ones(2);
    x.detach().add_(1);
    expect(x._version).toBe(1);
    x.data.add_(1);
    expect(x._version).toBe(1);
    expect(x.tolist()).toEqual([3, 3]);
  });
});

describe("modes, hooks and functions", () => {
  test("noGrad as function and as decorator", () => {
    const x = leaf([1]);
    expect(torch.noGrad(() => x.mul(2)).requiresGrad).toBe(false);
    class Predictor {
      @torch.noGrad()
      predict(t: torch.Tensor) {
        return t.mul(2);
      }
    }
    expect(new Predictor().predict(x).requiresGrad).toBe(false);
    expect(() =>
      torch.noGrad(() => {
        throw new Error("out");
      }),
    ).toThrow("out");
    expect(torch.isGradEnabled()).toBe(true);
  });

  test("hooks see and replace gradients, also of leaves; retainGrad keeps them", () => {
    const x = leaf([1, 2]);
    const y = x.mul(2);
    y.retainGrad();
    const seen: unknown[] = [];
    const handle = y.registerHook((g) => {
      seen.push(g.tolist());
      return g.mul(10);
    });
    x.registerHook((g) => g.add(1));
    y.sum().backward({ retainGraph: true });
    expect(seen).toEqual([[1, 1]]);
    expect(x.grad?.tolist()).toEqual([21, 21]);
    handle.remove();
    y.sum().backward();
    expect(seen.length).toBe(1);
    expect(y.grad?.tolist()).toEqual([2, 2]);
  });

  test("a user's Function runs its own backward", () => {
    class Cube extends torch.autograd.Function {
      static forward(ctx: torch.autograd.FunctionCtx, x: torch.Tensor): torch.Tensor {
        ctx.saveForBackward(x);
        return x.mul(x).mul(x);
      }
      static backward(ctx: torch.autograd.FunctionCtx, g: torch.Tensor): torch.Tensor {
        const [x] = ctx.savedTensors;
        return g.mul(x).mul(x).mul(3);
      }
    }
    const x = leaf([2, 3]);
    const y = Cube.apply(x);
    expect(String(y)).toContain("grad_fn=<CubeBackward>");
    y.sum().backward();
    expect(x.grad?.tolist()).toEqual([12, 27]);
    expect(torch.autograd.gradcheck((t) => Cube.apply(t), [leaf([0.5, -1])])).toBe(true);
  });

  test("apply of a Function may be kept under another name", () => {
    class Twice extends torch.autograd.Function {
      static forward(_: torch.autograd.FunctionCtx, x: torch.Tensor): torch.Tensor {
        return x.mul(2);
      }
      static backward(_: torch.autograd.FunctionCtx, g: torch.Tensor): torch.Tensor {
        return g.mul(2);
      }
    }
    class Both extends torch.autograd.Function {
      static forward(_: torch.autograd.FunctionCtx, x: torch.Tensor, times: number): torch.Tensor[] {
        return [x.mul(times), x.add(times)];
      }
      static backward(_: torch.autograd.FunctionCtx, g: torch.Tensor, h: torch.Tensor): (torch.Tensor | null)[] {
        return [g.add(h), null];
      }
    }
    const [twice, both] = [Twice.apply, Both.apply];
    const x = leaf([1, 2]);
    const [y, z] = both(twice(x), 3);
    expect(String(twice(x))).toContain("grad_fn=<TwiceBackward>");
    y.add(z).sum().backward();
    expect(x.grad?.tolist()).toEqual([4, 4]);
    expectTypeOf(Both.apply(x, 2)).toEqualTypeOf<torch.Tensor[]>();
    expectTypeOf(twice(x)).toEqualTypeOf<torch.Tensor>();
    // @ts-expect-error a number is missing
    expect(() => Both.apply(x)).toThrow();
  });

  test("a loss shows the operands of the whole loss", () => {
    const { nn } = torch;
    const loss = nn.functional.mseLoss(new nn.Linear(2, 1)(torch.ones(3, 2)), torch.zeros(3, 1));
    expect(loss.gradFn?.name()).toBe("MseLossBackward0");
    expect(String(loss.gradFn?.nextFunctions)).toBe("<AddmmBackward0 object>,0,,0");
    const next = loss.gradFn?.nextFunctions[0][0]?.nextFunctions;
    expect(next?.map(([node]) => node?.name())).toEqual([
      "torch::autograd::AccumulateGrad",
      undefined,
      "torch::autograd::AccumulateGrad",
    ]);
  });

  test("gradcheck names a wrong derivative", () => {
    class Wrong extends torch.autograd.Function {
      static forward(_: torch.autograd.FunctionCtx, x: torch.Tensor): torch.Tensor {
        return x.mul(x);
      }
      static backward(_: torch.autograd.FunctionCtx, g: torch.Tensor): torch.Tensor {
        return g;
      }
    }
    const wrong = (t: torch.Tensor) => Wrong.apply(t);
    expect(() => torch.autograd.gradcheck(wrong, [leaf([3])])).toThrow(/Jacobian mismatch/);
    expect(torch.autograd.gradcheck(wrong, leaf([3]), { raiseException: false })).toBe(false);
    expect(torch.autograd.gradcheck({ func: wrong, inputs: leaf([3]), atol: 10 })).toBe(true);
  });
});

describe("anomaly mode", () => {
  const cause = (run: () => void): [string, string] => {
    try {
      run();
    } catch (error) {
      const { message, cause } = error as Error;
      return [message, cause instanceof Error ? String(cause.stack) : ""];
    }
    return ["", ""];
  };

  test("stops at the first gradient that is NaN, and tells where forward made it", () => {
    const x = leaf([0, -1]);
    const risky = () => x.sqrt().mul(0).sum();
    expect(cause(() => risky().backward())).toEqual(["", ""]);
    x.grad = null;
    const [message, stack] = torch.autograd.detectAnomaly(() => cause(() => risky().backward()));
    expect(message).toBe("Function 'SqrtBackward0' returned nan values in its 0th output.");
    expect(stack).toMatch(/risky/);
    expect(x.grad).toBeNull();
    expect(torch.isAnomalyEnabled()).toBe(false);
  });

  test("tells the cause of every error in backward, and lets NaN pass when asked", () => {
    torch.autograd.setDetectAnomaly(true, false);
    try {
      expect(torch.isAnomalyEnabled()).toBe(true);
      const x = leaf([0, -1]);
      x.sqrt().mul(0).sum().backward();
      expect(x.grad?.isnan().all().item()).toBe(true);
      const changed = () => x.exp();
      const y = changed();
      y.add_(1);
      const [message, stack] = cause(() => y.sum().backward());
      expect(message).toMatch(/has been modified by an inplace operation/);
      expect(stack).toMatch(/changed/);
    } finally {
      torch.autograd.setDetectAnomaly(false);
    }
  });

  test("lasts for an async function until its promise settles", async () => {
    const during = torch.autograd.detectAnomaly(async () => {
      await Promise.resolve();
      return torch.isAnomalyEnabled();
    });
    expect([torch.isAnomalyEnabled(), await during]).toEqual([false, true]);
    expect(torch.isAnomalyEnabled()).toBe(false);
  });
});
