// Values with their positions along a dimension: PyTorch's named pairs, and the gradient that returns to the positions.

import { record } from "../../autograd/record";
import { call, contiguousOf } from "../../dispatch";
import { empty, type Tensor } from "../../tensor/tensor";
import { zerosOf } from "../../autograd/zeros";
import { named } from "../shared/named";
import { droppedSizes, keptSizes, reshaped } from "../reduce/reduction";

/** Values and positions along a dimension, as PyTorch's named tuples: an array of two that also has `values` and `indices`. */
export type ValuesIndices = [Tensor, Tensor] & { readonly values: Tensor; readonly indices: Tensor };

/** Names the two results of the operation with node `label`, which print as PyTorch's `torch.return_types`. */
export function valuesIndices(values: Tensor, indices: Tensor, label: string): ValuesIndices {
  return named(label.replace(/Backward\d$/, "").toLowerCase(), ["values", "indices"], [values, indices]);
}

/** Picks elements along `dim` by kept positions, recorded: the gradient goes back to the positions. */
export function valuesAt(name: string, input: Tensor, dim: number, positions: Tensor, keepdim: boolean): Tensor {
  const { sizes } = input;
  const kept = keptSizes(sizes, [dim]);
  const index = reshaped(contiguousOf(positions), kept);
  const out = empty(kept, input.dtype);
  if (out._numel > 0) call("gather", [out, input, index], [dim]);
  const shaped = keepdim || sizes.length === 0 ? out : reshaped(out, droppedSizes(sizes, [dim]));
  record(
    name,
    [input],
    [shaped],
    ([g], [at]) => {
      const grad = (g as Tensor).reshape(kept);
      return [zerosOf(sizes, grad.dtype).scatter_(dim, at, grad)];
    },
    [index],
  );
  return shaped;
}
