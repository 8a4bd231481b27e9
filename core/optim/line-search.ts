// A step length that satisfies the strong Wolfe conditions, by bracketing and cubic interpolation (Nocedal & Wright, Numerical
// Optimization, algorithms 3.5 and 3.6, with PyTorch's safeguards and constants, so that runs agree).

import type { Tensor } from "../tensor/tensor";

/** A point along the line: where, the value, the gradient, and its component along the line. */
export interface Point {
  at: number;
  value: number;
  gradient: Tensor;
  slope: number;
}

const SUFFICIENT = 1e-4;
const CURVATURE = 0.9;
const MOST_STEPS = 25;

/** The minimum of the cubic through two points with their slopes, within bounds. */
function cubicMinimum(a: Point, b: Point, low: number, high: number): number {
  const d1 = a.slope + b.slope - (3 * (a.value - b.value)) / (a.at - b.at);
  const square = d1 * d1 - a.slope * b.slope;
  if (!(square >= 0)) return (low + high) / 2;
  const d2 = Math.sqrt(square);
  const [near, far] = a.at <= b.at ? [a, b] : [b, a];
  const minimum = far.at - (far.at - near.at) * ((far.slope + d2 - d1) / (far.slope - near.slope + 2 * d2));
  return Math.min(Math.max(minimum, low), high);
}

const between = (a: Point, b: Point) => cubicMinimum(a, b, Math.min(a.at, b.at), Math.max(a.at, b.at));

/** What a search found. */
export interface Found {
  point: Point;
  /** How often the function was evaluated. */
  evaluations: number;
}

/**
 * Searches from `start` (at 0) along a line, first at `first`. `reach` is the largest component of the direction: a bracket
 * narrower than `tolerance` over it is final.
 */
export function strongWolfe(
  evaluate: (at: number) => Point,
  start: Point,
  first: number,
  reach: number,
  tolerance: number,
): Found {
  const tooHigh = (p: Point) => p.value > start.value + SUFFICIENT * p.at * start.slope;
  const flat = (p: Point) => Math.abs(p.slope) <= -CURVATURE * start.slope;
  let previous = start;
  let current = evaluate(first);
  let evaluations = 1;
  let steps = 0;
  let bracket: [Point, Point] | null = null;
  while (steps < MOST_STEPS) {
    if (tooHigh(current) || (steps > 1 && current.value >= previous.value)) {
      bracket = [previous, current];
      break;
    }
    if (flat(current)) return { point: current, evaluations };
    if (current.slope >= 0) {
      bracket = [previous, current];
      break;
    }
    const least = current.at + 0.01 * (current.at - previous.at);
    const next = cubicMinimum(previous, current, least, current.at * 10);
    previous = current;
    current = evaluate(next);
    evaluations++;
    steps++;
  }
  const ends = bracket ?? [start, current];
  return zoom(ends, { evaluate, tooHigh, flat, reach, tolerance, steps, evaluations });
}

interface Zoom {
  evaluate: (at: number) => Point;
  tooHigh: (p: Point) => boolean;
  flat: (p: Point) => boolean;
  reach: number;
  tolerance: number;
  steps: number;
  evaluations: number;
}

/** Narrows a bracket around a point that satisfies the conditions. */
function zoom([a, b]: readonly [Point, Point], search: Zoom): Found {
  const { evaluate, tooHigh, flat, reach, tolerance } = search;
  let { steps, evaluations } = search;
  // The bracket's ends keep their places, as interpolation and ties depend on them.
  const ends: [Point, Point] = [a, b];
  let low: 0 | 1 = a.value <= b.value ? 0 : 1;
  let stalled = false;
  while (steps < MOST_STEPS) {
    if (Math.abs(ends[1].at - ends[0].at) * reach < tolerance) break;
    const left = Math.min(ends[0].at, ends[1].at);
    const right = Math.max(ends[0].at, ends[1].at);
    const margin = 0.1 * (right - left);
    let at = between(ends[0], ends[1]);
    if (Math.min(right - at, at - left) < margin) {
      // Twice too close to an end: move away from it.
      if (stalled || at >= right || at <= left) {
        at = Math.abs(at - right) < Math.abs(at - left) ? right - margin : left + margin;
        stalled = false;
      } else stalled = true;
    } else stalled = false;
    const point = evaluate(at);
    evaluations++;
    steps++;
    const high: 0 | 1 = low === 0 ? 1 : 0;
    if (tooHigh(point) || point.value >= ends[low].value) {
      ends[high] = point;
      low = ends[0].value <= ends[1].value ? 0 : 1;
      continue;
    }
    const done = flat(point);
    if (!done && point.slope * (ends[high].at - ends[low].at) >= 0) ends[high] = ends[low];
    ends[low] = point;
    if (done) break;
  }
  return { point: ends[low], evaluations };
}
