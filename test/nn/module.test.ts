// Modules: callable, found by assignment, saved, loaded, copied, hooked, printed.

import { inspect } from "node:util";
import * as torch from "cresset";
import { beforeEach, describe, expect, test } from "vitest";

const { nn } = torch;

class Block extends nn.Module {
  override name = "a block";
  override length = 3;
  scale = new nn.Parameter(torch.ones(2));
  fc = new nn.Linear(2, 2);
  note: string | null = null;

  constructor() {
    super();
    this.registerBuffer("seen", torch.zeros(2));
    this.registerBuffer("scratch", torch.zeros(1), { persistent: false });
  }

  override forward(x: torch.Tensor, times = 1): torch.Tensor {
    return this.fc(x).mul(this.scale).mul(times);
  }
}

class Net extends nn.Module {
  first = new Block();
  second = this.first;
  head = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());

  override forward(x: torch.Tensor): torch.Tensor {
    return this.head(this.second(this.first(x)));
  }
}

beforeEach(() => {
  torch.manualSeed(0);
});

describe("a module", () => {
  test("is a function with the arguments and the result of forward", () => {
    const block = new Block();
    const x = torch.ones(1, 2);
    expect(typeof block).toBe("function");
    expect(block(x, 2).tolist()).toEqual(block.forward(x, 2).tolist());
    expect(block).toBeInstanceOf(Block);
    expect(block).toBeInstanceOf(nn.Module);
  });

  test("may have fields of any name", () => {
    const block = new Block();
    expect([block.name, block.length]).toEqual(["a block", 3]);
    block.name = "renamed";
    expect(block.name).toBe("renamed");
  });

  test("finds parameters, buffers and children in order of assignment, shared ones once", () => {
    const net = new Net();
    expect(net.namedParameters().map(([name]) => name)).toEqual([
      "first.scale",
      "first.fc.weight",
      "first.fc.bias",
      "head.0.weight",
      "head.0.bias",
    ]);
    expect(net.namedBuffers().map(([name]) => name)).toEqual(["first.seen", "first.scratch"]);
    expect(net.namedChildren().map(([name]) => name)).toEqual(["first", "head"]);
    expect(net.modules()).toHaveLength(6);
    expect(net.getSubmodule("head.0") === net.head[0]).toBe(true);
    expect(net.getParameter("first.fc.weight") === net.first.fc.weight).toBe(true);
    expect(() => net.getSubmodule("head.7")).toThrow("Sequential has no attribute `7`");
  });

  test("sets modes and gradients here and below", () => {
    const net = new Net().eval();
    expect(net.modules().map((m) => m.training)).toEqual([false, false, false, false, false, false]);
    net.train().requiresGrad_(false);
    expect(net.parameters().some((p) => p.requiresGrad)).toBe(false);
    net.requiresGrad_();
    net(torch.ones(1, 2)).sum().backward();
    net.zeroGrad();
    expect(net.first.scale.grad?.tolist()).toEqual([0, 0]);
    net.zeroGrad({ setToNone: true });
    expect(net.first.scale.grad).toBeNull();
  });

  test("converts parameters in place, so that whoever holds them sees it", () => {
    const net = new Net();
    const held = net.parameters();
    net.double();
    expect(held.every((p) => p.dtype === torch.float64)).toBe(true);
    expect(net.parameters().every((p, k) => p === held[k])).toBe(true);
    expect(net.getBuffer("first.seen").dtype).toBe(torch.float64);
    expect(net(torch.ones(1, 2, { dtype: torch.float64 })).dtype).toBe(torch.float64);
    expect(() => net.to(torch.int64)).toThrow("only accepts floating point");
  });

  test("without forward says so", () => {
    class Empty extends nn.Module {}
    expect(() => new Empty()(1)).toThrow('missing the required "forward" function');
  });

  test("says what forward takes when it is called without arguments", () => {
    class Net extends nn.Module {
      override forward(x: torch.Tensor, scale?: number) {
        return x.mul(scale ?? 1);
      }
    }
    const unchecked = new Net() as unknown as () => void;
    expect(() => unchecked()).toThrow(/was called without arguments; its forward takes \(x, scale\)$/);
    class Optional extends nn.Module {
      override forward(x?: number) {
        return x ?? 5;
      }
    }
    expect(new Optional()()).toBe(5);
  });

  test("runs hooks around forward, until they are removed", () => {
    const block = new Block();
    const before = block.registerForwardPreHook((_, args) => [args[0].mul(0)]);
    const after = block.registerForwardHook((_, __, output) => [output, "seen"]);
    const [output, text] = block(torch.ones(1, 2)) as unknown as [torch.Tensor, string];
    expect(text).toBe("seen");
    expect(output.tolist()).toEqual(block.fc.forward(torch.zeros(1, 2)).tolist());
    before.remove();
    after.remove();
    expect(block(torch.ones(1, 2))).toBeInstanceOf(torch.Tensor);
  });

  test("prints as PyTorch does, with its own extra text", () => {
    class Tagged extends nn.Module {
      inner = new nn.Identity();
      override extraRepr(): string {
        return "tag=1\nother=2";
      }
    }
    expect(inspect(new Tagged())).toBe("Tagged(\n  tag=1\n  other=2\n  (inner): Identity()\n)");
    expect(String(new nn.Sequential(new nn.Dropout()))).toBe("Sequential(\n  (0): Dropout(p=0.5, inplace=False)\n)");
    const bundle = new Net()[torch.displaySymbol as typeof torch.displaySymbol]();
    expect(Object.keys(bundle)).toEqual(["text/html", "text/plain"]);
  });
});

