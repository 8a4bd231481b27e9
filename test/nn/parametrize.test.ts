// Weights that are functions of other weights: parametrizations, normalised weights, fused layers, calls with other weights.

import * as torch from "cresset";
import { describe, expect, expectTypeOf, test } from "vitest";

const { nn } = torch;
const { parametrize, parametrizations, stateless } = nn.utils;

/** Symmetric matrices from their upper triangles. */
class Symmetric extends nn.Module {
  override forward(x: torch.Tensor): torch.Tensor {
    return x.triu().add(x.triu(1).T);
  }
  rightInverse(a: torch.Tensor): torch.Tensor {
    return a.triu();
  }
}

/** Matrices of rank one from two vectors. */
class RankOne extends nn.Module {
  override forward(x: torch.Tensor, y: torch.Tensor): torch.Tensor {
    return x.unsqueeze(1).mul(y);
  }
  rightInverse(z: torch.Tensor): torch.Tensor[] {
    return [z.select(1, 0).clone(), z.select(0, 0).clone()];
  }
}

class Applied extends nn.Module {
  constructor(readonly f: (x: torch.Tensor) => torch.Tensor) {
    super();
  }
  override forward(x: torch.Tensor): torch.Tensor {
    return this.f(x);
  }
}

const numbers = (x: torch.Tensor) => x.detach().reshape(-1).tolist() as number[];

function expectNear(found: torch.Tensor, expected: readonly number[]): void {
  expect(numbers(found).length).toBe(expected.length);
  numbers(found).forEach((value, k) => {
    expect(value).toBeCloseTo(expected[k], 5);
  });
}

/** Three steps of SGD on the sum of squares. */
function train(layer: torch.nn.Linear, x: torch.Tensor): void {
  const optimizer = new torch.optim.SGD(layer.parameters(), { lr: 0.1 });
  for (let k = 0; k < 3; k++) {
    optimizer.zeroGrad();
    layer(x).pow(2).sum().backward();
    optimizer.step();
  }
}

const x = torch
  .tensor([
    [1, 2],
    [3, -1],
  ])
  .to(torch.float32);

