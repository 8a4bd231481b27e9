// Order along one dimension: sorting, the k largest, medians and modes. Gradients go back to where the values came from.

import { record } from "../../autograd/record";
import { call } from "../../dispatch";
import { CressetError, IndexError } from "../../errors";
import { bool, int64 } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import { wrapDim } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { overloaded, signed } from "../../arguments/signed";
import { requireNotBool } from "../../tensor/dtype-checks";
import { reshaped } from "../reduce/reduction";
import { type ValuesIndices, valuesAt, valuesIndices } from "./values-indices";
import { signedOut, signedOuts } from "../shared/out";

/** Values and positions along a dimension; the values' gradient is scattered to the positions. */
function selected(node: string, input: Tensor, dim: number, values: Tensor, indices: Tensor): ValuesIndices {
  const { sizes } = input;
  record(node, [input], [values], ([g], [at]) => [(g as Tensor).newZeros([...sizes]).scatter_(dim, at, g as Tensor)], [
    indices,
  ]);
  return valuesIndices(values, indices, node);
}

/** Sorted values and positions, unrecorded. */
function sorted(input: Tensor, dim: number, descending: boolean): [values: Tensor, indices: Tensor] {
  const values = emptyPreserving(input, input.dtype);
  const indices = emptyPreserving(input, int64);
  if (values._numel > 0) call("sort", [values, indices, input], [dim, descending ? 1 : 0]);
  return [values, indices];
}

function sortOf(input: Tensor, dim = -1, descending = false, _stable: boolean | null = null): ValuesIndices {
  const d = wrapDim(dim, input.ndim);
  const [values, indices] = sorted(input, d, descending);
  return selected("SortBackward0", input, d, values, indices);
}

function argsortOf(input: Tensor, dim = -1, descending = false, _stable: boolean | null = null): Tensor {
  return sortOf(input.detach(), dim, descending).indices;
}

/** `[values, indices]` in order along `dim` (−1); NaN is largest. Options: `dim`, `descending`, `stable`, `out`. Source: torch.sort. */
export const sort = signedOuts(
  "sort(Tensor input, int dim=-1, bool descending=False, *, bool? stable=None, Tensor[]? out=None)",
  ["values", "indices"],
  sortOf,
);

/** The positions that sort a dimension. Options as `sort`. Source: torch.argsort. */
export const argsort = signed(
  "argsort(Tensor input, int dim=-1, bool descending=False, *, bool? stable=None)",
  argsortOf,
);

/** Values in order along the first dimension. Option: `out`. Source: torch.msort. */
export const msort = signedOut(
  "msort(Tensor input, *, Tensor? out=None)",
  (input: Tensor): Tensor => sortOf(input, 0).values,
);

/** The `k` first of a sorted dimension, unrecorded. */
function first(input: Tensor, k: number, dim: number, largest: boolean): [values: Tensor, indices: Tensor] {
  const sizes = input.ndim === 0 ? [] : input.sizes.map((n, d) => (d === dim ? k : n));
  const values = empty(sizes, input.dtype);
  const indices = empty(sizes, int64);
  const last = (x: Tensor) => (x.ndim === 0 ? x : x.detach().movedim(dim, -1));
  if (values._numel > 0) call("topk", [last(values), last(indices), last(input)], [largest ? 1 : 0, 1]);
  return [values, indices];
}

/**
 * The `k` largest (or smallest) of a dimension, in order, as `[values, indices]`; NaN is largest. Options: `dim` (−1),
 * `largest` (true), `sorted`, `out`. Throws CressetError when there are fewer than `k`. Source: torch.topk.
 */
export const topk = signedOuts(
  "topk(Tensor input, int k, int dim=-1, bool largest=True, bool sorted=True, *, Tensor[]? out=None)",
  ["values", "indices"],
  topkOf,
);

function topkOf(input: Tensor, k: number, dim = -1, largest = true, _sorted = true): ValuesIndices {
  const d = wrapDim(dim, input.ndim);
  if (!(k >= 0 && k <= (input.ndim === 0 ? 1 : input.sizes[d])))
    throw new CressetError("selected index k out of range");
  requireNotBool("topk_cpu", input.dtype);
  const [values, indices] = first(input, k, d, largest);
  return selected("TopkBackward0", input, d, values, indices);
}

/** The `k`-th smallest (from 1) of a dimension, as `[values, indices]`. Options: `dim` (−1), `keepdim`, `out`. Source: torch.kthvalue. */
export const kthvalue = signedOuts(
  "kthvalue(Tensor input, int k, int dim=-1, bool keepdim=False, *, Tensor[]? out=None)",
  ["values", "indices"],
  kthvalueOf,
);

function kthvalueOf(input: Tensor, k: number, dim = -1, keepdim = false): ValuesIndices {
  const d = wrapDim(dim, input.ndim);
  const n = input.ndim === 0 ? 1 : input.sizes[d];
  if (n === 0) throw new IndexError(`kthvalue(): Expected reduction dim ${d} to have non-zero size.`);
  if (!(k >= 1 && k <= n))
    throw new CressetError(`kthvalue(): selected number k out of range for dimension ${String(d)}`);
  if (input.ndim > 0) requireNotBool("kthvalue_cpu", input.dtype);
  const [, indices] = first(input, k, d, false);
  return positioned("KthvalueBackward0", input, d, lastOf(indices, d), keepdim);
}

