// One progress bar: its counts and clock, its text, and how a program moves it. It moves in synchronous loops too, and costs little: the
// clock is read about every five milliseconds at the pace of the loop, not at every iteration.

import { ArgumentError } from "../errors";
import type { Ending } from "../disposable";
import { colorDepth } from "./ansi";
import { displayHost, displaySymbol, displayTerminal, type MimeBundle } from "./host";
import { LiveDisplay, UPDATE_INTERVAL } from "./live";
import { inColour, knownColour } from "./tqdm-colour";
import { BLOCKS, DIGITS, type Meter, meterParts, meterText, postfixNumber } from "./tqdm-format";
import { barHtml } from "./tqdm-html";
import { terminalBars } from "./tqdm-terminal";

/** The options of `tqdm`, by the names of Python's. */
export interface TqdmOptions {
  /** Text before the bar. */
  desc?: string;
  /** Iterations expected; default: the iterable's `length` or `size`, where it has one. */
  total?: number | null;
  /** Whether the finished bar stays; default true. */
  leave?: boolean;
  /** Width of the line; default: a bar of ten characters, in a terminal its width. */
  ncols?: number;
  /** The name of one iteration; default `it`. */
  unit?: string;
  /** Whether counts print as 1.23k; a number multiplies them. Default false. */
  unitScale?: boolean | number;
  /** What one prefix of `unitScale` stands for; default 1000. */
  unitDivisor?: number;
  /** Shows nothing when true; null: when the error stream is no terminal. Default false. */
  disable?: boolean | null;
  /** Iterations done before; default 0. */
  initial?: number;
  /** The colour of the bar: black, red, green, yellow, blue, magenta, cyan, white, or as `#00ff00`. */
  colour?: string | null;
  /** Values behind the rate, as of `setPostfix`, or a text. */
  postfix?: PostfixValues | string | null;
  /** A bar of ASCII characters, or of these, from none to a whole one. Default false. */
  ascii?: boolean | string;
  /** Seconds between two pictures; default 0.1. */
  mininterval?: number;
  /** Weight of the newest interval in the rate shown: 0 for the mean since the start, to 1. Default 0.3. */
  smoothing?: number;
}

/** Names and values to show behind the rate. */
export type PostfixValues = Readonly<Record<string, number | string | { toString(): string }>>;

const OPTIONS: ReadonlySet<string> = new Set([
  "desc",
  "total",
  "leave",
  "ncols",
  "unit",
  "unitScale",
  "unitDivisor",
  "disable",
  "initial",
  "colour",
  "postfix",
  "ascii",
  "mininterval",
  "smoothing",
]);

/** Weight of the newest interval in the rate shown. */
const SMOOTHING = 0.3;
/** Milliseconds of iterations between two looks at the clock. */
const CLOCK_INTERVAL = 5;

/** An exponential moving average whose start counts fully. */
class Average {
  private last = 0;
  private calls = 0;

  constructor(private readonly weight: number) {}

  push(value: number): void {
    this.last = this.weight * value + (1 - this.weight) * this.last;
    this.calls += 1;
  }

  /** Null before the first value. */
  get value(): number | null {
    return this.calls === 0 || this.weight === 0 ? null : this.last / (1 - (1 - this.weight) ** this.calls);
  }
}

/** A bar moved by hand: `const bar = tqdm({ total: 10 }); bar.update(2); bar.close()`. Source: tqdm.std.tqdm. */
export class ProgressBar implements Ending {
  /** Iterations done. */
  n: number;
  /** Iterations expected, or null. */
  total: number | null;
  /** The colour of the bar, or null. */
  colour: string | null;
  private readonly disabled: boolean;
  private desc: string;
  private postfix = "";
  private readonly live: LiveDisplay;
  private started = performance.now();
  private stopped: number | null = null;
  private closed = false;
  private shownAt = this.started;
  private shownN: number;
  private checkAt: number;
  private counts: Average;
  private times: Average;

  /** Throws ArgumentError for an option that there is not. */
  constructor(protected readonly options: TqdmOptions = {}) {
    for (const [name, value] of Object.entries(options)) {
      if (!OPTIONS.has(name)) throw new ArgumentError(`Unknown argument(s): {'${name}': ${String(value)}}`);
    }
    const { initial = 0, total, desc, colour, postfix, leave = true, mininterval, smoothing = SMOOTHING } = options;
    this.n = initial;
    this.shownN = initial;
    this.checkAt = initial;
    this.total = total === undefined || total === Number.POSITIVE_INFINITY ? null : total;
    this.desc = desc ?? "";
    this.colour = knownColour(colour);
    this.disabled =
      options.disable === null ? displayHost() === null && !process.stderr.isTTY : options.disable === true;
    this.counts = new Average(smoothing);
    this.times = new Average(smoothing);
    if (typeof postfix === "string") this.postfix = postfix;
    else if (postfix !== null && postfix !== undefined) this.setPostfix(postfix, false);
    this.live = new LiveDisplay(
      {
        bundle: () => this[displaySymbol](),
        settle: () => {
          this.stopped = performance.now();
          // A cell has ended; the next update, in another one, shows the bar again.
          this.checkAt = this.n;
        },
        plainUpdate: () => terminalBars.show(this, (ncols) => this.text(ncols)),
        plainFinish: () => terminalBars.close(this, leave ? (ncols) => this.text(ncols) : null),
      },
      mininterval === undefined ? UPDATE_INTERVAL : 1000 * mininterval,
    );
  }

