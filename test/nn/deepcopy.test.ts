// Deep copies: of everything once, with PyTorch's rules for tensors.

import * as torch from "cresset";
import { describe, expect, test } from "vitest";

const { nn, optim } = torch;

class Block extends nn.Module {
  scale = new nn.Parameter(torch.ones(2));
  fc = new nn.Linear(2, 2);

  constructor() {
    super();
    this.registerBuffer("scratch", torch.zeros(1), { persistent: false });
  }

  override forward(x: torch.Tensor): torch.Tensor {
    return this.fc(x).mul(this.scale);
  }
}

class Net extends nn.Module {
  first = new Block();
  second = this.first;

  override forward(x: torch.Tensor): torch.Tensor {
    return this.second(this.first(x));
  }
}

test("a module is copied with what it shares, and nothing stays common", () => {
  const net = new Net();
  const copy = torch.deepcopy(net);
  expect(copy).toBeInstanceOf(Net);
  expect(copy.first === copy.second).toBe(true);
  expect(copy.first.scale === net.first.scale).toBe(false);
  const x = torch.rand(4, 2);
  expect(copy(x).tolist()).toEqual(net(x).tolist());
  torch.noGrad(() => copy.first.scale.fill_(9));
  expect(net.first.scale.tolist()).toEqual([1, 1]);
  expect(copy.stateDict()).not.toHaveProperty("first.scratch");
  expect(copy.first.scale.requiresGrad && copy.first.scale.isLeaf).toBe(true);
});

