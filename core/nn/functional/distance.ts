// Distances and norms of vectors, of torch.nn.functional.

import { signed } from "../../arguments/signed";
import { relabel } from "../../autograd/record";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { tensor } from "../../ops/create/create";
import { promotable } from "../../ops/elementwise/pointwise-op";
import { lengths } from "../../ops/matrix/distances";
import type { Dims } from "../../ops/reduce/reduction";
import { int64, resultDtype } from "../../tensor/dtype";
import { broadcastPair } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { clampedBehind } from "./clamped";

/** x1 · x2 / (|x1| |x2|) along `dim` (1), lengths not below `eps` (1e-8). Source: torch.nn.functional.cosine_similarity. */
export const cosineSimilarity = signed(
  "cosineSimilarity(Tensor x1, Tensor x2, int dim=1, float eps=1e-8)",
  cosineSimilarityOf,
);

function cosineSimilarityOf(x1: Tensor, x2: Tensor, dim = 1, eps = 1e-8): Tensor {
  const dtype = resultDtype([x1, x2].map(promotable));
  if (!dtype.isFloatingPoint) {
    throw new DTypeError(`expected common dtype to be floating point, yet common dtype is ${dtype.scalarName}`);
  }
  const sizes = broadcastPair(x1.sizes, x2.sizes);
  const unit = (x: Tensor): Tensor => {
    const whole = x.to(dtype).expand([...sizes]);
    return whole.div(clampedBehind(whole.norm({ p: 2, dim, keepdim: true }), Math.abs(eps)));
  };
  return relabel(unit(x1).mul(unit(x2)).sum(dim), "SumBackward1");
}

/** The p-norm of x1 − x2 + eps along the last dimension. Options: `p` (2), `eps` (1e-6), `keepdim`. Source: torch.nn.functional.pairwise_distance. */
export const pairwiseDistance = signed(
  "pairwiseDistance(Tensor x1, Tensor x2, float p=2, float eps=1e-6, bool keepdim=False)",
  pairwiseDistanceOf,
);

function pairwiseDistanceOf(x1: Tensor, x2: Tensor, p = 2, eps = 1e-6, keepdim = false): Tensor {
  return x1.sub(x2).add(eps).norm({ p, dim: -1, keepdim });
}

/** x divided by its p-norm along `dim`, not below `eps`. Options: `p` (2), `dim` (1), `eps` (1e-12). Source: torch.nn.functional.normalize. */
export const normalize = signed(
  "def normalize(Tensor input, Number p=2, int|int[]? dim=1, float eps=1e-12)",
  normalizeOf,
);

function normalizeOf(input: Tensor, p = 2, dim: Dims = 1, eps = 1e-12): Tensor {
  return input.div(input.norm({ p, dim, keepdim: true }).clampMin(eps).expandAs(input));
}

/** Distances between all pairs of rows (n, m), as a vector of the upper triangle. Option: `p` (2). Source: torch.nn.functional.pdist. */
export const pdist = signed("pdist(Tensor input, float p=2)", pdistOf);

function pdistOf(input: Tensor, p = 2): Tensor {
  if (input.ndim !== 2) throw new ShapeError(`pdist only supports 2D tensors, got: ${input.ndim}D`);
  if (!input.dtype.isFloatingPoint) throw new DTypeError("pdist only supports floating-point dtypes");
  if (!(p >= 0)) throw new CressetError("pdist only supports non-negative p values");
  const n = input.sizes[0];
  const rows: number[] = [];
  const others: number[] = [];
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      rows.push(i);
      others.push(j);
    }
  }
  const at = (list: number[]) => input.indexSelect(0, tensor(list, { dtype: int64 }));
  return relabel(lengths(at(rows).sub(at(others)), p), "PdistBackward0");
}
