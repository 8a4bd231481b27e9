// torch.save and torch.load without PyTorch beside them: what comes back, what is refused, and what a file is while it is written.

import {
  createReadStream,
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { deflateRawSync } from "node:zlib";
import * as torch from "cresset";
import { describe, expect, test } from "vitest";
import { temporaryFiles } from "../support/files";

const { nn, optim } = torch;
const file = temporaryFiles();

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
    const values = [
      torch.bool,
      torch.uint8,
      torch.int8,
      torch.int16,
      torch.int32,
      torch.int64,
      torch.float16,
      torch.bfloat16,
      torch.float32,
      torch.float64,
    ].flatMap((dtype) => [
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

describe("files", () => {
  test("a path, a URL, a stream and bytes", async () => {
    const x = torch.arange(5);
    torch.save(x, file("a.pt"));
    expect(torch.load<torch.Tensor>(pathToFileURL(file("a.pt"))).tolist()).toEqual([0, 1, 2, 3, 4]);
    const out = createWriteStream(file("b.pt"));
    await torch.save(x, out);
    await new Promise((resolve) => out.end(resolve));
    const streamed = await torch.load<torch.Tensor>(createReadStream(file("b.pt")));
    expect(streamed.tolist()).toEqual([0, 1, 2, 3, 4]);
    expect(torch.load<torch.Tensor>(readFileSync(file("b.pt"))).tolist()).toEqual([0, 1, 2, 3, 4]);
  });

  test("a mapped file is read when it is touched, and never written", () => {
    const x = torch.arange(1000, { dtype: torch.float32 });
    torch.save({ x, y: x.at("500:") }, file("mapped.pt"));
    const before = readFileSync(file("mapped.pt"));
    const back = torch.load<{ x: torch.Tensor; y: torch.Tensor }>(file("mapped.pt"), { mmap: true });
    back.x.add_(1);
    expect(back.y.at(0).item()).toBe(501);
    expect(readFileSync(file("mapped.pt"))).toEqual(before);
    torch.save("something else", file("mapped.pt"));
    expect(back.x.sum().item()).toBe(500_500);
  });

  test("a large file opens without being read", () => {
    torch.save({ large: torch.ones(1 << 25), small: torch.tensor([1, 2]) }, file("large.pt"));
    const read = () => Number(/^rchar: (\d+)/.exec(readFileSync("/proc/self/io", "utf8"))?.[1]);
    const [memory, bytes] = [process.memoryUsage().rss, read()];
    const { large, small } = torch.load<{ large: torch.Tensor; small: torch.Tensor }>(file("large.pt"));
    expect(small.tolist()).toEqual([1, 2]);
    expect(read() - bytes).toBeLessThan(2 ** 20);
    expect(process.memoryUsage().rss - memory).toBeLessThan(2 ** 25);
    expect(large.at(-1).item()).toBe(1);
  });

  test("a save leaves nothing beside its file, keeps permissions and links, and survives what cannot be saved", () => {
    torch.save([1], file("kept.pt"));
    symlinkSync(file("kept.pt"), file("link.pt"));
    torch.save([2], file("link.pt"));
    expect(torch.load(file("kept.pt"))).toEqual([2]);
    expect(() => torch.save({ bad: Symbol("s") }, file("kept.pt"))).toThrow();
    expect(torch.load(file("kept.pt"))).toEqual([2]);
    expect(readdirSync(dirname(file("x"))).filter((name) => name.endsWith(".part"))).toEqual([]);
    expect(statSync(file("kept.pt")).mode & 0o777).toBe(statSync(file("a.pt")).mode & 0o777);
  });

  test("what a killed process left is removed by the next save", () => {
    torch.save([1], file("left.pt"));
    const { hostname } = require("node:os") as typeof import("node:os");
    const left = file(`.left.pt.${hostname()}-999999999-0.part`);
    writeFileSync(left, "half");
    torch.save([2], file("left.pt"));
    expect(existsSync(left)).toBe(false);
  });

  test("memory of JavaScript and large memory is written as it is", async () => {
    const own = torch.fromTypedArray(new Float32Array([1, 2, 3]));
    const shared = torch.fromTypedArray(new Int32Array(new SharedArrayBuffer(16)).fill(7));
    const large = torch.arange(200_000);
    const value = { own: own.at("1:"), shared, large };
    torch.save(value, file("memory.pt"));
    const out = createWriteStream(file("streamed.pt"));
    await torch.save(value, out);
    await new Promise((resolve) => out.end(resolve));
    for (const name of ["memory.pt", "streamed.pt"]) {
      const back = torch.load<typeof value>(file(name));
      expect([back.own.tolist(), back.shared.tolist()]).toEqual([
        [2, 3],
        [7, 7, 7, 7],
      ]);
      expect(back.large.equal(large)).toBe(true);
    }
  });

  test("data lies at multiples of 64 bytes", () => {
    const bytes = Buffer.from(torch.save([torch.full([3], 7.5), torch.full([5], 2.5)]));
    expect(bytes.indexOf(Buffer.from(new Float32Array(3).fill(7.5).buffer)) % 64).toBe(0);
    expect(bytes.indexOf(Buffer.from(new Float32Array(5).fill(2.5).buffer)) % 64).toBe(0);
  });

  test("a file that is not there is Node's error", () => {
    expect(() => torch.load(file("absent.pt"))).toThrow("ENOENT");
  });
});

describe("damaged and hostile files", () => {
  const good = Buffer.from(torch.save({ w: torch.arange(100, { dtype: torch.float32 }), name: "n" }));

  test.each<[string, Buffer]>([
    ["nothing", Buffer.alloc(0)],
    ["text", Buffer.from("hello, this is a text and no checkpoint")],
    ["half of a file", good.subarray(0, good.length / 2)],
    ["a file without its end", good.subarray(0, good.length - 10)],
  ])("%s is a FormatError", (_, bytes) => {
    expect(() => torch.load(bytes)).toThrow(torch.FormatError);
  });

  test("a flipped bit of the elements is found", () => {
    const bytes = Buffer.from(good);
    bytes[good.indexOf(Buffer.from(new Float32Array([41, 42, 43]).buffer))] ^= 1;
    expect(() => torch.load(bytes)).toThrow("CRC-32");
  });

  /** A bare pickle, as the older format begins with. */
  const pickle = (text: string) => Buffer.from(`\x80\x02${text}.`, "latin1");

  test("what would run is named, and not run", () => {
    expect(() => torch.load(pickle("cos\nsystem\n(X\x06\x00\x00\x00touch xtR"))).toThrow("Unsupported class os.system");
    expect(() => torch.load(pickle("ctorch\nload\n)R"))).toThrow("Unsupported class torch.load");
    expect(() => torch.load(pickle("c__main__\nNet\n)\x81"))).toThrow("{ classes: { Net } }");
  });

  test("a value is nothing to call", () => {
    expect(() => torch.load(pickle("X\x01\x00\x00\x00f)R"))).toThrow(torch.FormatError);
    expect(() => torch.load(pickle("ctorch\nfloat32\n)R"))).toThrow("torch.float32, which is nothing that builds");
  });

  test("lengths that the file does not have cost nothing", () => {
    for (const text of [
      "X\xff\xff\xff\x7f",
      "B\xff\xff\xff\xff",
      "\x8b\xff\xff\xff\x7f",
      "\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
    ]) {
      expect(() => torch.load(pickle(text))).toThrow("truncated");
    }
  });

  test("a compressed entry that unpacks to gigabytes is refused", () => {
    const packed = deflateRawSync(Buffer.alloc(4 * 2 ** 20));
    const name = Buffer.from("a/data.pkl");
    const size = 0xfffffff0;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(8, 8);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(8, 10);
    central.writeUInt32LE(packed.length, 20);
    central.writeUInt32LE(size, 24);
    central.writeUInt16LE(name.length, 28);
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50);
    end.writeUInt16LE(1, 10);
    end.writeUInt32LE(central.length + name.length, 12);
    end.writeUInt32LE(30 + name.length + packed.length, 16);
    expect(() => torch.load(Buffer.concat([local, name, packed, central, name, end]))).toThrow("no checkpoint does");
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
