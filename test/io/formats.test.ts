// safetensors, NumPy's files and tables of text: what comes back, and what is refused.

import { readFileSync, writeFileSync } from "node:fs";
import * as torch from "cresset";
import { describe, expect, test } from "vitest";
import { everyDtype } from "../support/dtypes";
import { temporaryFiles } from "../support/files";

const { safetensors, numpy, csv } = torch;
const file = temporaryFiles();

describe("safetensors", () => {
  const tensors = {
    small: torch.tensor([1, 2, 3], { dtype: torch.uint8 }),
    wide: torch.arange(6, { dtype: torch.float64 }).view(2, 3),
    scalar: torch.tensor(5),
    empty: torch.zeros(0, 3),
    half: torch.ones(3, { dtype: torch.bfloat16 }),
  };

  test("tensors and texts come back", () => {
    safetensors.saveFile(tensors, file("a.safetensors"), { format: "pt", note: "é" });
    const back = safetensors.loadFile(file("a.safetensors"));
    expect(back.keys().sort()).toEqual(Object.keys(tensors).sort());
    for (const [name, tensor] of Object.entries(tensors)) {
      expect(back[name].dtype).toBe(tensor.dtype);
      expect(torch.equal(back[name], tensor)).toBe(true);
    }
    expect(safetensors.load(safetensors.save(tensors)).keys()).toEqual(back.keys());
  });

  test("an open file gives tensors and parts of them one by one", () => {
    const open = safetensors.safeOpen(file("a.safetensors"));
    expect(open.metadata()).toEqual({ format: "pt", note: "é" });
    expect(open.keys()).toContain("wide");
    const slice = open.getSlice("wide");
    expect([...slice.getShape()]).toEqual([2, 3]);
    expect(slice.getDtype()).toBe("F64");
    expect(slice.at(":", "1:").tolist()).toEqual([
      [1, 2],
      [4, 5],
    ]);
    expect(() => open.getTensor("absent")).toThrow("File does not contain tensor absent");
    const kept = open.getTensor("wide");
    open.close();
    expect(() => open.keys()).toThrow("closed");
    expect(kept.sum().item()).toBe(15);
  });

  test("a model's state comes back into another of its kind", () => {
    const [model, other] = [new torch.nn.Linear(3, 2), new torch.nn.Linear(3, 2)];
    safetensors.saveFile(model.stateDict(), file("model.safetensors"));
    other.loadStateDict(safetensors.loadFile(file("model.safetensors")));
    expect(torch.equal(other.weight, model.weight)).toBe(true);
  });

  test("views that the format cannot hold are refused, in its words", () => {
    const x = torch.ones(4, 4);
    expect(() => safetensors.save({ x: x.t() })).not.toThrow("share");
    expect(() => safetensors.save({ y: x.at(":", "1:") })).toThrow("non contiguous tensor: `y`");
    expect(() => safetensors.save({ a: x, b: x.at(0) })).toThrow("Some tensors share memory");
    expect(() => safetensors.save({ a: x.at(0), b: x.at(1) })).not.toThrow();
  });

  const headed = (header: string, data = 0) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
    return Buffer.concat([length, Buffer.from(header), Buffer.alloc(data)]);
  };

  test.each<[string, Buffer, RegExp]>([
    [
      "a name that stands twice",
      headed(
        '{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}',
      ),
      /.*/,
    ],
    [
      "a shape that is no list of sizes",
      headed('{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}'),
      /has no shape/,
    ],
    [
      "sizes whose product is beyond any memory",
      headed('{"a":{"dtype":"U8","shape":[9007199254740991,9007199254740991],"data_offsets":[0,8]}}', 8),
      /which are not its shape/,
    ],
    ["an entry that is null", headed('{"a":null}'), /has the dtype undefined/],
    ["a header that is a list", headed("[]"), /InvalidHeaderStart/],
    ["metadata of numbers", headed('{"__metadata__":{"a":1}}'), /no map of texts/],
  ])("%s is a FormatError", (_, bytes, message) => {
    expect(() => safetensors.load(bytes)).toThrow(torch.FormatError);
    expect(() => safetensors.load(bytes)).toThrow(message);
  });
});

