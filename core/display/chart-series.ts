// The points of one curve in bounded memory: when its buckets are full, neighbours merge, so that drawing a million points costs what
// drawing a few hundred does, and a spike survives in its bucket's extremes.

/** Buckets per curve; merging leaves half of them. */
const CAPACITY = 512;

/** Neighbouring points as one: their steps, mean and extremes. */
export interface Bucket {
  /** Mean step of the points. */
  x: number;
  /** First and last step. */
  from: number;
  to: number;
  /** Mean of the finite values; NaN when there are none. */
  mean: number;
  min: number;
  max: number;
  /** Values that were NaN or infinite. */
  bad: number;
}

interface Cell {
  from: number;
  to: number;
  stepSum: number;
  points: number;
  sum: number;
  finite: number;
  min: number;
  max: number;
}

const EMPTY: Readonly<Cell> = {
  from: Number.POSITIVE_INFINITY,
  to: Number.NEGATIVE_INFINITY,
  stepSum: 0,
  points: 0,
  sum: 0,
  finite: 0,
  min: Number.POSITIVE_INFINITY,
  max: Number.NEGATIVE_INFINITY,
};

function merge(a: Cell, b: Cell): Cell {
  return {
    from: Math.min(a.from, b.from),
    to: Math.max(a.to, b.to),
    stepSum: a.stepSum + b.stepSum,
    points: a.points + b.points,
    sum: a.sum + b.sum,
    finite: a.finite + b.finite,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
  };
}

/** A finite value and the step that it belongs to. */
export interface Mark {
  value: number;
  step: number;
}

/** One named curve. */
export class Series {
  /** The value pushed last, finite or not. */
  last = Number.NaN;
  private lowest: Mark | null = null;
  private highest: Mark | null = null;
  private first = Number.NaN;
  private lastFinite = Number.NaN;
  private cells: Cell[] = [];
  private pointsPerCell = 1;

  constructor(readonly name: string) {}

  push(value: number, step: number): void {
    this.last = value;
    if (Number.isFinite(value)) {
      if (Number.isNaN(this.first)) this.first = value;
      this.lastFinite = value;
      if (this.lowest === null || value < this.lowest.value) this.lowest = { value, step };
      if (this.highest === null || value > this.highest.value) this.highest = { value, step };
    }
    let cell = this.cells.at(-1);
    if (cell === undefined || cell.points >= this.pointsPerCell) {
      if (this.cells.length === CAPACITY) this.halve();
      cell = { ...EMPTY };
      this.cells.push(cell);
    }
    if (step < cell.from) cell.from = step;
    if (step > cell.to) cell.to = step;
    cell.stepSum += step;
    cell.points += 1;
    if (!Number.isFinite(value)) return;
    cell.sum += value;
    cell.finite += 1;
    if (value < cell.min) cell.min = value;
    if (value > cell.max) cell.max = value;
  }

  /** The lowest value of a curve that falls, as a loss does; the highest of one that rises, as an accuracy does. */
  get best(): (Mark & { kind: "min" | "max" }) | null {
    if (this.lowest === null || this.highest === null) return null;
    return this.lastFinite > this.first ? { kind: "max", ...this.highest } : { kind: "min", ...this.lowest };
  }

  /** The curve in the order of its points. */
  buckets(): Bucket[] {
    return this.cells.map(({ from, to, stepSum, points, sum, finite, min, max }) => ({
      from,
      to,
      x: stepSum / points,
      // The sum of values near the largest float overflows; their extremes do not.
      mean: Number.isFinite(sum) ? sum / finite : min / 2 + max / 2,
      min,
      max,
      bad: points - finite,
    }));
  }

  private halve(): void {
    this.cells = Array.from({ length: CAPACITY / 2 }, (_, i) => merge(this.cells[2 * i], this.cells[2 * i + 1]));
    this.pointsPerCell *= 2;
  }
}
