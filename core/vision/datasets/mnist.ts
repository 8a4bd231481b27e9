// MNIST and the data sets of its format: 28 × 28 grey images in ten classes, in IDX files.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Collated, defaultCollate } from "../../data/collate";
import { indexTensor } from "../../data/gather";
import { CressetError, FormatError } from "../../errors";
import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { int64, uint8 } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import { Transform } from "../transforms/transform";
import { download, type Resource } from "./download";
import { readIdx } from "./idx";
import { applied, VisionDataset } from "./vision-dataset";

/** What MNIST and its relatives take by name. */
export interface MNISTOptions<X, Y> {
  /** The training images (default), or the test images. */
  train?: boolean;
  /** Applied to every image. */
  transform?: ((image: Image) => X) | null;
  /** Applied to every label. */
  targetTransform?: ((label: number) => Y) | null;
  /** Fetches the files that are not there. Default false. */
  download?: boolean;
}

interface Given<X, Y> extends MNISTOptions<X, Y> {
  root: string;
}

/** What may follow the folder in order. */
type AfterRoot<X, Y> = [
  train?: boolean,
  transform?: ((image: Image) => X) | null,
  targetTransform?: ((label: number) => Y) | null,
  download?: boolean,
];

/**
 * Handwritten digits: `[image, label]` items, from `<root>/MNIST/raw/*-ubyte`, packed (`.gz`) or not. Without a transform an image
 * is an `Image`. Throws CressetError when the files are not there and cannot be fetched, FormatError when they are damaged.
 * Source: torchvision.datasets.MNIST.
 */
export class MNIST<X = Image, Y = number> extends VisionDataset<[X, Y]> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def MNIST(str root, bool train=True, value transform=None, value targetTransform=None, bool download=False)",
  );

  /** Where the files are published; tried in order. */
  static mirrors: readonly string[] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
  ];
  /** The files and their MD5 sums. */
  static resources: readonly Resource[] = [
    ["train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"],
    ["train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"],
    ["t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"],
    ["t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"],
  ];
  /** The names of the classes, by label. */
  static classes: readonly string[] = [
    "0 - zero",
    "1 - one",
    "2 - two",
    "3 - three",
    "4 - four",
    "5 - five",
    "6 - six",
    "7 - seven",
    "8 - eight",
    "9 - nine",
  ];

  /** The images: uint8 (N, 28, 28). */
  readonly data: Tensor;
  /** The labels: int64 (N). */
  readonly targets: Tensor;
  /** Whether these are the training images. */
  readonly train: boolean;

  constructor(root: string, ...args: Arguments<AfterRoot<X, Y>, MNISTOptions<X, Y>>);
  constructor(options: MNISTOptions<X, Y> & { root: string });
  constructor(...args: unknown[]) {
    const given = MNIST[signature].complete<Given<X, Y>>(args);
    super(given.root, given.transform, given.targetTransform);
    this.train = given.train;
    if (given.download) this.fetchMissing();
    const kind = this.train ? "train" : "t10k";
    const [images, labels] = [`${kind}-images-idx3-ubyte`, `${kind}-labels-idx1-ubyte`].map((name) =>
      this.existing(name),
    );
    this.data = readIdx(images);
    if (this.data.dtype !== uint8 || this.data.ndim !== 3)
      throw new FormatError(`${images}: no images of one byte per pixel`);
    const found = readIdx(labels);
    if (found.dtype !== uint8 || found.ndim !== 1) throw new FormatError(`${labels}: no labels of one byte each`);
    if (found.numel() !== this.data.sizes[0]) {
      throw new FormatError(`${labels}: ${found.numel()} labels for ${this.data.sizes[0]} images`);
    }
    this.targets = found.to(int64);
  }

  get length(): number {
    return this.data.sizes[0];
  }

  /** The names of the classes, by label. */
  get classes(): readonly string[] {
    return this.own.classes;
  }

  /** The label of each class name. */
  get classToIdx(): { [name: string]: number } {
    return Object.fromEntries(this.classes.map((name, label) => [name, label]));
  }

  /** The folder of the files. */
  get rawFolder(): string {
    return join(this.root, this.constructor.name, "raw");
  }

  get(index: number): [X, Y] {
    const [height, width] = this.data.sizes.slice(1);
    const image: unknown = new Image("L", [width, height], this.data.select(0, index).raw() as Uint8Array);
    const label: unknown = this.targets.select(0, index).item();
    return [applied(this.transform, image) as X, applied(this.targetTransform, label) as Y];
  }

  override getBatch(indices: readonly number[]): Collated<[X, Y]> | null {
    const { transform, targetTransform } = this;
    if (!(transform instanceof Transform)) return null;
    const index = indexTensor(indices, this.length);
    if (index === null) return null;
    const images = transform.forwardBatch({ mode: "L", pixels: this.data.indexSelect(0, index).unsqueeze(3) });
    if (!(images instanceof Tensor)) return null;
    const labels = this.targets.indexSelect(0, index);
    const found: unknown = [
      images,
      targetTransform === null
        ? labels
        : defaultCollate(labels.tolist().map((label) => applied(targetTransform, label))),
    ];
    return found as Collated<[X, Y]>;
  }

  protected override extraRepr(): string {
    return `Split: ${this.train ? "Train" : "Test"}`;
  }

  private get own(): typeof MNIST {
    return this.constructor as typeof MNIST;
  }

  /** The path of a file, packed or not, or null. */
  private pathOf(name: string): string | null {
    const path = join(this.rawFolder, name);
    return [path, `${path}.gz`].find((candidate) => existsSync(candidate)) ?? null;
  }

  private existing(name: string): string {
    const path = this.pathOf(name);
    if (path !== null) return path;
    throw new CressetError(
      `Dataset not found. You can use download: true to download it (there is no ${name} or ${name}.gz in ${this.rawFolder})`,
    );
  }

  private fetchMissing(): void {
    const { resources, mirrors } = this.own;
    const missing = resources.filter(([name]) => this.pathOf(name.replace(/\.gz$/, "")) === null);
    download(this.rawFolder, missing, mirrors);
  }
}

/** Articles of clothing, from `<root>/FashionMNIST/raw`. Source: torchvision.datasets.FashionMNIST. */
export class FashionMNIST<X = Image, Y = number> extends MNIST<X, Y> {
  static override mirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"];
  static override resources: readonly Resource[] = [
    ["train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"],
    ["train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"],
    ["t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"],
    ["t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"],
  ];
  static override classes = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
  ];
}

/** Handwritten Japanese syllables, from `<root>/KMNIST/raw`. Source: torchvision.datasets.KMNIST. */
export class KMNIST<X = Image, Y = number> extends MNIST<X, Y> {
  static override mirrors = ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"];
  static override resources: readonly Resource[] = [
    ["train-images-idx3-ubyte.gz", "bdb82020997e1d708af4cf47b453dcf7"],
    ["train-labels-idx1-ubyte.gz", "e144d726b3acfaa3e44228e80efcd344"],
    ["t10k-images-idx3-ubyte.gz", "5c965bf0a639b31b8f53240b1b52f4d7"],
    ["t10k-labels-idx1-ubyte.gz", "7320c461ea6c1c855c0b718fb2a4b134"],
  ];
  static override classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"];
}