test("the best weights are kept while training goes on", () => {
  const model = new nn.Linear(2, 1);
  const optimizer = new optim.SGD(model.parameters(), { lr: 1 });
  const before = model.weight.tolist();
  const best = torch.deepcopy(model.stateDict());
  model(torch.ones(1, 2)).sum().backward();
  optimizer.step();
  expect(model.weight.tolist()).not.toEqual(before);
  expect(best.weight.tolist()).toEqual(before);
  expect(String(best)).toMatch(/^OrderedDict\(/);
  model.loadStateDict(best);
  expect(model.weight.tolist()).toEqual(before);
});

describe("tensors", () => {
  test("views of one memory are views of one copy", () => {
    const a = torch.arange(6);
    const [a2, b2, c2] = torch.deepcopy([a, a.narrow(0, 2, 2), a.view(2, 3).t()]);
    a2.fill_(7);
    expect([b2.tolist(), c2.tolist()]).toEqual([
      [7, 7],
      [
        [7, 7],
        [7, 7],
        [7, 7],
      ],
    ]);
    expect([c2.stride(), b2.storageOffset()]).toEqual([[1, 3], 2]);
    expect(a.tolist()).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("a leaf keeps sharing with what was detached from it", () => {
    const leaf = torch.ones(2, { requiresGrad: true });
    const [leaf2, detached] = torch.deepcopy([leaf, leaf.detach(), leaf.data]);
    torch.noGrad(() => leaf2.fill_(9));
    expect(detached.tolist()).toEqual([9, 9]);
    expect([leaf2.requiresGrad, leaf.tolist()]).toEqual([true, [1, 1]]);
  });

  test("small tensors that lie in one block of memory stay apart", () => {
    const [a, b] = torch.deepcopy([torch.zeros(2), torch.ones(2)]);
    expect([a.tolist(), b.tolist()]).toEqual([
      [0, 0],
      [1, 1],
    ]);
  });

  test("a leaf's gradient is copied, a parameter's is not", () => {
    const leaf = torch.ones(2, { requiresGrad: true });
    leaf.grad = torch.full([2], 3.5);
    const copy = torch.deepcopy(leaf);
    leaf.grad.zero_();
    expect(copy.grad?.tolist()).toEqual([3.5, 3.5]);
    const parameter = new nn.Parameter(torch.ones(2));
    parameter.grad = torch.ones(2);
    expect(torch.deepcopy(parameter).grad).toBe(null);
  });

  test("what an operation made is refused in PyTorch's words", () => {
    const y = torch.ones(2, { requiresGrad: true }).mul(2);
    expect(() => torch.deepcopy({ y })).toThrow(
      "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment",
    );
  });

  test("empty tensors and those without memory are copied", () => {
    expect(torch.deepcopy(torch.zeros(0, 3)).shape).toEqual([0, 3]);
    expect(torch.deepcopy(torch.empty(2, 3, { device: "meta" })).shape).toEqual([2, 3]);
  });
});

describe("objects", () => {
  test("an object of one's own class keeps its prototype and shares no field", () => {
    class Checkpoint {
      epoch = 3;
      losses = [1, 2];
      readonly made = new Date(5);
      weights = torch.ones(2);
      get last(): number {
        return this.losses[this.losses.length - 1];
      }
    }
    const kept = new Checkpoint();
    const copy = torch.deepcopy(kept);
    kept.losses.push(9);
    kept.weights.zero_();
    expect(copy).toBeInstanceOf(Checkpoint);
    expect([copy.last, copy.epoch, copy.made.getTime(), copy.weights.tolist()]).toEqual([2, 3, 5, [1, 1]]);
  });

  test("maps, sets, arrays, typed arrays and cycles", () => {
    const a: { list: unknown[]; map: Map<string, unknown>; set: Set<unknown>; bytes: Uint8Array } = {
      list: [],
      map: new Map(),
      set: new Set(),
      bytes: new Uint8Array([1, 2]),
    };
    a.list.push(a);
    a.map.set("self", a);
    a.set.add(a.list);
    const b = torch.deepcopy(a);
    expect(b === a).toBe(false);
    expect([b.list[0] === b, b.map.get("self") === b, b.set.has(b.list)]).toEqual([true, true, true]);
    a.bytes[0] = 9;
    expect([...b.bytes]).toEqual([1, 2]);
  });

  test("dtypes, devices and functions are what they were; a shape is a Size", () => {
    const f = () => 1;
    const copy = torch.deepcopy({
      dtype: torch.float64,
      device: torch.ones(1).device,
      f,
      shape: torch.ones(2, 3).shape,
    });
    expect([copy.dtype === torch.float64, copy.f === f, String(copy.shape)]).toEqual([
      true,
      true,
      "torch.Size([2, 3])",
    ]);
  });

  test("a model, its optimizer and its schedule are copied together", () => {
    const model = new nn.Linear(2, 1);
    const optimizer = new optim.Adam(model.parameters(), { lr: 0.1 });
    const schedule = new optim.lrScheduler.StepLR(optimizer, 1);
    model(torch.ones(1, 2)).sum().backward();
    optimizer.step();
    const copy = torch.deepcopy({ model, optimizer, schedule });
    expect(copy.optimizer.paramGroups[0].params[0] === copy.model.weight).toBe(true);
    expect([...copy.optimizer.state.keys()][0] === copy.model.weight).toBe(true);
    expect(copy.schedule.optimizer === copy.optimizer).toBe(true);
    const before = model.weight.tolist();
    copy.model(torch.ones(1, 2)).sum().backward();
    copy.optimizer.step();
    expect(model.weight.tolist()).toEqual(before);
    expect(Number(optimizer.state.get(model.weight)?.step)).toBe(1);
  });

  test("a generator goes on by itself", () => {
    const generator = new torch.Generator().manualSeed(3);
    const copy = torch.deepcopy(generator);
    const first = torch.rand(3, { generator }).tolist();
    expect(torch.rand(3, { generator: copy }).tolist()).toEqual(first);
  });

  test("a class with private fields says how it is copied", () => {
    class Counter {
      #count: number;
      constructor(count: number) {
        this.#count = count;
      }
      get count(): number {
        return this.#count;
      }
      __deepcopy__(): Counter {
        return new Counter(this.#count);
      }
    }
    const counter = new Counter(4);
    const [one, two] = torch.deepcopy([counter, counter]);
    expect([one.count, one === counter, one === two]).toEqual([4, false, true]);
  });
});