describe("a state_dict", () => {
  test("has PyTorch's names, shares memory and prints", () => {
    const net = new Net();
    const state = net.stateDict();
    expect(Object.keys(state)).toEqual([
      "first.scale",
      "first.seen",
      "first.fc.weight",
      "first.fc.bias",
      "second.scale",
      "second.seen",
      "second.fc.weight",
      "second.fc.bias",
      "head.0.weight",
      "head.0.bias",
    ]);
    expect([...state].map(([name]) => name)).toEqual(Object.keys(state));
    torch.noGrad(() => state["first.scale"].fill_(5));
    expect(net.first.scale.tolist()).toEqual([5, 5]);
    expect(inspect(new nn.Threshold(1, 2).stateDict())).toBe("OrderedDict()");
    expect(String({ ...state }["first.seen"])).toBe("tensor([0., 0.])");
  });

  test("loads by name, from an object or a map", () => {
    const source = new Net();
    const target = new Net();
    const result = target.loadStateDict(source.stateDict());
    expect(String(result)).toBe("<All keys matched successfully>");
    const x = torch.rand(3, 2);
    expect(target(x).tolist()).toEqual(source(x).tolist());
    target.loadStateDict(new Map(source.stateDict()));
    const model = new nn.Sequential(new nn.Linear(2, 2), new nn.BatchNorm1d(2));
    const missing = ["0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"];
    const entries = { "0.weight": torch.ones(2, 2), extra: torch.ones(1) };
    for (const given of [entries, new Map(Object.entries(entries))]) {
      const partial = model.loadStateDict(given, { strict: false });
      expect([partial.missingKeys, partial.unexpectedKeys]).toEqual([missing, ["extra"]]);
      expect(String(partial)).toBe(
        `_IncompatibleKeys(missing_keys=['${missing.join("', '")}'], unexpected_keys=['extra'])`,
      );
    }
    expect(model[0].weight.tolist()).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(() => model.loadStateDict({ "0.weight": torch.ones(2, 3) }, { strict: false })).toThrow(
      "size mismatch for 0.weight: copying a param with shape torch.Size([2, 3]) from checkpoint",
    );
  });

  test("has what a dict has, also when an entry is called by the name of a method", () => {
    const state = new nn.Linear(2, 1).stateDict();
    expect(state.keys()).toEqual(["weight", "bias"]);
    expect(state.items().map(([name, tensor]) => `${name} ${tensor.shape}`)).toEqual([
      "weight torch.Size([1, 2])",
      "bias torch.Size([1])",
    ]);
    expect(state.values().map((tensor) => tensor.ndim)).toEqual([2, 1]);
    const copy = state.copy();
    expect([copy.pop("bias").shape, copy.keys(), state.keys().length]).toEqual([[1], ["weight"], 2]);
    expect([copy.get("bias"), copy.pop("bias", "none")]).toEqual([null, "none"]);
    expect(() => copy.pop("bias")).toThrow("'bias'");
    copy.update({ bias: torch.zeros(1) });
    expect(String(copy.bias)).toBe("tensor([0.])");

    const odd = new nn.Module();
    Reflect.set(odd, "items", new nn.Parameter(torch.ones(1)));
    expect([...odd.stateDict()].map(([name]) => name)).toEqual(["items"]);
    const other = new nn.Module();
    Reflect.set(other, "items", new nn.Parameter(torch.zeros(1)));
    other.loadStateDict(odd.stateDict());
    expect(other.parameters()[0].item()).toBe(1);
  });

  test("tells everything that does not fit, in PyTorch's words", () => {
    const linear = new nn.Linear(3, 2);
    expect(() => linear.loadStateDict({ weight: torch.ones(2, 4), more: torch.ones(1) })).toThrow(
      'Error(s) in loading state_dict for Linear:\n\tMissing key(s) in state_dict: "bias". \n\tUnexpected key(s) in state_dict: "more". \n\t' +
        "size mismatch for weight: copying a param with shape torch.Size([2, 4]) from checkpoint, the shape in current model is torch.Size([2, 3]).",
    );
  });
});

