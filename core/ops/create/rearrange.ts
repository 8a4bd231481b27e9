// New tensors with the elements of one in another order or number: repeated, reversed, shifted, turned.

import type { Backward } from "../../autograd/node";
import { record, ownResult, relabel } from "../../autograd/record";
import { copyInto } from "../../dispatch";
import { IndexError, ShapeError } from "../../errors";
import { emptyPreserving } from "../../tensor/memory-order";
import { wrapDim, wrapOwnDim } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { signed } from "../../arguments/signed";
import { cat } from "./join";

/** The whole tensor repeated along every dimension, in new memory. Source: Tensor.repeat. */
export const repeat = signed("repeat(Tensor input, int[]... repeats)", repeatOf);

function repeatOf(input: Tensor, counts: readonly number[]): Tensor {
  const lead = counts.length - input.ndim;
  if (lead < 0)
    throw new ShapeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
  if (counts.some((n) => n < 0))
    throw new ShapeError(`Trying to create tensor with negative dimension ${Math.min(...counts)}`);
  const own = counts.map((_, d) => (d < lead ? 1 : input.sizes[d - lead]));
  // Each dimension as (repeat, size), then merged: a view of an expanded view, copied once.
  const pairs = own.flatMap((n, d) => [counts[d], n]);
  const once = input.reshape(own.flatMap((n) => [1, n]));
  const spread = once.expand(pairs);
  const copied = spread.contiguousNow ? spread.clone() : spread.contiguous();
  return ownResult(copied.reshape(own.map((n, d) => n * counts[d])), "RepeatBackward0");
}

/** As `repeat`; missing counts are 1. Source: torch.tile. */
export const tile = signed("tile(Tensor input, int[]... dims)", tileOf);

function tileOf(input: Tensor, counts: readonly number[]): Tensor {
  const missing = Math.max(0, input.ndim - counts.length);
  return repeatOf(input, [...new Array<number>(missing).fill(1), ...counts]);
}

/** Dimensions reversed, in new memory. Source: torch.flip. */
export const flip = signed("flip(Tensor input, int[]... dims)", flipOf);

function flipOf(input: Tensor, dims: readonly number[]): Tensor {
  const list = dims.map((d) => wrapDim(d, input.ndim));
  if (new Set(list).size !== list.length)
    throw new ShapeError(
      `dim ${list.find((d, k) => list.indexOf(d) !== k)} appears multiple times in the list of dims`,
    );
  const out = emptyPreserving(input, input.dtype);
  const turned = list.filter((d) => input.sizes[d] > 0);
  const source = input.alias(
    input.sizes,
    input.strides.map((s, d) => (turned.includes(d) ? -s : s)),
    turned.reduce((at, d) => at + (input.sizes[d] - 1) * input.strides[d], input.offset),
  );
  if (out._numel > 0) copyInto(out, source);
  record("FlipBackward0", [input], [out], flipBackward(list));
  return out;
}

function flipBackward(dims: readonly number[]): Backward {
  return ([g]) => [flipOf(g as Tensor, dims)];
}

/** Columns reversed. Source: torch.fliplr. */
export const fliplr = signed("fliplr(Tensor input)", fliplrOf);

function fliplrOf(input: Tensor): Tensor {
  if (input.ndim < 2) throw new ShapeError("Input must be >= 2-d.");
  return flip(input, [1]);
}
/** Rows reversed. Source: torch.flipud. */
export const flipud = signed("flipud(Tensor input)", flipudOf);

function flipudOf(input: Tensor): Tensor {
  if (input.ndim < 1) throw new ShapeError("Input must be >= 1-d.");
  return flip(input, [0]);
}

/** Elements shifted around dimensions; without `dims`, around the flat order. Source: torch.roll. */
export const roll = signed("roll(Tensor input, int[]|int shifts, int[]|int? dims=None)", rollOf);

function rollOf(
  input: Tensor,
  shifts: number | readonly number[],
  dims: number | readonly number[] | null = null,
): Tensor {
  const by = typeof shifts === "number" ? [shifts] : shifts;
  const along = typeof dims === "number" ? [dims] : (dims ?? []);
  if (along.length === 0) {
    if (by.length !== 1) throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:0`);
    return ownResult(rollOf(input.reshape(-1), by, 0).reshape([...input.sizes]), "RollBackward0");
  }
  if (along.length !== by.length)
    throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${along.length}`);
  let out = input;
  along.forEach((dim, k) => {
    const d = wrapOwnDim(dim, input.ndim);
    const n = input.sizes[d];
    const shift = n === 0 ? 0 : ((by[k] % n) + n) % n;
    out = shift === 0 ? out.clone() : cat([out.narrow(d, n - shift, shift), out.narrow(d, 0, n - shift)], d);
  });
  return relabel(out, "RollBackward0");
}

/** A quarter turn, `k` times, in the plane of two dimensions. Source: torch.rot90. */
export const rot90 = signed("rot90(Tensor input, int k=1, int[] dims=[0,1])", rot90Of);

function rot90Of(input: Tensor, k = 1, dims: readonly number[] = [0, 1]): Tensor {
  if (dims.length !== 2) throw new ShapeError(`expected total rotation dims == 2, but got dims = ${dims.length}`);
  if (input.ndim < 2) throw new ShapeError(`expected total dims >= 2, but got total dims = ${input.ndim}`);
  const n = input.ndim;
  if (dims[0] === dims[1] || Math.abs(dims[0] - dims[1]) === n) {
    throw new ShapeError(`expected rotation dims to be different, but got dim0 = ${dims[0]} and dim1 = ${dims[1]}`);
  }
  dims.forEach((d, which) => {
    if (d >= n || d < -n) throw new IndexError(`Rotation dim${which} out of range, dim${which} = ${d}`);
  });
  const turns = ((k % 4) + 4) % 4;
  const [p, q] = dims;
  if (turns === 0) return relabel(input.clone(), "Rot90Backward0");
  if (turns === 2) return relabel(flip(input, [p, q]), "Rot90Backward0");
  const swapped = turns === 1 ? flip(input, [q]).transpose(p, q) : flip(input, [p]).transpose(p, q);
  return ownResult(swapped, "Rot90Backward0");
}
