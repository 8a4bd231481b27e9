// Progress bars around loops, as Python's tqdm.

import { range } from "./range";
import { ProgressBar, type TqdmOptions } from "./tqdm-bar";
import { terminalBars } from "./tqdm-terminal";

export { type PostfixValues, ProgressBar, type TqdmOptions } from "./tqdm-bar";

/** A bar that moves by hand from the moment it is made. */
class ManualBar extends ProgressBar {
  constructor(options: TqdmOptions) {
    super(options);
    this.start();
  }
}

/** The number of items of an iterable that knows it; some throw where they do not. */
function knownTotal(iterable: object): number | undefined {
  try {
    const { length, size } = iterable as { length?: unknown; size?: unknown };
    return [length, size].find((count): count is number => typeof count === "number");
  } catch {
    return undefined;
  }
}

/** A bar around an iterable. */
export class Tqdm<T> extends ProgressBar implements Iterable<T> {
  constructor(
    private readonly iterable: Iterable<T>,
    options: TqdmOptions = {},
  ) {
    super({ ...options, total: options.total ?? knownTotal(iterable) });
  }

  /** The items expected, or undefined when unknown. */
  get length(): number | undefined {
    return this.total ?? undefined;
  }

  *[Symbol.iterator](): Generator<T, void, undefined> {
    this.start();
    try {
      for (const item of this.iterable) {
        yield item;
        this.update();
      }
    } finally {
      this.close();
    }
  }
}

/** A bar around an asynchronous iterable, for `for await`. */
export class AsyncTqdm<T> extends ProgressBar implements AsyncIterable<T> {
  constructor(
    private readonly iterable: AsyncIterable<T>,
    options: TqdmOptions = {},
  ) {
    super({ ...options, total: options.total ?? knownTotal(iterable) });
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    this.start();
    try {
      for await (const item of this.iterable) {
        yield item;
        this.update();
      }
    } finally {
      this.close();
    }
  }
}

/** The ways to call `tqdm`. */
interface Wrap {
  (count: number, options?: TqdmOptions): Tqdm<number>;
  <T>(iterable: Iterable<T>, options?: TqdmOptions): Tqdm<T>;
  <T>(iterable: AsyncIterable<T>, options?: TqdmOptions): AsyncTqdm<T>;
  (options: TqdmOptions): ProgressBar;
  /** Prints a message, and `end` (a line end), above the bars. Source: tqdm.write. */
  write(message: string, options?: { end?: string }): void;
}

function wrap<T>(
  source: number | Iterable<T> | AsyncIterable<T> | TqdmOptions,
  options?: TqdmOptions,
): Tqdm<T> | Tqdm<number> | AsyncTqdm<T> | ProgressBar {
  if (typeof source === "number") return new Tqdm(range(source), options);
  if (typeof source === "string" || Symbol.iterator in source) return new Tqdm(source as Iterable<T>, options);
  if (Symbol.asyncIterator in source) return new AsyncTqdm(source, options);
  return new ManualBar(source);
}

/**
 * Wraps an iterable in a progress bar: `for (const [x, y] of tqdm(loader, { desc: "epoch 1" }))`. With a count, a bar over the whole
 * numbers below it. With neither, a bar to move with `update` and to `close`. Text and options as in Python's tqdm.
 */
export const tqdm = Object.assign(wrap, {
  write(message: string, { end = "\n" }: { end?: string } = {}): void {
    terminalBars.print(message + end);
  },
}) as unknown as Wrap;

/**
 * A progress bar over whole numbers, as `tqdm(range(…))`: `for (const epoch of trange(10))`, `trange(2, 8, 2)`. The options of `tqdm` may
 * come last. Source: tqdm.trange.
 */
export function trange(stop: number, options?: TqdmOptions): Tqdm<number>;
export function trange(start: number, stop: number, options?: TqdmOptions): Tqdm<number>;
export function trange(start: number, stop: number, step: number, options?: TqdmOptions): Tqdm<number>;
export function trange(...args: (number | TqdmOptions | undefined)[]): Tqdm<number> {
  const numbers = args.filter((arg) => typeof arg === "number");
  const options = args.find((arg) => typeof arg === "object");
  return new Tqdm(range(...(numbers as [number, number])), options);
}
