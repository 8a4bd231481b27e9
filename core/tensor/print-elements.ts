// Reading the elements that a text shows from strided memory: the one loop that a Printable over a storage needs.

import type { Element, Range } from "./print";

/**
 * The elements at every combination of `ranges`, row by row.
 * @param strides in elements, one per dimension
 * @param offset of the first element, in elements
 * @param at reads the element at an offset
 */
export function stridedElements(
  ranges: readonly (readonly Range[])[],
  strides: readonly number[],
  offset: number,
  at: (offset: number) => Element,
): Element[] {
  const values: Element[] = [];
  const visit = (dim: number, base: number): void => {
    if (dim === ranges.length) {
      values.push(at(base));
      return;
    }
    for (const [start, end] of ranges[dim]) {
      for (let i = start; i < end; i++) visit(dim + 1, base + i * strides[dim]);
    }
  };
  visit(0, offset);
  return values;
}
