// Lazy modules: before, at and after their first call.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { nn } = torch;

describe("a lazy module", () => {
  test("becomes the layer that it stands for, with PyTorch's weights", () => {
    torch.manualSeed(5);
    const model = new nn.Sequential(
      new nn.LazyConv2d(2, 2, { bias: false }),
      new nn.LazyBatchNorm2d(),
      new nn.LazyConvTranspose2d(1, 2),
      new nn.Flatten(),
      new nn.LazyLinear(2),
    );
    const optimizer = new torch.optim.SGD(model.parameters(), { lr: 0.1 });
    const out = model(torch.randn(2, 1, 3, 3));
    out.pow(2).sum().backward();
    expect(String(model)).toBe(`Sequential(
  (0): Conv2d(1, 2, kernel_size=(2, 2), stride=(1, 1), bias=False)
  (1): BatchNorm2d(2, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)
  (2): ConvTranspose2d(2, 1, kernel_size=(2, 2), stride=(1, 1))
  (3): Flatten(start_dim=1, end_dim=-1)
  (4): Linear(in_features=9, out_features=2, bias=True)
)`);
    [-0.031385, -0.554889, -0.360129, 0.711086].forEach((value, k) => {
      expect(out.detach().reshape(-1).at(k).item()).toBeCloseTo(value, 5);
    });
    const last = model[4] as torch.nn.Linear;
    const sums = last.weight.grad?.sum(1).tolist() as number[];
    expect(sums[0]).toBeCloseTo(-3.607223, 4);
    expect(sums[1]).toBeCloseTo(4.012984, 4);
    // The optimizer was given the parameters before they had sizes.
    const before = last.weight.detach().clone();
    optimizer.step();
    expect(torch.equal(before, last.weight)).toBe(false);
    expect(last).toBeInstanceOf(nn.Linear);
    expect(last).not.toBeInstanceOf(nn.LazyLinear);
  });

  test("shows what it knows", () => {
    expect(String(new nn.LazyLinear(3))).toBe("LazyLinear(in_features=0, out_features=3, bias=True)");
    expect(String(new nn.LazyConv2d(4, 3, { padding: 1, groups: 2, bias: false }))).toBe(
      "LazyConv2d(0, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1), groups=2, bias=False)",
    );
    expect(String(new nn.LazyInstanceNorm1d())).toBe(
      "LazyInstanceNorm1d(0, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
    );
    const state = new nn.LazyBatchNorm1d().stateDict();
    expect(String(state)).toBe(
      "OrderedDict([('weight', <UninitializedParameter>), ('bias', <UninitializedParameter>), " +
        "('running_mean', <UninitializedBuffer>), ('running_var', <UninitializedBuffer>), ('num_batches_tracked', tensor(0))])",
    );
    const shown = Reflect.get(state, torch.displaySymbol) as () => { [mime: string]: string };
    expect(shown.call(state)["text/html"]).toContain("running_mean");
    const module = new nn.LazyLinear(3);
    expect(Reflect.apply(Reflect.get(module, torch.displaySymbol), module, [])["text/html"]).toContain("LazyLinear");
  });

  test("has tensors that refuse to be used", () => {
    const { weight } = new nn.LazyLinear(3);
    expect(() => weight.numel()).toThrow(
      "Attempted to use an uninitialized parameter in <method 'numel' of 'torch._C._TensorBase' objects>.",
    );
    expect(() => weight.add(1)).toThrow("in <method 'add' of");
    expect(() => weight.shape).toThrow("Can't access the shape of an uninitialized parameter or buffer.");
    expect([weight.dtype, weight.requiresGrad]).toEqual([torch.float32, true]);
    expect(() => new nn.Linear(2, 3).loadStateDict(new nn.LazyLinear(3).stateDict())).toThrow(
      "Can't access the shape of an uninitialized parameter or buffer.",
    );
  });

  test("takes its sizes from a state_dict", () => {
    const trained = new nn.Linear(2, 3);
    const lazy = new nn.LazyLinear(3);
    expect(String(lazy.loadStateDict(trained.stateDict()))).toBe("<All keys matched successfully>");
    expect(lazy.weight.shape).toEqual([3, 2]);
    const x = torch.randn(4, 2);
    expect(torch.equal(lazy(x), trained(x))).toBe(true);
    expect(String(new nn.LazyLinear(3).loadStateDict(new nn.LazyLinear(3).stateDict()))).toBe(
      "<All keys matched successfully>",
    );
  });

  test("is copied and converted before its first call", () => {
    const lazy = new nn.LazyLinear(3).double();
    const copy = torch.deepcopy(lazy);
    expect(copy(torch.ones(2, 4, { dtype: torch.float64 })).dtype).toBe(torch.float64);
    expect([String(copy), String(lazy)]).toEqual([
      "Linear(in_features=4, out_features=3, bias=True)",
      "LazyLinear(in_features=0, out_features=3, bias=True)",
    ]);
    expect(lazy.hasUninitializedParams()).toBe(true);
  });

  test("refuses inputs that its layer refuses", () => {
    expect(() => new nn.LazyConv2d(4, 3)(torch.ones(3))).toThrow(
      "Expected 3D (unbatched) or 4D (batched) input to LazyConv2d, but got input of size: torch.Size([3])",
    );
    expect(() => new nn.LazyConv2d(4, 3, { groups: 2 })(torch.ones(1, 3, 4, 4))).toThrow(
      "in_channels must be divisible by groups",
    );
    expect(() => new nn.LazyBatchNorm2d()(torch.ones(3, 2))).toThrow("expected 4D input (got 2D input)");
    expect(() => new nn.LazyInstanceNorm2d()(torch.ones(3, 2))).toThrow("expected 3D or 4D input (got 2D input)");
  });
});
