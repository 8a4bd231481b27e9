// Histograms with bins and edges of one's own.

import { overloaded } from "../../arguments/signed";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { int64 } from "../../tensor/dtype";
import { nativeName, requireImplemented } from "../../tensor/dtype-checks";
import { numelOf, text } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";
import { linspace, zeros } from "../create/create";
import { searchsorted } from "../index/search";
import { type Named, named } from "../shared/named";

/** What histograms take by name. */
export interface HistogramOptions {
  /** The ends of the first and the last bin, per dimension; by default the least and the largest element. */
  range?: readonly number[] | null;
  /** What every element counts. Default 1. */
  weight?: Tensor | null;
  /** Whether counts are divided by their sum and the size of their bin. Default false. */
  density?: boolean;
}

function requireBins(bins: number, dim: number): void {
  if (bins <= 0) {
    throw new CressetError(`torch.histogram(): bins must be > 0, but got ${Math.max(0, bins)} for dimension ${dim}`);
  }
}

/** The edges of the bins of a dimension whose number is given. */
function evenEdges(x: Tensor, bins: number, range: readonly number[] | null, dim: number): Tensor {
  requireBins(bins, dim);
  let [low, high] = range ?? [0, 1];
  if (range === null && x._numel > 0) [low, high] = [x.min().item(), x.max().item()];
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    throw new CressetError(`torch.histogramdd: dimension ${dim}'s range [${low}, ${high}] is not finite`);
  }
  if (low > high) {
    throw new CressetError(
      `torch.histogramdd: min should not exceed max, but got min ${low} max ${high} for dimension ${dim}`,
    );
  }
  const [from, to] = low === high ? [low - 0.5, high + 0.5] : [low, high];
  return linspace(from, to, bins + 1, { dtype: x.dtype });
}

function checkEdges(input: Tensor, edges: Tensor, dim: number): Tensor {
  if (edges.dtype !== input.dtype) {
    throw new DTypeError(
      `torch.histogramdd: input tensor and bins tensors should have the same dtype, but got input with dtype ${nativeName(input.dtype)} and bins for dimension ${dim} with dtype ${nativeName(edges.dtype)}`,
    );
  }
  if (edges.ndim !== 1) {
    throw new ShapeError(
      `torch.histogramdd: bins tensor should have one dimension, but got ${edges.ndim} dimensions in the bins tensor for dimension ${dim}`,
    );
  }
  requireBins(edges._numel - 1, dim);
  return edges.detach().clone();
}

function checkWeight(input: Tensor, weight: Tensor | null): void {
  if (weight === null) return;
  if (numelOf(weight.sizes) !== numelOf(input.sizes.slice(0, -1))) {
    throw new ShapeError(
      `torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor excluding its innermost dimension, but got input with shape ${text(input.sizes)} and weight with shape ${text(weight.sizes)}`,
    );
  }
  if (weight.dtype !== input.dtype) {
    throw new DTypeError(
      `torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same dtype, but got input(${nativeName(input.dtype)}), and weight(${nativeName(weight.dtype)})`,
    );
  }
}

/** Counts of points (n, D) in the bins between edges. */
function counted(points: Tensor, edges: readonly Tensor[], weight: Tensor | null, density: boolean): Tensor {
  const sizes = edges.map((e) => e._numel - 1);
  let place = zeros([points.sizes[0]], { dtype: int64 });
  let inside = place.eq(0);
  edges.forEach((e, d) => {
    const x = points.select(1, d).contiguous();
    const last = e.select(0, -1);
    const bin = searchsorted(e.contiguous(), x, { right: true })
      .sub(1)
      .clamp(0, sizes[d] - 1);
    place = place.mul(sizes[d]).add(bin);
    inside = inside.logicalAnd(x.ge(e.select(0, 0))).logicalAnd(x.le(last));
  });
  const counts = inside.to(points.dtype).mul(weight === null ? 1 : weight.detach().reshape([-1]));
  const total = numelOf(sizes);
  const flat = zeros([total], { dtype: points.dtype });
  // What lies outside counts nothing, also where its weight is infinite.
  flat.indexAdd_(0, place, counts.where(inside, 0));
  const hist = flat.reshape(sizes);
  if (!density) return hist;
  return edges.reduce((sum, e, d) => {
    const shape = sizes.map((n, k) => (k === d ? n : 1));
    return sum.div(e.diff().reshape(shape));
  }, hist.div(hist.sum()));
}