/** The last entry along a dimension, kept with size 1. */
function lastOf(x: Tensor, dim: number): Tensor {
  return x.ndim === 0 ? x : x.narrow(dim, x.sizes[dim] - 1, 1);
}

/** `[values, indices]` at kept positions. */
function positioned(node: string, input: Tensor, dim: number, kept: Tensor, keepdim: boolean): ValuesIndices {
  const values = valuesAt(node, input, dim, kept, keepdim);
  return valuesIndices(values, keepdim || input.ndim === 0 ? kept.contiguous() : kept.squeeze(dim).contiguous(), node);
}

/** The ways to call `median` and `nanmedian`. */
interface Median {
  (input: Tensor): Tensor;
  (
    input: Tensor,
    dim: number | { dim: number; keepdim?: boolean },
    keepdim?: boolean | { keepdim?: boolean },
  ): ValuesIndices;
  (options: { input: Tensor }): Tensor;
  (options: { input: Tensor; dim: number; keepdim?: boolean }): ValuesIndices;
}

function medians(name: "median" | "nanmedian", node: string) {
  /** The position, kept, of the lower median along a dimension. */
  const positions = (x: Tensor, dim: number): Tensor => {
    const [, indices] = sorted(x, dim, false);
    const n = x.ndim === 0 ? 1 : x.sizes[dim];
    const middle = Math.max(0, (n - 1) >> 1);
    if (!x.dtype.isFloatingPoint) return x.ndim === 0 ? indices : indices.narrow(dim, middle, 1);
    const missing = x.isnan().sum(dim, true);
    // NaN lies at the end of the order.
    const rank =
      name === "median"
        ? missing.neg().add(n).where(missing.gt(0), middle)
        : missing
            .neg()
            .add(n - 1)
            .clamp(0)
            .div(2, { roundingMode: "floor" });
    return indices.gather(dim, rank.to(int64));
  };
  const middle = (input: Tensor): Tensor => {
    const x = input.detach();
    if (x.numel() > 0) requireNotBool("median_cpu", x.dtype);
    const nothing = () => x.newFull([], x.dtype.isFloatingPoint ? Number.NaN : x.dtype === bool ? 1 : 0);
    const flat = x.reshape([x.numel()]);
    const value = x.numel() === 0 ? nothing() : reshaped(flat.gather(0, positions(flat, 0)), []);
    record(
      `${node}0`,
      [input],
      [value],
      ([g], [source, y]) => {
        const hits = y.isnan().item() ? source.isnan() : source.eq(y);
        return [(g as Tensor).div(hits.sum()).mul(hits)];
      },
      [input, value],
    );
    return value;
  };
  const along = (input: Tensor, dim: number, keepdim = false): ValuesIndices => {
    const x = input.detach();
    requireNotBool("median_out_impl", x.dtype);
    const d = wrapDim(dim, input.ndim);
    if (input.ndim > 0 && input.sizes[d] === 0) {
      throw new IndexError(`${name}(): Expected reduction dim ${d} to have non-zero size.`);
    }
    return positioned(`${node}1`, input, d, positions(x, d), keepdim);
  };
  return overloaded<Median>(
    [`${name}(Tensor input)`, middle],
    [`${name}(Tensor input, int dim, bool keepdim=False)`, along],
  );
}

/** The lower median of all elements, or `[values, indices]` along `dim`; NaN when any is NaN. Options: `dim`, `keepdim`. Source: torch.median. */
export const median = medians("median", "MedianBackward");
/** As `median`, ignoring NaN. Source: torch.nanmedian. */
export const nanmedian = medians("nanmedian", "NanmedianBackward");

/** The most frequent value along `dim` (−1), the smallest of equally frequent ones, as `[values, indices]`. Option: `out`. Source: torch.mode. */
export const mode = signedOuts(
  "mode(Tensor input, int dim=-1, bool keepdim=False, *, Tensor[]? out=None)",
  ["values", "indices"],
  modeOf,
);

function modeOf(input: Tensor, dim = -1, keepdim = false): ValuesIndices {
  const d = wrapDim(dim, input.ndim);
  if (input.ndim === 0) return positioned("ModeBackward0", input, d, empty([], int64).zero_(), keepdim);
  const n = input.sizes[d];
  if (n === 0) throw new IndexError(`mode(): Expected reduction dim ${d} to have non-zero size.`);
  const [values, indices] = sorted(input.detach(), d, false);
  // A run's length at each place: how far it is from the last place where a new value began.
  const places = indices
    .newTensor(Array.from({ length: n }, (_, k) => k))
    .reshape(input.sizes.map((_, k) => (k === d ? n : 1)));
  const begins = values.narrow(d, 1, n - 1).ne(values.narrow(d, 0, n - 1));
  const starts = places.expand([...input.sizes]).clone();
  starts.narrow(d, 1, n - 1).mul_(begins);
  const length = places.sub(starts.cummax(d).values);
  return positioned("ModeBackward0", input, d, indices.gather(d, length.argmax(d, true)), keepdim);
}
