// Random loaders: data sets in data sets, samplers, options, workers. A program is a tree of calls with named arguments, which either
// library makes its objects from.

import { Random } from "./random";

/** An argument. */
export type Value = null | boolean | number | string | Call | readonly Value[];
export type Args = { readonly [name: string]: Value };

/** An object to be made: a class or function by its TypeScript name, and its arguments by theirs. */
export interface Call {
  readonly make: string;
  readonly args: Args;
}

export interface Program {
  /** The seed of the default stream. */
  readonly seed: number;
  /** The seeds of the generators that calls name by their place. */
  readonly generators: readonly number[];
  readonly loader: Call;
  /** For each pass over the loader after how many batches it is left; -1: at its end. */
  readonly passes: readonly number[];
}

const call = (make: string, args: Args = {}): Call => ({ make, args });

const STREAMS: ReadonlySet<string> = new Set(["Stream", "SizedStream", "ChainDataset"]);

/** Whether a data set has no indices. */
export function isStream({ make }: Call): boolean {
  return STREAMS.has(make);
}

/** How many items a data set has, as far as a program's choices need it. */
function sizeOf({ make, args }: Call): number {
  if (make === "TensorDataset") return (args.sizes as number[])[0];
  if (make === "Subset") return (args.indices as number[]).length;
  if (make === "ConcatDataset") return (args.datasets as Call[]).reduce((sum, each) => sum + sizeOf(each), 0);
  if (make === "randomSplit") {
    const length = (args.lengths as number[])[args.part as number] ?? 1;
    return length < 1 ? Math.floor(length * sizeOf(args.dataset as Call)) : length;
  }
  return (args.n as number) ?? 4;
}

/** Writes the program of a seed. */
class Writer {
  /** Whether the program has generators. */
  private some = false;

  constructor(private readonly random: Random) {}

  program(): Program {
    const { random } = this;
    const generators = random.chance(40) ? [random.below(100), random.below(100)] : [];
    this.some = generators.length > 0;
    const workers = random.chance(7) ? 1 + random.below(3) : random.chance(2) ? -1 : 0;
    const dataset = this.dataset(2);
    const args = this.loaderArgs(dataset, workers);
    const passes = random.chance(30) ? [random.chance(30) ? random.below(3) : -1, -1] : [-1];
    return { seed: random.below(1000), generators, loader: call("DataLoader", { dataset, ...args }), passes };
  }

  private size(): number {
    return this.random.chance(4) ? 0 : 1 + this.random.below(8);
  }

  private generator(): Args {
    if (!this.some || this.random.chance(40)) return {};
    return { generator: call("generator", { at: this.random.below(2) }) };
  }

  private item(depth: number): Call {
    const { random } = this;
    const shape = () => Array.from({ length: random.below(3) }, () => 1 + random.below(2));
    return random.weighted<() => Call>([
      [4, () => call("index")],
      [2, () => call("half")],
      [1, () => call("even")],
      [2, () => call("text")],
      [3, () => call("full", { shape: shape(), dtype: random.pick(["float32", "int64", "bool", "uint8", "float64"]) })],
      [4, () => call("rand", { shape: shape() })],
      [3, () => call("die")],
      [2, () => call("worker")],
      [depth > 0 ? 3 : 0, () => call("list", { of: this.items(depth - 1) })],
      [
        depth > 0 ? 3 : 0,
        () =>
          call(
            "dict",
            Object.fromEntries(this.items(depth - 1).map((each, k) => [random.pick(["x", "y", "b"]) + k, each])),
          ),
      ],
      [
        random.chance(30) ? 1 : 0,
        () => random.pick([call("ragged"), call("nothing"), call("failing", { at: random.below(4) })]),
      ],
    ])();
  }

  private items(depth: number): Call[] {
    return Array.from({ length: 1 + this.random.below(3) }, () => this.item(depth));
  }

  private stream(): Call {
    const { random } = this;
    const args = { n: this.size(), item: this.item(1), shard: random.chance(50) };
    return call(random.chance(50) ? "Stream" : "SizedStream", args);
  }

  private dataset(depth: number): Call {
    const { random } = this;
    const inner = (): Call => this.dataset(depth - 1);
    const several = (make: () => Call): Call[] =>
      Array.from({ length: random.chance(3) ? 0 : 1 + random.below(3) }, make);
    const nested = depth > 0 ? 1 : 0;
    return random.weighted<() => Call>([
      [6, () => call("Items", { n: this.size(), item: this.item(2) })],
      [1, () => call("range", { n: this.size() })],
      [1, () => call("rows", { n: this.size() })],
      [2, () => this.tensors()],
      [2 * nested, () => this.subset(inner())],
      [2 * nested, () => call("ConcatDataset", { datasets: several(inner) })],
      [2 * nested, () => this.split(inner())],
      [depth === 2 || random.chance(4) ? 4 : 0, () => this.stream()],
      [
        depth === 2 ? 2 : 0,
        () => call("ChainDataset", { datasets: several(() => (random.chance(4) ? inner() : this.stream())) }),
      ],
    ])();
  }