describe("a parametrization", () => {
  test("computes the tensor wherever it is read, and shows", () => {
    const layer = parametrize.registerParametrization(new nn.Linear(3, 3), "weight", new Symmetric());
    expectTypeOf(layer).toEqualTypeOf<torch.nn.Linear>();
    expect(String(layer)).toBe(`ParametrizedLinear(
  in_features=3, out_features=3, bias=True
  (parametrizations): ModuleDict(
    (weight): ParametrizationList(
      (0): Symmetric()
    )
  )
)`);
    expect(Object.keys(layer.stateDict())).toEqual(["bias", "parametrizations.weight.original"]);
    expect(torch.equal(layer.weight, layer.weight.T)).toBe(true);
    expect(layer).toBeInstanceOf(nn.Linear);
    expect(parametrize.typeBeforeParametrizations(layer)).toBe(nn.Linear);
    layer(torch.ones(1, 3)).sum().backward();
    expect(numbers(layer.getParameter("parametrizations.weight.original").grad as torch.Tensor)).toEqual([
      1, 2, 2, 0, 1, 2, 0, 0, 1,
    ]);
  });

  test("has a value assigned by its inverse, and composes", () => {
    const layer = new nn.Linear(2, 2);
    parametrize.registerParametrization(layer, "weight", new Symmetric());
    const wanted = torch
      .tensor([
        [1, 2],
        [2, 3],
      ])
      .to(torch.float32);
    Reflect.set(layer, "weight", wanted);
    expect(torch.equal(layer.weight, wanted)).toBe(true);
    const doubled = new Applied((value) => value.mul(2));
    parametrize.registerParametrization(layer, "weight", doubled);
    expect(numbers(layer.weight)).toEqual([2, 4, 4, 6]);
    expect(() => Reflect.set(layer, "weight", wanted)).toThrow(
      "parametrization Applied does not implement right_inverse.",
    );
  });

  test("is taken off with the value or the original", () => {
    const layer = parametrize.registerParametrization(new nn.Linear(2, 2), "weight", new Symmetric());
    parametrize.registerParametrization(layer, "bias", new Applied((value) => value.add(1)));
    const copy = torch.deepcopy(layer);
    const { weight } = layer;
    const bias = numbers(layer.bias as torch.Tensor);
    parametrize.removeParametrizations(layer, "weight");
    expect([parametrize.isParametrized(layer), parametrize.isParametrized(layer, "weight")]).toEqual([true, false]);
    parametrize.removeParametrizations(layer, "bias", { leaveParametrized: false });
    expect(String(layer)).toBe("Linear(in_features=2, out_features=2, bias=True)");
    expect(torch.equal(layer.weight, weight)).toBe(true);
    expect(Object.keys(layer.stateDict())).toEqual(["weight", "bias"]);
    numbers(layer.bias as torch.Tensor).forEach((value, k) => {
      expect(value + 1).toBeCloseTo(bias[k], 6);
    });
    // A copy keeps its own.
    expect([parametrize.isParametrized(copy, "weight"), torch.equal(copy.weight, weight)]).toEqual([true, true]);
    expect(() => parametrize.removeParametrizations(layer, "weight")).toThrow(
      "Module Linear(in_features=2, out_features=2, bias=True) does not have a parametrization on weight",
    );
  });

  test("may take several tensors", () => {
    const layer = parametrize.registerParametrization(new nn.Linear(2, 3, { bias: false }), "weight", new RankOne(), {
      unsafe: true,
    });
    expect(Object.keys(layer.stateDict())).toEqual([
      "parametrizations.weight.original0",
      "parametrizations.weight.original1",
    ]);
    expect(() => parametrize.removeParametrizations(layer, "weight", false)).toThrow(
      "Cannot leave unparametrized (`leave_parametrized=False`)",
    );
    expect(parametrize.removeParametrizations(layer, "weight").parameters().length).toBe(1);
  });

  test("is given to another module, with what it is computed from", () => {
    const from = parametrize.registerParametrization(new nn.Linear(2, 2), "weight", new Symmetric());
    const to = new nn.Linear(2, 2);
    expect(parametrize.transferParametrizationsAndParams(from, to)).toBe(to);
    const name = "parametrizations.weight.original";
    expect(to.getParameter(name) === from.getParameter(name)).toBe(true);
    expect(torch.equal(to.weight, from.weight)).toBe(true);
  });

  test("is computed once inside `cached`", () => {
    let count = 0;
    const doubling = (value: torch.Tensor) => {
      count++;
      return value.mul(2);
    };
    const layer = new nn.Linear(2, 2);
    parametrize.registerParametrization(layer, "weight", new Applied(doubling));
    count = 0;
    const [first, second] = parametrize.cached(() => [layer.weight, layer.weight]);
    expect([first === second, count]).toEqual([true, 1]);
    layer(x);
    expect(count).toBe(2);
  });

  test("gives a tensor like the one that it stands for", () => {
    const on = (f: (value: torch.Tensor) => unknown, name = "weight") =>
      parametrize.registerParametrization(new nn.Linear(2, 2), name, new Applied(f as Applied["f"]));
    expect(() => on((value) => value.sum())).toThrow(
      "Registering a parametrization may not change the shape of the tensor, unless `unsafe` flag is enabled.\n" +
        "unparametrized shape: torch.Size([2, 2])\nparametrized shape: torch.Size([])",
    );
    expect(() => on((value) => value.double())).toThrow(
      "unparametrized dtype: torch.float32\nparametrized dtype: torch.float64",
    );
    expect(() => on(() => 3)).toThrow("A parametrization must return a tensor. Got int.");
    expect(() => on((value) => value, "nothing")).toThrow(
      "does not have a parameter, a buffer, or a parametrized element with name 'nothing'",
    );
  });
});

describe("orthogonal weights", () => {
  test.each([
    ["matrix_exp", [-0.009097, 0.999959, -0.999959, -0.009097]],
    ["cayley", [-0.009097, 0.999959, -0.999959, -0.009097]],
    ["householder", [-0.0091, 0.999959, -0.999959, -0.0091]],
  ] as const)("by %s train as in PyTorch", (orthogonalMap, expected) => {
    torch.manualSeed(0);
    const layer = new nn.Linear(2, 2, { bias: false });
    parametrizations.orthogonal(layer, { orthogonalMap });
    train(layer, x.add(torch.eye(2)));
    expectNear(layer.weight, expected);
  });

  test("that are not square have orthonormal columns", () => {
    torch.manualSeed(0);
    const layer = new nn.Linear(2, 3, { bias: false });
    parametrizations.orthogonal(layer);
    train(layer, x);
    expectNear(layer.weight, [-0.008237, 0.698105, -0.905702, -0.308672, -0.423835, 0.646042]);
    expect(torch.allclose(layer.weight.T.matmul(layer.weight), torch.eye(2), { atol: 1e-5 })).toBe(true);
    expect(() => parametrizations.orthogonal(new nn.LayerNorm(3))).toThrow("Got a tensor of 1 dimensions.");
    expect(() => parametrizations.orthogonal(new nn.ReLU())).toThrow(
      "Module 'ReLU()' has no parameter or buffer with name 'weight'",
    );
  });
});

