// The elements that a text shows: those of the blocks at the corners of a large tensor, in one order.

import type { Element, Range } from "./print";

/**
 * The elements at every combination of `ranges`, row by row.
 * @param read gives the elements of one block, row by row
 */
export function shownElements(
  ranges: readonly (readonly Range[])[],
  read: (starts: readonly number[], sizes: readonly number[]) => ArrayLike<Element>,
): Element[] {
  const shown = ranges.map((list) => list.reduce((sum, [start, end]) => sum + end - start, 0));
  const strides = shown.map((_, dim) => shown.slice(dim + 1).reduce((product, n) => product * n, 1));
  const values = new Array<Element>(shown.reduce((product, n) => product * n, 1));
  const place = (block: ArrayLike<Element>, sizes: readonly number[], first: number): void => {
    let next = 0;
    const visit = (dim: number, at: number): void => {
      if (dim === sizes.length) values[at] = block[next++];
      else for (let i = 0; i < sizes[dim]; i++) visit(dim + 1, at + i * strides[dim]);
    };
    visit(0, first);
  };
  const visit = (starts: readonly number[], sizes: readonly number[], first: number): void => {
    const dim = starts.length;
    if (dim === ranges.length) {
      place(read(starts, sizes), sizes, first);
      return;
    }
    let at = first;
    for (const [start, end] of ranges[dim]) {
      visit([...starts, start], [...sizes, end - start], at);
      at += (end - start) * strides[dim];
    }
  };
  visit([], [], 0);
  return values;
}
