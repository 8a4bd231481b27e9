// Elementwise functions of three operands, and bounds.

import { ArgumentError, CressetError, DTypeError } from "../../errors";
import { overloaded } from "../../arguments/signed";
import { bool, Category, type Scalar, uint8 } from "../../tensor/dtype";
import { finfo } from "../../tensor/limits";
import { Tensor } from "../../tensor/tensor";
import {
  type Declaration,
  type Binary,
  binary,
  type OutOption,
  over,
  register,
  type Row,
  type Ternary,
  type TensorOrScalar,
  ternary,
  type Unary,
  unary,
} from "./define";
import { nativeName, requireFloat, requireNotBool } from "../../tensor/dtype-checks";
import { op } from "./rows";

// Three operands.

const choose: Row = ternary({
  takes: "Tensor condition, Tensor|Number input, Tensor|Number other",
  condition: true,
  checksNumbers: true,
  check: ([condition]) => {
    if (!(condition instanceof Tensor) || condition.dtype === bool || condition.dtype === uint8) return;
    throw new DTypeError(
      `where expected condition to be a boolean tensor, but got a tensor with dtype ${condition.dtype.scalarName}`,
    );
  },
  grad: ({ g, a }) => [null, g.where(a, 0), g.where(a.logicalNot(), 0)],
});

/** `where`: with the condition alone it gives positions; by name, a number in the place of `input` is called `self`. */
type Where = ((condition: Tensor) => Tensor[]) &
  Ternary<["condition", "input", "other"], [condition: Tensor, input: TensorOrScalar, other: TensorOrScalar]> &
  ((condition: Tensor, options: { self: Scalar; other: TensorOrScalar } & OutOption) => Tensor) &
  ((options: { condition: Tensor; self: Scalar; other: TensorOrScalar } & OutOption) => Tensor);

const chosen = (
  ...[condition, input, other, out]: [Tensor, TensorOrScalar, TensorOrScalar, (Tensor | null)?]
): Tensor => choose.op.run([condition, input, other], [], null, out ?? null);

/** Calls of `where` that give arguments by name. */
const whereByName = overloaded<(...args: unknown[]) => Tensor | Tensor[]>(
  ["where(Tensor condition)", (condition: Tensor) => condition.nonzero({ asTuple: true })],
  ["where(Tensor condition, Tensor input, Tensor|Number other, *, Tensor? out=None)", chosen],
  ["where(Tensor condition, Number self, Tensor|Number other, *, Tensor? out=None)", chosen],
);

/**
 * `input` where the condition holds, `other` elsewhere; as a method `input.where(condition, other)`. With the condition alone,
 * the positions where it holds, one tensor per dimension. Source: torch.where.
 */
export const where: Where = over(choose.op, (...args) =>
  args.length === 3 ? choose.op.apply(args, null) : whereByName(...args),
);

type Scaled = Ternary<
  ["input", "tensor1", "tensor2"],
  [input: Tensor, tensor1: Tensor, tensor2: Tensor],
  { value?: number }
>;

/** input + value · tensor1 · tensor2. Source: torch.addcmul. */
export const addcmul: Scaled = ternary({
  takes: "Tensor input, Tensor tensor1, Tensor tensor2, *, Number value=1",
  only: "number",
  kernel: "addcmul_cpu_out",
  parameters: { value: 1 },
  formula: ({ a, b, c, value }) => a.add(b.mul(c).mul(value)),
  grad: ({ g, b, c, value }) => [g, g.mul(c).mul(value), g.mul(b).mul(value)],
});

/** input + value · tensor1 / tensor2. Source: torch.addcdiv. */
export const addcdiv: Scaled = ternary({
  takes: "Tensor input, Tensor tensor1, Tensor tensor2, *, Number value=1",
  parameters: { value: 1 },
  formula: ({ a, b, c, value }) => a.add(b.div(c).mul(value)),
  grad: ({ g, b, c, value }) => [g, g.mul(value).div(c), g.neg().mul(value).mul(b).div(c.mul(c))],
  check: (operands) => {
    if (operands.slice(1).every((x) => x instanceof Tensor && x.dtype.category !== Category.Float)) {
      throw new DTypeError(
        "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes.",
      );
    }
  },
});

/** input + weight · (end − input). Source: torch.lerp. */
export const lerp: Ternary<["input", "end", "weight"], [input: Tensor, end: Tensor, weight: TensorOrScalar]> = ternary({
  takes: "Tensor input, Tensor end, Tensor|Number weight",
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
    return a.add(c.mul(step)).where(c.lt(0.5), b.sub(step.mul(c.rsub(1))));
  },
  node: (numbers) => (numbers === 0 ? "LerpBackward1" : "LerpBackward0"),
  grad: ({ g, a, b, c }) => [g.mul(c.rsub(1)), g.mul(c), g.mul(b.sub(a))],
});

const HEAVISIDE = "derivative for aten::heaviside is not implemented";

/**
 * 0 below 0, 1 above, and `values` where input is 0. Not differentiable. Throws DTypeError for operands of two dtypes. Source: torch.heaviside.
 */
export const heaviside: Binary<unknown, ["input", "values"], [input: Tensor, values: Tensor]> = binary({
  takes: "Tensor input, Tensor values",
  check: ([input, values]) => {
    if ((input as Tensor).dtype !== (values as Tensor).dtype)
      throw new DTypeError("heaviside is not yet implemented for tensors with different dtypes.");
  },
  formula: ({ a, b }) => b.where(a.eq(0), a.gt(0)),
  node: "NotImplemented",
  missing: [HEAVISIDE, HEAVISIDE],
  grad: () => [0, 0],
});

