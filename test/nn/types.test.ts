// The types of modules: a call has those of `forward`, options are checked. This file is compiled with the project; the text below
// also with the compiler that checks cells.

import { join } from "node:path";
import * as torch from "cresset";
import * as ts from "typescript";
import { expect, expectTypeOf, test } from "vitest";
import { root } from "../support/child";

const { nn, optim } = torch;

class Pair extends nn.Module {
  fc = new nn.Linear(2, 2);
  lstm = new nn.LSTM(2, 3);
  layers = new nn.ModuleList([new nn.Linear(2, 2), new nn.ReLU()]);

  override forward(x: torch.Tensor, times?: number): [torch.Tensor, number] {
    let y = this.fc(x);
    for (const layer of this.layers) y = layer(y);
    return [y, times ?? 1];
  }
}

test("a call has the types of forward", () => {
  const pair = new Pair();
  expectTypeOf(pair(torch.ones(1, 2), 3)).toEqualTypeOf<[torch.Tensor, number]>();
  expectTypeOf(pair.fc(torch.ones(1, 2))).toEqualTypeOf<torch.Tensor>();
  expectTypeOf(pair.lstm(torch.ones(1, 1, 2))[1][0]).toEqualTypeOf<torch.Tensor>();
  expectTypeOf(new nn.Sequential(pair.fc)).toBeCallableWith(torch.ones(1, 2));
  const image = torch.ones(1, 1, 4, 4);
  expectTypeOf(new nn.MaxPool2d(2, { stride: 1 })(image)).toEqualTypeOf<torch.Tensor>();
  const [values, indices] = new nn.MaxPool2d(2, { returnIndices: true })(image);
  expect(new nn.MaxUnpool2d(2)(values, indices).sum().item()).toBe(4);
  // @ts-expect-error a module takes what its forward takes
  expect(() => pair("text")).toThrow();
});

test("a value typed as any module can be called", () => {
  const modules: torch.nn.Module[] = [new nn.Linear(2, 2), new nn.Sequential(new nn.Tanh())];
  let x = torch.ones(1, 2);
  for (const module of modules) x = module(x);
  expectTypeOf(x).toEqualTypeOf<torch.Tensor>();
  expect(x.shape).toEqual([1, 2]);
});

test("Sequential knows its modules by place, and is a class like any other", () => {
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.Flatten(0, 1));
  expectTypeOf(model[0].weight).toEqualTypeOf<torch.nn.Parameter>();
  expect(model[0].weight.shape).toEqual([3, 2]);
  expectTypeOf(() => model[7]).toEqualTypeOf<() => torch.nn.Module>();
  expectTypeOf(model[-1].startDim).toEqualTypeOf<number>();
  const plain: torch.nn.Sequential = model;
  expectTypeOf(plain[0]).toEqualTypeOf<torch.nn.Module>();
  const layers: torch.nn.Module[] = [new nn.ReLU()];
  expectTypeOf(new nn.Sequential(new nn.Tanh(), ...layers)[0]).toEqualTypeOf<torch.nn.Tanh>();
  expectTypeOf(new nn.Sequential({ fc: model })[0]).toEqualTypeOf<torch.nn.Module>();
  class Block extends nn.Sequential {
    constructor(width: number) {
      super(new nn.Linear(2, width), new nn.ReLU());
    }
  }
  const block: torch.nn.Module = new Block(4);
  expect(block instanceof nn.Sequential && block(torch.ones(1, 2)).shape).toEqual([1, 4]);
  expect(String(new Block(1))).toMatch(/^Block\(\n {2}\(0\): Linear/);
  expect(String(new nn.Sequential())).toBe("Sequential()");
});

