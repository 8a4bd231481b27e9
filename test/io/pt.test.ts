// torch.save and torch.load without PyTorch beside them: what comes back, and what is refused.

import { readFileSync } from "node:fs";
import * as torch from "cresset";
import { describe, expect, test } from "vitest";
import { everyDtype } from "../support/dtypes";

const { nn, optim } = torch;

/** What loading gives of what saving wrote, in memory. */
const again = <T>(value: T, options: torch.LoadOptions = {}): T => torch.load<T>(torch.save(value), options);

describe("values", () => {
  test("plain values come back as they were", () => {
    const value = {
      none: null,
      flags: [true, false],
      ints: [0, 255, 256, 65536, -1, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER],
      floats: [0.1, -0, Number.NaN, Infinity, -Infinity, 5e-324, 1e300],
      big: [2n ** 64n, -(2n ** 63n), 2n ** 2100n, -(2n ** 2100n) + 1n],
      texts: ["", "é", "😀", "\ud800 alone", "a\u0000b"],
      bytes: new Uint8Array([0, 127, 128, 255]),
      set: new Set([1, "a"]),
      nested: [[], {}, [{ deep: [1] }]],
    };
    expect(again(value)).toEqual(value);
    expect(Object.is(again(-0), -0)).toBe(true);
  });

  test("a number is an int where it is whole; an int beyond 2^53 is a bigint", () => {
    expect(again(2n ** 53n)).toBe(2n ** 53n);
    expect(again(5n)).toBe(5);
  });

  test("tuples are frozen arrays", () => {
    const back = again({ betas: Object.freeze([0.9, 0.999]), list: [1] });
    expect(Object.isFrozen(back.betas)).toBe(true);
    expect(Object.isFrozen(back.list)).toBe(false);
  });

  test("a dict is a plain object where that keeps its keys and their order, else a Map", () => {
    const map = new Map<unknown, unknown>([
      ["1", "text"],
      [1, "number"],
      [-5, "negative"],
    ]);
    expect(again(map)).toEqual(map);
    const backwards = new Map([
      [3, "c"],
      [1, "a"],
    ]);
    expect([...again(backwards)]).toEqual([...backwards]);
    expect(again(new Map([["a", 1]]))).toEqual({ a: 1 });
    const state = again({ 0: "zero", 10: "ten", name: "x" });
    expect(Object.entries(state)).toEqual([
      ["0", "zero"],
      ["10", "ten"],
      ["name", "x"],
    ]);
  });

  test("names of a prototype are keys like others", () => {
    const map = new Map([["__proto__", 1]]);
    expect(again(map)).toEqual(map);
    expect(again({ constructor: 1, toString: 2 })).toEqual({ constructor: 1, toString: 2 });
  });

  test("what occurs twice is one value, circles too", () => {
    const inner = { x: 1 };
    const value: { a: object; b: object; self?: object } = { a: inner, b: inner };
    value.self = value;
    const back = again(value);
    expect(back.a).toBe(back.b);
    expect(back.self).toBe(back);
  });

  test("dtypes, devices and sizes", () => {
    const back = again({ dtype: torch.bfloat16, device: torch.device("cuda:1"), size: new torch.Size([2, 3]) });
    expect(back.dtype).toBe(torch.bfloat16);
    expect(String(back.device)).toBe("cuda:1");
    expect(String(back.size)).toBe("torch.Size([2, 3])");
  });

  test.each<[unknown, RegExp]>([
    [{ f: () => 1 }, /Can't pickle f/],
    [new Date(), /class Date cannot be saved/],
    [new Float32Array(2), /Float32Array cannot be saved/],
    [Symbol("s"), /a symbol cannot be saved/],
    [new optim.SGD([new nn.Parameter(torch.ones(1))], { lr: 0.1 }), /save its stateDict/],
  ])("%s is refused", (value, message) => {
    expect(() => torch.save(value)).toThrow(message);
  });

  test("values that hold themselves without end are refused, not followed", () => {
    let deep: unknown[] = [];
    for (let k = 0; k < 100_000; k++) deep = [deep];
    expect(() => torch.save(deep)).toThrow("nested more than");
  });
});

describe("tensors", () => {
  test("every dtype, shape and stride", () => {
    const values = everyDtype.flatMap((dtype) => [
      torch.tensor(
        [
          [0, 1, 1],
          [1, 0, 1],
        ],
        { dtype },
      ),
      torch.tensor(1, { dtype }),
      torch.zeros(0, 3, { dtype }),
      torch.ones(3, { dtype }).expand(2, 3),
      torch.arange(12).to(dtype).view(3, 4).t(),
    ]);
    again(values).forEach((x, k) => {
      const { dtype, shape } = values[k];
      expect(x.dtype).toBe(dtype);
      expect([...x.shape]).toEqual([...shape]);
      expect(x.stride()).toEqual(values[k].stride());
      expect(x.tolist()).toEqual(values[k].tolist());
    });
  });

  test("tensors that share memory share it again; a view saves the whole of it", () => {
    const base = torch.arange(1000, { dtype: torch.float32 });
    const [part, whole] = again([base.at("10:12"), base.view(10, 100)]);
    part.fill_(-1);
    expect(whole.at(0, "9:13").tolist()).toEqual([9, -1, -1, 12]);
    expect(part.storageOffset()).toBe(10);
    expect(torch.save(base.at("0:1")).byteLength).toBeGreaterThan(4000);
    expect(torch.save(base.at("0:1").clone()).byteLength).toBeLessThan(1000);
  });

  test("parameters, tensors that require grad, tied parameters", () => {
    const parameter = new nn.Parameter(torch.ones(2));
    const back = again({
      parameter,
      tied: parameter,
      leaf: torch.ones(2).requiresGrad_(),
      frozen: new nn.Parameter(torch.ones(1), false),
    });
    expect(back.parameter).toBeInstanceOf(nn.Parameter);
    expect(back.tied).toBe(back.parameter);
    expect(back.leaf.requiresGrad).toBe(true);
    expect(back.leaf).not.toBeInstanceOf(nn.Parameter);
    expect(back.frozen.requiresGrad).toBe(false);
  });

  test("a tensor on the meta device has a shape and nothing else", () => {
    const back = again(torch.empty(2, 3, { device: "meta" }));
    expect(String(back.device)).toBe("meta");
    expect(String(torch.load<torch.Tensor>(torch.save(torch.ones(2)), { mapLocation: "meta" }).device)).toBe("meta");
  });

  test("one memory under two dtypes is refused, in PyTorch's words", () => {
    const x = torch.ones(4);
    const y = new torch.Tensor(x.storage, [4], [1], 0, torch.int32);
    expect(() => torch.save([x, y])).toThrow("view the same data as different types");
  });
});

describe("where tensors go", () => {
  const tagged = readFileSync("test/data/goldens/checkpoints/cuda_tagged.pt");

  test("tensors of CUDA load to the CPU when the call says so", () => {
    expect(() => torch.load(tagged)).toThrow(
      "Attempting to deserialize object on a CUDA device but torch.cuda.isAvailable() is false.",
    );
    for (const mapLocation of ["cpu", torch.device("cpu"), { "cuda:0": "cpu" }, new Map([["cuda:0", "cpu"]])]) {
      expect(() => torch.load(tagged, { mapLocation })).not.toThrow();
    }
  });

  test("a function sees every storage once, with its location", () => {
    const seen: string[] = [];
    torch.load(tagged, {
      mapLocation: (storage, location) => {
        seen.push(`${location} ${storage.nbytes}`);
        return storage;
      },
    });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.every((text) => text.startsWith("cuda:0 "))).toBe(true);
    expect(() => torch.load(tagged, { mapLocation: () => null })).toThrow("Attempting to deserialize");
  });

  test("the place may be given in second place, as in PyTorch", () => {
    expect(() => torch.load(tagged, "cpu")).not.toThrow();
    expect(() => torch.load(tagged, torch.device("cpu"), { mmap: false })).not.toThrow();
    expect(() => torch.load(tagged, (storage) => storage)).not.toThrow();
    expect(() => torch.load(tagged, null)).toThrow("Attempting to deserialize");
  });

  test("weightsOnly refuses objects of classes", () => {
    expect(torch.load(torch.save([1]), { weightsOnly: true })).toEqual([1]);
    expect(() => torch.load(torch.save(new nn.ReLU()), { weightsOnly: true })).toThrow("weightsOnly allows tensors");
  });

  test("an option that there is not is named", () => {
    expect(() => torch.load(tagged, { map_location: "cpu" } as object)).toThrow(
      "unexpected keyword argument 'map_location'",
    );
  });
});

