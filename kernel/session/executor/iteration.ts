// Python's words for going through things, as cells have them without an import: `range`, `enumerate`, `zip`, `iter`, `next`.

export { type Range, range } from "../../../core/display/range";

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
