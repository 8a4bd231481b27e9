// Regions of autocast: which dtype operations compute in, what is cast and how often, and where a region begins and ends. The dtypes are
// PyTorch 1.13's.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { nn } = torch;
const F = nn.functional;
const { bfloat16, float16, float32, float64 } = torch;
type Tensor = torch.Tensor;

/** The dtype of what a function gives in a region, of its first part where it gives several. */
function dtypeOf(body: () => unknown): string {
  const all = [torch.autocast("cpu", { dtype: bfloat16 }, body)].flat(3);
  return String((all[0] as Tensor).dtype);
}

const x = torch.rand(4, 4);
const b = x.bfloat16();
const image = torch.rand(1, 1, 4, 4);
const volume = torch.rand(1, 1, 4, 4, 4).bfloat16();
const labels = torch.tensor([0, 1, 2, 3]);

describe("operations that lose little in 16 bits", () => {
  const calls: Record<string, () => unknown> = {
    linear: () => F.linear(x, x),
    "a module": () => new nn.Linear(4, 2).forward(x),
    mm: () => torch.mm(x, x),
    "of other 16 bits": () => torch.mm(x.half(), x.half()),
    "the method": () => x.matmul(x),
    "matmul with a vector": () => torch.matmul(x, x.at(0)),
    bmm: () => torch.bmm(x.at(null), x.at(null)),
    addmm: () => torch.addmm(x, x, x),
    addbmm: () => torch.addbmm(x, x.at(null), x.at(null)),
    "baddbmm with a sum of float64": () => torch.baddbmm(x.at(null).double(), x.at(null), x.at(null)),
    einsum: () => torch.einsum("ij,jk->ik", x, x),
    inner: () => torch.inner(x, x),
    tensordot: () => torch.tensordot(x, x, 1),
    conv1d: () => F.conv1d(x.at(null), torch.rand(2, 4, 2)),
    conv2d: () => F.conv2d(image, torch.rand(2, 1, 2, 2)),
    conv3d: () => F.conv3d(volume, torch.rand(1, 1, 2, 2, 2)),
    attention: () => new nn.MultiheadAttention(4, 2).forward(x, x, x),
    "a recurrent network without gates": () => new nn.RNN(4, 4).forward(x),
  };
  test.each(Object.entries(calls))("%s", (_, body) => {
    expect(dtypeOf(body)).toBe("torch.bfloat16");
  });
});

describe("operations that need float32", () => {
  const calls: Record<string, () => unknown> = {
    prod: () => b.prod(),
    trace: () => torch.trace(b),
    cdist: () => torch.cdist(b, b),
    inverse: () => torch.eye(2).bfloat16().inverse(),
    "linalg.svdvals": () => torch.linalg.svdvals(b),
    quantile: () => b.quantile(0.5),
    nanquantile: () => b.nanquantile(0.5),
    convTranspose2d: () => F.convTranspose2d(image.bfloat16(), torch.rand(1, 1, 2, 2)),
    avgPool3d: () => F.avgPool3d(volume, 2),
    maxPool3d: () => F.maxPool3d(volume, 2),
    adaptiveAvgPool3d: () => F.adaptiveAvgPool3d(volume, 1),
    gridSample: () => F.gridSample(image.bfloat16(), torch.zeros(1, 2, 2, 2).bfloat16()),
    "reflected padding": () => F.pad(b.at(null), [1, 1], { mode: "reflect" }),
    "replicated padding": () => F.pad(b.at(null), [1, 1], { mode: "replicate" }),
    mseLoss: () => F.mseLoss(b, b),
    l1Loss: () => F.l1Loss(b, b),
    huberLoss: () => F.huberLoss(b, b),
    smoothL1Loss: () => F.smoothL1Loss(b, b),
    crossEntropy: () => F.crossEntropy(b, labels),
    "a loss module": () => new nn.CrossEntropyLoss().forward(b, labels),
    nllLoss: () => F.nllLoss(b, labels),
    multiMarginLoss: () => F.multiMarginLoss(b, labels),
    klDiv: () => F.klDiv(b, b),
    binaryCrossEntropy: () => F.binaryCrossEntropy(b.sigmoid(), b),
    cosineEmbeddingLoss: () => F.cosineEmbeddingLoss(b, b, b.at(0)),
    tripletMarginLoss: () => F.tripletMarginLoss(b, b, b),
  };
  test.each(Object.entries(calls))("%s", (_, body) => {
    expect(dtypeOf(body)).toBe("torch.float32");
  });
});

