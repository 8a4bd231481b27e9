// Progress bars around loops, as Python's tqdm. They move in synchronous loops too, and cost little: the clock is read about every
// five milliseconds at the pace of the loop, not at every iteration.

import type { Ending } from "../disposable";
import { displaySymbol, type MimeBundle } from "./host";
import { LiveDisplay, UPDATE_INTERVAL } from "./live";
import { meterText, postfixNumber } from "./tqdm-format";
import { terminalBars } from "./tqdm-terminal";

/** The options of `tqdm`, by the names of Python's. */
export interface TqdmOptions {
  /** Text before the bar. */
  desc?: string;
  /** Iterations expected; default: the iterable's `length` or `size`, where it has one. */
  total?: number;
  /** Whether the finished bar stays; default true. */
  leave?: boolean;
  /** Width of the line; default: a bar of ten characters, in a terminal its width. */
  ncols?: number;
  /** The name of one iteration; default `it`. */
  unit?: string;
  /** Whether counts print as 1.23k; default false. */
  unitScale?: boolean;
  /** Shows nothing when true. */
  disable?: boolean;
  /** Iterations done before; default 0. */
  initial?: number;
}

/** Weight of the newest interval in the rate shown. */
const SMOOTHING = 0.3;
/** Milliseconds of iterations between two looks at the clock. */
const CLOCK_INTERVAL = 5;

/** An exponential moving average whose start counts fully. */
class Average {
  private last = 0;
  private calls = 0;

  push(value: number): void {
    this.last = SMOOTHING * value + (1 - SMOOTHING) * this.last;
    this.calls += 1;
  }

  /** Null before the first value. */
  get value(): number | null {
    return this.calls === 0 ? null : this.last / (1 - (1 - SMOOTHING) ** this.calls);
  }
}

/** A bar moved by hand: `const bar = tqdm({ total: 10 }); bar.update(2); bar.close()`. */
export class ProgressBar implements Ending {
  /** Iterations done. */
  n: number;
  /** Iterations expected, or null. */
  readonly total: number | null;
  private desc: string;
  private postfix = "";
  private readonly live: LiveDisplay;
  private started = performance.now();
  private stopped: number | null = null;
  private shownAt = this.started;
  private shownN: number;
  private checkAt: number;
  private counts = new Average();
  private times = new Average();

  constructor(protected readonly options: TqdmOptions = {}) {
    this.n = options.initial ?? 0;
    this.shownN = this.n;
    this.checkAt = this.n;
    this.total = options.total ?? null;
    this.desc = options.desc ?? "";
    const { leave = true } = options;
    this.live = new LiveDisplay({
      bundle: () => this[displaySymbol](),
      settle: () => {
        this.stopped = performance.now();
      },
      plainUpdate: () => terminalBars.show(this, (ncols) => this.text(ncols)),
      plainFinish: () => terminalBars.close(this, leave ? (ncols) => this.text(ncols) : null),
    });
  }

  /** Shows the bar and starts its clock; a bar that runs again starts anew. */
  protected start(): void {
    this.n = this.options.initial ?? 0;
    this.started = performance.now();
    this.stopped = null;
    this.shownAt = this.started;
    this.shownN = this.n;
    this.checkAt = this.n;
    this.counts = new Average();
    this.times = new Average();
    if (!this.options.disable) this.live.touch(this.started);
  }

  /** Counts `n` more iterations. */
  update(n = 1): void {
    this.n += n;
    if (this.n < this.checkAt || this.options.disable) return;
    const now = performance.now();
    const dt = now - this.shownAt;
    const dn = this.n - this.shownN;
    this.checkAt = this.n + Math.floor((dn / Math.max(dt, 1e-3)) * CLOCK_INTERVAL);
    if (dt >= UPDATE_INTERVAL) {
      this.counts.push(dn);
      this.times.push(dt / 1000);
      this.shownAt = now;
      this.shownN = this.n;
    }
    this.live.touch(now);
  }

  /** Changes the text before the bar. */
  setDescription(desc: string): void {
    this.desc = desc;
    this.changed();
  }

  /** Shows values behind the rate: numbers with three significant digits, others by their own text. */
  setPostfix(values: Readonly<Record<string, number | string | { toString(): string }>>): void {
    const text = (value: number | string | { toString(): string }) =>
      typeof value === "number" ? postfixNumber(value) : value.toString().trim();
    this.setPostfixStr(
      Object.entries(values)
        .map(([name, value]) => `${name}=${text(value)}`)
        .join(", "),
    );
  }

  /** Shows `text` behind the rate. */
  setPostfixStr(text: string): void {
    this.postfix = text;
    this.changed();
  }

  /** Shows the final state, with the mean rate; the bar does not move again. */
  close(): void {
    this.live.finish();
  }

  /** Closes the bar at the end of a block: `using bar = tqdm({ total: 10 });`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The line of the bar. */
  toString(): string {
    return this.text(null);
  }

  /** The line of the bar; nothing when the bar is finished and does not stay. */
  [displaySymbol](): MimeBundle {
    const gone = this.stopped !== null && this.options.leave === false;
    return { "text/plain": gone ? "" : this.toString() };
  }

  private changed(): void {
    if (!this.options.disable && this.live.active) this.live.touch();
  }

  private text(columns: number | null): string {
    const { unit = "it", unitScale = false, initial = 0, ncols = columns } = this.options;
    const count = this.counts.value;
    const time = this.times.value;
    return meterText({
      n: this.n,
      total: this.total,
      elapsed: ((this.stopped ?? performance.now()) - this.started) / 1000,
      rate: this.stopped === null && count !== null && time ? count / time : null,
      initial,
      desc: this.desc,
      postfix: this.postfix,
      unit,
      unitScale,
      ncols,
    });
  }
}

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

/** The whole numbers below `count`. */
class Counting implements Iterable<number> {
  constructor(readonly length: number) {
    if (!Number.isInteger(length)) throw new TypeError(`tqdm() counts to a whole number, not to ${length}`);
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    for (let k = 0; k < this.length; k++) yield k;
  }
}

/**
 * Wraps an iterable in a progress bar: `for (const [x, y] of tqdm(loader, { desc: "epoch 1" }))`. With a count, a bar over the whole
 * numbers below it. With neither, a bar to move with `update` and to `close`. Text and options as in Python's tqdm.
 */
export function tqdm(count: number, options?: TqdmOptions): Tqdm<number>;
export function tqdm<T>(iterable: Iterable<T>, options?: TqdmOptions): Tqdm<T>;
export function tqdm<T>(iterable: AsyncIterable<T>, options?: TqdmOptions): AsyncTqdm<T>;
export function tqdm(options: TqdmOptions): ProgressBar;
export function tqdm<T>(
  source: number | Iterable<T> | AsyncIterable<T> | TqdmOptions,
  options?: TqdmOptions,
): Tqdm<T> | Tqdm<number> | AsyncTqdm<T> | ProgressBar {
  if (typeof source === "number") return new Tqdm(new Counting(source), options);
  if (typeof source === "string" || Symbol.iterator in source) return new Tqdm(source as Iterable<T>, options);
  if (Symbol.asyncIterator in source) return new AsyncTqdm(source, options);
  return new ManualBar(source);
}