describe("assigning over a member", () => {
  class Own extends nn.Module {
    scale = new nn.Parameter(torch.ones(2));
    fc = new nn.Linear(2, 2);
  }
  const assign = (module: torch.nn.Module, name: string, value: unknown) => () => Reflect.set(module, name, value);

  test("a parameter takes a parameter or null", () => {
    const fc = new nn.Linear(2, 2);
    for (const [value, type] of [
      [torch.ones(2, 2), "torch.FloatTensor"],
      [torch.ones(2, 2, { dtype: torch.int64 }), "torch.LongTensor"],
      [5, "int"],
      ["x", "str"],
      [[1], "list"],
      [new nn.ReLU(), "ReLU"],
    ]) {
      expect(assign(fc, "weight", value)).toThrow(
        `cannot assign '${type}' as parameter 'weight' (torch.nn.Parameter or None expected)`,
      );
    }
    fc.bias = null;
    expect(assign(fc, "bias", torch.ones(2))).toThrow("as parameter 'bias'");
    expect(fc.stateDict().keys()).toEqual(["weight"]);
    fc.bias = new nn.Parameter(torch.ones(2));
    expect(fc.stateDict().keys()).toEqual(["weight", "bias"]);
  });

  test("buffers and children take their own kind", () => {
    const norm = new nn.BatchNorm1d(2);
    expect(assign(norm, "runningMean", 5)).toThrow(
      "cannot assign 'int' as buffer 'runningMean' (torch.Tensor or None expected)",
    );
    norm.runningMean = torch.ones(2);
    expect(norm.stateDict().running_mean.tolist()).toEqual([1, 1]);
    const own = new Own();
    expect(own.parameters()).toHaveLength(3);
    expect(assign(own, "scale", torch.ones(2))).toThrow("cannot assign 'torch.FloatTensor' as parameter 'scale'");
    expect(assign(own, "fc", torch.ones(2))).toThrow(
      "cannot assign 'torch.FloatTensor' as child module 'fc' (torch.nn.Module or None expected)",
    );
    expect(assign(new nn.Sequential(new nn.ReLU()), "0", 5)).toThrow("cannot assign 'int' as child module '0'");
    own.fc = new nn.Linear(2, 1);
    expect(own.namedParameters().map(([name, p]) => [name, p.shape])).toEqual([
      ["scale", [2]],
      ["fc.weight", [1, 2]],
      ["fc.bias", [1]],
    ]);
  });

  test("a deleted member's name is free; copies refuse as their originals do", () => {
    const fc = new nn.Linear(2, 2);
    const copy = torch.deepcopy(fc);
    Reflect.deleteProperty(fc, "weight");
    expect(assign(fc, "weight", torch.ones(2, 2))).not.toThrow();
    expect(fc.stateDict().keys()).toEqual(["bias"]);
    expect(assign(copy, "weight", torch.ones(2, 2))).toThrow("as parameter 'weight'");
    expect(copy.stateDict().keys()).toEqual(["weight", "bias"]);
  });

  test("methods take their arguments by name, and refuse what they do not know", () => {
    const fc = new nn.Linear(2, 2);
    expect(fc.train({ mode: false }).training).toBe(false);
    expect(() => Reflect.apply(fc.train, fc, ["yes"])).toThrow("training mode is expected to be boolean");
    fc.registerBuffer({ name: "mean", tensor: torch.ones(1), persistent: false });
    expect(fc.namedBuffers({ prefix: "fc" }).map(([name]) => name)).toEqual(["fc.mean"]);
    expect(fc.stateDict({ prefix: "a." }).keys()).toEqual(["a.weight", "a.bias"]);
    expect(fc.loadStateDict({ stateDict: fc.stateDict(), strict: false }).missingKeys).toEqual([]);
    // @ts-expect-error there is no such option
    expect(() => fc.loadStateDict(fc.stateDict(), { strikt: true })).toThrow(
      "Module.load_state_dict() got an unexpected keyword argument 'strikt'",
    );
    // @ts-expect-error there is no such option
    expect(() => fc.zeroGrad({ setToNull: true })).toThrow("unexpected keyword argument 'set_to_null'");
  });

  test("registering does not take the name of a method", () => {
    expect(() => new nn.Linear(1, 1).registerBuffer("forward", torch.ones(1))).toThrow(
      "attribute 'forward' already exists",
    );
    expect(() => new nn.ModuleDict({ keys: new nn.ReLU() })).toThrow("attribute 'keys' already exists");
  });
});

