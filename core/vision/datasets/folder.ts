// Images in one folder per class.

import { readdirSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { CressetError } from "../../errors";
import { Image } from "../image";
import { contentsOf } from "../io/files";
import { ImageReadMode } from "../io/mode";
import { decoding } from "../io/requests";
import { performNow } from "../io/waiting";
import { applied, VisionDataset } from "./vision-dataset";

/** The files that count as images. */
const EXTENSIONS = [".jpg", ".jpeg", ".png"];

/** What ImageFolder takes by name. */
export interface ImageFolderOptions<I, X, Y> {
  /** Applied to every image. */
  transform?: ((image: I) => X) | null;
  /** Applied to every label. */
  targetTransform?: ((label: number) => Y) | null;
  /** Reads an image from its path. Default: an `Image` in RGB. */
  loader?: ((path: string) => I) | null;
  /** Which files belong to the data set. Default: those that end in .jpg, .jpeg or .png. */
  isValidFile?: ((path: string) => boolean) | null;
}

interface Given<I, X, Y> extends ImageFolderOptions<I, X, Y> {
  root: string;
}

/** What may follow the folder in order. */
type AfterRoot<I, X, Y> = [
  transform?: ((image: I) => X) | null,
  targetTransform?: ((label: number) => Y) | null,
  loader?: ((path: string) => I) | null,
  isValidFile?: ((path: string) => boolean) | null,
];

/** An image file in RGB, as an `Image`. Throws as `io.readImage` does. Source: torchvision.datasets.folder.default_loader. */
export function defaultLoader(path: string): Image {
  const { width, height, data } = performNow(decoding(contentsOf(path), ImageReadMode.RGB));
  return new Image("RGB", [width, height], data);
}

function byCodePoint(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** A folder and all folders below it, sorted by their paths; links are followed. */
function foldersBelow(folder: string): string[] {
  const inner = readdirSync(folder)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory());
  return [folder, ...inner.flatMap(foldersBelow)].sort(byCodePoint);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder)
    .sort(byCodePoint)
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}

/**
 * Images by class: `<root>/cat/1.png`, `<root>/dog/x/2.jpg`. Items are `[image, label]`, in the order of classes and paths; without a
 * transform an image is an `Image` in RGB. Throws CressetError when there is no folder of a class, and when one has no image.
 * Source: torchvision.datasets.ImageFolder.
 */
export class ImageFolder<I = Image, X = I, Y = number> extends VisionDataset<[X, Y]> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def ImageFolder(str root, value transform=None, value targetTransform=None, function? loader=None, function? isValidFile=None)",
  );

  /** The names of the classes, by label: those of the folders, sorted. */
  readonly classes: readonly string[];
  /** The label of each class name. */
  readonly classToIdx: { readonly [name: string]: number };
  /** Path and label of every image. */
  readonly samples: readonly (readonly [path: string, label: number])[];
  /** Reads an image. */
  readonly loader: (path: string) => I;

  constructor(root: string, ...args: Arguments<AfterRoot<I, X, Y>, ImageFolderOptions<I, X, Y>>);
  constructor(options: ImageFolderOptions<I, X, Y> & { root: string });
  constructor(...args: unknown[]) {
    const { root, transform, targetTransform, loader, isValidFile } =
      ImageFolder[signature].complete<Given<I, X, Y>>(args);
    super(root, transform, targetTransform);
    this.loader = loader ?? (defaultLoader as (path: string) => I);
    this.classes = readdirSync(root, { withFileTypes: true })
      .filter(
        (entry) => entry.isDirectory() || (entry.isSymbolicLink() && statSync(join(root, entry.name)).isDirectory()),
      )
      .map(({ name }) => name)
      .sort(byCodePoint);
    if (this.classes.length === 0) throw new CressetError(`Couldn't find any class folder in ${root}.`);
    this.classToIdx = Object.fromEntries(this.classes.map((name, label) => [name, label]));
    const isImage = isValidFile ?? ((path: string) => EXTENSIONS.includes(extname(path).toLowerCase()));
    const empty: string[] = [];
    this.samples = this.classes.flatMap((name, label) => {
      const found = foldersBelow(join(root, name)).flatMap(filesIn).filter(isImage);
      if (found.length === 0) empty.push(name);
      return found.map((path) => [path, label] as const);
    });
    if (empty.length === 0) return;
    const supported = isValidFile === null ? `Supported extensions are: ${EXTENSIONS.join(", ")}` : "";
    throw new CressetError(`Found no valid file for the classes ${empty.join(", ")}. ${supported}`);
  }

  get length(): number {
    return this.samples.length;
  }

  /** The label of every image. */
  get targets(): number[] {
    return this.samples.map(([, label]) => label);
  }

  get(index: number): [X, Y] {
    const [path, label] = this.samples[index];
    return [applied(this.transform, this.loader(path)) as X, applied(this.targetTransform, label) as Y];
  }
}
