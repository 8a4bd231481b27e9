// Products of tensors summed over chosen dimensions.

import { signed } from "../../arguments/signed";
import { isIntList, pythonType } from "../../arguments/signature";
import { ArgumentError, CressetError, ShapeError } from "../../errors";
import { numelOf, wrapDim } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";

/**
 * Dimensions to sum over: how many (the last of the first tensor, the first of the second), or a list for either tensor; either way also
 * as a tensor.
 */
export type ContractedDims = number | readonly [readonly number[], readonly number[]] | Tensor;

/** The dimensions of either tensor, counted as PyTorch counts them in its messages. */
function contracted(given: ContractedDims): readonly [readonly number[], readonly number[]] {
  const dims: unknown = given instanceof Tensor ? given.tolist() : given;
  if (typeof dims === "boolean" || (typeof dims === "number" && Number.isInteger(dims))) {
    const count = Number(dims);
    if (count < 0) throw new CressetError(`tensordot expects dims >= 0, but got dims=${count}`);
    const leading = Array.from({ length: count }, (_, k) => k);
    return [leading.map((k) => k - count), leading];
  }
  if (!Array.isArray(dims)) {
    throw new ArgumentError(
      `tensordot expects dims to be int or Tuple[List[int], List[int]] or List[List[int]] containing two lists, but got dims=${dims === null ? "None" : String(dims)}`,
    );
  }
  if (dims.length !== 2) {
    throw new ArgumentError(
      dims.length < 2
        ? `not enough values to unpack (expected 2, got ${dims.length})`
        : "too many values to unpack (expected 2)",
    );
  }
  const [own, other]: unknown[] = dims;
  if (!isIntList(own) || !isIntList(other)) {
    throw new ArgumentError(
      `tensordot(): argument 'dims_self' (position 3) must be tuple of ints, not ${pythonType(isIntList(own) ? other : own)}`,
    );
  }
  if (own.length !== other.length) throw new CressetError("both dimension lists should have same length");
  return [own, other];
}

/**
 * Products summed over dimensions of both tensors; the result has the other dimensions of `a`, then those of `b`. Option: `dims` (2).
 * Throws ShapeError for sizes that differ, unless one is 1. Source: torch.tensordot.
 */
export const tensordot = signed("def tensordot(Tensor a, Tensor b, any dims=2)", tensordotOf);

function tensordotOf(a: Tensor, b: Tensor, dims: ContractedDims = 2): Tensor {
  const [asked, askedOfB] = contracted(dims);
  const overA = asked.map((d) => wrapDim(d, a.ndim));
  const overB = askedOfB.map((d) => wrapDim(d, b.ndim));
  let [first, second] = [a, b];
  overA.forEach((p, k) => {
    const q = overB[k];
    if (b.sizes[q] === 1) first = first.sum(p, { keepdim: true });
    else if (a.sizes[p] === 1) second = second.sum(q, { keepdim: true });
    else if (a.sizes[p] !== b.sizes[q]) {
      throw new ShapeError(
        `contracted dimensions need to match, but first has size ${a.sizes[p]} in dim ${asked[k]} and second has size ${b.sizes[q]} in dim ${askedOfB[k]}`,
      );
    }
  });
  const freeA = a.sizes.map((_, d) => d).filter((d) => !overA.includes(d));
  const freeB = b.sizes.map((_, d) => d).filter((d) => !overB.includes(d));
  const sizes = (x: Tensor, list: readonly number[]) => list.map((d) => x.sizes[d]);
  const [rows, shared, columns] = [sizes(a, freeA), sizes(first, overA), sizes(b, freeB)];
  const left = first.permute([...freeA, ...overA]).reshape([numelOf(rows), numelOf(shared)]);
  const right = second.permute([...overB, ...freeB]).reshape([numelOf(shared), numelOf(columns)]);
  return left.mm(right).reshape([...rows, ...columns]);
}
