// Order along one dimension: sorting, the k largest, medians and modes. Gradients go back to where the values came from.

import { record } from "../../autograd/record";
import { call } from "../../dispatch";
import { CressetError, IndexError } from "../../errors";
import { int64 } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import { wrapDim } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { type Arguments, read } from "../../arguments/arguments";
import { requireNotBool } from "../../tensor/dtype-checks";
import { reshaped } from "../reduce/reduction";
import { type ValuesIndices, valuesAt, valuesIndices } from "./values-indices";

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

interface SortOptions {
  /** The dimension to sort. Default the last. */
  dim?: number;
  /** Largest first. Default false. */
  descending?: boolean;
  /** Equal values keep their order: they always do. */
  stable?: boolean;
}
type SortArguments = Arguments<[dim?: number, descending?: boolean], SortOptions>;

function sorting(name: string, input: Tensor, args: SortArguments): ValuesIndices {
  const { dim = -1, descending = false } = read<SortOptions>(name, args, ["dim", "descending"], ["stable"]);
  const d = wrapDim(dim, input.ndim);
  const [values, indices] = sorted(input, d, descending);
  return selected("SortBackward0", input, d, values, indices);
}

/** `[values, indices]` in order along `dim` (−1); NaN is largest. Options: `dim`, `descending`, `stable`. Source: torch.sort. */
export function sort(input: Tensor, ...args: SortArguments): ValuesIndices {
  return sorting("sort", input, args);
}

/** The positions that sort a dimension. Options as `sort`. Source: torch.argsort. */
export function argsort(input: Tensor, ...args: SortArguments): Tensor {
  return sorting("argsort", input.detach(), args).indices;
}

/** Values in order along the first dimension. Source: torch.msort. */
export function msort(input: Tensor): Tensor {
  return sort(input, 0).values;
}

interface TopkOptions {
  k?: number;
  /** The dimension to choose along. Default the last. */
  dim?: number;
  /** The largest, or else the smallest. Default true. */
  largest?: boolean;
  /** Accepted for PyTorch's sake: results are always in order. */
  sorted?: boolean;
}

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
 * `largest` (true), `sorted`. Throws CressetError when there are fewer than `k`. Source: torch.topk.
 */
export function topk(
  input: Tensor,
  ...args: Arguments<[k: number, dim?: number, largest?: boolean, sorted?: boolean], TopkOptions>
): ValuesIndices {
  const { k = -1, dim = -1, largest = true } = read<TopkOptions>("topk", args, ["k", "dim", "largest", "sorted"]);
  const d = wrapDim(dim, input.ndim);
  if (!(k >= 0 && k <= (input.ndim === 0 ? 1 : input.sizes[d])))
    throw new CressetError("selected index k out of range");
  requireNotBool("topk_cpu", input.dtype);
  const [values, indices] = first(input, k, d, largest);
  return selected("TopkBackward0", input, d, values, indices);
}

interface KthOptions {
  k?: number;
  dim?: number;
  keepdim?: boolean;
}

/** The `k`-th smallest (from 1) of a dimension, as `[values, indices]`. Options: `dim` (−1), `keepdim`. Source: torch.kthvalue. */
export function kthvalue(
  input: Tensor,
  ...args: Arguments<[k: number, dim?: number, keepdim?: boolean], KthOptions>
): ValuesIndices {
  const { k = 0, dim = -1, keepdim = false } = read<KthOptions>("kthvalue", args, ["k", "dim", "keepdim"]);
  const d = wrapDim(dim, input.ndim);
  const n = input.ndim === 0 ? 1 : input.sizes[d];
  if (n === 0) throw new IndexError(`kthvalue(): Expected reduction dim ${d} to have non-zero size.`);
  if (!(k >= 1 && k <= n))
    throw new CressetError(`kthvalue(): selected number k out of range for dimension ${String(d)}`);
  requireNotBool("kthvalue_cpu", input.dtype);
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

interface MedianOptions {
  dim?: number;
  keepdim?: boolean;
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
  function median(input: Tensor): Tensor;
  function median(input: Tensor, dim: number | MedianOptions, keepdim?: boolean): ValuesIndices;
  function median(
    input: Tensor,
    ...args: Arguments<[dim?: number, keepdim?: boolean], MedianOptions>
  ): Tensor | ValuesIndices {
    const { dim, keepdim = false } = read<MedianOptions>(name, args, ["dim", "keepdim"]);
    const x = input.detach();
    requireNotBool(dim === undefined ? "median_cpu" : "median_out_impl", x.dtype);
    if (dim === undefined) {
      if (x.numel() === 0) return x.newFull([], x.dtype.isFloatingPoint ? Number.NaN : 0);
      const flat = x.reshape([-1]);
      const value = reshaped(flat.gather(0, positions(flat, 0)), []);
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
    }
    const d = wrapDim(dim, input.ndim);
    if (input.ndim > 0 && input.sizes[d] === 0) {
      throw new IndexError(`${name}(): Expected reduction dim ${d} to have non-zero size.`);
    }
    return positioned(`${node}1`, input, d, positions(x, d), keepdim);
  }
  return median;
}

/** The lower median of all elements, or `[values, indices]` along `dim`; NaN when any is NaN. Options: `dim`, `keepdim`. Source: torch.median. */
export const median = medians("median", "MedianBackward");
/** As `median`, ignoring NaN. Source: torch.nanmedian. */
export const nanmedian = medians("nanmedian", "NanmedianBackward");

/** The most frequent value along `dim` (−1), the smallest of equally frequent ones, as `[values, indices]`. Source: torch.mode. */
export function mode(
  input: Tensor,
  ...args: Arguments<[dim?: number, keepdim?: boolean], MedianOptions>
): ValuesIndices {
  const { dim = -1, keepdim = false } = read<MedianOptions>("mode", args, ["dim", "keepdim"]);
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
