// Trained weights: where they are published, where they are kept, and how their pictures are prepared.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ArgumentError, CressetError } from "../../errors";
import { inspectSymbol } from "../../inspect";
import { load } from "../../io/pt/load";
import type { StateDict } from "../../nn";
import { fetchFile } from "../datasets/download";
import { ImageClassification } from "./preset";

/** Where torchvision publishes weights. */
const PUBLISHED = "https://download.pytorch.org/models/";

/** How many classes the published classifiers tell apart. */
export const CLASSES = 1000;

/** One published file of weights. Source: torchvision.models.Weights. */
export class Weights {
  /** Where it is published. */
  readonly url: string;

  constructor(
    /** The name of the enum. */
    readonly kind: string,
    /** The name within it. */
    readonly name: string,
    file: string,
    private readonly resizeSize: number,
  ) {
    this.url = `${PUBLISHED}${file}`;
  }

  /** How pictures are prepared. */
  transforms(): ImageClassification {
    return new ImageClassification(this.resizeSize);
  }

  toString(): string {
    return `${this.kind}.${this.name}`;
  }

  [inspectSymbol](): string {
    return this.toString();
  }
}

/** The weights of a model by name. */
export type WeightsEnum = { readonly [name: string]: Weights; readonly DEFAULT: Weights };

/** An enum of weights: file and size before cropping by name. `DEFAULT` is one of them. */
export function weightsEnum<N extends string, B extends N>(
  kind: string,
  best: B,
  files: { readonly [name in N]: readonly [file: string, resizeSize: number] },
): { readonly [name in N | "DEFAULT"]: Weights } {
  const made = Object.entries<readonly [string, number]>(files).map(
    ([name, [file, size]]) => [name, new Weights(kind, name, file, size)] as const,
  );
  const byName = Object.fromEntries(made) as { [name in N]: Weights };
  return { ...byName, DEFAULT: byName[best] };
}

/** Where PyTorch keeps what it fetched. */
function folder(): string {
  const { TORCH_HOME, XDG_CACHE_HOME } = process.env;
  const home = TORCH_HOME ?? join(XDG_CACHE_HOME ?? join(homedir(), ".cache"), "torch");
  return join(home, "hub", "checkpoints");
}

/** The first digits of a file's SHA-256 sum, which torchvision writes into its name; empty where there are none. */
const sumIn = (file: string): string => /-([0-9a-f]{8,})\.[^.]*$/.exec(file)?.[1] ?? "";

/** Fetches a file unless it is there. Throws CressetError, naming the address and the folder, when it cannot be had. */
function fetched(url: string): string {
  const file = basename(new URL(url).pathname);
  const path = join(folder(), file);
  if (existsSync(path)) return path;
  mkdirSync(folder(), { recursive: true });
  console.error(`Downloading: "${url}" to ${path}`);
  const problem = fetchFile(url, path, { algorithm: "sha256", starts: sumIn(file) });
  if (problem === null) return path;
  throw new CressetError(`Error downloading ${url}: ${problem}\nWithout a connection, put the file into ${folder()}`);
}

/**
 * The weights of a file, of an address, or by their name in an enum. Throws ArgumentError for a name that is unknown, CressetError
 * for a file that cannot be had, and for one that has not the sum in its name.
 */
export function stateOf(weights: Weights | string | URL, known: WeightsEnum): StateDict {
  const wanted = typeof weights === "string" ? named(weights, known) : weights;
  if (wanted instanceof Weights) return load<StateDict>(fetched(wanted.url));
  const path = wanted instanceof URL && wanted.protocol === "file:" ? fileURLToPath(wanted) : String(wanted);
  if (/^https?:/.test(path)) return load<StateDict>(fetched(path));
  const starts = sumIn(path);
  if (starts !== "" && !createHash("sha256").update(readFileSync(path)).digest("hex").startsWith(starts)) {
    throw new CressetError(`the SHA-256 sum of ${path} does not begin with ${starts}, as its name says`);
  }
  return load<StateDict>(path);
}

/** Weights by name, with or without that of the enum; anything that is no name is a file's. */
function named(text: string, known: WeightsEnum): Weights | string {
  const { kind } = known.DEFAULT;
  const name = text.startsWith(`${kind}.`) ? text.slice(kind.length + 1) : text;
  if (Object.hasOwn(known, name)) return known[name];
  if (/^[A-Z][A-Z0-9_]*$/.test(name)) {
    throw new ArgumentError(`${kind} has no weights ${name}; there are ${Object.keys(known).join(", ")}`);
  }
  return text;
}
