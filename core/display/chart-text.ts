// A chart as text of fixed size. asciichart draws each unbroken piece of a curve on a grid that is scaled here: left alone, it fails on
// NaN and Infinity, collapses constant curves, grows with the number of points and labels 1e-5 as 0.00.

import * as asciichart from "asciichart";
import { colored } from "./ansi";
import { stepRange, tickText, type ValueAxis, valueAxis, valueText } from "./chart-axis";
import type { Bucket, Series } from "./chart-series";

/** What is drawn, as text or as a picture. */
export interface ChartContent {
  readonly title: string;
  readonly logy: boolean;
  readonly series: readonly Series[];
}

export interface ChartTextSize {
  /** Columns of the plot itself, without its labels. */
  width: number;
  /** Rows of the plot itself. */
  height: number;
  color: boolean;
}

/** Marks the steps at which a curve was NaN or infinite. */
const BAD = "×";
const BAD_COLOR = 31;

/** How each curve is drawn: a colour, and strokes that tell curves apart without colour. In the order of asciichart's symbols. */
const STYLES = [
  { color: 34, symbols: ["┼", "┤", "╶", "╴", "─", "╰", "╭", "╮", "╯", "│"] },
  { color: 33, symbols: ["┼", "┤", "╶", "╴", "┄", "└", "┌", "┐", "┘", "┆"] },
  { color: 32, symbols: ["┼", "┤", "╺", "╸", "━", "┗", "┏", "┓", "┛", "┃"] },
  { color: 35, symbols: ["┼", "┤", "═", "═", "═", "╚", "╔", "╗", "╝", "║"] },
] as const;
const STROKE = 4;

/** Rows from one label to the next, the best first; the last row gets one too. */
const SPACINGS = [3, 4, 2, 5];

const style = (series: number) => STYLES[series % STYLES.length];

/** How far, in heights of the chart, an extreme must lie from its column's mean to be drawn instead of it. */
const SPIKE = 0.25;

/** One place per column: a number, undefined where no point fell, null where all points were NaN or infinite. */
type Sample = number | null | undefined;

interface Cell {
  char: string;
  series: number;
}

/** The points of one column, as places on the axis. */
class Column {
  private sum = 0;
  private count = 0;
  private low = Number.POSITIVE_INFINITY;
  private high = Number.NEGATIVE_INFINITY;
  bad = false;

  add({ min, mean, max, bad }: Bucket, axis: ValueAxis): void {
    const held = axis.holds(mean);
    if (bad > 0 || !held) this.bad = true;
    if (!held) return;
    this.sum += axis.place(mean);
    this.count += 1;
    if (axis.holds(min)) this.low = Math.min(this.low, axis.place(min));
    this.high = Math.max(this.high, axis.place(max));
  }

  /** The mean; an extreme instead where it lies far from the mean, so that a spike is seen. */
  get sample(): Sample {
    if (this.count === 0) return this.bad ? null : undefined;
    const mean = this.sum / this.count;
    const above = this.high - mean;
    const below = mean - this.low;
    if (Math.max(above, below) < SPIKE || !Number.isFinite(below)) return mean;
    return above >= below ? this.high : this.low;
  }
}

function columnsOf(buckets: readonly Bucket[], axis: ValueAxis, steps: [number, number], count: number): Column[] {
  const columns = Array.from({ length: count }, () => new Column());
  for (const bucket of buckets) {
    columns[Math.round(((bucket.x - steps[0]) / (steps[1] - steps[0])) * (count - 1))].add(bucket, axis);
  }
  return columns;
}

/** The unbroken pieces of a curve, with columns between two points filled in a straight line. */
function pieces(samples: readonly Sample[]): { start: number; values: number[] }[] {
  const found: { start: number; values: number[] }[] = [];
  let piece: { start: number; values: number[] } | null = null;
  samples.forEach((value, column) => {
    if (value === null) piece = null;
    if (typeof value !== "number") return;
    if (piece === null) {
      piece = { start: column, values: [value] };
      found.push(piece);
      return;
    }
    const from = piece.values[piece.values.length - 1];
    const gap = column - (piece.start + piece.values.length - 1);
    for (let i = 1; i <= gap; i++) piece.values.push(from + ((value - from) * i) / gap);
  });
  return found;
}

