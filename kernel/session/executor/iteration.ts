// Python's words for going through things, as cells have them without an import: `range`, `enumerate`, `zip`, `iter`, `next`, `trange`.

import { tqdm, type Tqdm, type TqdmOptions } from "../../../core/display/tqdm";

/** Whole numbers in steps, as Python's `range`: an iterable that can be walked through again, with its `length`. */
class Range implements Iterable<number> {
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

export type { Range };

/**
 * Whole numbers from `start` (0) up to but without `stop`, in steps of `step` (1), which may be negative: `range(3)`, `range(2, 8, 2)`.
 * Throws TypeError for a fraction and RangeError for a step of 0. Source: Python's range.
 */
export function range(stop: number): Range;
export function range(start: number, stop: number, step?: number): Range;
export function range(start: number, stop?: number, step = 1): Range {
  return stop === undefined ? new Range(0, start, step) : new Range(start, stop, step);
}

/** A progress bar over `range`: `for (const epoch of trange(10))`. Options as `tqdm`. Source: tqdm.trange. */
export function trange(count: number, options?: TqdmOptions): Tqdm<number> {
  return tqdm(range(count), options);
}

/** Pairs of a count, from `start` (0), and an item: `for (const [i, batch] of enumerate(loader, 1))`. Source: Python's enumerate. */
export function* enumerate<T>(iterable: Iterable<T>, start = 0): Generator<[index: number, item: T], void, undefined> {
  let index = start;
  for (const item of iterable) yield [index++, item];
}

/** Items of several iterables side by side, as long as the shortest lasts. Source: Python's zip. */
export function* zip<T extends unknown[]>(
  ...iterables: { [K in keyof T]: Iterable<T[K]> }
): Generator<T, void, undefined> {
  const iterators = iterables.map((iterable) => iterable[Symbol.iterator]());
  try {
    while (iterators.length > 0) {
      const items: unknown[] = [];
      for (const iterator of iterators) {
        const { done, value } = iterator.next();
        if (done) return;
        items.push(value);
      }
      yield items as T;
    }
  } finally {
    for (const iterator of iterators) iterator.return?.();
  }
}

/** The iterator of an iterable, for `next`. Source: Python's iter. */
export function iter<T>(iterable: Iterable<T>): Iterator<T> {
  return iterable[Symbol.iterator]();
}

/** The next item of an iterator; at its end `otherwise`, or an error without one: `next(iter(loader))`. Source: Python's next. */
export function next<T, D = never>(iterator: Iterator<T>, ...otherwise: [D?]): T | D {
  const { done, value } = iterator.next();
  if (!done) return value;
  if (otherwise.length === 0) throw new RangeError("next(): the iterator has no more items");
  return otherwise[0] as D;
}