describe("operations that take what they are given", () => {
  const calls: Record<string, [() => unknown, string]> = {
    "a sum": [() => b.sum(), "bfloat16"],
    softmax: [() => F.softmax(b, 0), "bfloat16"],
    "a mixed sum": [() => b.add(x), "float32"],
    relu: [() => x.relu(), "float32"],
    layerNorm: [() => F.layerNorm(x, [4]), "float32"],
    "constant padding": [() => F.pad(b, [1, 1]), "bfloat16"],
    dot: [() => torch.dot(x.at(0), x.at(0)), "float32"],
    mv: [() => torch.mv(x, x.at(0)), "float32"],
    addmv: [() => torch.addmv(x.at(0), x, x.at(0)), "float32"],
    outer: [() => torch.outer(x.at(0), x.at(0)), "float32"],
    bilinear: [() => F.bilinear(x, x, torch.rand(2, 4, 4)), "float32"],
    "a product into out": [() => torch.mm(x, x, { out: torch.empty(4, 4) }), "float32"],
    "products of float64": [() => torch.mm(x.double(), x.double()), "float64"],
    "gates with a state of float32": [() => new nn.LSTM(4, 4).forward(x), "float32"],
    "the same in a GRU": [() => new nn.GRUCell(4, 4).forward(x), "float32"],
    "gates with a state of bfloat16": [() => new nn.GRU(4, 4).forward(b), "bfloat16"],
    "cat of two dtypes": [() => torch.cat([b, x]), "float32"],
    "cat of one": [() => torch.cat([b, b]), "bfloat16"],
    "cat with float64": [() => torch.cat([x.double(), b]), "float64"],
    indexCopy: [() => b.indexCopy(0, torch.tensor([0]), x.at(":1")), "float32"],
  };
  test.each(Object.entries(calls))("%s", (_, [body, dtype]) => {
    expect(dtypeOf(body)).toBe(`torch.${dtype}`);
  });

  test("and refuse what does not go together", () => {
    expect(() => dtypeOf(() => torch.mm(x.double(), b))).toThrow("expected scalar type Double but found BFloat16");
    expect(() => dtypeOf(() => torch.stack([b, x.half()]))).toThrow(
      "Unexpected floating ScalarType in at::autocast::prioritize",
    );
  });
});

test("weights and gradients stay float32, and numbers are PyTorch's", () => {
  torch.manualSeed(0);
  const input = torch.rand(2, 3);
  const weight = torch.rand(3, 2, { requiresGrad: true });
  const loss = torch.autocast("cpu", () => {
    const y = input.matmul(weight);
    expect(y.float().tolist()).toEqual([
      [0.625, 0.96484375],
      [0.42578125, 0.56640625],
    ]);
    return F.mseLoss(y, torch.ones(2, 2));
  });
  loss.backward();
  expect(loss.item()).toBeCloseTo(0.1649, 4);
  const expected = torch.tensor([
    [-0.1309, -0.0374],
    [-0.2324, -0.0801],
    [-0.1982, -0.1387],
  ]);
  expect(torch.allclose(weight.grad as Tensor, expected, { atol: 1e-4 })).toBe(true);
});

describe("casts of weights", () => {
  /** The node through which a product's gradient reaches its second operand. */
  const castNode = (product: Tensor): unknown => product.gradFn?.nextFunctions[1][0];

  test("are made once in a region", () => {
    const weight = torch.rand(4, 4, { requiresGrad: true });
    const [one, two] = torch.autocast("cpu", () => [x.matmul(weight), x.matmul(weight)]);
    expect(castNode(one)).toBe(castNode(two));
    const [three, four] = torch.autocast("cpu", { cacheEnabled: false }, () => [x.matmul(weight), x.matmul(weight)]);
    expect(castNode(three)).not.toBe(castNode(four));
  });

  test("are made anew when the weight is written, and where a gradient is wanted after none was", () => {
    const weight = torch.zeros(4, 4, { requiresGrad: true });
    torch.autocast("cpu", () => {
      torch.noGrad(() => {
        expect(x.matmul(weight).sum().item()).toBe(0);
        weight.fill_(1);
        expect(x.matmul(weight).sum().item()).toBeGreaterThan(0);
      });
      x.matmul(weight).sum().backward();
    });
    expect(weight.grad?.dtype).toBe(float32);
  });
});