describe("containers", () => {
  test("negative indices read and replace from the end", () => {
    const model = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 10));
    expect([model[-1].outFeatures, model[-1] === model[2]]).toEqual([10, true]);
    model[-1] = new nn.Linear(3, 1);
    expect([model.length, model(torch.ones(1, 2)).shape]).toEqual([3, [1, 1]]);
    expect(model.stateDict().keys()).toEqual(["0.weight", "0.bias", "2.weight", "2.bias"]);
    expect(() => model[-4]).toThrow("index -4 is out of range");
    expect(() => model[3]).toThrow("index 3 is out of range");
    expect(() => {
      model[3] = new nn.ReLU();
    }).toThrow("index 3 is out of range");
    const list = new nn.ModuleList(Array.from({ length: 70 }, (_, k) => new nn.Linear(1, k + 1)));
    expect([list[-70].outFeatures, list[-2].outFeatures]).toEqual([1, 69]);
    const named = new nn.Sequential({ fc: new nn.Linear(2, 2), act: new nn.Tanh() });
    expect([String(named[0]).slice(0, 6), String(named[-1])]).toEqual(["Linear", "Tanh()"]);
    const parameters = new nn.ParameterList([torch.zeros(1), torch.ones(2)]);
    parameters[-1] = new nn.Parameter(torch.full([2], 2.5));
    expect(parameters.stateDict()["1"].tolist()).toEqual([2.5, 2.5]);
    Reflect.set(parameters, "0", torch.ones(3));
    expect([parameters[0] instanceof nn.Parameter, parameters.length]).toEqual([true, 2]);
  });

  test("rows lose and gain modules in the middle", () => {
    const list = new nn.ModuleList([1, 2, 3].map((n) => new nn.Linear(1, n)));
    expect(list.pop(0).outFeatures).toBe(1);
    list.append(new nn.Linear(1, 9));
    expect([...list].map((m) => m.outFeatures)).toEqual([2, 3, 9]);
    expect(list.stateDict().keys()[5]).toBe("2.bias");
    expect(() => list.insert(5, new nn.Linear(1, 1))).toThrow("Index out of range: 5");
    const shared = new nn.Parameter(torch.ones(1));
    expect(new nn.ParameterList([shared, shared]).length).toBe(2);
  });

  test("ModuleDict and ParameterDict have their members under their names", () => {
    const heads = new nn.ModuleDict({ a: new nn.ReLU(), b: new nn.Linear(4, 2) });
    expect([heads.b.outFeatures, heads["b"] === heads.get("b")]).toEqual([2, true]);
    const task: string = "b";
    expect(heads[task](torch.ones(1, 4)).shape).toEqual([1, 2]);
    heads["c"] = new nn.Linear(1, 1);
    expect([...heads]).toEqual(["a", "b", "c"]);
    const scales = new nn.ParameterDict({ a: torch.ones(2) });
    expect(scales.a.requiresGrad && scales["a"] === scales.get("a")).toBe(true);
    scales.update({ b: torch.zeros(1) });
    Reflect.set(scales, "b", torch.ones(1));
    expect([scales.b instanceof nn.Parameter, scales.pop("a").shape, scales.keys()]).toEqual([true, [2], ["b"]]);
    expect([scales.get("a"), scales.setdefault("d", torch.ones(3)).shape]).toEqual([null, [3]]);
    class Heads extends nn.ModuleDict<torch.nn.Linear> {}
    const typed: torch.nn.ModuleDict<torch.nn.Linear> = new Heads({ a: new nn.Linear(1, 3) });
    expect(typed.a.outFeatures).toBe(3);
  });

  test("Sequential takes modules or names, grows and indexes", () => {
    const row = new nn.Sequential({ fc: new nn.Linear(2, 2), act: new nn.Tanh() });
    expect(Object.keys(row.stateDict())).toEqual(["fc.weight", "fc.bias"]);
    row.append(new nn.Linear(2, 1));
    expect(row.length).toBe(3);
    expect(Object.keys(row.stateDict())).toEqual(["fc.weight", "fc.bias", "2.weight", "2.bias"]);
    expect(row.at(-1) instanceof nn.Linear).toBe(true);
    expect(() => row.at(3)).toThrow("index 3 is out of range");
    expect(row(torch.ones(1, 2)).shape).toEqual([1, 1]);
  });

  test("rows number their modules and have them replaced", () => {
    // Without its type the places would keep the kinds of their modules.
    const net: torch.nn.Sequential = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
    expect([...net.entries()].map(([i, module]) => `${i} ${module}`)).toEqual([
      "0 Linear(in_features=2, out_features=3, bias=True)",
      "1 ReLU()",
    ]);
    net[1] = new nn.Linear(3, 1);
    expect(net(torch.ones(4, 2)).shape).toEqual([4, 1]);
    expect(Object.keys(net.stateDict())).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
  });

  test("ModuleList and ModuleDict own their modules", () => {
    const list = new nn.ModuleList([new nn.Linear(1, 1), new nn.Linear(1, 2)]);
    list.insert(1, new nn.Linear(1, 3));
    expect([...list].map((m) => m.outFeatures)).toEqual([1, 3, 2]);
    const dict = new nn.ModuleDict({ a: new nn.ReLU(), b: new nn.Linear(1, 1) });
    expect([...dict]).toEqual(["a", "b"]);
    dict.pop("a");
    expect([dict.has("a"), dict.size]).toEqual([false, 1]);
    expect(dict.parameters()).toHaveLength(2);
  });

  test("ModuleDict takes modules of several kinds as pairs, too", () => {
    const dict = new nn.ModuleDict([
      ["fc", new nn.Linear(2, 3)],
      ["act", new nn.PReLU()],
    ]);
    expect(dict.keys()).toEqual(["fc", "act"]);
    expect(new nn.ModuleDict(new Map([["act", new nn.PReLU()]])).get("act")(torch.ones(1)).item()).toBe(1);
  });

  test("ParameterList and ParameterDict own their parameters", () => {
    const list = new nn.ParameterList([torch.zeros(2), torch.zeros(3)]);
    const dict = new nn.ParameterDict({ w: torch.zeros(1) });
    expect(list.parameters()).toHaveLength(2);
    expect(list.at(-1).shape).toEqual([3]);
    expect(Object.keys(dict.stateDict())).toEqual(["w"]);
  });
});