  /** Shows the bar and starts its clock; a bar that runs again starts anew, at `n`. */
  protected start(n = this.options.initial ?? 0): void {
    const { smoothing = SMOOTHING } = this.options;
    this.n = n;
    this.started = performance.now();
    this.stopped = null;
    this.closed = false;
    this.shownAt = this.started;
    this.shownN = n;
    this.checkAt = n;
    this.counts = new Average(smoothing);
    this.times = new Average(smoothing);
    if (!this.disabled) this.live.touch(this.started);
  }

  /** Counts `n` more iterations; fewer, where `n` is negative. Does nothing to a closed bar. */
  update(n = 1): void {
    if (this.closed) return;
    this.n += n;
    if ((this.n < this.checkAt && n >= 0) || this.disabled) return;
    if (n < 0) this.shownN += n;
    this.stopped = null;
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

  /** Begins again with no iterations done, with another `total` where one is given. Does not open a closed bar. */
  reset(total: number | null = null): void {
    if (total !== null) this.total = total === Number.POSITIVE_INFINITY ? null : total;
    if (this.closed) this.n = 0;
    else this.start(0);
    this.refresh();
  }

  /** Changes the text before the bar. */
  setDescription(desc: string | null = null, refresh = true): void {
    this.desc = desc ? `${desc}: ` : "";
    if (refresh) this.refresh();
  }

  /** As `setDescription`. Source: tqdm's set_description_str, whose missing colon the line of a bar adds as well. */
  setDescriptionStr(desc: string | null = null, refresh = true): void {
    this.desc = desc ?? "";
    if (refresh) this.refresh();
  }

  /** Shows values behind the rate: numbers with three significant digits, others by their own text. */
  setPostfix(values: PostfixValues, refresh = true): void {
    const text = (value: number | string | { toString(): string }) =>
      typeof value === "number" ? postfixNumber(value) : value.toString().trim();
    this.setPostfixStr(
      Object.entries(values)
        .map(([name, value]) => `${name}=${text(value)}`)
        .join(", "),
      refresh,
    );
  }

  /** Shows `text` behind the rate. */
  setPostfixStr(text: string, refresh = true): void {
    this.postfix = text;
    if (refresh) this.refresh();
  }

  /** Shows the bar as it is now, also after `n` or `total` was set. */
  refresh(): void {
    this.checkAt = this.n;
    if (!this.disabled && this.live.active) this.live.touch();
  }

  /** Leaves the time since the last iteration that was shown out of the rate. */
  unpause(): void {
    const now = performance.now();
    this.started += now - this.shownAt;
    this.shownAt = now;
  }

  /** Shows the final state, with the mean rate; the bar does not move again. */
  close(): void {
    this.closed = true;
    this.live.finish();
  }

  /** Closes the bar at the end of a block: `using bar = tqdm({ total: 10 });`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The line of the bar. */
  toString(): string {
    return meterText(this.meter(null));
  }

  /** The line of the bar, as text and as HTML; nothing when the bar is finished and does not stay. */
  [displaySymbol](): MimeBundle {
    const settled = this.stopped !== null;
    if (settled && this.options.leave === false) return { "text/plain": "", "text/html": "" };
    const { total, n, colour } = this;
    const meter = this.meter(null);
    const left = settled && total !== null && n < total;
    const html = barHtml(meterParts(meter), colour, left ? "left" : settled ? "done" : "running");
    return { "text/plain": this.text(null), "text/html": html };
  }

  /** The line with colours, where they can be shown. */
  private text(columns: number | null): string {
    const colors = displayHost() === null ? colorDepth(process.stderr) : (displayTerminal()?.colors ?? "none");
    const { colour } = this;
    const paint = colour === null || colors === "none" ? null : (bar: string) => inColour(bar, colour);
    return meterText({ ...this.meter(columns), paint });
  }

  private meter(columns: number | null): Meter {
    const { unit = "it", unitScale = false, unitDivisor = 1000, initial = 0, ncols = columns, ascii } = this.options;
    const count = this.counts.value;
    const time = this.times.value;
    return {
      n: this.n,
      total: this.total,
      elapsed: ((this.stopped ?? performance.now()) - this.started) / 1000,
      rate: this.stopped === null && count !== null && time ? count / time : null,
      initial,
      desc: this.desc,
      postfix: this.postfix,
      unit,
      unitScale,
      unitDivisor,
      ncols,
      charset: typeof ascii === "string" ? ascii : ascii ? DIGITS : BLOCKS,
      paint: null,
    };
  }
}