describe("regions", () => {
  const dtype = (): torch.DType => x.matmul(x).dtype;

  test("nest, may be turned off inside, and end with an error", () => {
    const seen = torch.autocast("cpu", () => [
      dtype(),
      torch.autocast("cpu", { enabled: false }, dtype),
      torch.autocast({ deviceType: "cpu", dtype: float16 }, dtype),
      dtype(),
    ]);
    expect(seen).toEqual([bfloat16, float32, float16, bfloat16]);
    expect(() =>
      torch.autocast("cpu", () => {
        throw new Error("inside");
      }),
    ).toThrow("inside");
    expect([dtype(), torch.isAutocastCpuEnabled()]).toEqual([float32, false]);
  });

  test("last for a block with `using`, and begin there", () => {
    const region = torch.autocast("cpu", bfloat16);
    expect(dtype()).toBe(float32);
    {
      using _ = region;
      expect([dtype(), torch.isAutocastCpuEnabled(), torch.getAutocastCpuDtype()]).toEqual([bfloat16, true, bfloat16]);
    }
    expect(dtype()).toBe(float32);
  });

  test("wrap functions and methods", () => {
    class Model {
      @torch.autocast("cpu")
      forward(input: Tensor): Tensor {
        return input.matmul(input);
      }
    }
    expect(new Model().forward(x).dtype).toBe(bfloat16);
    expect(torch.cpu.amp.autocast()((input: Tensor) => input.matmul(input))(x).dtype).toBe(bfloat16);
    expect(torch.cpu.amp.autocast(false)((input: Tensor) => input.matmul(input))(x).dtype).toBe(float32);
  });

  test("stay with their async functions", async () => {
    const inside = torch.autocast("cpu", async () => {
      await null;
      return dtype();
    });
    expect(dtype()).toBe(float32);
    expect(await inside).toBe(bfloat16);
    expect(dtype()).toBe(float32);
  });

  test("for CUDA are disabled without it, and others refused", () => {
    expect(torch.cuda.amp.autocast(() => [dtype(), torch.isAutocastEnabled()])).toEqual([float32, false]);
    expect(() => torch.autocast("tpu", dtype)).toThrow("User specified autocast device_type must be 'cuda' or 'cpu'");
    expect(torch.autocast("cpu", { dtype: float64 }, dtype)).toBe(float32);
  });
});

test("layers behind layers of 16 bits take them beside parameters of float32", () => {
  const layers = () => [
    new nn.Sequential(new nn.Linear(4, 4), new nn.LayerNorm(4), new nn.PReLU(), new nn.Linear(4, 4)),
    new nn.Sequential(new nn.Conv2d(1, 4, 2), new nn.BatchNorm2d(4), new nn.GroupNorm(2, 4), new nn.PReLU(4)),
  ];
  for (const dtype of [bfloat16, float16]) {
    for (const model of layers()) {
      const input = model.at(0) instanceof nn.Linear ? x : image;
      const y = torch.autocast("cpu", { dtype }, () => model.forward(input));
      expect(y.dtype).toBe(dtype);
      y.float().sum().backward();
      for (const parameter of model.parameters()) expect(parameter.grad?.dtype).toBe(float32);
    }
  }
});

test("functions of one's own run as customFwd and customBwd say", () => {
  const seen: unknown[] = [];
  const { customFwd, customBwd } = torch.cpu.amp;
  class Product extends torch.autograd.Function {
    static forward = customFwd((context: torch.autograd.FunctionCtx, a: Tensor, c: Tensor): Tensor => {
      context.saveForBackward(a, c);
      return a.matmul(c);
    });

    static backward = customBwd((context: torch.autograd.FunctionCtx, g: Tensor): [Tensor, Tensor] => {
      const [a, c] = context.savedTensors;
      seen.push(g.matmul(c.t()).dtype);
      return [g.matmul(c.t()).float(), a.t().matmul(g).float()];
    });
  }
  class Exact extends torch.autograd.Function {
    static forward = customFwd({ castInputs: float32 })((_: torch.autograd.FunctionCtx, a: Tensor): Tensor => {
      seen.push(a.dtype, torch.isAutocastCpuEnabled());
      return a.mul(2);
    });

    static backward = (_: torch.autograd.FunctionCtx, g: Tensor): Tensor => g.mul(2);
  }
  const weight = torch.rand(4, 4, { requiresGrad: true });
  const y = torch.autocast("cpu", () => {
    Exact.apply(b);
    return Product.apply(weight, x) as Tensor;
  });
  y.float().sum().backward();
  expect(seen).toEqual([float32, false, bfloat16]);
});
