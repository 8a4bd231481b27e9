// Positions of a matrix's triangles.

import { ArgumentError, ShapeError } from "../../errors";
import { bool } from "../../tensor/dtype";
import type { Tensor } from "../../tensor/tensor";
import { type CreateOptions, ones, readCreate } from "./create";
import { nonzero } from "../index/take";
import { tril, triu } from "../matrix/linalg";

/** Positions of the lower triangle, as rows and columns (2, n). Source: torch.tril_indices. */
export function trilIndices(
  row: number,
  col: number,
  offset: number | (CreateOptions & { offset?: number }) = 0,
  options?: CreateOptions,
): Tensor {
  return triangleIndices("trilIndices", row, col, offset, options, tril);
}

/** Positions of the upper triangle, as rows and columns (2, n). Source: torch.triu_indices. */
export function triuIndices(
  row: number,
  col: number,
  offset: number | (CreateOptions & { offset?: number }) = 0,
  options?: CreateOptions,
): Tensor {
  return triangleIndices("triuIndices", row, col, offset, options, triu);
}

function triangleIndices(
  name: string,
  row: number,
  col: number,
  offset: number | (CreateOptions & { offset?: number }),
  options: CreateOptions | undefined,
  part: (input: Tensor, diagonal: number) => Tensor,
): Tensor {
  const named = typeof offset === "object" ? offset : options;
  const given = readCreate(name, named, ["offset"]);
  const k = typeof offset === "number" ? offset : (offset.offset ?? 0);
  for (const [argument, value] of Object.entries({ row, col, offset: k })) {
    if (!Number.isInteger(value))
      throw new ArgumentError(`${name}(): argument '${argument}' must be int, not ${typeof value}`);
  }
  if (row < 0 || col < 0) throw new ShapeError(`row and col must be non-negative, got ${row} and ${col}`);
  const inside = part(ones([row, col], { dtype: bool }), k);
  const positions = nonzero(inside).t().contiguous();
  return given.dtype ? positions.to(given.dtype) : positions;
}