class Net extends nn.Module {
  fc1 = new nn.Linear(4, 3);
  hiddenSize = 3;
  scales = [1, 2];
  constructor() {
    super();
    this.registerBuffer("steps", torch.zeros(1));
    this.registerBuffer("cache", torch.ones(2), { persistent: false });
  }
  override forward(x: torch.Tensor): torch.Tensor {
    return this.fc1(x).relu().mul(this.hiddenSize);
  }
}

describe("whole modules", () => {
  test("a module of the library comes back with its weights, settings and mode", () => {
    const model = new nn.Sequential(
      new nn.Conv2d(1, 2, 3, { padding: 1 }),
      new nn.BatchNorm2d(2),
      new nn.ReLU(),
      new nn.Flatten(),
      new nn.Linear(32, 4),
    ).eval();
    const back = again(model);
    const x = torch.randn(2, 1, 4, 4);
    expect(String(back)).toBe(String(model));
    expect(back.training).toBe(false);
    expect(torch.equal(back(x), model(x))).toBe(true);
  });

  test("a module of the user's needs its class", () => {
    const model = new Net();
    const bytes = torch.save(model);
    expect(() => torch.load(bytes)).toThrow("Unsupported class __main__.Net");
    const back = torch.load<Net>(bytes, { classes: { Net } });
    expect(back).toBeInstanceOf(Net);
    expect(back.hiddenSize).toBe(3);
    expect(back.scales).toEqual([1, 2]);
    const x = torch.randn(2, 4);
    expect(torch.equal(back(x), model(x))).toBe(true);
    expect(Object.keys(back.stateDict())).toEqual(Object.keys(model.stateDict()));
    back(x).sum().backward();
    expect(back.fc1.weight.grad).not.toBeNull();
  });

  test("a module with hooks is refused", () => {
    const model = new nn.Linear(2, 2);
    model.registerForwardHook(() => undefined);
    expect(() => torch.save(model)).toThrow("with hooks cannot be saved whole");
  });
});