/** The angle of a number in the plane: π below 0, otherwise 0. Source: torch.angle. */
export const angle: Unary = unary({
  to: "float",
  formula: ({ a }) => a.lt(0).mul(Math.PI).where(a.eq(a), a),
  grad: () => 0,
});

/** The node of `clamp`: bounds are tensors or numbers. */
const clampName = (numbers: number) => (numbers === 0 ? "ClampBackward0" : "ClampBackward1");

const within: Row = ternary({
  checksNumbers: true,
  check: (operands, dtype) =>
    requireNotBool(operands.some((x, k) => k > 0 && x instanceof Tensor) ? "clamp_cpu" : "clamp_scalar_cpu", dtype),
  node: clampName,
  formula: ({ a, b, c }) => a.maximum(b).minimum(c),
  grad: ({ g, a, b, c }) => [
    g.where(a.ge(b).logicalAnd(a.le(c)), 0),
    g.where(a.lt(b).logicalAnd(b.lt(c)), 0),
    g.where(a.gt(c).logicalOr(b.gt(c)), 0),
  ],
});

/** Refuses a number as the bound of bools; a tensor is one operand of a maximum or minimum. */
function boundOfBools(kernel: string): NonNullable<Declaration["check"]> {
  return ([, bound], dtype) => {
    if (!(bound instanceof Tensor)) requireNotBool(kernel, dtype);
  };
}

const above: Declaration = {
  checksNumbers: true,
  formula: ({ a, b }) => a.maximum(b),
  grad: ({ g, a, b }) => [g.where(a.ge(b), 0), g.where(a.lt(b), 0)],
};

const below: Declaration = {
  checksNumbers: true,
  formula: ({ a, b }) => a.minimum(b),
  grad: ({ g, a, b }) => [g.where(a.le(b), 0), g.where(a.gt(b), 0)],
};

/** The larger of input and a bound. Source: torch.clamp_min. */
export const clampMin: Binary<unknown, ["input", "min"], [input: Tensor, min: TensorOrScalar]> = binary({
  takes: "Tensor input, Tensor|Number min",
  node: (numbers) => (numbers === 0 ? "ClampMinBackward1" : "ClampMinBackward0"),
  check: boundOfBools("clamp_min_cpu"),
  ...above,
});

/** The smaller of input and a bound. Source: torch.clamp_max. */
export const clampMax: Binary<unknown, ["input", "max"], [input: Tensor, max: TensorOrScalar]> = binary({
  takes: "Tensor input, Tensor|Number max",
  node: (numbers) => (numbers === 0 ? "ClampMaxBackward1" : "ClampMaxBackward0"),
  check: boundOfBools("clamp_max_scalar_cpu"),
  ...below,
});

const fromBelow: Row = binary({ node: clampName, check: boundOfBools("clamp_min_cpu"), ...above });
const fromAbove: Row = binary({ node: clampName, check: boundOfBools("clamp_max_scalar_cpu"), ...below });

/** A bound whose other bound is a number: a 0-d tensor without a gradient is one as well. */
function boundBesideNumber(bound: unknown): unknown {
  if (!(bound instanceof Tensor)) return bound;
  if (bound.ndim === 0 && !bound.requiresGrad) return bound.item();
  throw new ArgumentError("clamp(): min and max must both be Tensors or both be Numbers");
}

type Clamp = Unary<unknown, ["min", "max"], [min?: TensorOrScalar | null, max?: TensorOrScalar | null]>;

/** Bounds every element; either bound may be null. Throws CressetError without any bound. Source: torch.clamp. */
export const clamp: Clamp = unary({
  takes: "Tensor input, Tensor|Number? min=None, Tensor|Number? max=None",
  formula: ({ a }) => a,
  instead: ([input, low, high], target, out) => {
    const [noMin, noMax] = [low ?? null, high ?? null].map((bound) => bound === null);
    if (noMin && noMax) throw new CressetError("torch.clamp: At least one of 'min' or 'max' must not be None");
    const mixed = !noMin && !noMax && low instanceof Tensor !== high instanceof Tensor;
    const [min, max] = mixed ? [boundBesideNumber(low), boundBesideNumber(high)] : [low, high];
    if (noMax) return op(fromBelow).apply([input, min, { out }], target);
    if (noMin) return op(fromAbove).apply([input, max, { out }], target);
    return op(within).apply([input, min, max, { out }], target);
  },
});

/** The same as `clamp`. */
export const clip: Clamp = clamp;

const replaceNonFinite: Row = unary({
  parameters: { nan: 0, posinf: 0, neginf: 0 },
  node: "NanToNumBackward0",
  formula: ({ a, nan, posinf, neginf }) =>
    posinf.where(a.eq(Number.POSITIVE_INFINITY), neginf.where(a.eq(Number.NEGATIVE_INFINITY), nan.where(a.ne(a), a))),
  grad: ({ g, a }) => g.where(a.sub(a).eq(0), 0),
});

/** Replaces NaN (by 0) and infinities (by the largest and smallest number of the dtype). Source: torch.nan_to_num. */
export const nanToNum: Unary<
  unknown,
  ["nan", "posinf", "neginf"],
  [nan?: number | null, posinf?: number | null, neginf?: number | null]
> = unary({
  takes: "Tensor input, float? nan=None, float? posinf=None, float? neginf=None",
  formula: ({ a }) => a,
  instead: ([input, nan, posinf, neginf], target, out) => {
    const x = input as Tensor;
    if (!x.dtype.isFloatingPoint) return (target ?? out)?.copy_(x) ?? x.clone();
    const { max } = finfo(x.dtype);
    return op(replaceNonFinite).apply([x, nan ?? 0, posinf ?? max, neginf ?? -max, { out }], target);
  },
});

register({ within, fromBelow, fromAbove, replaceNonFinite });
