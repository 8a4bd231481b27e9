// Many rows of a tensor in one native call: what makes batches cheap.

import { tensor } from "../ops/create/create";
import type { Tensor } from "../tensor/tensor";

/** Positions along a first dimension of `length` as an int64 tensor; negative ones count from the end. */
export function indexTensor(indices: readonly number[], length: number): Tensor {
  const out = new BigInt64Array(indices.length);
  for (let k = 0; k < indices.length; k++) out[k] = BigInt(indices[k] < 0 ? indices[k] + length : indices[k]);
  return tensor(out);
}
