// Questions to sorted values: where a value belongs, and whether it is among others. Functions only.

import { call } from "../../dispatch";
import { ArgumentError, CressetError, DTypeError, ShapeError } from "../../errors";
import { int32, int64, resultDtype, type Scalar } from "../../tensor/dtype";
import { requireNotBool } from "../../tensor/dtype-checks";
import { text } from "../../tensor/shape";
import { empty, Tensor } from "../../tensor/tensor";
import { promotable } from "../elementwise/pointwise-op";

/** What `searchsorted` and `bucketize` take by name. */
export interface SearchOptions {
  /** int32 positions instead of int64. Default false. */
  outInt32?: boolean;
  /** Among equal values the last place instead of the first. Default false. */
  right?: boolean;
  /** The same as words: "left" (default) or "right". */
  side?: "left" | "right" | null;
  /** Positions that sort the sequence, when it is not sorted itself. */
  sorter?: Tensor | null;
}

/** A sequence and the values to look for, in the dtype that both promote to. */
function promoted(sequence: Tensor, value: Tensor | Scalar): [sequence: Tensor, value: Tensor] {
  const dtype = resultDtype([sequence, value].map(promotable));
  const one = value instanceof Tensor ? value.detach().to(dtype) : sequence.newFull([], value, { dtype });
  return [sequence.to(dtype), one];
}

function positions(call_: string, sorted: Tensor, values: Tensor, options: SearchOptions): Tensor {
  const { outInt32 = false, right = false, side } = options;
  if (side !== undefined && side !== null && side !== "left" && side !== "right") {
    throw new CressetError(`torch.${call_}(): side can only be 'left' or 'right' but got ${String(side)}`);
  }
  if (side === "left" && right) {
    throw new CressetError(
      `torch.${call_}(): side and right can't be set to opposites, got side of left while right was True`,
    );
  }
  requireNotBool("searchsorted_out_cpu", sorted.dtype);
  const out = empty(values.sizes, int64);
  if (out._numel > 0) {
    const lifted = (x: Tensor) => (x.ndim === 0 ? x.alias([1], [1], x.offset) : x);
    const line = lifted(values);
    const lead = line.sizes.slice(0, -1);
    const n = sorted.sizes[sorted.ndim - 1];
    const rows =
      sorted.ndim === 1 ? sorted.alias([...lead, n], [...lead.map(() => 0), sorted.strides[0]], sorted.offset) : sorted;
    call("searchsorted", [lifted(out), rows, line], [right || side === "right" ? 1 : 0]);
  }
  return outInt32 ? out.to(int32) : out;
}

/**
 * Where each value would have to be inserted in a sorted sequence, along its last dimension; leading dimensions agree, or the
 * sequence is a vector. Options: `outInt32`, `right`, `side`, `sorter`. Source: torch.searchsorted.
 */
export function searchsorted(sortedSequence: Tensor, input: Tensor | Scalar, options: SearchOptions = {}): Tensor {
  const [sequence, values] = promoted(sortedSequence.detach(), input);
  const { sorter } = options;
  if (sorter && sorter.dtype !== int64) {
    throw new DTypeError(
      `torch.searchsorted(): sorter must be a tensor of long dtype but got dtype ${sorter.dtype.scalarName}`,
    );
  }
  if (sortedSequence.ndim === 0)
    throw new ShapeError("torch.searchsorted(): boundaries tensor should have positive dimension");
  const fits =
    sortedSequence.ndim === 1 ||
    (sortedSequence.ndim === values.ndim &&
      text(sortedSequence.sizes.slice(0, -1)) === text(values.sizes.slice(0, -1)));
  if (!fits) {
    throw new ShapeError(
      `torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${text(sortedSequence.sizes)} and input value tensor ${text(values.sizes)}`,
    );
  }
  return positions("searchsorted", sorter ? sequence.gather(-1, sorter) : sequence, values, options);
}

/** The number of the interval between sorted boundaries that each value lies in. Options: `outInt32`, `right`. Source: torch.bucketize. */
export function bucketize(
  input: Tensor | Scalar,
  boundaries: Tensor,
  options: Pick<SearchOptions, "outInt32" | "right"> = {},
): Tensor {
  if (!(boundaries instanceof Tensor))
    throw new ArgumentError("bucketize(): argument 'boundaries' (position 2) must be Tensor");
  if (boundaries.ndim !== 1)
    throw new ShapeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.ndim})`);
  const [sequence, values] = promoted(boundaries.detach(), input);
  return positions("bucketize", sequence, values, options);
}

/** What `isin` takes by name. */
export interface IsinOptions {
  /** Accepted for PyTorch's sake. */
  assumeUnique?: boolean;
  /** Ask which elements are not among the others. Default false. */
  invert?: boolean;
}

/** Whether each element is among `testElements`. Option: `invert`. Source: torch.isin. */
export function isin(elements: Tensor | Scalar, testElements: Tensor | Scalar, options: IsinOptions = {}): Tensor {
  const model = elements instanceof Tensor ? elements : testElements;
  if (!(model instanceof Tensor)) throw new ArgumentError("isin(): elements or test_elements must be a Tensor");
  const operands = [elements, testElements];
  const dtype = resultDtype(operands.map(promotable));
  const [own, test] = operands.map((x) =>
    x instanceof Tensor ? x.detach().to(dtype) : model.newFull([], x, { dtype }),
  );
  const { invert = false } = options;
  if (test.numel() === 0) return own.ne(own).logicalAnd(own.eq(own)).ne(invert);
  const sorted = test.reshape([-1]).sort(0).values;
  const at = positions("searchsorted", sorted, own, {}).clamp(0, sorted.numel() - 1);
  const found = sorted.take(at).eq(own);
  return invert ? found.logicalNot() : found;
}