test("a plain tensor is no parameter", () => {
  const fc = new nn.Linear(2, 2);
  // @ts-expect-error it would silently be trained no more
  expect(() => (fc.weight = torch.ones(2, 2))).toThrow("cannot assign 'torch.FloatTensor' as parameter 'weight'");
  fc.weight = new nn.Parameter(torch.ones(2, 2));
  fc.bias = null;
  expect(Object.keys(fc.stateDict())).toEqual(["weight"]);
});

test("hooks know the arguments and the result of their module", () => {
  const fc = new nn.Linear(2, 3);
  const seen: unknown[] = [];
  fc.registerForwardPreHook((_, [input]) => seen.push(input.shape));
  fc.registerForwardHook((module, [input], output) => seen.push(module.outFeatures, input.shape, output.shape));
  fc(torch.ones(1, 2));
  expect(seen).toEqual([[1, 2], 3, [1, 2], [1, 3]]);
});

test("options are known by name", () => {
  // @ts-expect-error there is no such option
  expect(() => new nn.Linear(2, 2, { biased: false })).toThrow("unexpected keyword argument 'biased'");
  // @ts-expect-error there is no such option
  expect(() => new optim.RMSprop([new nn.Parameter(torch.ones(1))], { rate: 1 })).toThrow(
    "unexpected keyword argument",
  );
  expectTypeOf(new nn.ELU({ alpha: 2 }).alpha).toEqualTypeOf<number>();
});

test("a parameter is replaced by a parameter only", () => {
  const layer = new nn.Linear(2, 2);
  // @ts-expect-error nobody would train this
  const replace = () => (layer.weight = torch.ones(2, 2));
  expect(replace).toThrow("(torch.nn.Parameter or None expected)");
  layer.weight = new nn.Parameter(torch.ones(2, 2));
  const tensor: torch.Tensor = layer.weight;
  expect(tensor.requiresGrad).toBe(true);
});

test("layers take everything by name", () => {
  const image = { inChannels: 1, outChannels: 2, kernelSize: 3 };
  const table = { numEmbeddings: 3, embeddingDim: 2 };
  const recurrent = { inputSize: 2, hiddenSize: 3 };
  const attention = { dModel: 4, nhead: 2, dimFeedforward: 3 };
  const layer = new nn.TransformerEncoderLayer(attention);
  const modules = [
    [new nn.Linear({ inFeatures: 2, outFeatures: 3, bias: false }), new nn.Linear(2, 3, false)],
    [new nn.Bilinear({ in1Features: 1, in2Features: 2, outFeatures: 3 }), new nn.Bilinear(1, 2, 3)],
    [new nn.Conv1d(image), new nn.Conv1d(1, 2, 3)],
    [new nn.Conv2d({ ...image, padding: "same" }), new nn.Conv2d(1, 2, 3, 1, "same")],
    [new nn.Conv3d(image), new nn.Conv3d(1, 2, 3)],
    [new nn.ConvTranspose1d(image), new nn.ConvTranspose1d(1, 2, 3)],
    [new nn.ConvTranspose2d({ ...image, stride: 2 }), new nn.ConvTranspose2d(1, 2, 3, 2)],
    [new nn.ConvTranspose3d(image), new nn.ConvTranspose3d(1, 2, 3)],
    [new nn.Embedding({ ...table, paddingIdx: 0 }), new nn.Embedding(3, 2, 0)],
    [new nn.EmbeddingBag({ ...table, mode: "sum" }), new nn.EmbeddingBag(3, 2, { mode: "sum" })],
    [new nn.RNN(recurrent), new nn.RNN(2, 3)],
    [new nn.LSTM({ ...recurrent, numLayers: 2 }), new nn.LSTM(2, 3, 2)],
    [new nn.GRU(recurrent), new nn.GRU(2, 3)],
    [new nn.RNNCell(recurrent), new nn.RNNCell(2, 3)],
    [new nn.LSTMCell(recurrent), new nn.LSTMCell(2, 3)],
    [new nn.GRUCell(recurrent), new nn.GRUCell(2, 3)],
    [new nn.GroupNorm({ numGroups: 2, numChannels: 4 }), new nn.GroupNorm(2, 4)],
    [new nn.MultiheadAttention({ embedDim: 4, numHeads: 2 }), new nn.MultiheadAttention(4, 2)],
    [new nn.Unflatten({ dim: 1, unflattenedSize: [2, 3] }), new nn.Unflatten(1, [2, 3])],
    [new nn.Fold({ outputSize: 4, kernelSize: 2 }), new nn.Fold(4, 2)],
    [new nn.Threshold({ threshold: 1, value: 2 }), new nn.Threshold(1, 2)],
    [new nn.ConstantPad2d({ padding: 1, value: 2 }), new nn.ConstantPad2d(1, 2)],
    [new nn.LPPool2d({ normType: 2, kernelSize: 3 }), new nn.LPPool2d(2, 3)],
    [new nn.TransformerDecoderLayer(attention), new nn.TransformerDecoderLayer(4, 2, 3)],
    [
      new nn.TransformerEncoder(layer, { numLayers: 2, norm: new nn.LayerNorm(4), enableNestedTensor: false }),
      new nn.TransformerEncoder(layer, 2, new nn.LayerNorm(4)),
    ],
  ];
  for (const [byName, inOrder] of modules) expect(String(byName)).toBe(String(inOrder));
  // @ts-expect-error outFeatures is missing
  expect(() => new nn.Linear({ inFeatures: 2 })).toThrow("missing 1 required positional argument: 'out_features'");
  // @ts-expect-error outFeatures is missing
  expect(() => new nn.Linear(2)).toThrow("missing 1 required positional argument: 'out_features'");
  // @ts-expect-error kernelSize is missing
  expect(() => new nn.Fold({ outputSize: 4 })).toThrow("missing 1 required positional argument: 'kernel_size'");
  expect(() => new nn.MaxPool2d({ stride: 2 })).toThrow("missing 1 required positional argument: 'kernel_size'");
  // @ts-expect-error there is no such option
  expect(() => new nn.Conv2d({ ...image, pad: 1 })).toThrow("unexpected keyword argument 'pad'");
});

