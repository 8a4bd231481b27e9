// The numbers beside a chart: ranges that are never empty, round ticks, labels with as many digits as tell them apart.

import type { Bucket } from "./chart-series";

/** A value as people read it: four significant digits, exponents for the very small and the very large. */
export function valueText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e6)) return trimmed(value.toExponential(3));
  return String(Number(value.toPrecision(magnitude >= 1e4 ? 6 : 4)));
}

function trimmed(exponential: string): string {
  return exponential.replace(/\.?0+e/, "e").replace("e+", "e");
}

/** A label of an axis whose labels lie `step` apart; labels of one axis differ. */
export function tickText(value: number, step: number, largest: number): string {
  const spacing = Math.floor(Math.log10(step) + 1e-9);
  const size = Math.max(Math.abs(largest), Number.MIN_VALUE);
  if (size >= 1e6 || size < 1e-2) {
    if (Math.abs(value) < step / 2) return "0";
    const digits = Math.floor(Math.log10(Math.abs(value)) + 1e-9) - spacing;
    return value.toExponential(Math.min(15, Math.max(1, digits))).replace("e+", "e");
  }
  return value.toFixed(Math.min(20, Math.max(0, -spacing)));
}

/** Narrower ranges count as one value: their fractions would leave float64. */
const SMALLEST_SPAN = 1e-290;

/** The vertical axis: which values it spans, and how a value becomes a height. */
export interface ValueAxis {
  readonly low: number;
  readonly high: number;
  readonly log: boolean;
  /** Whether the value has a place on the axis. */
  holds(value: number): boolean;
  /** 0 at the bottom to 1 at the top. */
  place(value: number): number;
  /** The value at a place. */
  at(place: number): number;
}

/** An axis over all curves, their extremes included; logarithmic axes hold positive values only. Constant curves get room around them. */
export function valueAxis(curves: readonly (readonly Bucket[])[], log: boolean): ValueAxis {
  const holds = (value: number) => Number.isFinite(value) && (!log || value > 0);
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const curve of curves) {
    for (const { min, mean, max } of curve) {
      for (const value of [min, mean, max]) {
        if (!holds(value)) continue;
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  if (low > high) [low, high] = log ? [0.1, 1] : [0, 1];
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  if (high / 2 - low / 2 <= Math.max(magnitude * 1e-12, SMALLEST_SPAN)) {
    // The room is 10 % of the constant to both sides, a decade on a logarithmic axis.
    const room = magnitude > SMALLEST_SPAN ? magnitude * 0.1 : 1;
    [low, high] = log
      ? [Math.max(low / 10, Number.MIN_VALUE), Math.min(high * 10, Number.MAX_VALUE)]
      : [low - room, high + room];
  }
  if (log) {
    const bottom = Math.log10(low);
    const span = Math.log10(high) - bottom;
    return {
      low,
      high,
      log,
      holds,
      place: (value) => (Math.log10(value) - bottom) / span,
      at: (place) => 10 ** (bottom + place * span),
    };
  }
  // Halved, because the span of ±1e308 is not a number that float64 holds.
  const span = high / 2 - low / 2;
  return {
    low,
    high,
    log,
    holds,
    place: (value) => (value / 2 - low / 2) / span,
    at: (place) => low * (1 - place) + high * place,
  };
}

/** Round numbers (1, 2 or 5 times a power of ten) inside [low, high], about `count` of them. */
export function roundTicks(low: number, high: number, count: number): number[] {
  const raw = (high / 2 - low / 2) / (count / 2);
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 5].find((factor) => factor * power >= raw) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Powers of ten inside [low, high], thinned to about `count`; the ends themselves when no power lies between. */
export function decadeTicks(low: number, high: number, count: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  if (last - first < 1) return [low, high];
  const stride = Math.ceil((last - first) / count);
  return Array.from({ length: Math.floor((last - first) / stride) + 1 }, (_, i) => 10 ** (first + i * stride));
}

/** The range of steps of all curves, never empty. */
export function stepRange(curves: readonly (readonly Bucket[])[]): [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (const curve of curves) {
    for (const { from, to } of curve) {
      low = Math.min(low, from);
      high = Math.max(high, to);
    }
  }
  if (low > high) return [0, 1];
  return low === high ? [low, low + 1] : [low, high];
}
