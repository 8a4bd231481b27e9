// Reductions that a program ends in, and what is composed of them.

import { withGradMode } from "../../autograd/modes";
import { signed } from "../../arguments/signed";
import { record } from "../../autograd/record";
import { zerosAs } from "../../autograd/zeros";
import { contiguousOf, copyOf, fillWith, lazy, run } from "../../dispatch";
import { DTypeError } from "../../errors";
import { type DType, bool, Category, getDefaultDtype, int64, opmathDtype } from "../../tensor/dtype";
import { numelOf, wrapDims } from "../../tensor/shape";
import { empty, type BoolTensor, type Tensor } from "../../tensor/tensor";
import { requireFloat } from "../../tensor/dtype-checks";
import { notImplemented } from "../shared/gradient-checks";
import { assemble, Expr } from "../../program";
import { cat } from "../create/join";
import { finish, keptSizes, reduceKept, reduction, requireElements, restored, type Dims } from "./reduction";
import { type Named, named } from "../shared/named";
import { signedOut, signedOuts } from "../shared/out";

/** sum over dimensions; whole numbers and bools give int64. Options: `dim`, `keepdim`, `dtype`. Source: torch.sum. */
export const sum = signed(
  "sum(Tensor input, int[]|int? dim=None, bool&dim keepdim=False, *, Dtype? dtype=None)",
  sumOf,
);

function sumOf(input: Tensor, dim: Dims | null = null, keepdim = false, dtype: DType | null = null): Tensor {
  const dims = wrapDims(dim, input.ndim);
  const type = dtype ?? (input.dtype.isFloatingPoint ? input.dtype : int64);
  const { sizes, dtype: own } = input;
  const out = finish(reduceKept("sum", input, dims, type), sizes, dims, keepdim);
  record(dim === undefined || dim === null ? "SumBackward0" : "SumBackward1", [input], [out], ([g]) => [
    restored((g as Tensor).to(own), sizes, dims, keepdim),
  ]);
  return out;
}

/** The arithmetic mean. Throws for whole numbers without `dtype`. Options: `dim`, `keepdim`, `dtype`. Source: torch.mean. */
export const mean = signed(
  "mean(Tensor input, int[]|int? dim=None, bool&dim keepdim=False, *, Dtype? dtype=None)",
  meanOf,
);

function meanOf(input: Tensor, dim: Dims | null = null, keepdim = false, dtype: DType | null = null): Tensor {
  const type = dtype ?? input.dtype;
  if (!type.isFloatingPoint) {
    throw new DTypeError(
      dtype
        ? `mean(): could not infer output dtype. Optional dtype must be either a floating point or complex dtype. Got: ${type.scalarName}`
        : `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${type.scalarName}`,
    );
  }
  const dims = wrapDims(dim, input.ndim);
  const { sizes, dtype: own } = input;
  const count = numelOf(dims.map((d) => sizes[d]));
  const kept = divided(reduceKept("sum", input, dims, opmathDtype(type)), count);
  const out = finish(kept.dtype === type ? kept : copyOf(kept, type), sizes, dims, keepdim);
  record(dim === undefined || dim === null ? "MeanBackward0" : "MeanBackward1", [input], [out], ([g]) => [
    restored((g as Tensor).div(count).to(own), sizes, dims, keepdim),
  ]);
  return out;
}

const divide = lazy(() => assemble([new Expr("step", "div", [new Expr("input", "a"), new Expr("scalar", "n")])]));

function divided(x: Tensor, count: number): Tensor {
  run(divide(), x.dtype.compute, x.sizes, [x], [count], [x]);
  return x;
}

/** The product. Whole numbers and bools give int64. Options: `dim` (one), `keepdim`, `dtype`. Source: torch.prod. */
export const prod = signed("prod(Tensor input, int dim=None, bool&dim keepdim=False, *, Dtype? dtype=None)", prodOf);

