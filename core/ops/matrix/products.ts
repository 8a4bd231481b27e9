// Products beyond those of matrices: of blocks, and of vectors in space.

import { ownResult, relabel } from "../../autograd/record";
import { ShapeError } from "../../errors";
import { requireSameDtype } from "../../tensor/dtype-checks";
import { wrapDim } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { signedOut } from "../shared/out";

/** Every element of `input` times the whole of `other`, as blocks; missing dimensions are 1. Option: `out`. Source: torch.kron. */
export const kron = signedOut("kron(Tensor input, Tensor other, *, Tensor? out=None)", kronOf);

function kronOf(input: Tensor, other: Tensor): Tensor {
  const n = Math.max(input.ndim, other.ndim);
  const padded = (x: Tensor): number[] => [...new Array<number>(n - x.ndim).fill(1), ...x.sizes];
  const [a, b] = [padded(input), padded(other)];
  const blocks = input.reshape(a.flatMap((size) => [size, 1])).mul(other.reshape(b.flatMap((size) => [1, size])));
  return ownResult(blocks.reshape(a.map((size, d) => size * b[d])), "UnsafeViewBackward0");
}

/**
 * The product of vectors of three elements along `dim`, by default the first dimension of size 3. Operands broadcast. Throws
 * ShapeError when there is no such dimension. Option: `out`. Source: torch.cross.
 */
export const cross = signedOut("cross(Tensor input, Tensor other, int? dim=None, *, Tensor? out=None)", crossOf);

function crossOf(input: Tensor, other: Tensor, dim: number | null = null): Tensor {
  if (input.ndim !== other.ndim) {
    throw new ShapeError("linalg.cross: inputs must have the same number of dimensions.");
  }
  const found = input.sizes.indexOf(3);
  if (dim === null && found < 0) throw new ShapeError("no dimension of size 3 in input");
  const d = wrapDim(dim ?? found, input.ndim);
  if (input.sizes[d] !== 3 || other.sizes[d] !== 3) {
    throw new ShapeError(
      `linalg.cross: inputs dimension ${dim ?? found} must have length 3. Got ${input.sizes[d]} and ${other.sizes[d]}`,
    );
  }
  requireSameDtype(input, other);
  const [a, b] = [1, 2].map((k) => input.roll(-k, d));
  const [p, q] = [1, 2].map((k) => other.roll(-k, d));
  return relabel(a.mul(q).sub(b.mul(p)), "LinalgCrossBackward0");
}
