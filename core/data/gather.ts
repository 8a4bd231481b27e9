// Many rows of a tensor in one native call: what makes batches cheap.

import { tensor } from "../ops/create/create";
import type { Tensor } from "../tensor/tensor";

/**
 * Positions along a first dimension of `length` as an int64 tensor; negative ones count from the end. Null when one of them is no
 * position there: the items by themselves then give the error.
 */
export function indexTensor(indices: readonly number[], length: number): Tensor | null {
  // Two words for each position, lower word first: writing int64 elements would make a bigint of each.
  const words = new Uint32Array(2 * indices.length);
  for (let k = 0; k < indices.length; k++) {
    const index = indices[k];
    const position = index < 0 ? index + length : index;
    if (!(position >= 0 && position < length && Number.isInteger(position))) return null;
    words[2 * k] = position;
    words[2 * k + 1] = position / 2 ** 32;
  }
  return tensor(new BigInt64Array(words.buffer));
}