function prodOf(input: Tensor, dim?: number, keepdim = false, dtype: DType | null = null): Tensor {
  const type = dtype ?? (input.dtype.isFloatingPoint ? input.dtype : int64);
  const dims = wrapDims(dim, input.ndim);
  const { sizes } = input;
  const out = finish(reduceKept("prod", input, dims, type), sizes, dims, keepdim);
  const isOverAll = dim === undefined || dim === null;
  record(
    isOverAll ? "ProdBackward0" : "ProdBackward1",
    [input],
    [out],
    ([g], [x]) => {
      // The derivative of a single number is 1, and depends on nothing.
      if (sizes.length === 0) return [(g as Tensor).to(x.dtype)];
      // With two zeros every product of the others is 0; PyTorch leaves it out of the graph.
      if (isOverAll && x.eq(0).sum().item() > 1) return [zerosAs(x)];
      const grad = restored(g as Tensor, sizes, dims, keepdim);
      return [grad.mul(productOfOthers(x.to(type), dims)).to(x.dtype)];
    },
    // The result is not read, but PyTorch keeps it: it must not be written before backward.
    [input, out],
  );
  return out;
}

/** For every element the product of the others along `dims`; exact where elements are 0. */
function productOfOthers(x: Tensor, dims: readonly number[]): Tensor {
  const others = x.sizes.map((_, d) => d).filter((d) => !dims.includes(d));
  const order = [...others, ...dims];
  const rows = x.permute(order);
  const flat = rows.reshape([...others.map((d) => x.sizes[d]), numelOf(dims.map((d) => x.sizes[d]))]);
  const ones = flat
    .narrow(-1, 0, Math.min(1, flat.sizes[flat.ndim - 1]))
    .mul(0)
    .add(1);
  const n = flat.sizes[flat.ndim - 1];
  const head = n > 0 ? cat([ones, flat.narrow(-1, 0, n - 1)], -1).cumprod(-1) : flat;
  const tail =
    n > 0
      ? cat([ones, flat.narrow(-1, 1, n - 1).flip([-1])], -1)
          .cumprod(-1)
          .flip([-1])
      : flat;
  const product = head.mul(tail).reshape([...rows.sizes]);
  const back = order.map((_, d) => order.indexOf(d));
  return product.permute(back);
}

function extreme(name: "amax" | "amin", node: string) {
  return (input: Tensor, dim: Dims = [], keepdim = false): Tensor => {
    const dims = wrapDims(dim, input.ndim);
    requireElements(name, input, dims, dim === undefined || dim === null);
    const { sizes } = input;
    const out = finish(reduceKept(name, input, dims, input.dtype), sizes, dims, keepdim);
    record(
      node,
      [input],
      [out],
      ([g], [x, y]) => {
        const mask = x.eq(restored(y, sizes, dims, keepdim));
        // Where no element equals the result, which is NaN then, neither is the gradient a number.
        return [
          restored(g as Tensor, sizes, dims, keepdim)
            .mul(mask)
            .div(mask.sum(dims, true)),
        ];
      },
      [input, out],
    );
    return out;
  };
}

/** The largest element; a gradient is shared among equal ones. Options: `dim`, `keepdim`, `out`. Source: torch.amax. */
export const amax = signedOut(
  "amax(Tensor input, int[]|int? dim=[], bool keepdim=False, *, Tensor? out=None)",
  extreme("amax", "AmaxBackward0"),
);

/** The smallest element; a gradient is shared among equal ones. Options: `dim`, `keepdim`, `out`. Source: torch.amin. */
export const amin = signedOut(
  "amin(Tensor input, int[]|int? dim=[], bool keepdim=False, *, Tensor? out=None)",
  extreme("amin", "AminBackward0"),
);

/** Smallest and largest element together. Options: `dim`, `keepdim`, `out`. Source: torch.aminmax. */
export const aminmax = signedOuts(
  "aminmax(Tensor input, *, int? dim=None, bool keepdim=False, Tensor[]? out=None)",
  ["min", "max"],
  aminmaxOf,
);

function aminmaxOf(input: Tensor, dim: number | null = null, keepdim = false): Named<["min", "max"]> {
  // Along a dimension PyTorch keeps one of a 0-d tensor.
  const x = dim !== null && input.ndim === 0 && keepdim ? input.reshape([1]) : input;
  const plain = x.detach();
  const [low, high] = [amin(plain, dim, keepdim), amax(plain, dim, keepdim)];
  record("NotImplemented", [x], [low, high], notImplemented("aminmax"));
  return named("aminmax", ["min", "max"], [low, high]);
}

