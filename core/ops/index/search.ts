// Questions to sorted values: where a value belongs, and whether it is among others. Functions only.

import { overloaded } from "../../arguments/signed";
import { call } from "../../dispatch";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { bool, int32, int64, resultDtype, type Scalar } from "../../tensor/dtype";
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

/** The options that both have, as in signatures. */
const SEARCH = "bool outInt32=False, bool right=False";

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
export const searchsorted = overloaded<Searchsorted>(
  [
    `searchsorted(Tensor sortedSequence, Tensor input, *, ${SEARCH}, str? side=None, Tensor? sorter=None)`,
    searchsortedOf,
  ],
  [
    `searchsorted(Tensor sortedSequence, Number self, *, ${SEARCH}, str? side=None, Tensor? sorter=None)`,
    searchsortedOf,
  ],
);

/** The ways to call `searchsorted`: by name, a number is called `self`. */
interface Searchsorted {
  (
    sortedSequence: Tensor,
    input: Tensor | Scalar | (SearchOptions & { input: Tensor }) | (SearchOptions & { self: Scalar }),
    options?: SearchOptions,
  ): Tensor;
  (options: SearchOptions & { sortedSequence: Tensor; input: Tensor }): Tensor;
  (options: SearchOptions & { sortedSequence: Tensor; self: Scalar }): Tensor;
}

function searchsortedOf(
  sortedSequence: Tensor,
  input: Tensor | Scalar,
  outInt32 = false,
  right = false,
  side: "left" | "right" | null = null,
  sorter: Tensor | null = null,
): Tensor {
  const [sequence, values] = promoted(sortedSequence.detach(), input);
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
  return positions("searchsorted", sorter ? sequence.gather(-1, sorter) : sequence, values, {
    outInt32,
    right,
    side,
  });
}

/** The number of the interval between sorted boundaries that each value lies in. Options: `outInt32`, `right`. Source: torch.bucketize. */
export const bucketize = overloaded<Bucketize>(
  [`bucketize(Tensor input, Tensor boundaries, *, ${SEARCH})`, bucketizeOf],
  [`bucketize(Number self, Tensor boundaries, *, ${SEARCH})`, bucketizeOf],
);

/** What `bucketize` takes by name. */
type BucketOptions = Pick<SearchOptions, "outInt32" | "right">;

/** The ways to call `bucketize`: by name, a number is called `self`. */
interface Bucketize {
  (
    input: Tensor | Scalar,
    boundaries: Tensor | (BucketOptions & { boundaries: Tensor }),
    options?: BucketOptions,
  ): Tensor;
  (options: BucketOptions & { input: Tensor; boundaries: Tensor }): Tensor;
  (options: BucketOptions & { self: Scalar; boundaries: Tensor }): Tensor;
}

function bucketizeOf(input: Tensor | Scalar, boundaries: Tensor, outInt32 = false, right = false): Tensor {
  if (boundaries.ndim !== 1)
    throw new ShapeError(`boundaries tensor must be 1 dimension, but got dim(${boundaries.ndim})`);
  const [sequence, values] = promoted(boundaries.detach(), input);
  return positions("bucketize", sequence, values, { outInt32, right });
}

/** What `isin` takes by name. */
export interface IsinOptions {
  /** Accepted for PyTorch's sake. */
  assumeUnique?: boolean;
  /** Ask which elements are not among the others. Default false. */
  invert?: boolean;
}

/** Whether each element is among `testElements`. Option: `invert`. Source: torch.isin. */
export const isin = overloaded<Isin>(
  ["isin(Tensor elements, Tensor testElements, *, bool assumeUnique=False, bool invert=False)", isinOf],
  ["isin(Number element, Tensor testElements, *, bool assumeUnique=False, bool invert=False)", isinOf],
  ["isin(Tensor elements, Number testElement, *, bool assumeUnique=False, bool invert=False)", isinOf],
);

/** The ways to call `isin`. */
interface Isin {
  (
    elements: Tensor,
    testElements:
      | Tensor
      | Scalar
      | ((IsinOptions & { testElements: Tensor }) | (IsinOptions & { testElement: Scalar })),
    options?: IsinOptions,
  ): Tensor;
  (element: Scalar, testElements: Tensor | (IsinOptions & { testElements: Tensor }), options?: IsinOptions): Tensor;
  (options: IsinOptions & { elements: Tensor; testElements: Tensor }): Tensor;
  (options: IsinOptions & { element: Scalar; testElements: Tensor }): Tensor;
  (options: IsinOptions & { elements: Tensor; testElement: Scalar }): Tensor;
}

function isinOf(
  elements: Tensor | Scalar,
  testElements: Tensor | Scalar,
  _assumeUnique = false,
  invert = false,
): Tensor {
  const model = (elements instanceof Tensor ? elements : testElements) as Tensor;
  const operands = [elements, testElements];
  for (const x of operands) {
    if (x instanceof Tensor ? x.dtype === bool : typeof x === "boolean")
      throw new DTypeError("Unsupported input type encountered for isin(): Bool");
  }
  const dtype = resultDtype(operands.map(promotable));
  const [own, test] = operands.map((x) =>
    x instanceof Tensor ? x.detach().to(dtype) : model.newFull([], x, { dtype }),
  );
  if (test.numel() === 0) return own.ne(own).logicalAnd(own.eq(own)).ne(invert);
  const sorted = test.reshape([-1]).sort(0).values;
  const at = positions("searchsorted", sorted, own, {}).clamp(0, sorted.numel() - 1);
  const found = sorted.take(at).eq(own);
  return invert ? found.logicalNot() : found;
}