test("modules take what their calls take by name too", () => {
  const x = torch.ones(2, 2);
  class Twice extends nn.Linear {
    override forward(input: torch.Tensor): torch.Tensor {
      return super.forward(input).mul(2);
    }
  }
  const fc = new nn.Linear(2, 2);
  expectTypeOf(fc({ input: x })).toEqualTypeOf<torch.Tensor>();
  expect(fc({ input: x }).equal(fc(x))).toBe(true);
  expect(new nn.MSELoss()({ input: x, target: x }).item()).toBe(0);
  const attention = new nn.MultiheadAttention(2, 1);
  expectTypeOf(attention({ query: x, key: x, value: x, needWeights: false })[0]).toEqualTypeOf<torch.Tensor>();
  const [output, hn] = new nn.GRU(2, 3)({ input: x, hx: torch.zeros(1, 3) });
  expect([output.shape, hn.shape]).toEqual([
    [2, 3],
    [1, 3],
  ]);
  expect(new Twice(2, 2)(x).shape).toEqual([2, 2]);
  // @ts-expect-error there is no such argument
  expect(() => fc({ inputs: x })).toThrow("Linear.forward() got an unexpected keyword argument 'inputs'");
  // @ts-expect-error the target is missing
  expect(() => new nn.L1Loss()({ input: x })).toThrow("missing 1 required positional argument: 'target'");
  // @ts-expect-error a module takes tensors
  expect(() => fc(1)).toThrow("Linear.forward(): argument 'input' (position 1) must be Tensor, not int");
  // @ts-expect-error too many
  expect(() => fc(x, x)).toThrow("Linear.forward() takes 2 positional arguments but 3 were given");
  const either = (module: torch.nn.LSTM | torch.nn.GRU) => module(x)[0];
  expectTypeOf(either).returns.toEqualTypeOf<torch.Tensor>();
});

