// What scattering writes: `scatter`, `scatterAdd` and `scatterReduce`, prepared for both forms.

import type { Backward, Gradients } from "../../autograd/node";
import { isGradEnabled } from "../../autograd/modes";
import { call, copyInto, fillWith } from "../../dispatch";
import { CressetError, DTypeError } from "../../errors";
import type { DType, Scalar } from "../../tensor/dtype";
import { requireNotBool } from "../../tensor/dtype-checks";
import { wrapDim } from "../../tensor/shape";
import { empty, Tensor } from "../../tensor/tensor";
import { checkScatter, lifted, partsOver, requireLong, requireSelfDtype, vectorIndex } from "./index-checks";
import { withoutOverlap, type Write } from "../shared/write";

/** Modes of the scatter kernel. */
const Mode = { assign: 0, add: 1, multiply: 2, amax: 3, amin: 4 } as const;

/** One value under any index: an expanded 0-d tensor. */
function spread(value: Scalar, dtype: DType, sizes: readonly number[]): Tensor {
  const one = empty([], dtype);
  fillWith(one, value);
  return one.alias(
    sizes,
    sizes.map(() => 0),
    0,
  );
}

function put(out: Tensor, dim: number, index: Tensor, src: Tensor, mode: number): void {
  if (index.numel() === 0) return;
  const operands = [out, withoutOverlap(index, out), withoutOverlap(src, out)];
  call("scatter", operands.map(lifted), [dim, mode]);
}

const UPDATES = { add: Mode.add, multiply: Mode.multiply } as const;

/** `scatter(input, dim, index, src or value, reduce)`; "multiply" is not differentiable. */
export function scatterWrite(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor | Scalar,
  reduce: "add" | "multiply" | null = null,
): Write {
  const at = requireLong("scatter", index);
  const d = wrapDim(dim, input.ndim);
  const tensor = source instanceof Tensor ? source : null;
  if (tensor !== null) requireSelfDtype("scatter", input, tensor, "src");
  checkScatter(input, at, tensor, d);
  if (reduce !== null && !Object.hasOwn(UPDATES, reduce)) {
    throw new CressetError("reduce argument must be either add or multiply.");
  }
  const mode = reduce === null ? Mode.assign : UPDATES[reduce];
  return {
    node: tensor === null ? "ScatterBackward1" : "ScatterBackward0",
    operands: tensor === null ? [] : [tensor],
    reads: tensor === null ? [at] : [at, tensor],
    run(out) {
      put(out, d, at, tensor ?? spread(source as Scalar, input.dtype, at.sizes), mode);
    },
    backward: scatterBackward(d, mode),
    saved: [at],
  };
}

function scatterBackward(dim: number, mode: number): Backward {
  return ([g], [index], [own, source]) => {
    if (mode === Mode.multiply) throw new CressetError("scatter(): the derivative of reduce 'multiply' is not defined");
    const grad = g as Tensor;
    const kept = mode === Mode.add ? grad : grad.scatter(dim, index, 0);
    return [own ? kept : null, source ? grad.gather(dim, index) : null];
  };
}

/** `scatterAdd(input, dim, index, src)`. */
export function scatterAddWrite(input: Tensor, dim: number, index: Tensor, src: Tensor): Write {
  const at = requireLong("scatter", index);
  const d = wrapDim(dim, input.ndim);
  requireSelfDtype("scatter", input, src, "src");
  checkScatter(input, at, src, d);
  return {
    node: "ScatterAddBackward0",
    operands: [src],
    reads: [at, src],
    run: (out) => put(out, d, at, src, Mode.add),
    backward: scatterAddBackward(d),
    saved: [[at, 1]],
  };
}

function scatterAddBackward(dim: number): Backward {
  return ([g], [index], [own, source]) => [own ? g : null, source ? (g as Tensor).gather(dim, index) : null];
}

/** Ways in which `scatterReduce` combines. */
export type ScatterReduction = "sum" | "prod" | "mean" | "amax" | "amin";

const REDUCTIONS: { readonly [name in ScatterReduction]: { mode: number; start: Scalar } } = {
  sum: { mode: Mode.add, start: 0 },
  prod: { mode: Mode.multiply, start: 1 },
  mean: { mode: Mode.add, start: 0 },
  amax: { mode: Mode.amax, start: Number.NEGATIVE_INFINITY },
  amin: { mode: Mode.amin, start: Number.POSITIVE_INFINITY },
};

/** The start of a reduction that ignores old contents, in the dtype. */
function identity(reduce: ScatterReduction, dtype: DType): Scalar {
  const { start } = REDUCTIONS[reduce];
  if (dtype.isFloatingPoint || typeof start !== "number" || Number.isFinite(start)) return start;
  if (dtype.name === "bool") return start > 0;
  const bits = BigInt(dtype.itemsize * 8);
  const unsigned = dtype.name === "uint8";
  const low = unsigned ? 0n : -(2n ** (bits - 1n));
  const high = unsigned ? 255n : 2n ** (bits - 1n) - 1n;
  return start > 0 ? high : low;
}

/** How many values meet at each target, at least 1. */
function countsOf(input: Tensor, dim: number, index: Tensor, includeSelf: boolean): Tensor {
  const counts = empty(input.sizes, input.dtype);
  fillWith(counts, includeSelf ? 1 : 0);
  put(counts, dim, index, spread(1, input.dtype, index.sizes), Mode.add);
  return counts.maskedFill(counts.eq(0), 1);
}

