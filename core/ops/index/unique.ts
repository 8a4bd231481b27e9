// Distinct elements, and counts of elements.

import { call, contiguousOf } from "../../dispatch";
import { CressetError, ShapeError } from "../../errors";
import { Category, float32, float64, int64 } from "../../tensor/dtype";
import { wrapOwnDim } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { overloaded, signed } from "../../arguments/signed";
import { requireFloat, requireImplemented } from "../../tensor/dtype-checks";
import { signedOut } from "../shared/out";

/** What `unique` and `uniqueConsecutive` take by name. */
export interface UniqueOptions {
  /** Accepted for PyTorch's sake: `unique` always sorts. */
  sorted?: boolean;
  /** Also give, for each element, the position of its value in the result. */
  returnInverse?: boolean;
  /** Also give how often each value occurs. */
  returnCounts?: boolean;
  /** Compare whole parts of this dimension. Default: single elements. */
  dim?: number | null;
}

interface Groups {
  values: Tensor;
  inverse: Tensor;
  counts: Tensor;
}

/** Runs of equal elements of a vector. */
function runs(line: Tensor): Groups {
  const n = line.numel();
  const x = contiguousOf(line);
  const values = empty([n], x.dtype);
  const inverse = empty([n], int64);
  const counts = empty([n], int64);
  const count = empty([1], int64);
  if (n > 0) call("uniqueConsecutive", [values, inverse, counts, count, x]);
  const found = n > 0 ? Number(count.item()) : 0;
  return { values: values.narrow(0, 0, found).clone(), inverse, counts: counts.narrow(0, 0, found).clone() };
}

/** Distinct values of a vector, in order. */
function distinct(line: Tensor): Groups {
  const [ordered, positions] = line.sort(0);
  const found = runs(ordered);
  return { ...found, inverse: empty([line.numel()], int64).scatter(0, positions, found.inverse) };
}

/** Equal parts of one dimension, sorted first when asked. */
function parts(x: Tensor, dim: number, ordered: boolean): Groups {
  const n = x.sizes[dim];
  const zeros = x.sizes.filter((size) => size === 0).length;
  if (n === 0 && zeros > 1) {
    throw new CressetError("Number of zero sized dimensions is more than one, so unique cannot be applied ");
  }
  if (n > 0 && zeros > 0) {
    throw new CressetError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied");
  }
  const rows = x.movedim(dim, 0).reshape([n, n === 0 ? 0 : x.numel() / n]);
  const width = rows.sizes[1];
  const data = rows
    .contiguous()
    .to(x.dtype.isFloatingPoint ? float64 : int64)
    .raw();
  const compare = (i: number, j: number): number => {
    for (let k = 0; k < width; k++) {
      const a = data[i * width + k];
      const b = data[j * width + k];
      if (a !== b) return a < b ? -1 : 1;
    }
    return 0;
  };
  const order = Array.from({ length: n }, (_, i) => i);
  if (ordered) order.sort((i, j) => compare(i, j) || i - j);
  const inverse = new Array<number>(n);
  const firsts: number[] = [];
  const counts: number[] = [];
  order.forEach((row, k) => {
    if (k === 0 || compare(order[k - 1], row) !== 0) {
      firsts.push(row);
      counts.push(0);
    }
    counts[counts.length - 1]++;
    inverse[row] = firsts.length - 1;
  });
  const whole = (list: number[]) => x.newTensor(list, { dtype: int64 });
  return { values: x.indexSelect(dim, whole(firsts)), inverse: whole(inverse), counts: whole(counts) };
}

/** The ways to call `unique` and `uniqueConsecutive`. */
interface Unique {
  (input: Tensor): Tensor;
  (input: Tensor, options: UniqueOptions & ({ returnInverse: true } | { returnCounts: true })): Tensor[];
  (input: Tensor, ...args: (boolean | number | null | undefined | UniqueOptions)[]): Tensor | Tensor[];
  (options: UniqueOptions & { input: Tensor }): Tensor | Tensor[];
}