test("attention averages its weights as PyTorch does", () => {
  const attention = new nn.MultiheadAttention(4, 2);
  const x = torch.rand(3, 1, 4);
  const [, weights] = attention(x, x, x);
  const [, each] = attention(x, x, x, { averageAttnWeights: false });
  expect(String(weights)).toContain("grad_fn=<DivBackward0>");
  expect(
    weights
      ?.sub(each?.mean(1) ?? 0)
      .abs()
      .max()
      .item(),
  ).toBeLessThan(1e-7);
});

test("unpooling prints one number per dimension", () => {
  expect(String(new nn.MaxUnpool2d(2))).toBe("MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))");
  expect(String(new nn.MaxUnpool1d(3, { stride: 2 }))).toBe("MaxUnpool1d(kernel_size=(3,), stride=(2,), padding=(0,))");
});

test("layers name the arguments that are missing", () => {
  expect(() => Reflect.construct(nn.Linear, [2])).toThrow(
    "Linear.__init__() missing 1 required positional argument: 'out_features'",
  );
  expect(() => Reflect.construct(nn.Conv2d, [])).toThrow(
    "Conv2d.__init__() missing 3 required positional arguments: 'in_channels', 'out_channels', and 'kernel_size'",
  );
  expect(() => Reflect.construct(nn.GRU, [{ numLayers: 2 }])).toThrow(
    "RNNBase.__init__() missing 2 required positional arguments: 'input_size' and 'hidden_size'",
  );
});