/** Draws one piece into the grid; asciichart draws the step from each value to the next in one column. */
function drawPiece(grid: Cell[][], start: number, values: number[], series: number): void {
  const rows = grid.length;
  const width = grid[0].length;
  const put = (row: number, column: number, char: string) => {
    if (column < width) grid[row][column] = { char, series };
  };
  if (values.length === 1) {
    put(rows - 1 - Math.round(values[0]), Math.min(start, width - 1), "•");
    return;
  }
  const { symbols } = style(series);
  const drawn = asciichart.plot(values, {
    min: 0,
    max: rows - 1,
    height: rows - 1,
    offset: 1,
    format: () => " ",
    symbols: [...symbols],
  });
  drawn.split("\n").forEach((line, row) => {
    // The first column is asciichart's own axis.
    [...line].slice(1).forEach((char, i) => {
      if (char !== " ") put(row, start + i, char);
    });
  });
}

function labels(axis: ValueAxis, rows: number): string[] {
  const every = SPACINGS.find((spacing) => (rows - 1) % spacing === 0) ?? 1;
  const step = (axis.high / 2 - axis.low / 2) * ((2 * every) / (rows - 1));
  const largest = Math.max(Math.abs(axis.low), Math.abs(axis.high));
  return Array.from({ length: rows }, (_, row) => {
    if (row % every !== 0) return "";
    const value = axis.at(1 - row / (rows - 1));
    // The values of rows are not round, so they get a digit more than their distance asks for.
    return axis.log ? valueText(Number(value.toPrecision(3))) : tickText(value, step / 10, largest);
  });
}

/** The last value of a curve and its best: the lowest of one that falls, the highest of one that rises. */
export function legendText(series: Series): string {
  const { name, last, best } = series;
  return best === null
    ? `${name} ${valueText(last)}`
    : `${name} ${valueText(last)} (${best.kind} ${valueText(best.value)} @ ${best.step})`;
}

/** The chart as lines of text, with a legend; its width does not depend on the number of points. */
export function chartText(content: ChartContent, size: ChartTextSize): string {
  const { width, height, color } = size;
  const curves = content.series.map((series) => series.buckets());
  const axis = valueAxis(curves, content.logy);
  const steps = stepRange(curves);
  const grid = Array.from({ length: height }, () =>
    Array.from({ length: width }, (): Cell => ({ char: " ", series: -1 })),
  );
  const base = Array.from({ length: width }, () => "─");
  curves.forEach((buckets, series) => {
    const columns = columnsOf(buckets, axis, steps, width + 1);
    for (const { start, values } of pieces(columns.map((column) => column.sample))) {
      const rows = values.map((place) => place * (height - 1));
      drawPiece(grid, start, rows, series);
    }
    columns.forEach(({ bad }, column) => {
      if (bad) base[Math.min(column, width - 1)] = color ? colored(BAD, BAD_COLOR) : BAD;
    });
  });
  const texts = labels(axis, height);
  const margin = texts.reduce((widest, text) => Math.max(widest, text.length), 0);
  const paint = ({ char, series }: Cell) => (color && series >= 0 ? colored(char, style(series).color) : char);
  const first = valueText(steps[0]);
  const lines = grid.map((row, i) => `${texts[i].padStart(margin)} ${texts[i] ? "┤" : "│"}${row.map(paint).join("")}`);
  lines.push(`${" ".repeat(margin)} └${base.join("")}`);
  lines.push(`${" ".repeat(margin + 2)}${first}${valueText(steps[1]).padStart(Math.max(1, width - first.length))}`);
  content.series.forEach((series, i) => {
    const stroke = style(i).symbols[STROKE].repeat(2);
    lines.push(`${" ".repeat(margin + 2)}${color ? colored(stroke, style(i).color) : stroke} ${legendText(series)}`);
  });
  const head = content.title === "" ? [] : [`${" ".repeat(margin + 2)}${content.title}`];
  return [...head, ...lines].map((line) => line.trimEnd()).join("\n");
}
