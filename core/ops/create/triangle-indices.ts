// Positions of a matrix's triangles.

import { signed } from "../../arguments/signed";
import { ShapeError } from "../../errors";
import { bool, type DType } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { CREATE, type Created, createOptions, finishCreate, ones } from "./create";
import { nonzero } from "../index/take";
import { tril, triu } from "../matrix/linalg";

function triangleIndices(part: (input: Tensor, diagonal: number) => Tensor) {
  return (row: number, col: number, offset = 0, ...created: Created): Tensor => {
    const options = createOptions(created);
    if (row < 0 || col < 0) throw new ShapeError(`row and col must be non-negative, got ${row} and ${col}`);
    const inside = part(ones([row, col], { dtype: bool }), offset);
    const positions = nonzero(inside).t().contiguous();
    const dtype: DType = options.dtype ?? positions.dtype;
    return finishCreate(positions.to(dtype), options);
  };
}

/** Positions of the lower triangle, as rows and columns (2, n). Option: `dtype` (int64). Source: torch.tril_indices. */
export const trilIndices = signed(`trilIndices(int row, int col, int offset=0, *, ${CREATE})`, triangleIndices(tril));

/** Positions of the upper triangle, as rows and columns (2, n). Option: `dtype` (int64). Source: torch.triu_indices. */
export const triuIndices = signed(`triuIndices(int row, int col, int offset=0, *, ${CREATE})`, triangleIndices(triu));