test("tables over given rows share them and draw nothing", () => {
  const rows = torch
    .tensor([
      [1, 2],
      [3, 4],
    ])
    .float();
  torch.manualSeed(3);
  const expected = torch.rand(2).tolist();
  torch.manualSeed(3);
  const tables = [
    nn.Embedding.fromPretrained(rows),
    nn.Embedding.fromPretrained(rows, false, { paddingIdx: -1 }),
    nn.EmbeddingBag.fromPretrained(rows, { freeze: false, mode: "sum" }),
  ];
  expect(torch.rand(2).tolist()).toEqual(expected);
  expect(tables.map(String)).toEqual([
    "Embedding(2, 2)",
    "Embedding(2, 2, padding_idx=1)",
    "EmbeddingBag(2, 2, mode=sum)",
  ]);
  expect(tables.map(({ weight }) => weight.requiresGrad)).toEqual([false, true, true]);
  rows.mul_(2);
  expect(
    tables.map((table) =>
      table(torch.tensor([[1, 0]]))
        .sum()
        .item(),
    ),
  ).toEqual([20, 20, 20]);
  expect(() => nn.Embedding.fromPretrained(torch.ones(2))).toThrow("expected to be 2-dimensional");
  expect(() => new nn.Embedding(3, 2, { _weight: rows })).toThrow("Shape of weight does not match");
});

test("a hook that collects outputs by push changes nothing", () => {
  const layer = new nn.Linear(2, 3);
  const seen: unknown[] = [];
  layer.registerForwardPreHook((_, args) => seen.push(args));
  layer.registerForwardHook((_, __, output) => seen.push(output));
  expect(layer(torch.ones(1, 2)).shape).toEqual([1, 3]);
  expect(seen.length).toBe(2);
});

describe("backward hooks", () => {
  const net = () => {
    torch.manualSeed(1);
    return new nn.Sequential(new nn.Linear(3, 4), new nn.ReLU(), new nn.Linear(4, 2));
  };

  test("see the gradients of a module's inputs and outputs until they are removed", () => {
    const model = net();
    const seen: (readonly (torch.Tensor | null)[])[] = [];
    const handle = model[2].registerFullBackwardHook((_, gradInput, gradOutput) => seen.push(gradInput, gradOutput));
    const plain = torch.rand(2, 3, { requiresGrad: true });
    model(plain).sum().backward();
    handle.remove();
    model(plain).sum().backward();
    expect(seen.length).toBe(2);
    expect(seen.map(([grad]) => grad?.shape)).toEqual([
      [2, 4],
      [2, 2],
    ]);
    expect(seen[1][0]?.tolist()).toEqual([
      [1, 1],
      [1, 1],
    ]);
  });

  test("see outputs of a module whose inputs need no gradient", () => {
    const model = net();
    let shapes: unknown[] = [];
    model[0].registerFullBackwardHook((_, gradInput, gradOutput) => {
      shapes = [gradInput[0], gradOutput[0]?.shape];
    });
    model(torch.rand(2, 3)).sum().backward();
    expect(shapes).toEqual([null, [2, 4]]);
  });

  test("replace the gradients of inputs", () => {
    const model = net();
    const x = torch.rand(2, 3, { requiresGrad: true });
    model(x).sum().backward();
    const before = x.grad?.clone();
    x.grad?.zero_();
    model.registerFullBackwardHook((_, [grad]) => [grad?.mul(2)]);
    model(x).sum().backward();
    expect(x.grad?.tolist()).toEqual(before?.mul(2).tolist());
    model.registerFullBackwardHook((_, [grad]) => [grad, grad]);
    expect(() => model(x).sum().backward()).toThrow("invalid number of grad_input, got 2, but expected 1");
  });
});

test("layers name the dtypes that do not go together", () => {
  const image = torch.rand(1, 3, 5, 5, { dtype: torch.float64 });
  expect(() => new nn.Conv2d(3, 4, 3)(image)).toThrow("Input type (double) and bias type (float) should be the same");
  expect(() => new nn.Conv2d(3, 4, 3)(torch.ones(1, 3, 5, 5, { dtype: torch.int64 }))).toThrow(
    "Input type (long int) and bias type (float) should be the same (a tensor made from whole numbers",
  );
  expect(() => new nn.Linear(5, 2)(image.select(0, 0).select(0, 0))).toThrow("mat1 and mat2 must have the same dtype");
  expect(() => new nn.Linear(5, 2, { bias: false })(image)).toThrow("expected scalar type Double but found Float");
});
