// Python's range.

/** Whole numbers in steps, as Python's `range`: an iterable that can be walked through again, with its `length`. */
export class Range implements Iterable<number> {
  constructor(
    readonly start: number,
    readonly stop: number,
    readonly step: number,
  ) {
    for (const value of [start, stop, step]) {
      if (!Number.isInteger(value)) throw new TypeError(`range() takes whole numbers, not ${value}`);
    }
    if (step === 0) throw new RangeError("range() arg 3 must not be zero");
  }

  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }

  *[Symbol.iterator](): Generator<number, void, undefined> {
    for (let k = 0; k < this.length; k++) yield this.start + k * this.step;
  }
}

/**
 * Whole numbers from `start` (0) up to but without `stop`, in steps of `step` (1), which may be negative: `range(3)`, `range(2, 8, 2)`.
 * Throws TypeError for a fraction and RangeError for a step of 0. Source: Python's range.
 */
export function range(stop: number): Range;
export function range(start: number, stop: number, step?: number): Range;
export function range(start: number, stop?: number, step = 1): Range {
  return stop === undefined ? new Range(0, start, step) : new Range(start, stop, step);
}