describe("NumPy's files", () => {
  test("an array of every dtype that NumPy has", () => {
    for (const dtype of everyDtype.filter((each) => each !== torch.bfloat16)) {
      const x = torch.tensor([[0, 1, 1]], { dtype });
      numpy.save(file("x.npy"), x);
      const back = numpy.load(file("x.npy"));
      expect(back.dtype).toBe(dtype);
      expect(torch.equal(back, x)).toBe(true);
    }
    expect(() => numpy.save(file("x.npy"), torch.ones(1, { dtype: torch.bfloat16 }))).toThrow("NumPy has no bfloat16");
  });

  test("scalars, empty arrays and arrays of Fortran's order", () => {
    for (const x of [torch.tensor(3), torch.zeros(0, 2), torch.arange(6).view(2, 3).t(), torch.arange(8).at("::2")]) {
      numpy.save(file("x.npy"), x);
      expect(numpy.load(file("x.npy")).tolist()).toEqual(x.tolist());
    }
    numpy.save(file("x.npy"), torch.arange(6).view(2, 3).t());
    expect(numpy.load(file("x.npy")).stride()).toEqual([1, 3]);
  });

  test("arrays by name, compressed or not", () => {
    const arrays = { x: torch.arange(1000), y: torch.ones(2, 2) };
    numpy.savez(file("a.npz"), arrays);
    numpy.savezCompressed(file("b.npz"), arrays);
    expect(readFileSync(file("b.npz")).length).toBeLessThan(readFileSync(file("a.npz")).length);
    for (const name of ["a.npz", "b.npz"]) {
      const back = numpy.loadz(file(name));
      expect(Object.keys(back)).toEqual(["x", "y"]);
      expect(torch.equal(back.x, arrays.x)).toBe(true);
      expect(torch.equal(back.y, arrays.y)).toBe(true);
    }
    expect(() => numpy.load(file("a.npz"))).toThrow("loadz()");
  });

  /** A .npy file of version 1 as another program may write it. */
  const npy = (header: string, data: Buffer) => {
    const head = Buffer.from("\x93NUMPY\x01\x00  ", "latin1");
    head.writeUInt16LE(header.length, 8);
    return Buffer.concat([head, Buffer.from(header), data]);
  };

  test("elements in the other order of bytes", () => {
    const data = Buffer.alloc(8);
    data.writeFloatBE(1.5);
    data.writeFloatBE(-2, 4);
    const bytes = npy("{'descr': '>f4', 'fortran_order': False, 'shape': (2,)}\n", data);
    expect(numpy.load(bytes).tolist()).toEqual([1.5, -2]);
  });

  test("bytes that are not 0 are true, each once", () => {
    const bytes = Buffer.from([0, 1, 2, 255, 0, 128]);
    const mask = numpy.load(npy("{'descr': '|b1', 'fortran_order': False, 'shape': (6,)}\n", bytes));
    expect(mask.tolist()).toEqual([false, true, true, true, false, true]);
    expect(mask.nonzero().flatten().tolist()).toEqual([1, 2, 3, 5]);
    expect(torch.arange(6).maskedSelect(mask).tolist()).toEqual([1, 2, 3, 5]);
    expect(torch.arange(6).at(mask).tolist()).toEqual([1, 2, 3, 5]);
    expect(mask.unique().tolist()).toEqual([false, true]);
    expect(mask.sort()[1].tolist()).toEqual([0, 4, 1, 2, 3, 5]);
    expect(mask.sum().item()).toBe(4);
  });

  test("what no tensor holds is refused", () => {
    for (const descr of ["'|O'", "'<U5'", "'<u4'", "'<c8'", "[('a', '<f4')]"]) {
      const bytes = npy(`{'descr': ${descr}, 'fortran_order': False, 'shape': (1,)}\n`, Buffer.alloc(64));
      expect(() => numpy.load(bytes)).toThrow(torch.FormatError);
    }
    expect(() =>
      numpy.load(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999,)}\n", Buffer.alloc(8))),
    ).toThrow(torch.FormatError);
  });
});

describe("tables of text", () => {
  const text = 'name,x,y\n"a, b",1,2.5\n"say ""hi""",-3,\nc,1e3,inf\n';

  test("columns of texts and tensors of numbers", () => {
    const table = csv.parse(text);
    expect(table.names).toEqual(["name", "x", "y"]);
    expect(table.length).toBe(3);
    expect(table.column("name")).toEqual(["a, b", 'say "hi"', "c"]);
    expect(table.tensor(["x", "y"]).tolist()).toEqual([
      [1, 2.5],
      [-3, Number.NaN],
      [1000, Infinity],
    ]);
    expect([...table.tensor("x", { dtype: torch.int64 }).shape]).toEqual([3]);
    expect(() => table.tensor("name")).toThrow("row 1, column 'name': 'a, b' is no number");
    expect(() => table.tensor("y", { dtype: torch.int64 })).toThrow("row 1, column 'y'");
    expect(() => table.column("z")).toThrow("no column 'z'");
  });

  test("tabs, comments and tables without names", () => {
    writeFileSync(file("t.tsv"), "\ufeffa\tb\n1\t2\n");
    expect(csv.read(file("t.tsv")).tensor().tolist()).toEqual([[1, 2]]);
    const bare = csv.parse("# about\n1;2\n3;4\n", { delimiter: ";", header: false, comment: "#" });
    expect(bare.names).toEqual(["0", "1"]);
    expect(bare.tensor("1").tolist()).toEqual([2, 4]);
    expect(csv.parse("").length).toBe(0);
  });

  test.each(["a,b\n1\n", 'a,b\n"1,2\n', "a,a\n1,2\n"])("%j is a FormatError", (damaged) => {
    expect(() => csv.parse(damaged)).toThrow(torch.FormatError);
  });

  test("int64 beyond 2^53 stays exact", () => {
    expect(csv.parse("id\n9007199254740993\n").tensor("id", { dtype: torch.int64 }).item()).toBe(9007199254740993n);
  });
});