function checkRange(range: readonly number[] | null, dims: number): void {
  if (range === null || range.length === 2 * dims) return;
  throw new CressetError(
    `torch.histogramdd: for a ${dims}-dimensional histogram range should have ${2 * dims} elements, but got ${range.length}`,
  );
}

/** The ways to call `histogram`. */
interface Histogram {
  (input: Tensor, bins: number | Tensor, options?: HistogramOptions): Named<["hist", "binEdges"]>;
  (input: Tensor, options: HistogramOptions & { bins: number | Tensor }): Named<["hist", "binEdges"]>;
  (options: HistogramOptions & { input: Tensor; bins: number | Tensor }): Named<["hist", "binEdges"]>;
}

function histogramOf(
  input: Tensor,
  bins: number | Tensor,
  range: readonly number[] | null = null,
  weight: Tensor | null = null,
  density = false,
): Named<["hist", "binEdges"]> {
  requireImplemented("histogramdd", input.dtype, input.dtype.isFloatingPoint);
  checkRange(range, 1);
  const points = input.detach().reshape([-1, 1]);
  checkWeight(points, weight);
  const edges = bins instanceof Tensor ? checkEdges(input, bins, 0) : evenEdges(points, bins, range, 0);
  return named("histogram", ["hist", "binEdges"], [counted(points, [edges], weight, density), edges]);
}

/**
 * `{ hist, binEdges }`: how many elements, or what weights, lie in each of `bins` bins, or between the edges that a tensor gives; the last
 * bin holds its right edge as well. Not differentiable. Throws DTypeError for whole numbers. Source: torch.histogram.
 */
export const histogram = overloaded<Histogram>(
  ["histogram(Tensor input, int bins, *, float[]? range=None, Tensor? weight=None, bool density=False)", histogramOf],
  [
    "histogram(Tensor input, Tensor bins, *, Tensor? weight=None, bool density=False)",
    (input: Tensor, bins: Tensor, weight: Tensor | null = null, density = false) =>
      histogramOf(input, bins, null, weight, density),
  ],
);

/** What `histogramdd` gives. */
export interface HistogramOfPoints {
  hist: Tensor;
  binEdges: Tensor[];
  [Symbol.iterator](): Iterator<Tensor | Tensor[]>;
}

interface Histogramdd {
  (input: Tensor, bins: number | readonly number[] | readonly Tensor[], options?: HistogramOptions): HistogramOfPoints;
  (
    options: HistogramOptions & { input: Tensor; bins: number | readonly number[] | readonly Tensor[] },
  ): HistogramOfPoints;
}

function histogramddOf(
  input: Tensor,
  bins: number | readonly (number | Tensor)[],
  range: readonly number[] | null = null,
  weight: Tensor | null = null,
  density = false,
): HistogramOfPoints {
  if (input.ndim < 2) throw new ShapeError("torch.histogramdd: input tensor should have at least 2 dimensions");
  requireImplemented("histogramdd", input.dtype, input.dtype.isFloatingPoint);
  const dims = input.sizes[input.ndim - 1];
  const list = typeof bins === "number" ? new Array<number>(dims).fill(bins) : bins;
  if (list.length !== dims) {
    throw new CressetError(
      `torch.histogramdd: expected ${dims} sequences of bin edges for a ${dims}-dimensional histogram but got ${list.length}`,
    );
  }
  checkRange(range, dims);
  checkWeight(input, weight);
  const points = input.detach().reshape([-1, dims]);
  const binEdges = list.map((own, d) =>
    own instanceof Tensor
      ? checkEdges(input, own, d)
      : evenEdges(points.select(1, d), own, range?.slice(2 * d, 2 * d + 2) ?? null, d),
  );
  const hist = counted(points, binEdges, weight, density);
  return Object.defineProperty({ hist, binEdges }, Symbol.iterator, {
    value: () => [hist, binEdges][Symbol.iterator](),
  }) as HistogramOfPoints;
}

/**
 * `histogram` of points, whose coordinates are along the last dimension (D): `{ hist, binEdges }` with D dimensions and D lists of edges. `bins`
 * is a number for all dimensions, one for each, or the edges. Source: torch.histogramdd.
 */
export const histogramdd = overloaded<Histogramdd>([
  "def histogramdd(Tensor input, int|int[]|Tensor[] bins, *, float[]? range=None, Tensor? weight=None, bool density=False)",
  histogramddOf,
]);
