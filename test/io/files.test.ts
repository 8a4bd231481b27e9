// What a saved file is: while it is written, when it is opened, and when it is damaged.

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

const file = temporaryFiles();

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

test("tensors of every size lie in a file in their order", () => {
  // Half of what is written at a time, and its neighbours: small tensors wait for others, large ones do not.
  for (const count of [1000, 32_767, 32_768, 32_769, 40_000, 65_535, 65_536, 70_000]) {
    const saved = { small: torch.rand(7), large: torch.rand(count), last: torch.rand(3) };
    torch.save(saved, file("sizes.pt"));
    const loaded = torch.load<typeof saved>(file("sizes.pt"));
    for (const name of ["small", "large", "last"] as const) expect(loaded[name].equal(saved[name]), name).toBe(true);
  }
});
