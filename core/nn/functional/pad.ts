// Padding of torch.nn.functional: by a value, or by the input's own elements.

import type { Backward } from "../../autograd/node";
import { record, relabel } from "../../autograd/record";
import { copyInto, fillWith } from "../../dispatch";
import { ArgumentError, ShapeError } from "../../errors";
import { signed } from "../../arguments/signed";
import { tensor } from "../../ops/create/create";
import { requireFloat } from "../../tensor/dtype-checks";
import { int64 } from "../../tensor/dtype";
import { floatFor } from "../../tensor/scalar";
import { text } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";

/** What padding is made of. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/** What `pad` takes by name. */
export interface PadOptions {
  /** Numbers before and after, per dimension from the last; negative ones cut. */
  pad?: readonly number[];
  /** Default "constant". */
  mode?: PadMode;
  /** The constant. Default 0. */
  value?: number | null;
}

/** Amounts before and after, by dimension. */
type Around = readonly (readonly [before: number, after: number])[];

/** Amounts before and after by dimension from the front. */
function perDimension(input: Tensor, amounts: readonly number[]): Around {
  return input.sizes.map((_, d) => {
    const k = 2 * (input.ndim - 1 - d);
    return k + 1 < amounts.length ? [amounts[k], amounts[k + 1]] : [0, 0];
  });
}

/** Throws ShapeError where more is cut than there is, or, beside other padding, all of it. */
function checkCut(input: Tensor, around: Around, padded: number, grows: boolean): void {
  around.forEach(([before, after], d) => {
    const left = input.sizes[d] + Math.min(before, 0) + Math.min(after, 0);
    const isPadded = d >= input.ndim - padded;
    if (left >= 0 && !(grows && isPadded && input.sizes[d] + before + after <= 0)) return;
    throw new ShapeError(
      `The input size ${input.sizes[d]}, plus negative padding ${before} and ${after} resulted in a negative output size, which is invalid. Check dimension ${d} of your input.`,
    );
  });
}

function constantPad(input: Tensor, amounts: readonly number[], value: number): Tensor {
  const around = perDimension(input, amounts);
  const grows = around.some(([before, after]) => before > 0 || after > 0);
  checkCut(input, around, amounts.length / 2, grows);
  const sizes = input.sizes.map((n, d) => n + around[d][0] + around[d][1]);
  const out = empty(sizes, input.dtype);
  if (grows) fillWith(out, floatFor(value, input.dtype));
  // The part of the input that stays, and where it lands.
  const from = around.map(([before]) => Math.max(0, -before));
  const length = input.sizes.map((n, d) => n - from[d] - Math.max(0, -around[d][1]));
  const offset = around.reduce((at, [before], d) => at + Math.max(0, before) * out.strides[d], 0);
  const source = input.alias(
    length,
    input.strides,
    from.reduce((at, k, d) => at + k * input.strides[d], input.offset),
  );
  if (source._numel > 0) copyInto(out.alias(length, out.strides, offset), source);
  record("ConstantPadNdBackward0", [input], [out], padBackward(amounts));
  return out;
}

function padBackward(amounts: readonly number[]): Backward {
  const back = amounts.map((n) => -n);
  return ([g]) => [constantPad(g as Tensor, back, 0)];
}

/** Positions along one dimension of size `n` that padding reads. */
const POSITIONS: {
  readonly [mode in Exclude<PadMode, "constant">]: (at: number, n: number, before: number, after: number) => number;
} = {
  reflect: (at, n) => (at < 0 ? -at : at >= n ? 2 * (n - 1) - at : at),
  replicate: (at, n) => Math.min(Math.max(at, 0), n - 1),
  // What negative padding cuts off does not take part in the circle.
  circular: (at, n, before, after) => {
    const start = Math.max(0, -before);
    const left = n - start + Math.min(after, 0);
    return start + ((((at - start) % left) + left) % left);
  },
};

const NODES: { readonly [mode: string]: string } = { reflect: "ReflectionPad", replicate: "ReplicationPad" };

/** Throws ShapeError for amounts that would go round more than once, or leave less than nothing. */
function checkCircle(input: Tensor, around: Around): void {
  around.forEach(([before, after], d) => {
    const n = input.sizes[d];
    const left = n + Math.min(before, 0) + Math.min(after, 0);
    const most = before < 0 || after < 0 ? Math.min(n, left) : n;
    if (n + before + after < 0) throw new ShapeError("Negative padding value is resulting in an empty dimension");
    if (n + before + after > 0 && Math.max(before, after) > most) {
      throw new ShapeError("Padding value causes wrapping around more than once.");
    }
  });
}