describe("normalised weights", () => {
  const make = () => {
    torch.manualSeed(1);
    return new nn.Linear(2, 2, { bias: false });
  };

  test("of spectral norm 1 train as in PyTorch", () => {
    const layer = make();
    parametrizations.spectralNorm(layer);
    expect(Object.keys(layer.stateDict())).toEqual([
      "parametrizations.weight.original",
      "parametrizations.weight.0._u",
      "parametrizations.weight.0._v",
    ]);
    train(layer, x);
    expectNear(layer.weight, [-0.081967, -0.649919, 0.144909, 0.742293]);
  });

  test("of spectral norm 1 by a hook train as in PyTorch", () => {
    const layer = nn.utils.spectralNorm(make());
    expect(Object.keys(layer.stateDict())).toEqual(["weight_orig", "weight_u", "weight_v"]);
    train(layer, x);
    expectNear(layer.weight, [-0.498041, -0.685652, 0.146406, 0.53695]);
    nn.utils.removeSpectralNorm(layer);
    expect(Object.keys(layer.stateDict())).toEqual(["weight"]);
    expect(() => nn.utils.removeSpectralNorm(layer)).toThrow("spectral_norm of 'weight' not found in Linear(");
  });

  test("of norms and directions train as in PyTorch", () => {
    const layer = nn.utils.weightNorm(make());
    train(layer, x);
    expectNear(layer.getParameter("weight_g"), [-0.012547, -0.000057]);
    expectNear(layer.getParameter("weight_v"), [0.089359, -0.537892, 0.030513, 0.399452]);
    expectNear(layer(x), [0.022698, -0.000117, -0.018546, 0.000044]);
    expect(() => nn.utils.weightNorm(layer)).toThrow();
    nn.utils.removeWeightNorm(layer);
    expectNear(layer(x), [0.022698, -0.000117, -0.018546, 0.000044]);
    expect(layer.weight.isLeaf && layer.weight.requiresGrad).toBe(true);
  });

  test("of recurrent networks go by the names of state_dicts", () => {
    const network = nn.utils.weightNorm(new nn.LSTM(2, 3), "weight_hh_l0");
    network(torch.ones(1, 1, 2));
    expect(Object.keys(network.stateDict())).toEqual([
      "weight_ih_l0",
      "bias_ih_l0",
      "bias_hh_l0",
      "weight_hh_l0_g",
      "weight_hh_l0_v",
    ]);
  });

  test("as a parametrization have norms apart", () => {
    const layer = make();
    const before = numbers(layer.weight);
    parametrizations.weightNorm(layer);
    expectNear(layer.weight, before);
    expect(layer.getParameter("parametrizations.weight.original0").shape).toEqual([2, 1]);
  });
});

test("a convolution and its normalisation become one convolution", () => {
  torch.manualSeed(5);
  const conv = new nn.Conv2d(1, 2, 1);
  const norm = new nn.BatchNorm2d(2);
  norm(torch.randn(4, 2, 2, 2));
  expect(() => nn.utils.fuseConvBnEval(conv, norm)).toThrow("Fusion only for eval!");
  const fused = nn.utils.fuseConvBnEval(conv.eval(), norm.eval());
  expectNear(fused.weight, [0.662958, -0.723764]);
  expectNear(fused.bias as torch.Tensor, [0.801526, 0.627911]);
  const linear = new nn.Linear(3, 2).eval();
  const flat = new nn.BatchNorm1d(2).eval();
  flat.runningMean?.fill_(0.5);
  const input = torch.randn(4, 3);
  expectNear(nn.utils.fuseLinearBnEval(linear, flat)(input), numbers(flat(linear(input))));
});

test("a module without first weights draws no random numbers", () => {
  torch.manualSeed(6);
  const expected = torch.rand(1).item();
  torch.manualSeed(6);
  const layer = nn.utils.skipInit(nn.Linear, 3, 2, { bias: false });
  expect(torch.rand(1).item()).toBe(expected);
  expect([String(layer), layer.weight.shape, layer.weight.device.type]).toEqual([
    "Linear(in_features=3, out_features=2, bias=False)",
    [2, 3],
    "cpu",
  ]);
  expect(() => nn.utils.skipInit(nn.ReLU)).toThrow("Module must support a 'device' arg to skip initialization");
});

test("a module is called with other parameters and buffers than its own", () => {
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm1d(3));
  const own = model.stateDict();
  const weight = torch.ones(3, 2, { requiresGrad: true });
  const given: { [name: string]: torch.Tensor } = { "0.weight": weight, "1.running_mean": torch.ones(3) };
  const out = stateless.functionalCall(model, given, [torch.randn(4, 2)]);
  out.pow(3).sum().backward();
  expect(weight.grad).not.toBeNull();
  expect(model.getParameter("0.weight").grad).toBeNull();
  expect(torch.equal(own["0.weight"], model.getParameter("0.weight"))).toBe(true);
  expect([numbers(model.getBuffer("1.running_mean")), numbers(given["1.running_mean"]).includes(1)]).toEqual([
    [0, 0, 0],
    false,
  ]);
});
