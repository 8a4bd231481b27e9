// Elementwise functions of three operands, and bounds.

import { relabel } from "../../autograd/record";
import { CressetError, DTypeError } from "../../errors";
import { bool, Category, type DType, uint8 } from "../../tensor/dtype";
import { finfo } from "../../tensor/limits";
import { Tensor } from "../../tensor/tensor";
import { isOptions } from "../shared/arguments";
import {
  type Binary,
  binary,
  type OutOption,
  register,
  type Ternary,
  type TensorOrScalar,
  ternary,
  type Unary,
  unary,
} from "./define";
import { nativeName, requireFloat } from "../shared/dtype-checks";
import { op } from "./rows";

// Three operands.

const choose: Ternary = ternary({
  condition: true,
  check: ([condition]) => {
    if (!(condition instanceof Tensor) || condition.dtype === bool || condition.dtype === uint8) return;
    throw new DTypeError(
      `where expected condition to be a boolean tensor, but got a tensor with dtype ${condition.dtype.scalarName}`,
    );
  },
  grad: ({ g, a }) => [null, g.where(a, 0), g.where(a.logicalNot(), 0)],
});

interface Where {
  readonly op: Ternary["op"];
  (condition: Tensor): Tensor[];
  (condition: Tensor, input: TensorOrScalar, other: TensorOrScalar, options?: OutOption): Tensor;
}

/**
 * `input` where the condition holds, `other` elsewhere; as a method `input.where(condition, other)`. With the condition alone,
 * the positions where it holds, one tensor per dimension. Source: torch.where.
 */
export const where: Where = Object.assign(selected, { op: choose.op });

function selected(condition: Tensor): Tensor[];
function selected(condition: Tensor, input: TensorOrScalar, other: TensorOrScalar, options?: OutOption): Tensor;
function selected(...args: [Tensor] | [Tensor, TensorOrScalar, TensorOrScalar, OutOption?]): Tensor | Tensor[] {
  return args.length === 1 ? args[0].nonzero({ asTuple: true }) : choose(...args);
}

/** input + value · tensor1 · tensor2. Source: torch.addcmul. */
export const addcmul: Ternary<[options?: { value?: number }]> = ternary({
  parameters: { value: 1 },
  formula: ({ a, b, c, value }) => a.add(b.mul(c).mul(value)),
  grad: ({ g, b, c, value }) => [g, g.mul(c).mul(value), g.mul(b).mul(value)],
});

/** input + value · tensor1 / tensor2. Source: torch.addcdiv. */
export const addcdiv: Ternary<[options?: { value?: number }]> = ternary({
  parameters: { value: 1 },
  formula: ({ a, b, c, value }) => a.add(b.div(c).mul(value)),
  grad: ({ g, b, c, value }) => [g, g.mul(value).div(c), g.neg().mul(value).mul(b).div(c.mul(c))],
  check: (_, dtype: DType) => {
    if (dtype.category !== Category.Float) {
      throw new DTypeError(
        "Integer division with addcdiv is no longer supported, and in a future release addcdiv will perform a true division of tensor1 and tensor2.",
      );
    }
  },
});

/** start + weight · (end − start). Source: torch.lerp. */
export const lerp: Ternary = ternary({
  check: ([start, end, weight]) => {
    if (!(start instanceof Tensor)) return;
    requireFloat(weight instanceof Tensor ? "lerp_kernel_tensor" : "lerp_kernel_scalar", start.dtype);
    Object.entries({ end, weight }).forEach(([name, x]) => {
      if (x instanceof Tensor && x.dtype !== start.dtype) {
        throw new DTypeError(
          `expected dtype ${nativeName(start.dtype)} for \`${name}\` but got dtype ${nativeName(x.dtype)}`,
        );
      }
    });
  },
  formula: ({ a, b, c }) => {
    const step = b.sub(a);
    return a.add(c.mul(step)).where(c.abs().lt(0.5), b.sub(step.mul(c.rsub(1))));
  },
  grad: ({ g, a, b, c }) => [g.mul(c.rsub(1)), g.mul(c), g.mul(b.sub(a))],
});

