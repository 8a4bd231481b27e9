// A chart that grows while a network trains: push values, and the picture follows, in a synchronous loop too.

import { inspectSymbol } from "../inspect";
import { colorDepth } from "./ansi";
import { Series } from "./chart-series";
import { chartSvg } from "./chart-svg";
import { chartText } from "./chart-text";
import { displaySymbol, type MimeBundle } from "./host";
import { LiveDisplay } from "./live";

/** How a chart looks. */
export interface PlotOptions {
  title?: string;
  /** A logarithmic vertical axis; values that are not positive are marked like NaN. Default false. */
  logy?: boolean;
  /** Columns of the text's plot area. Default 60. */
  width?: number;
  /** Rows of the text's plot area. Default 10. */
  height?: number;
  /** Whether pushes of later cells draw into the picture that the first one drew, in place of a new one. Default false. */
  inPlace?: boolean;
  /** Values at hand, by curve; their steps are their indices. Later pushes go on from the longest. */
  data?: Readonly<Record<string, CurveValues>>;
}

/** The values of a curve: numbers, or a tensor of one dimension. */
export type CurveValues = Iterable<ChartValue> | { tolist(): unknown; ndim: number };

/** A number, or what holds one: a tensor of one element. */
export type ChartValue = number | { item(): number };

const DEFAULT_WIDTH = 60;
const DEFAULT_HEIGHT = 10;
const MIN_HEIGHT = 3;

/** Curves by name over steps. Made by `plot`. */
export class LossChart {
  private readonly series = new Map<string, Series>();
  private readonly live: LiveDisplay;
  private pushes = 0;

  constructor(private readonly options: PlotOptions = {}) {
    this.live = new LiveDisplay({
      stays: options.inPlace,
      bundle: () => this[displaySymbol](),
      plainUpdate: () => undefined,
      plainFinish: () => {
        if (process.stderr.isTTY) process.stderr.write(`${this.text(colorDepth(process.stderr) !== "none")}\n`);
      },
    });
    for (const [name, values] of Object.entries(options.data ?? {})) {
      const series = this.curve(name);
      const numbers = numbersOf(values);
      numbers.forEach((value, step) => {
        series.push(value, step);
      });
      this.pushes = Math.max(this.pushes, numbers.length);
    }
  }

  /**
   * Adds a point to every curve named, and draws the chart at most ten times a second.
   * @param values one number per curve; NaN and infinities become a mark on the axis
   * @param step the points' place on the horizontal axis; default: how often push was called before
   */
  push(values: Readonly<Record<string, ChartValue>>, step: number = this.pushes): this {
    this.pushes += 1;
    for (const [name, value] of Object.entries(values)) {
      this.curve(name).push(numberOf(value), step);
    }
    this.live.touch();
    return this;
  }

  /** Draws the last picture; the front-end keeps it. Runs by itself at the end of a cell and of the process. */
  finish(): void {
    this.live.finish();
  }

  /** The chart as text without colour. */
  toString(): string {
    return this.text(false);
  }

  [inspectSymbol](): string {
    return this.text(colorDepth() !== "none");
  }

  /** The chart as SVG and as text. */
  [displaySymbol](): MimeBundle {
    return { "image/svg+xml": chartSvg(this.content()), "text/plain": this.text(colorDepth() !== "none") };
  }

  private curve(name: string): Series {
    const known = this.series.get(name);
    if (known !== undefined) return known;
    const series = new Series(name);
    this.series.set(name, series);
    return series;
  }

  private content() {
    return { title: this.options.title ?? "", logy: this.options.logy ?? false, series: [...this.series.values()] };
  }

  private text(color: boolean): string {
    const { width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT } = this.options;
    return chartText(this.content(), { width: Math.max(1, width), height: Math.max(MIN_HEIGHT, height), color });
  }
}

function numberOf(value: ChartValue): number {
  return typeof value === "number" ? value : value.item();
}

/** The numbers of a curve, in order. Throws TypeError for a tensor of other than one dimension. */
function numbersOf(values: CurveValues): number[] {
  if (!("tolist" in values)) return Array.from(values, numberOf);
  if (values.ndim !== 1) throw new TypeError(`a curve is a tensor of 1 dimension, not of ${values.ndim}`);
  return (values.tolist() as (number | bigint | boolean)[]).map(Number);
}

/** Whether what `plot` was given are values rather than options. */
function isCurve(given: CurveValues | PlotOptions): given is CurveValues {
  return Symbol.iterator in given || "tolist" in given;
}

/**
 * A chart to push values to, or of those given: `const chart = plot({ title: "training" }); chart.push({ loss: 0.3 })`,
 * `plot(losses)`, `plot(tensor)`, `plot({ data: { train, test } })`. Values alone make a curve called `value`.
 */
export function plot(options?: PlotOptions): LossChart;
export function plot(values: CurveValues, options?: PlotOptions): LossChart;
export function plot(given: CurveValues | PlotOptions = {}, options: PlotOptions = {}): LossChart {
  return new LossChart(isCurve(given) ? { ...options, data: { value: given, ...options.data } } : given);
}
