// Many rows of a tensor in one native call: what makes batches cheap.

import { isGradEnabled } from "../autograd/modes";
import { call } from "../dispatch";
import { tensor } from "../ops/create";
import { stack } from "../ops/join";
import { empty, type Tensor } from "../tensor/tensor";

/** Positions along a first dimension of `length` as an int64 tensor; negative ones count from the end. */
export function indexTensor(indices: readonly number[], length: number): Tensor {
  const out = new BigInt64Array(indices.length);
  for (let k = 0; k < indices.length; k++) out[k] = BigInt(indices[k] < 0 ? indices[k] + length : indices[k]);
  return tensor(out);
}

/** The rows at the given positions, as stacking them one by one gives; `index` is `indexTensor` of them. */
export function rowsAt(source: Tensor, indices: readonly number[], index: Tensor): Tensor {
  if (source.requiresGrad && isGradEnabled()) return stack(indices.map((i) => source.select(0, i)));
  const out = empty([indices.length, ...source.sizes.slice(1)], source.dtype);
  if (out.numel() > 0) call("indexSelect", [out, source, index], [0]);
  return out;
}