const within: Ternary = ternary({
  node: "ClampBackward1",
  formula: ({ a, b, c }) => a.maximum(b).minimum(c),
  grad: ({ g, a, b, c }) => [
    g.where(a.ge(b).logicalAnd(a.le(c)), 0),
    g.where(a.lt(b).logicalAnd(b.lt(c)), 0),
    g.where(a.gt(c).logicalOr(b.ge(c)), 0),
  ],
});

/** The larger of input and a bound. Source: torch.clamp_min. */
export const clampMin: Binary = binary({
  formula: ({ a, b }) => a.maximum(b),
  grad: ({ g, a, b }) => [g.where(a.ge(b), 0), g.where(a.lt(b), 0)],
});

/** The smaller of input and a bound. Source: torch.clamp_max. */
export const clampMax: Binary = binary({
  formula: ({ a, b }) => a.minimum(b),
  grad: ({ g, a, b }) => [g.where(a.le(b), 0), g.where(a.gt(b), 0)],
});

/** The bounds of `clamp`. */
export interface ClampOptions {
  min?: TensorOrScalar | null;
  max?: TensorOrScalar | null;
  out?: Tensor;
}

/** Bounds every element; either bound may be null. Throws CressetError without any bound. Source: torch.clamp. */
export const clamp: Unary<[min?: TensorOrScalar | null | ClampOptions, max?: TensorOrScalar | null | ClampOptions]> =
  unary({
    formula: ({ a }) => a,
    instead: (args, target) => {
      const bounds: unknown[] = args.slice(1, 3).map((value) => (isOptions(value) ? null : value));
      for (const value of args.slice(1)) {
        if (!isOptions(value)) continue;
        if (value.min !== undefined) bounds[0] = value.min;
        if (value.max !== undefined) bounds[1] = value.max;
      }
      const min = bounds[0] ?? null;
      const max = bounds[1] ?? null;
      if (min === null && max === null)
        throw new CressetError("torch.clamp: At least one of 'min' or 'max' must not be None");
      if (max === null) return relabel(op(clampMin).apply([args[0], min], target), "ClampBackward1");
      if (min === null) return relabel(op(clampMax).apply([args[0], max], target), "ClampBackward1");
      return op(within).apply([args[0], min, max], target);
    },
  });

/** The same as `clamp`. */
export const clip: Unary<[min?: TensorOrScalar | null | ClampOptions, max?: TensorOrScalar | null | ClampOptions]> =
  clamp;

/** Values that replace NaN and infinities. */
export interface NanToNumOptions {
  nan?: number;
  posinf?: number | null;
  neginf?: number | null;
}

const replaceNonFinite: Unary<[nan?: number, posinf?: number, neginf?: number]> = unary({
  parameters: { nan: 0, posinf: 0, neginf: 0 },
  node: "NanToNumBackward0",
  formula: ({ a, nan, posinf, neginf }) =>
    posinf.where(a.eq(Number.POSITIVE_INFINITY), neginf.where(a.eq(Number.NEGATIVE_INFINITY), nan.where(a.ne(a), a))),
  grad: ({ g, a }) => g.where(a.sub(a).eq(0), 0),
});

/** Replaces NaN (by 0) and infinities (by the largest and smallest number of the dtype). Source: torch.nan_to_num. */
export const nanToNum: Unary<[nan?: number | NanToNumOptions, posinf?: number | null, neginf?: number | null]> = unary({
  formula: ({ a }) => a,
  instead: (args, target) => nonFinite(args, target),
});

function nonFinite(args: readonly unknown[], target: Tensor | null): Tensor {
  const x = args[0] as Tensor;
  const last = args[args.length - 1];
  const options: NanToNumOptions = isOptions(last) ? last : {};
  const value = (k: number, name: keyof NanToNumOptions) =>
    isOptions(args[k]) ? options[name] : (args[k] ?? options[name]);
  if (!x.dtype.isFloatingPoint) return target ?? x.clone();
  const largest = finfo(x.dtype).max;
  const nan = value(1, "nan") ?? 0;
  const posinf = value(2, "posinf") ?? largest;
  const neginf = value(3, "neginf") ?? -largest;
  return op(replaceNonFinite).apply([x, nan, posinf, neginf], target);
}

register({ within, replaceNonFinite });
