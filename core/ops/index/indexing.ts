// Indexing as Python's brackets do it: `x.at(…)` reads, `x.setAt([…], value)` writes. Methods only.

import { signed } from "../../arguments/signed";
import { pythonType } from "../../arguments/signature";
import { ArgumentError, ShapeError } from "../../errors";
import { text } from "../../tensor/shape";
import { bool, type Scalar } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { isRecorded } from "../../autograd/record";
import { scalarTensor } from "../create/create";
import { assign } from "../create/write-value";
import { maskedFillWrite } from "./mask-write";
import { advance, putAdvanced, readAdvanced, resultSizes, tensorIndices } from "./indexing-advanced";
import { type Index, isMask, type Parsed, parseIndices, selected, slicedAt, whole } from "./indexing-parse";
import { inPlace, outOfPlace, type Write, writtenInPlace } from "../shared/write";

function hasTensors({ tensors }: Parsed): boolean {
  return tensors.some((index) => index !== null);
}

/**
 * The elements that an index list names: positions, slices `"start:stop:step"`, `"..."`, `null` for a new dimension, booleans,
 * masks, index tensors or arrays. Without tensors and arrays the result is a view. Throws IndexError in PyTorch's words.
 * Source: Tensor.__getitem__.
 */
export function at(input: Tensor, ...indices: Index[]): Tensor {
  const [first] = indices;
  if (indices.length === 1 && typeof first === "number") return selected(input, 0, first, 0);
  if (indices.length === 1 && typeof first === "string" && first !== "...") return slicedAt(input, 0, first);
  const parsed = parseIndices(input, indices, !isRecorded([input]));
  if (hasTensors(parsed)) return readAdvanced(parsed.view, advance(parsed.tensors));
  return parsed.view === input ? whole(input, "AliasBackward0") : parsed.view;
}

/** The only index tensor, when it is a mask over the leading dimensions and no basic index came with it. */
function soleMask(indices: readonly Index[]): Tensor | null {
  const [mask] = indices;
  return indices.length === 1 && mask instanceof Tensor && mask.dtype === bool && mask.ndim > 0 ? mask : null;
}

/** The values to write: one element written through a mask alone takes the tensor's dtype, as filling would. */
function filledBy(input: Tensor, tensors: readonly Index[], values: Tensor): Tensor {
  const [mask] = tensors;
  const fills = tensors.length === 1 && mask instanceof Tensor && isMask(mask) && values.numel() === 1;
  return fills ? values.to(input.dtype) : values;
}

/** The value under the sizes of the view that it is written to. Leading dimensions of size 1 are dropped. */
function fitted(value: Tensor, view: Tensor): Tensor {
  let lead = 0;
  while (value.ndim - lead > view.ndim && value.sizes[lead] === 1) lead++;
  return (lead === 0 ? value : value.reshape(value.sizes.slice(lead))).expand([...view.sizes]);
}

/**
 * Writes `value`, broadcast, to the elements that an index list names (see `at`), in place; returns the tensor. A number takes
 * the tensor's dtype. Throws IndexError and ShapeError in PyTorch's words. Source: Tensor.__setitem__.
 */
export function setAt(input: Tensor, indices: readonly Index[] | Index, value: Tensor | Scalar): Tensor {
  if (value === undefined) throw new ArgumentError("setAt() missing 1 required positional argument: 'value'");
  if ((typeof value === "object" || typeof value === "string") && !(value instanceof Tensor)) {
    throw new ArgumentError(`can't assign a ${pythonType(value)} to a torch.${input.dtype.tensorName}`);
  }
  const list: readonly Index[] = Array.isArray(indices) ? indices : [indices as Index];
  const mask = soleMask(list);
  if (mask !== null && !(value instanceof Tensor) && mask.sizes.join() === input.sizes.join()) {
    return writtenInPlace(input, {
      ...maskedFillWrite(input, mask, value),
      node: "IndexPutBackward0",
      operands: [null],
    });
  }
  const parsed = parseIndices(input, list, !isRecorded([input, value instanceof Tensor ? value : null]));
  const { view } = parsed;
  if (!hasTensors(parsed)) {
    if (value instanceof Tensor && value.ndim > 0) view.copy_(fitted(value, view));
    else if (value instanceof Tensor) view.fill_(value);
    else assign(view, value);
    return input;
  }
  const given = value instanceof Tensor ? value : scalarTensor(value, { dtype: input.dtype });
  const values = filledBy(
    input,
    list.filter((index) => typeof index === "object" && index !== null),
    given,
  );
  writtenInPlace(view, putAdvanced(view, advance(parsed.tensors), values, false));
  return input;
}

function indexPutWrite(input: Tensor, indices: readonly (Tensor | null)[], values: Tensor, accumulate = false): Write {
  const given = indices.filter((index): index is Tensor => index !== null);
  const [mask] = indices;
  // A mask without dimensions takes or leaves the whole tensor.
  if (indices.length === 1 && mask !== null && isMask(mask) && mask.ndim === 0 && values.numel() === 1 && !accumulate) {
    return { ...maskedFillWrite(input, mask, filledBy(input, given, values).reshape([])), node: "IndexPutBackward0" };
  }
  const fills = given.length === 1 && indices.length === 1 && isMask(given[0]) && values.numel() === 1 && !accumulate;
  const advanced = tensorIndices(input, indices);
  const sizes = resultSizes(input, advanced);
  // Unlike an assignment, this does not drop dimensions of size 1, but for one value under a mask.
  if (values.ndim > sizes.length && !fills) {
    throw new ShapeError(
      `shape mismatch: value tensor of shape ${text(values.sizes)} cannot be broadcast to indexing result of shape ${text(sizes)}`,
    );
  }
  return putAdvanced(input, advanced, accumulate ? values : filledBy(input, given, values), accumulate);
}

/**
 * A copy with `values` at the positions that one index tensor or mask per dimension gives; `accumulate` adds.
 * Source: torch.index_put.
 */
export const indexPut = signed(
  "indexPut(Tensor input, Tensor?[] indices, Tensor values, bool accumulate=False)",
  outOfPlace(indexPutWrite),
);

/** `indexPut` in place. Source: Tensor.index_put_. */
export const indexPut_ = signed(
  "indexPut_(Tensor input, Tensor?[] indices, Tensor values, bool accumulate=False)",
  inPlace(indexPutWrite),
);