/** `scatterReduce(input, dim, index, src, reduce, includeSelf)`: whether the old contents take part, by default. */
export function scatterReduceWrite(
  input: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  reduce: ScatterReduction,
  includeSelf = true,
): Write {
  const at = requireLong("scatter_reduce", index);
  const d = wrapDim(dim, input.ndim);
  if (!Object.hasOwn(REDUCTIONS, reduce)) {
    throw new CressetError(`reduce argument must be either sum, prod, mean, amax or amin, got ${reduce}`);
  }
  if (reduce === "mean") requireNotBool("scatter_gather_tensor_cpu_reduce_mean", input.dtype);
  if (input.dtype !== src.dtype) throw new DTypeError("scatter(): Expected self.dtype to be equal to src.dtype");
  checkScatter(input, at, src, d);
  return {
    node: "ScatterReduceBackward0",
    operands: [src],
    reads: [at, src],
    run(out) {
      if (!includeSelf) put(out, d, at, spread(identity(reduce, out.dtype), out.dtype, at.sizes), Mode.assign);
      put(out, d, at, src, REDUCTIONS[reduce].mode);
      if (reduce === "mean") {
        const counts = countsOf(out, d, at, includeSelf);
        const plain = out.detach();
        copyInto(out, out.dtype.isFloatingPoint ? plain.div(counts) : plain.floorDivide(counts));
      }
    },
    backward: scatterReduceBackward(d, reduce, includeSelf),
    saved: [at, src],
    savesContents: true,
  };
}

function scatterReduceBackward(dim: number, reduce: ScatterReduction, includeSelf: boolean): Backward {
  return ([g], [index, src, before, result]) => {
    // The result of a write in place is what the tensor holds now: its graph goes through the node itself.
    const after = isGradEnabled() ? before.scatterReduce(dim, index, src, reduce, { includeSelf }) : result;
    const [own, other] = reducedGradients({ g: g as Tensor, before, after, index, src, dim, reduce, includeSelf });
    return [includeSelf ? own : (own as Tensor).scatter(dim, index, 0), other];
  };
}

interface Reduced {
  g: Tensor;
  before: Tensor;
  after: Tensor;
  index: Tensor;
  src: Tensor;
  dim: number;
  reduce: ScatterReduction;
  includeSelf: boolean;
}

function reducedGradients({ g, before, after, index, src, dim, reduce, includeSelf }: Reduced): Gradients {
  switch (reduce) {
    case "sum":
      return [g, g.gather(dim, index)];
    case "mean": {
      const counts = countsOf(before, dim, index, includeSelf);
      return [g.div(counts), g.gather(dim, index).div(counts.gather(dim, index))];
    }
    case "prod": {
      // Where exactly one factor is 0 its derivative is the product of the others; where more are, all vanish.
      const own = before.maskedFill(before.eq(0), 1);
      const ownGrad = g.mul(own.scatterReduce(dim, index, src, "prod", { includeSelf })).div(own);
      const zeros = src.eq(0).to(src.dtype);
      const counts = before
        .newZeros([...before.sizes])
        .scatterAdd(dim, index, zeros)
        .gather(dim, index);
      const single = src.eq(0).logicalAnd(counts.eq(1));
      const others = before
        .scatterReduce(dim, index, src.maskedFill(single, 1), "prod", { includeSelf })
        .gather(dim, index);
      const factors = src.maskedFill(src.eq(0), 1);
      const srcGrad = g.mul(after).gather(dim, index).div(factors);
      return [ownGrad, srcGrad.where(single.logicalNot(), g.gather(dim, index).mul(others))];
    }
    default: {
      const ownHits = before.eq(after).to(g.dtype);
      const srcHits = src.eq(after.gather(dim, index)).to(g.dtype);
      const shares = (includeSelf ? ownHits : ownHits.mul(0)).scatterAdd(dim, index, srcHits);
      const share = g.div(shares);
      const own = includeSelf ? share.mul(ownHits) : g;
      return [own, share.gather(dim, index).mul(srcHits)];
    }
  }
}

/** `indexReduce(input, dim, index, source, reduce, includeSelf)`: as `scatterReduce` with one position per part of `dim`. */
export function indexReduceWrite(
  input: Tensor,
  dim: number,
  index: Tensor,
  source: Tensor,
  reduce: Exclude<ScatterReduction, "sum">,
  includeSelf = true,
): Write {
  const at = vectorIndex("index_reduce", index);
  if (!Object.hasOwn(REDUCTIONS, reduce) || (reduce as string) === "sum") {
    throw new CressetError(
      `index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${String(reduce)}.`,
    );
  }
  if (input.ndim <= 1) requireNotBool("index_func_", input.dtype);
  else if (reduce === "mean") requireNotBool("div_floor_cpu", input.dtype);
  if (!includeSelf) requireNotBool("index_reduce_func_exclude_input_init", input.dtype);
  if (input.dtype !== source.dtype) {
    throw new DTypeError(
      `index_reduce_(): self (${input.dtype.scalarName}) and source (${source.dtype.scalarName}) must have the same scalar type`,
    );
  }
  const d = wrapDim(dim, input.ndim);
  const parts = partsOver("index_reduce_", input, d, at.numel(), source);
  const shape = parts.sizes.map((_, k) => (k === d ? at.numel() : 1));
  return {
    ...scatterReduceWrite(input, dim, at.reshape(shape).expand([...parts.sizes]), parts, reduce, includeSelf),
    node: "IndexReduceBackward0",
  };
}