  private tensors(): Call {
    const n = this.size();
    const sizes = Array.from({ length: 1 + this.random.below(2) }, () => n);
    if (this.random.chance(3)) sizes.push(n + 1);
    return call("TensorDataset", { sizes });
  }

  /** Indices below n, now and then one that there is not, or from the end. */
  private indices(n: number): number[] {
    const { random } = this;
    const beyond = random.chance(4) ? 1 : 0;
    const count = random.below(n + 2);
    return Array.from({ length: count }, () =>
      n + beyond === 0 ? 0 : random.below(n + beyond) - (random.chance(3) ? n : 0),
    );
  }

  private subset(dataset: Call): Call {
    return call("Subset", { dataset, indices: this.indices(sizeOf(dataset)) });
  }

  private split(dataset: Call): Call {
    const { random } = this;
    const n = sizeOf(dataset);
    const first = random.below(n + 1);
    const lengths = random.weighted<number[]>([
      [4, [first, n - first]],
      [2, [0.5, 0.5]],
      [2, [0.7, 0.2, 0.1]],
      [1, [0.6, 0.4]],
      [random.chance(20) ? 1 : 0, [first + 1, n - first]],
    ]);
    return call("randomSplit", { dataset, lengths, ...this.generator(), part: random.below(lengths.length) });
  }

  private sampler(dataset: Call): Value {
    const { random } = this;
    const n = sizeOf(dataset);
    const source = call("range", { n });
    const count = random.chance(4) ? 0 : 1 + random.below(n + 3);
    const generator = this.generator();
    return random.weighted<() => Value>([
      [1, () => call("SequentialSampler", { dataSource: source })],
      [2, () => call("RandomSampler", { dataSource: source, ...generator })],
      [
        3,
        () =>
          call("RandomSampler", {
            dataSource: source,
            replacement: random.chance(50),
            numSamples: count,
            ...generator,
          }),
      ],
      [2, () => call("SubsetRandomSampler", { indices: this.indices(n), ...generator })],
      [
        2,
        () => {
          const replacement = random.chance(60);
          // Without replacement, which one of weight 0 comes when no other is left is left open.
          const weights = Array.from({ length: n }, () => random.below(4) + (replacement ? 0 : 1));
          return call("WeightedRandomSampler", { weights, numSamples: count, replacement, ...generator });
        },
      ],
      [2, () => this.indices(n)],
      [1, () => call("Backwards", { n })],
    ])();
  }

  private batchSampler(dataset: Call): Value {
    const { random } = this;
    if (random.chance(40)) return Array.from({ length: random.below(4) }, () => this.indices(sizeOf(dataset)));
    const sampler = this.sampler(dataset);
    return call("BatchSampler", {
      sampler,
      batchSize: random.chance(3) ? 0 : 1 + random.below(4),
      dropLast: random.chance(50),
    });
  }

  private loaderArgs(dataset: Call, numWorkers: number): Args {
    const { random } = this;
    const args: { [name: string]: Value } = {};
    const order = isStream(dataset) && !random.chance(4) ? 0 : random.below(10);
    if (order === 1) args.batchSampler = this.batchSampler(dataset);
    if (order !== 1 || random.chance(4)) {
      if (random.chance(80)) {
        args.batchSize = random.weighted<number | null>([
          [12, 1 + random.below(5)],
          [2, null],
          [random.chance(10) ? 1 : 0, random.pick([0, -1, 1.5])],
        ]);
      }
      if (random.chance(30)) args.dropLast = random.chance(80);
      if (order >= 2 && order < 5) args.shuffle = true;
      if (order >= 5 && order < 8) args.sampler = this.sampler(dataset);
      if (random.chance(2)) args.shuffle = true;
    }
    if (random.chance(8))
      args.collateFn = call("function", {
        name: args.batchSize === null ? "identity" : random.pick(["identity", "count"]),
      });
    if (random.chance(3)) args.pinMemory = true;
    Object.assign(args, this.generator());
    if (numWorkers !== 0) args.numWorkers = numWorkers;
    if (numWorkers > 0 || random.chance(1)) {
      if (random.chance(30)) args.prefetchFactor = 1 + random.below(3);
      if (random.chance(40)) args.persistentWorkers = true;
    }
    if (random.chance(numWorkers > 0 ? 50 : 2)) {
      const name = random.weighted<string>([
        [3, "draw"],
        [2, "seed"],
        [3, "shift"],
        [1, "fail"],
      ]);
      args.workerInitFn = call("function", { name });
    }
    return args;
  }
}

/** The program of a seed: the same on every machine. */
export function generateLoader(seed: number): Program {
  return new Writer(new Random(seed)).program();
}
