// Image data sets from files in a folder, and fetching those files. The bytes of IDX files are held to torchvision's by the goldens.

import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import * as torch from "cresset";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root as project } from "../support/child";

const { datasets, transforms } = torch.vision;
const { DataLoader } = torch.utils.data;
const small = join(project, "test", "data", "fashion-mnist-small");

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-datasets-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("FashionMNIST", () => {
  test("reads images and labels", () => {
    const data = new datasets.FashionMNIST(small, { train: false });
    expect(data.length).toBe(1000);
    expect(`${data.data.shape} ${data.data.dtype} ${data.targets.dtype}`).toBe(
      "torch.Size([1000, 28, 28]) torch.uint8 torch.int64",
    );
    const [image, label] = data.get(0);
    expect([image.mode, image.size, label, data.classes[label]]).toEqual(["L", [28, 28], 9, "Ankle boot"]);
    expect(data.classToIdx.Bag).toBe(8);
  });

  test("prints as torchvision's", () => {
    const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.5], [0.25])]);
    const data = new datasets.FashionMNIST(small, { transform });
    expect(String(data)).toBe(
      `Dataset FashionMNIST
    Number of datapoints: 6000
    Root location: ${small}
    Split: Train
    StandardTransform
Transform: Compose(
               ToTensor()
               Normalize(mean=(0.5,), std=(0.25,))
           )`,
    );
  });

  test("gives whole batches equal to those of its items", () => {
    const transform = new transforms.Compose([new transforms.ToTensor(), new transforms.Normalize([0.286], [0.353])]);
    const data = new datasets.FashionMNIST(small, { train: false, transform });
    const [[x, y]] = new DataLoader(data, { batchSize: 40, sampler: Array.from({ length: 40 }, (_, i) => 7 * i) });
    const items: [torch.Tensor, number][] = Array.from({ length: 40 }, (_, i) => data.get(7 * i));
    const [images, labels] = torch.utils.data.defaultCollate(items);
    expect(x.equal(images)).toBe(true);
    expect(y.equal(labels)).toBe(true);
    expect(`${x.shape}`).toBe("torch.Size([40, 1, 28, 28])");
  });

  test("transforms labels, and asks any function image by image", () => {
    const targetTransform = (label: number) => label * 10;
    const whole = new datasets.FashionMNIST(small, { transform: new transforms.ToTensor(), targetTransform });
    const single = new datasets.FashionMNIST(small, { transform: (image) => image.data[300] / 2, targetTransform });
    const [[, fromWhole]] = new DataLoader(whole, { batchSize: 3 });
    const [[numbers, fromSingle]] = new DataLoader(single, { batchSize: 3 });
    expect(fromWhole.tolist()).toEqual([90, 0, 0]);
    expect(fromSingle.tolist()).toEqual([90, 0, 0]);
    expect(numbers.dtype).toBe(torch.float64);
  });

  test("says where it looked", () => {
    expect(() => new datasets.FashionMNIST(folder)).toThrow(/Dataset not found.*FashionMNIST.raw/);
  });

  test("names the file that is damaged", () => {
    const root = join(folder, "damaged");
    const raw = join(root, "FashionMNIST", "raw");
    mkdirSync(raw, { recursive: true });
    const source = join(small, "FashionMNIST", "raw");
    for (const name of readdirSync(source)) writeFileSync(join(raw, name), readFileSync(join(source, name)));
    const labels = join(raw, "t10k-labels-idx1-ubyte.gz");
    const bytes = gunzipSync(readFileSync(labels));
    rmSync(labels);
    writeFileSync(labels.slice(0, -3), bytes.subarray(0, -1));
    expect(() => new datasets.FashionMNIST(root, { train: false })).toThrow(torch.FormatError);
    expect(() => new datasets.FashionMNIST(root, { train: false })).toThrow("the IDX data are cut short");
    bytes.writeUInt32BE(999, 4);
    writeFileSync(labels.slice(0, -3), bytes.subarray(0, -1));
    expect(() => new datasets.FashionMNIST(root, { train: false })).toThrow("999 labels for 1000 images");
  });
});

