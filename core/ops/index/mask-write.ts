// What writing by mask writes: maskedFill and maskedScatter, prepared for both forms.

import type { Backward } from "../../autograd/node";
import { contiguousOf, copyOf, lazy, run } from "../../dispatch";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { bool, type Scalar, uint8 } from "../../tensor/dtype";
import { broadcastPair, numelOf, text } from "../../tensor/shape";
import { withoutRepeats } from "../../tensor/overlap";
import { Tensor } from "../../tensor/tensor";
import { assemble, Expr } from "../../program";
import { zerosOf } from "../../autograd/zeros";
import { numberUnder, requireTruth } from "./index-checks";
import { putWrite } from "./index-write";
import { withoutOverlap, expandedWarning, type Write } from "../shared/write";

const choose = lazy(() =>
  assemble([new Expr("step", "where", [new Expr("input", "m"), new Expr("scalar", "v"), new Expr("input", "x")])]),
);
const chooseTensor = lazy(() =>
  assemble([new Expr("step", "where", [new Expr("input", "m"), new Expr("input", "v"), new Expr("input", "x")])]),
);

function requireMask(call: string, mask: Tensor): void {
  if (mask.dtype !== bool && mask.dtype !== uint8) {
    throw new DTypeError(`${call} only supports boolean masks, but got mask with dtype ${mask.dtype}`);
  }
  requireTruth(mask);
}

/** For every memory location of an expanded tensor: whether the mask names it at any of its places. */
function anywhere(mask: Tensor, expanded: Tensor): Tensor {
  let chosen = mask.expand([...expanded.sizes]);
  expanded.strides.forEach((stride, d) => {
    if (stride === 0) chosen = chosen.any(d, true);
  });
  return chosen;
}

/** `maskedFill(input, mask, value)`; the mask broadcasts to the input, which the caller has broadcast to the mask. */
export function maskedFillWrite(input: Tensor, mask: Tensor, value: Scalar | Tensor): Write {
  requireMask("masked_fill", mask);
  const tensor = value instanceof Tensor ? value : null;
  if (tensor !== null && tensor.ndim !== 0) {
    throw new ShapeError(
      `masked_fill_ only supports a 0-dimensional value tensor, but got tensor with ${tensor.ndim} dimension(s).`,
    );
  }
  const scalar = numberUnder(value, input.dtype);
  if (text(broadcastPair(mask.sizes, input.sizes)) !== text(input.sizes)) {
    throw new ShapeError(
      `output with shape ${text(input.sizes)} doesn't match the broadcast shape ${text(broadcastPair(mask.sizes, input.sizes))}`,
    );
  }
  return {
    node: tensor === null ? "MaskedFillBackward0" : "MaskedFillBackward1",
    operands: tensor === null ? [] : [tensor],
    whole: true,
    aligned: [mask],
    expandedWarning: expandedWarning("masked_fill_", "tensor[mask] = scalar"),
    run(result, before) {
      if (result._numel === 0) return;
      const out = withoutRepeats(result);
      const old = before === result ? out : before;
      const chosen = out === result ? mask : anywhere(mask.detach(), result);
      const { compute } = out.dtype;
      if (scalar !== null) run(choose(), compute, out.sizes, [chosen, old], [scalar], [out]);
      else run(chooseTensor(), compute, out.sizes, [chosen, tensor as Tensor, old], [], [out]);
    },
    backward: maskedFillBackward,
    saved: [mask],
  };
}

const maskedFillBackward: Backward = ([g], [mask], [own, value]) => [
  own ? (g as Tensor).maskedFill(mask, 0) : null,
  value ? (g as Tensor).where(mask, 0).sum() : null,
];

/** `maskedScatter(input, mask, source)`: elements of `source`, in order, where the mask is true. */
export function maskedScatterWrite(input: Tensor, mask: Tensor, source: Tensor): Write {
  requireMask("masked_scatter", mask);
  if (input.dtype !== source.dtype) {
    throw new DTypeError(
      `masked_scatter: expected self and source to have same dtypes but got${input.dtype.scalarName} and ${source.dtype.scalarName}`,
    );
  }
  const over = mask.dtype === bool ? mask : copyOf(mask, bool);
  const positions = over
    .expand([...input.sizes])
    .reshape([-1])
    .nonzero()
    .reshape([-1]);
  const count = positions.numel();
  if (count > source.numel()) {
    throw new CressetError("Number of elements of source < number of ones in mask");
  }
  return {
    node: "MaskedScatterBackward0",
    operands: [source],
    aligned: [over],
    run(out) {
      const values = contiguousOf(withoutOverlap(source, out));
      putWrite(out, positions, values.alias([count], [1], values.offset)).run(out, out);
    },
    backward: maskedScatterBackward(source.sizes),
    saved: [over],
  };
}

function maskedScatterBackward(sizes: readonly number[]): Backward {
  return ([g], [mask], [own, source]) => {
    const grad = g as Tensor;
    return [own ? grad.maskedFill(mask, 0) : null, source ? takenInOrder(grad, mask, sizes) : null];
  };
}

/** The elements where the mask is true, in order, then zeros. */
function takenInOrder(grad: Tensor, mask: Tensor, sizes: readonly number[]): Tensor {
  const taken = grad.maskedSelect(mask);
  const parts = zerosOf([numelOf(sizes)], grad.dtype);
  parts.narrow(0, 0, taken.numel()).copy_(taken);
  return parts.reshape([...sizes]);
}