/** Throws ShapeError for inputs without elements to mirror or repeat, and for amounts that leave nothing. */
function checkMirror(input: Tensor, around: Around, dims: number, mode: "reflect" | "replicate"): void {
  const batched = input.ndim === dims + 2;
  if (input.sizes.slice(mode === "reflect" || batched ? 1 : 0).includes(0)) {
    throw new ShapeError(
      `Expected ${dims + 1}D or ${dims + 2}D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${text(input.sizes)}`,
    );
  }
  around.forEach(([before, after], d) => {
    const n = input.sizes[d];
    if (mode === "reflect" && (before >= n || after >= n) && before + after > 0) {
      throw new ShapeError(
        `Argument #4: Padding size should be less than the corresponding input dimension, but got: padding (${before}, ${after}) at dimension ${d} of input ${text(input.sizes)}`,
      );
    }
  });
  const sizes = around.slice(-dims).map(([before, after], d) => input.sizes[input.ndim - dims + d] + before + after);
  if (sizes.every((n) => n > 0) || (sizes.some((n) => n > 0) && sizes.every((n) => n >= 0))) return;
  const named = (list: readonly number[]) => list.map((n, d) => `${["D", "H", "W"].slice(-dims)[d]}: ${n}`);
  throw new ShapeError(
    `input (${named(input.sizes.slice(-dims)).join(", ")}) is too small. Calculated output ${named(sizes).join(" ")}`,
  );
}

function ownPad(input: Tensor, amounts: readonly number[], mode: Exclude<PadMode, "constant">): Tensor {
  const dims = amounts.length / 2;
  const accepted = [2, 3, 4, 5].filter((ndim) => ndim === dims + 1 || ndim === dims + 2);
  if (!accepted.includes(input.ndim) || dims > 3) {
    throw new ArgumentError(
      `Only 2D, 3D, 4D, 5D padding with non-constant padding are supported for now: ${amounts.length} numbers do not fit ${input.ndim} dimensions`,
    );
  }
  if (mode === "circular" && dims !== input.ndim - 2) {
    throw new ShapeError(`Invalid padding size, expected ${2 * (input.ndim - 2)} but got ${amounts.length}`);
  }
  const around = perDimension(input, amounts);
  if (mode === "circular") checkCircle(input, around);
  else {
    requireFloat(`${mode === "reflect" ? "reflection" : "replication"}_pad${dims}d_cpu`, input.dtype);
    checkMirror(input, around, dims, mode);
  }
  let out = input;
  around.forEach(([before, after], d) => {
    if (before === 0 && after === 0) return;
    const n = input.sizes[d];
    const at = Array.from({ length: n + before + after }, (_, k) => POSITIONS[mode](k - before, n, before, after));
    out = out.indexSelect(d, tensor(at, { dtype: int64 }));
  });
  if (out === input) return input.clone();
  return NODES[mode] === undefined ? out : relabel(out, `${NODES[mode]}${dims}DBackward0`);
}

/**
 * The input between `value`s (mode "constant"), or between its own elements mirrored, repeated or wrapped around. `pad` counts
 * elements before and after, from the last dimension on. Throws when amounts do not fit. Source: torch.nn.functional.pad.
 */
export const pad = signed("pad(Tensor input, int[] pad, str mode=constant, float? value=None)", padOf);

function padOf(
  input: Tensor,
  amounts: readonly number[],
  mode: PadMode = "constant",
  value: number | null = null,
): Tensor {
  if (amounts.length % 2 !== 0) throw new ArgumentError("Padding length must be divisible by 2");
  if (amounts.length > 2 * input.ndim) {
    throw new ArgumentError(
      `Length of pad should be no more than twice the number of dimensions of the input. Pad length is ${amounts.length} while the input has ${input.ndim} dimensions.`,
    );
  }
  if (mode === "constant") return constantPad(input, amounts, value ?? 0);
  if (!(mode in POSITIONS)) throw new ArgumentError(`Unrecognised padding mode ${String(mode)}`);
  return ownPad(input, amounts, mode);
}