function logical(name: "any" | "all", kernel: "amax" | "amin") {
  return (input: Tensor, dim?: number, keepdim = false): BoolTensor => {
    const dims = wrapDims(dim, input.ndim);
    const truth = input.dtype === bool ? input : input.ne(0);
    const out = empty(keptSizes(input.sizes, dims), bool);
    if (truth._numel === 0) fillWith(out, name === "all");
    else run(reduction(kernel), bool.compute, truth.sizes, [truth], [], [out]);
    const shaped = finish(out, input.sizes, dims, keepdim);
    // PyTorch answers uint8 with uint8.
    return input.dtype.name === "uint8" ? copyOf(shaped, input.dtype) : shaped;
  };
}

/** Whether any element is nonzero. Options: `dim`, `keepdim`. Source: torch.any. */
export const any = signed("any(Tensor input, int dim=None, bool&dim keepdim=False)", logical("any", "amax"));

/** Whether all elements are nonzero. Options: `dim`, `keepdim`. Source: torch.all. */
export const all = signed("all(Tensor input, int dim=None, bool&dim keepdim=False)", logical("all", "amin"));

/** How many elements are nonzero. Option: `dim`. Source: torch.count_nonzero. */
export const countNonzero = signed("countNonzero(Tensor input, int|int[]? dim=None)", countNonzeroOf);

function countNonzeroOf(input: Tensor, dim: Dims | null = null): Tensor {
  return input.ne(0).sum(dim ?? null);
}

/** log Σ exp(x) along dimensions, without overflow. Options: `dim`, `keepdim`, `out`. Source: torch.logsumexp. */
export const logsumexp = signedOut(
  "logsumexp(Tensor input, int[]|int dim, bool keepdim=False, *, Tensor? out=None)",
  logsumexpOf,
);

function logsumexpOf(input: Tensor, dim: Dims, keepdim = false): Tensor {
  const x = input.dtype.isFloatingPoint ? input : input.to(getDefaultDtype());
  const dims = wrapDims(dim, x.ndim);
  const { sizes } = x;
  const plain = x.detach();
  let kept: Tensor;
  if (x._numel === 0) kept = plain.exp().sum(dims, true).log();
  else {
    const top = plain.amax(dims, true);
    const shift = top.where(top.isfinite(), 0);
    kept = plain.sub(shift).exp().sum(dims, true).log().add(shift);
  }
  const out = finish(contiguousOf(kept), sizes, dims, keepdim);
  record(
    "LogsumexpBackward0",
    [x],
    [out],
    ([g], [value, y]) => [
      restored(g as Tensor, sizes, dims, keepdim).mul(value.sub(restored(y, sizes, dims, keepdim)).exp()),
    ],
    [x, out],
  );
  return out;
}

/** The mean of elements that are not NaN. Options: `dim`, `keepdim`, `dtype`, `out`. Source: torch.nanmean. */
export const nanmean = signedOut(
  "nanmean(Tensor input, int[]|int? dim=None, bool keepdim=False, *, Dtype? dtype=None, Tensor? out=None)",
  nanmeanOf,
);

function nanmeanOf(input: Tensor, dim: Dims | null = null, keepdim = false, dtype: DType | null = null): Tensor {
  if (!input.dtype.isFloatingPoint) {
    throw new DTypeError(
      `nanmean(): expected input to have floating point or complex dtype but got ${input.dtype.scalarName}`,
    );
  }
  const count = input
    .isnan()
    .logicalNot()
    .sum(dim ?? null, keepdim);
  return nansum(input, { dim, keepdim, dtype }).div(count);
}

/** The sum of elements that are not NaN. Options: `dim`, `keepdim`, `dtype`. Source: torch.nansum. */
export const nansum = signed(
  "nansum(Tensor input, int[]|int? dim=None, bool keepdim=False, *, Dtype? dtype=None)",
  nansumOf,
);

function nansumOf(input: Tensor, dim: Dims | null = null, keepdim = false, dtype: DType | null = null): Tensor {
  if (dtype && input.dtype.isFloatingPoint) requireFloat("nansum_cpu", dtype);
  if (input.dtype.category !== Category.Float) return input.sum(dim ?? null, keepdim, { dtype });
  const out = withGradMode(false, () =>
    input.where(input.isnan().logicalNot(), 0).sum(dim ?? null, keepdim, { dtype }),
  );
  const { sizes } = input;
  const dims = wrapDims(dim, input.ndim);
  record(
    "NansumBackward0",
    [input],
    [out],
    ([g], [x]) => [
      restored(g as Tensor, sizes, dims, keepdim)
        .to(x.dtype)
        .mul(x.isnan().logicalNot()),
    ],
    [input],
  );
  return out;
}