test("hooks have the types of forward", () => {
  const seen: { [name: string]: torch.Tensor } = {};
  const note = (name: string) => (_: torch.nn.Module, __: unknown, output: torch.Tensor) => {
    seen[name] = output.detach();
  };
  const model: torch.nn.Module = new nn.Sequential(new nn.Linear(2, 3));
  model.registerForwardHook(note("any module"));
  const lstm = new nn.LSTM(2, 3);
  lstm.registerForwardPreHook((_, [input]) => {
    expectTypeOf(input).toEqualTypeOf<torch.Tensor>();
  });
  lstm.registerForwardHook((_, __, [output]) => {
    seen.lstm = output;
  });
  model(torch.ones(1, 2));
  lstm(torch.ones(4, 2));
  expect([seen["any module"].shape, seen.lstm.shape]).toEqual([
    [1, 3],
    [4, 3],
  ]);
  // @ts-expect-error an LSTM gives more than one tensor
  lstm.registerForwardHook(note("not this"));
});

/** What someone might write in cells; the marked lines must be refused. */
const cells = `
import * as torch from "cresset";
const { nn, optim } = torch;
class Net extends nn.Module {
  name = "net";
  pool = new nn.MaxPool2d(2, { stride: 2 });
  norm = new nn.BatchNorm1d(4);
  rnn = new nn.GRU(4, 4);
  blocks = new nn.ModuleList(Array.from({ length: 2 }, () => new nn.Linear(4, 4)));
  act: torch.nn.ReLU = new nn.ReLU();
  constructor(readonly width: number) { super(); }
  forward(x: torch.Tensor, mask?: torch.Tensor) {
    for (const block of this.blocks) x = this.act(block(x));
    const [y] = this.rnn(this.norm(x));
    return mask === undefined ? y : y.mul(mask);
  }
}
const net = new Net(4);
const y: torch.Tensor = net(torch.ones(2, 4));
function train(model: torch.nn.Module): torch.Tensor { return model(torch.ones(2, 4)); }
train(net).sum().backward();
const opt = new optim.SGD(net.parameters(), { lr: 0.1, momentum: 0.9 });
const schedule = new optim.lrScheduler.CosineAnnealingLR(opt, 10, { etaMin: 1e-3 });
schedule.step();
const rate: number = opt.paramGroups[0].momentum;
const fullyNamed = new nn.Conv2d({ inChannels: 3, outChannels: 4, kernelSize: 5 });
function scheduled(any: torch.optim.Optimizer) { return new optim.lrScheduler.StepLR(any, { stepSize: 2 }); }
scheduled(opt).step();
const loss: torch.Tensor = new nn.CrossEntropyLoss({ labelSmoothing: 0.1 })(y, torch.zeros(2, { dtype: torch.int64 }));
const state: torch.Tensor = net.stateDict()["norm.weight"];
// @ts-expect-error
net(1);
// @ts-expect-error
new nn.Conv2d("three", 4, 5);
// @ts-expect-error
new nn.Conv2d({ inChannels: 3, outChannels: 4 });
export { fullyNamed, loss, rate, state };
`;

test("cells are checked alike", () => {
  const name = join(root, "dist", "nn-cells.ts");
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.CommonJS,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    types: ["node"],
    typeRoots: [join(root, "node_modules", "@types")],
    paths: { cresset: [join(root, "dist", "core", "index.d.ts")] },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (file) => file === name || fileExists(file);
  host.getSourceFile = (file, language, ...rest) =>
    file === name ? ts.createSourceFile(file, cells, language, true) : getSourceFile(file, language, ...rest);
  const program = ts.createProgram([name], options, host);
  const messages = ts
    .getPreEmitDiagnostics(program, program.getSourceFile(name))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, " "));
  expect(messages).toEqual([]);
});
