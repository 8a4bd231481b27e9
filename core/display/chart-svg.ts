// A chart as SVG, for notebooks: written by hand, since every library that draws one needs a DOM.

import { decadeTicks, roundTicks, stepRange, tickText, type ValueAxis, valueAxis, valueText } from "./chart-axis";
import type { Bucket } from "./chart-series";
import { type ChartContent, legendText } from "./chart-text";
import { escaped } from "./html";

const WIDTH = 640;
const PLOT_HEIGHT = 240;
const MARGIN = { left: 64, right: 16, top: 12, bottom: 26 };
const TITLE_HEIGHT = 22;
const LEGEND_HEIGHT = 18;
const TICKS = 5;

/** Colours that people with colour blindness tell apart as well (Okabe and Ito). */
const COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"];
const BAD_COLOR = "#c00000";

const color = (series: number) => COLORS[series % COLORS.length];
const px = (value: number) => value.toFixed(1);

interface Frame {
  readonly axis: ValueAxis;
  readonly x: (step: number) => number;
  readonly y: (value: number) => number;
  readonly bottom: number;
}

/** Straight runs of points, broken where the curve has no place on the axis. */
function runs(buckets: readonly Bucket[], axis: ValueAxis): Bucket[][] {
  const found: Bucket[][] = [[]];
  for (const bucket of buckets) {
    if (axis.holds(bucket.mean)) found[found.length - 1].push(bucket);
    else found.push([]);
  }
  return found.filter((run) => run.length > 0);
}

function curve(buckets: readonly Bucket[], stroke: string, { axis, x, y, bottom }: Frame): string {
  const parts: string[] = [];
  // On a logarithmic axis the lowest value of a bucket may have no place.
  const edge = (value: number) => px(y(axis.holds(value) ? value : axis.low));
  for (const run of runs(buckets, axis)) {
    if (run.some(({ min, max }) => max > min)) {
      const upper = run.map((bucket) => `${px(x(bucket.x))},${edge(bucket.max)}`);
      const lower = run.map((bucket) => `${px(x(bucket.x))},${edge(bucket.min)}`).reverse();
      parts.push(`<polygon points="${[...upper, ...lower].join(" ")}" fill="${stroke}" fill-opacity="0.15"/>`);
    }
    const points = run.map(({ x: step, mean }) => `${px(x(step))},${px(y(mean))}`);
    parts.push(
      points.length === 1
        ? `<circle cx="${points[0].split(",")[0]}" cy="${points[0].split(",")[1]}" r="2.5" fill="${stroke}"/>`
        : `<polyline points="${points.join(" ")}" fill="none" stroke="${stroke}" stroke-width="1.5" stroke-linejoin="round"/>`,
    );
  }
  for (const { x: step, mean, bad } of buckets) {
    if (bad === 0 && axis.holds(mean)) continue;
    parts.push(
      `<text class="bad" x="${px(x(step))}" y="${px(bottom + 4)}" text-anchor="middle" fill="${BAD_COLOR}">×</text>`,
    );
  }
  return parts.join("");
}

function grid({ axis, x, y, bottom }: Frame, steps: [number, number]): string {
  const values = axis.log ? decadeTicks(axis.low, axis.high, TICKS) : roundTicks(axis.low, axis.high, TICKS);
  const spacing = values.length > 1 ? Math.abs(values[1] - values[0]) : Math.abs(axis.high) || 1;
  const largest = Math.max(Math.abs(axis.low), Math.abs(axis.high));
  const rows = values.map((value) => {
    const text = axis.log ? valueText(Number(value.toPrecision(3))) : tickText(value, spacing, largest);
    const at = px(y(value));
    return (
      `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${at}" y2="${at}" stroke="#e0e0e0"/>` +
      `<text x="${MARGIN.left - 6}" y="${at}" dy="0.35em" text-anchor="end">${text}</text>`
    );
  });
  const columns = roundTicks(steps[0], steps[1], TICKS).map((step) => {
    const at = px(x(step));
    return (
      `<line x1="${at}" x2="${at}" y1="${px(bottom)}" y2="${px(bottom + 4)}" stroke="#808080"/>` +
      `<text x="${at}" y="${px(bottom + 16)}" text-anchor="middle">${valueText(step)}</text>`
    );
  });
  const line = `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${px(bottom)}" y2="${px(bottom)}" stroke="#808080"/>`;
  return rows.join("") + line + columns.join("");
}

/** The chart as one SVG element of 640 pixels' width: curves over the band of their extremes, ticks, a legend with last and best values. */
export function chartSvg(content: ChartContent): string {
  const curves = content.series.map((series) => series.buckets());
  const axis = valueAxis(curves, content.logy);
  const steps = stepRange(curves);
  const top = MARGIN.top + (content.title === "" ? 0 : TITLE_HEIGHT);
  const bottom = top + PLOT_HEIGHT;
  const height = bottom + MARGIN.bottom + LEGEND_HEIGHT * content.series.length;
  const plotWidth = WIDTH - MARGIN.left - MARGIN.right;
  const frame: Frame = {
    axis,
    x: (step) => MARGIN.left + ((step - steps[0]) / (steps[1] - steps[0])) * plotWidth,
    y: (value) => bottom - axis.place(value) * PLOT_HEIGHT,
    bottom,
  };
  const title =
    content.title === ""
      ? ""
      : `<text x="${WIDTH / 2}" y="${MARGIN.top + 8}" text-anchor="middle" font-size="14">${escaped(content.title)}</text>`;
  const legend = content.series.map((series, i) => {
    const y = bottom + MARGIN.bottom + LEGEND_HEIGHT * i + 6;
    return (
      `<line x1="${MARGIN.left}" x2="${MARGIN.left + 18}" y1="${y}" y2="${y}" stroke="${color(i)}" stroke-width="2"/>` +
      `<text x="${MARGIN.left + 24}" y="${y}" dy="0.35em">${escaped(legendText(series))}</text>`
    );
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" ` +
    `font-family="sans-serif" font-size="11" fill="#404040"><rect width="${WIDTH}" height="${height}" fill="#ffffff"/>` +
    `${title}${grid(frame, steps)}${curves.map((buckets, i) => curve(buckets, color(i), frame)).join("")}${legend.join("")}</svg>`
  );
}