function uniques(ordered: boolean) {
  return (input: Tensor, returnInverse = false, returnCounts = false, dim: number | null = null): Tensor | Tensor[] => {
    const x = input.detach();
    const whole = dim === null;
    const line = whole ? x.reshape([-1]) : x;
    const found = whole ? (ordered ? distinct(line) : runs(line)) : parts(x, wrapOwnDim(dim, x.ndim), ordered);
    const out = [found.values];
    if (returnInverse) out.push(whole ? found.inverse.reshape([...x.sizes]) : found.inverse);
    if (returnCounts) out.push(found.counts);
    return out.length === 1 ? out[0] : out;
  };
}

/**
 * The distinct elements in order; with `returnInverse` or `returnCounts` an array of results. With `dim`, distinct parts of that
 * dimension. Source: torch.unique.
 */
export const unique = overloaded<Unique>([
  "def unique(Tensor input, bool sorted=True, bool returnInverse=False, bool returnCounts=False, int? dim=None)",
  (input: Tensor, _sorted?: boolean, returnInverse?: boolean, returnCounts?: boolean, dim?: number | null) =>
    uniques(true)(input, returnInverse, returnCounts, dim),
]);
/** As `unique`, joining only neighbours that are equal and keeping their order. Source: torch.unique_consecutive. */
export const uniqueConsecutive = overloaded<Unique>([
  "def uniqueConsecutive(Tensor input, bool returnInverse=False, bool returnCounts=False, int? dim=None)",
  uniques(false),
]);

/**
 * How often each of 0, 1, 2… occurs in a vector of whole numbers, or the sum of their weights. Options: `weights`, `minlength`
 * (0). Throws for negative numbers. Source: torch.bincount.
 */
export const bincount = signed("bincount(Tensor input, Tensor? weights=None, int minlength=0)", bincountOf);

function bincountOf(input: Tensor, weights: Tensor | null = null, minlength = 0): Tensor {
  if (minlength < 0) throw new CressetError("minlength should be >= 0");
  requireImplemented("bincount_cpu", input.dtype, input.dtype.category === Category.Int);
  const at = input.detach().to(int64);
  if (input.ndim !== 1 || (at.numel() > 0 && Number(at.min().item()) < 0)) {
    throw new ShapeError("bincount only supports 1-d non-negative integral inputs.");
  }
  if (weights && (weights.ndim !== 1 || weights.numel() !== at.numel())) {
    throw new ShapeError("weights should be 1-d and have the same length as input");
  }
  if (at.numel() === 0) return at.newZeros([minlength]);
  const bins = Math.max(minlength, Number(at.max().item()) + 1);
  const each = weights ? weights.detach().to(weights.dtype === float32 ? float32 : float64) : at.newOnes([at.numel()]);
  return each.newZeros([bins]).indexAdd(0, at, each);
}

/**
 * How many elements lie in each of `bins` (100) equal intervals from `min` to `max`; both 0 mean the range of the data. Floats
 * only. Option: `out`. Source: torch.histc.
 */
export const histc = signedOut(
  "histc(Tensor input, int bins=100, float min=0, float max=0, *, Tensor? out=None)",
  histcOf,
);

function histcOf(input: Tensor, bins = 100, min = 0, max = 0): Tensor {
  requireFloat("histogram_cpu", input.dtype);
  if (!(bins > 0)) throw new CressetError("bins must be > 0");
  const x = input.detach().reshape([-1]);
  let [low, high] = [min, max];
  if (low === high && x.numel() > 0) [low, high] = [x.min().item(), x.max().item()];
  if (low === high) [low, high] = [low - 1, high + 1];
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new CressetError(`range of [${low}, ${high}] is not finite`);
  if (!(low < high)) throw new CressetError("torch.histc: max must be larger than min");
  const inside = x.maskedSelect(x.ge(low).logicalAnd(x.le(high)));
  const at = inside
    .sub(low)
    .div(high - low)
    .mul(bins)
    .floor()
    .clamp(0, bins - 1)
    .to(int64);
  return x.newZeros([bins]).indexAdd(0, at, x.newOnes([at.numel()]));
}