describe("fetching", () => {
  /** Serves the small set's files in a process of its own, since the constructor blocks this one. */
  const server = `
    const { createServer } = require("node:http");
    const { readFileSync } = require("node:fs");
    createServer((request, response) => {
      try { response.end(readFileSync(process.argv[1] + request.url)); }
      catch { response.writeHead(404).end(); }
    }).listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;
  let child: ChildProcess;
  let mirror: string;
  const raw = join(small, "FashionMNIST", "raw");
  const resources = readdirSync(raw).map(
    (name) =>
      [
        name,
        createHash("md5")
          .update(readFileSync(join(raw, name)))
          .digest("hex"),
      ] as const,
  );

  beforeAll(async () => {
    child = spawn(process.execPath, ["-e", server, raw], { stdio: ["ignore", "pipe", "inherit"] });
    mirror = await new Promise((resolve) => {
      child.stdout?.once("data", (port) => resolve(`http://127.0.0.1:${String(port).trim()}/`));
    });
  });

  afterAll(() => {
    child.kill();
  });

  test("gets what is missing, from the first mirror that has it, once", () => {
    class Small extends datasets.FashionMNIST {
      static override mirrors = [`${mirror}nothing/`, mirror];
      static override resources = resources;
    }
    expect(new Small(folder, { download: true }).length).toBe(6000);
    Small.mirrors = ["http://127.0.0.1:1/"];
    expect(new Small(folder, { train: false, download: true }).length).toBe(1000);
  });

  test("refuses a file with another checksum, and leaves nothing behind", () => {
    class Wrong extends datasets.FashionMNIST {
      static override mirrors = [mirror];
      static override resources = resources.map(([name]) => [name, "0".repeat(32)] as const);
    }
    expect(() => new Wrong(folder, { download: true })).toThrow(/its MD5 sum is [0-9a-f]{32}, expected 0{32}/);
    expect(readdirSync(join(folder, "Wrong", "raw"))).toEqual([]);
  });

  test("without a connection names the addresses and the folder", () => {
    class Offline extends datasets.FashionMNIST {
      static override mirrors = ["http://127.0.0.1:1/"];
    }
    const make = () => new Offline(folder, { download: true });
    expect(make).toThrow("Error downloading train-images-idx3-ubyte.gz");
    expect(make).toThrow(`put these files into ${join(folder, "Offline", "raw")}`);
    expect(make).toThrow("http://127.0.0.1:1/t10k-labels-idx1-ubyte.gz");
    expect(existsSync(join(folder, "Offline", "raw", "train-images-idx3-ubyte.gz"))).toBe(false);
  });
});

describe("ImageFolder", () => {
  const grey = (level: number) => torch.full([1, 2, 3], level, { dtype: torch.uint8 });

  test("reads images by class, in the order of their paths", () => {
    const at = join(folder, "animals");
    for (const name of ["dog/b", "cat", "dog/a-1", "dog/a"]) mkdirSync(join(at, name), { recursive: true });
    torch.vision.io.writePng(grey(10), join(at, "cat", "2.png"));
    torch.vision.io.writeJpeg(grey(20), join(at, "cat", "1.JPG"));
    torch.vision.io.writePng(grey(30), join(at, "dog", "a", "x.png"));
    torch.vision.io.writePng(grey(40), join(at, "dog", "a-1", "x.png"));
    torch.vision.io.writePng(grey(50), join(at, "dog", "z.png"));
    writeFileSync(join(at, "cat", "notes.txt"), "");
    writeFileSync(join(at, "readme.md"), "");
    const data = new datasets.ImageFolder(at, { transform: new transforms.PILToTensor() });
    expect([data.classes, data.classToIdx, data.targets]).toEqual([
      ["cat", "dog"],
      { cat: 0, dog: 1 },
      [0, 0, 1, 1, 1],
    ]);
    expect([...data].map(([x, label]) => [x.shape.join(), x.at(0, 0, 0).item(), label])).toEqual([
      ["3,2,3", 20, 0],
      ["3,2,3", 10, 0],
      ["3,2,3", 50, 1],
      ["3,2,3", 30, 1],
      ["3,2,3", 40, 1],
    ]);
    const [[images, labels]] = [...new DataLoader(data, { batchSize: 5, numWorkers: 1 })];
    expect(`${images.shape} ${labels.dtype}`).toBe("torch.Size([5, 3, 2, 3]) torch.int64");
    const plain = new datasets.ImageFolder(at);
    expect(String(plain.get(1)[0])).toBe("<Image mode=RGB size=3x2>");
    const own = new datasets.ImageFolder({ root: at, loader: (path: string) => path.length, isValidFile: () => true });
    expect([own.length, typeof own.get(0)[0]]).toEqual([6, "number"]);
  });

  test("says what it does not find", () => {
    const at = join(folder, "empty");
    mkdirSync(at);
    expect(() => new datasets.ImageFolder(at)).toThrow(`Couldn't find any class folder in ${at}.`);
    mkdirSync(join(at, "cat"));
    writeFileSync(join(at, "cat", "notes.txt"), "");
    expect(() => new datasets.ImageFolder(at)).toThrow(
      "Found no valid file for the classes cat. Supported extensions are: .jpg, .jpeg, .png",
    );
    expect(() => new datasets.ImageFolder(join(at, "absent"))).toThrow("ENOENT");
  });
});
