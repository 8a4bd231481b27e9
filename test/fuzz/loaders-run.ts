// Runs loaders in this library. The classes and functions are exports, as a program's would be: workers find them by their module.

import * as torch from "../../core/index";
import type { Args, Call, Program, Value } from "./loaders";

const { data } = torch.utils;

/** What came of a program. */
export interface Outcome {
  /** Whether the loader could be made; if not, there is only `error`. */
  built: boolean;
  /** The loader's length, null where it has none. */
  length?: number | null;
  /** The batches of every pass, each as a text of JSON. */
  passes?: unknown[][];
  /** Why the last pass ended early; for people. */
  error: string | null;
  /** The next number of the default stream and of each generator. */
  after?: number[];
}

const DTYPES = [torch.float32, torch.int64, torch.bool, torch.uint8, torch.float64];

/** What an item's recipe makes of its index. */
function drawn({ make, args }: Call, i: number): unknown {
  switch (make) {
    case "index":
      return i;
    case "half":
      return i + 0.5;
    case "even":
      return i % 2 === 0;
    case "text":
      return `s${i}`;
    case "full": {
      const dtype = DTYPES.find(({ name }) => name === args.dtype);
      return torch.full(args.shape as number[], ((i % 5) + 5) % 5, { dtype });
    }
    case "ragged":
      return torch.zeros(Math.abs(i % 2) + 1);
    case "rand":
      return torch.rand(args.shape as number[]);
    case "die":
      return torch.randint(100, [1]).item();
    case "worker": {
      const info = data.getWorkerInfo();
      return info === null ? "none" : `${info.id} of ${info.numWorkers}, ${info.seed}, ${torch.initialSeed()}`;
    }
    case "nothing":
      return null;
    case "failing":
      if (i === args.at) throw new Error("no item");
      return i;
    case "list":
      return (args.of as Call[]).map((each) => drawn(each, i));
    default:
      return Object.fromEntries(Object.entries(args).map(([name, each]) => [name, drawn(each as Call, i)]));
  }
}

/** Items by index. */
export class Items extends data.Dataset<unknown> {
  base = 0;

  constructor(
    readonly n: number,
    readonly item: Call,
  ) {
    super();
  }

  get length(): number {
    return this.n;
  }

  get(i: number): unknown {
    return drawn(this.item, i + this.base);
  }
}

/** Items in order, those of a worker only where they are shared out. */
export class Stream extends data.IterableDataset<unknown> {
  base = 0;

  constructor(
    readonly n: number,
    readonly item: Call,
    readonly shard: boolean,
  ) {
    super();
  }

  *[Symbol.iterator](): Iterator<unknown> {
    const info = this.shard ? data.getWorkerInfo() : null;
    for (let i = info?.id ?? 0; i < this.n; i += info?.numWorkers ?? 1) yield drawn(this.item, i + this.base);
  }
}

/** A stream that knows its length. */
export class SizedStream extends Stream {
  override get length(): number {
    return this.n;
  }
}

/** A sampler of one's own. */
export class Backwards extends data.Sampler {
  constructor(readonly n: number) {
    super();
  }

  get length(): number {
    return this.n;
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = this.n - 1; i >= 0; i--) yield i;
  }
}

export function initDraw(worker: number): void {
  torch.rand(worker + 1);
}

export function initSeed(worker: number): void {
  torch.manualSeed(worker);
}

export function initShift(worker: number): void {
  const dataset = data.getWorkerInfo()?.dataset as { base?: number };
  if (dataset.base !== undefined) dataset.base = 100 * (worker + 1);
}

export function initFail(worker: number): void {
  if (worker === 1) throw new Error("no worker");
}

export function identity<T>(x: T): T {
  return x;
}

export function count(items: readonly unknown[]): number {
  return items.length;
}

const functions = { draw: initDraw, seed: initSeed, shift: initShift, fail: initFail, identity, count };

type Generators = readonly torch.Generator[];

/** Names of the library's classes, which take what a program gives them by name. */
const CLASSES = [
  "Subset",
  "ConcatDataset",
  "ChainDataset",
  "SequentialSampler",
  "RandomSampler",
  "SubsetRandomSampler",
  "WeightedRandomSampler",
  "BatchSampler",
  "DataLoader",
] as const;

/** The object that a call of a program makes; other values are themselves. */
function made(value: Value, generators: Generators): unknown {
  if (Array.isArray(value)) return value.map((each: Value) => made(each, generators));
  if (typeof value !== "object" || value === null) return value;
  const { make, args } = value as Call;
  const { n, item, shard } = args as { n: number; item: Call; shard: boolean };
  switch (make) {
    case "generator":
      return generators[args.at as number];
    case "function":
      return functions[args.name as keyof typeof functions];
    case "Items":
      return new Items(n, item);
    case "Stream":
      return new Stream(n, item, shard);
    case "SizedStream":
      return new SizedStream(n, item, shard);
    case "range":
      return Array.from({ length: n }, (_, i) => i);
    case "rows":
      return torch.arange(n * 2).view(n, 2);
    case "TensorDataset":
      return new data.TensorDataset(...(args.sizes as number[]).map((size, k) => torch.arange(size).add(10 * k)));
    case "Backwards":
      return new Backwards(n);
  }
  const given = Object.fromEntries(Object.entries(args).map(([name, each]) => [name, made(each, generators)]));
  if (make === "randomSplit") {
    const { part, ...rest } = given;
    const split = data.randomSplit as unknown as (options: Args) => unknown[];
    const parts = split(rest as Args);
    if ((part as number) >= parts.length) throw new Error("no such part");
    return parts[part as number];
  }
  const name = CLASSES.find((each) => each === make);
  if (name === undefined) throw new Error(`a program makes an unknown ${make}`);
  const Class = data[name] as unknown as new (options: object) => unknown;
  return new Class(given);
}

function dump(x: unknown): unknown {
  if (x instanceof torch.Tensor) return ["tensor", String(x.dtype), [...x.shape], x.flatten().tolist()];
  if (Array.isArray(x)) return ["list", ...x.map(dump)];
  if (typeof x === "object" && x !== null) {
    return ["dict", ...Object.entries(x).map(([name, each]) => [name, dump(each)])];
  }
  return x;
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error);
}

/** Runs a program; `passes` says after how many batches each pass over the loader is left. */
export function run(program: Program): Outcome {
  torch.manualSeed(program.seed);
  const generators = program.generators.map((seed) => new torch.Generator().manualSeed(seed));
  let loader: torch.utils.data.DataLoader<unknown>;
  try {
    loader = made(program.loader, generators) as typeof loader;
  } catch (error) {
    return { built: false, error: textOf(error) };
  }
  let length: number | null = null;
  try {
    length = loader.length;
  } catch {}
  const passes: unknown[][] = [];
  let failed: string | null = null;
  for (const stop of program.passes) {
    const batches: unknown[] = [];
    passes.push(batches);
    try {
      const iterator = loader[Symbol.iterator]();
      while (batches.length !== stop) {
        const { done, value } = iterator.next();
        if (done) break;
        batches.push(dump(value));
      }
      iterator.return?.();
    } catch (error) {
      failed = textOf(error);
      break;
    }
  }
  const after = [torch.rand(1).item(), ...generators.map((generator) => torch.rand(1, { generator }).item())];
  return { built: true, length, passes, error: failed, after };
}
