// Elementwise arithmetic of two numbers.

import { CressetError, DTypeError } from "../../errors";
import { bfloat16, bool, Category, resultDtype } from "../../tensor/dtype";
import { BOOL_SUBTRACTION } from "../../tensor/dtype-checks";
import { finfo } from "../../tensor/limits";
import { Tensor } from "../../tensor/tensor";
import {
  type Binary,
  binary,
  type Declaration,
  type Formula,
  register,
  type Row,
  TENSOR_FIRST,
  type TensorFirst,
  type TensorOrScalar,
  TENSORS,
  type TwoTensors,
} from "./define";
import type { Operand } from "../../program";
import { promotable } from "./pointwise-op";
import { op, scaled } from "./rows";

// Arithmetic.

/** input + alpha · other. Options: `alpha` (1), `out`. Source: torch.add. */
export const add: Binary<{ alpha?: number }> = binary({
  takes: "Tensor|Number input, Tensor|Number other, *, Number alpha=1",
  also: "add(Tensor|Number input, Number other, Number alpha)",
  wrapsNumbers: true,
  grad: ({ g }) => [g, g],
  variant: scaled(() => scaledAdd),
});

const scaledAdd: Row = binary({
  node: "AddBackward0",
  parameters: { alpha: 1 },
  formula: ({ a, b, alpha }) => a.add(b.mul(alpha)),
  wrapsNumbers: true,
  grad: ({ g, alpha }) => [g, g.mul(alpha)],
});

function refuseBools(operands: readonly TensorOrScalar[]): void {
  const bools = operands.filter((x) => (x instanceof Tensor ? x.dtype === bool : typeof x === "boolean")).length;
  if (bools === 0) return;
  throw new DTypeError(
    bools === 2
      ? "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead."
      : BOOL_SUBTRACTION,
  );
}

/** input − alpha · other. Throws DTypeError for bools. Source: torch.sub. */
export const sub: Binary<{ alpha?: number }> = binary({
  takes: "Tensor|Number input, Tensor|Number other, *, Number alpha=1",
  also: "sub(Tensor|Number input, Number other, Number alpha)",
  wrapsNumbers: true,
  grad: ({ g }) => [g, g.neg()],
  variant: scaled(() => scaledSub),
  check: refuseBools,
});

const scaledSub: Row = binary({
  node: "SubBackward0",
  parameters: { alpha: 1 },
  formula: ({ a, b, alpha }) => a.sub(b.mul(alpha)),
  wrapsNumbers: true,
  grad: ({ g, alpha }) => [g, g.neg().mul(alpha)],
  check: refuseBools,
});

/** The same as `sub`. */
export const subtract: Binary<{ alpha?: number }> = sub;

/** other − alpha · input. Throws DTypeError for bools. Source: torch.rsub. */
export const rsub: TensorFirst<{ alpha?: number }> = binary({
  takes: `${TENSOR_FIRST}, *, Number alpha=1`,
  also: "rsub(Tensor input, Number other, Number alpha)",
  formula: ({ a, b }) => b.sub(a),
  node: (numbers) => (numbers === 0 ? "RsubBackward0" : "RsubBackward1"),
  grad: ({ g }) => [g.neg(), g],
  variant: scaled(() => scaledRsub),
  check: refuseBools,
});

const scaledRsub: Row = binary({
  node: (numbers) => (numbers === 0 ? "RsubBackward0" : "RsubBackward1"),
  parameters: { alpha: 1 },
  formula: ({ a, b, alpha }) => b.sub(a.mul(alpha)),
  grad: ({ g, alpha }) => [g.neg().mul(alpha), g],
  check: refuseBools,
});

/** input · other. Source: torch.mul. */
export const mul: Binary = binary({ wrapsNumbers: true, grad: ({ g, a, b }) => [g.mul(b), g.mul(a)] });

/** The same as `mul`. */
export const multiply: Binary = mul;

const byRounding: NonNullable<Declaration["variant"]> = ([input, other, mode], target, out) => {
  if (mode === null || mode === undefined) return null;
  if (mode === "floor") return op(floorQuotient).apply([input, other, { out }], target);
  if (mode === "trunc") return op(truncQuotient).apply([input, other, { out }], target);
  throw new CressetError(
    `div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${String(mode)}'`,
  );
};

/** input / other, as floats; `roundingMode` "floor" or "trunc" keeps whole numbers. Source: torch.div. */
export const div: Binary<{ roundingMode?: "floor" | "trunc" | null }> = binary({
  to: "float",
  takes: "Tensor|Number input, Tensor|Number other, *, str? roundingMode=None",
  wrapsNumbers: true,
  grad: ({ g, a, b }) => [g.div(b), g.neg().mul(a.div(b).div(b))],
  variant: byRounding,
});

/** The same as `div`. */
export const divide: Binary<{ roundingMode?: "floor" | "trunc" | null }> = div;

/** input / other, as floats. Source: torch.true_divide. */
export const trueDivide: Binary = div;

const FLOOR_DIVIDE = "derivative for aten::floor_divide is not implemented";

/** The quotient rounded towards −∞. Not differentiable. Throws for whole numbers divided by 0. Source: torch.floor_divide. */
export const floorDivide: Binary = binary({
  only: "number",
  kernel: "div_floor_cpu",
  node: "NotImplemented",
  missing: [FLOOR_DIVIDE, FLOOR_DIVIDE],
  wrapsNumbers: true,
  grad: () => [0, 0],
});

/** The quotient rounded towards −∞: `div` with roundingMode "floor". */
const floorQuotient: Row = binary({
  only: "number",
  kernel: "div_floor_cpu",
  formula: ({ a, b }) => a.floorDivide(b),
  node: "DivBackward2",
  wrapsNumbers: true,
  grad: () => [0, 0],
});

/** The quotient rounded towards 0: `div` with roundingMode "trunc". */
const truncQuotient: Row = binary({
  only: "number",
  kernel: "div_trunc_cpu",
  formula: ({ a, b }) => a.div(b).trunc(),
  node: "DivBackward2",
  grad: () => [0, 0],
  instead: onInts(() => wholeDivide),
});

/** The same for whole numbers, whose step of division rounds towards 0. */
const wholeDivide: Binary = binary({ only: "number", kernel: "div_trunc_cpu", formula: ({ a, b }) => a.div(b) });

/** The remainder with the sign of the divisor, as Python's %. Source: torch.remainder. */
export const remainder: Binary = binary({
  only: "number",
  node: (numbers) => (numbers === 0 ? "RemainderBackward1" : "RemainderBackward0"),
  grad: ({ g, a, b }) => [g, g.neg().mul(op(floorQuotient).over(a, b))],
});

/** The remainder with the sign of the dividend, as C's fmod. Source: torch.fmod. */
export const fmod: TensorFirst = binary({
  takes: TENSOR_FIRST,
  only: "number",
  node: (numbers) => (numbers === 0 ? "FmodBackward1" : "FmodBackward0"),
  grad: ({ g, a, b }) => [g, g.neg().mul(a.div(b).trunc())],
});

const powGradients = ({ g, a, b, y }: Formula): Operand[] => [
  g
    .mul(b)
    .mul(a.pow(b.sub(1)))
    .where(b.ne(0), 0),
  g.mul(y.mul(a.log())).where(a.ne(0).logicalOr(b.lt(0)), 0),
];

/** Powers that are taken as roots: of −∞ and −0 a root is another number than the power. */
const roots: { readonly [exponent: string]: Binary } = {
  "0.5": binary({ node: "PowBackward0", formula: ({ a }) => a.sqrt(), grad: powGradients }),
  "-0.5": binary({ node: "PowBackward0", formula: ({ a }) => a.rsqrt(), grad: powGradients }),
};

/** input to the power of exponent. Throws for whole numbers to negative whole powers. Source: torch.pow. */
export const pow: Binary<unknown, ["input", "exponent"], [input: TensorOrScalar, exponent: TensorOrScalar]> = binary({
  takes: "Tensor|Number input, Tensor|Number exponent",
  only: "number",
  kernel: "pow",
  node: (numbers) => (numbers === 0 ? "PowBackward1" : numbers === 1 ? "PowBackward2" : "PowBackward0"),
  grad: powGradients,
  instead: (args, target) => {
    const root = args[0] instanceof Tensor && typeof args[1] === "number" ? roots[String(args[1])] : undefined;
    return root === undefined ? null : op(root).apply(args, target);
  },
  check: (operands, dtype) => {
    const exponent = operands[1];
    if (typeof exponent === "number" && exponent < 0 && dtype.category !== Category.Float) {
      throw new CressetError("Integers to negative integer powers are not allowed.");
    }
  },
});

/** The larger of two, NaN if either is. Source: torch.maximum. */
export const maximum: TwoTensors = binary({
  takes: TENSORS,
  grad: ({ g, a, b }) => {
    const half = g.mul(0.5);
    const ties = a.eq(b);
    return [half.where(ties, g.where(a.lt(b).logicalNot(), 0)), half.where(ties, g.where(a.gt(b).logicalNot(), 0))];
  },
});

/** The smaller of two, NaN if either is. Source: torch.minimum. */
export const minimum: TwoTensors = binary({
  takes: TENSORS,
  grad: ({ g, a, b }) => {
    const half = g.mul(0.5);
    const ties = a.eq(b);
    return [half.where(ties, g.where(a.gt(b).logicalNot(), 0)), half.where(ties, g.where(a.lt(b).logicalNot(), 0))];
  },
});

/** The larger of two, ignoring NaN. Source: torch.fmax. */
export const fmax: TwoTensors = binary({
  takes: TENSORS,
  grad: ({ g, a, b }) => {
    const first = a.ge(b).logicalOr(b.ne(b));
    return [g.where(first, 0), g.where(first.logicalNot(), 0)];
  },
  instead: onInts(() => maximum),
});

/** The smaller of two, ignoring NaN. Source: torch.fmin. */
export const fmin: TwoTensors = binary({
  takes: TENSORS,
  grad: ({ g, a, b }) => {
    const first = a.le(b).logicalOr(b.ne(b));
    return [g.where(first, 0), g.where(first.logicalNot(), 0)];
  },
  instead: onInts(() => minimum),
});

function onInts(other: () => Binary | TwoTensors): NonNullable<Declaration["variant"]> {
  return (args, target) => {
    const whole = args
      .slice(0, 2)
      .every((x) => (x instanceof Tensor ? !x.dtype.isFloatingPoint : Number.isInteger(Number(x))));
    return whole ? op(other()).apply(args, target) : null;
  };
}

/** The angle of (other, input) in radians, in (−π, π]. Source: torch.atan2. */
export const atan2: TwoTensors = binary({
  takes: TENSORS,
  to: "float",
  grad: ({ g, a, b }) => {
    const square = a.mul(a).add(b.mul(b));
    return [g.mul(b).div(square), g.neg().mul(a).div(square)];
  },
});

/** The same as `atan2`. */
export const arctan2: TwoTensors = atan2;

/** sqrt(input² + other²) without overflow. Source: torch.hypot. */
export const hypot: TwoTensors = binary({
  takes: TENSORS,
  only: "float",
  grad: ({ g, a, b, y }) => [g.mul(a.div(y)), g.mul(b.div(y))],
});

/** The magnitude of input with the sign of other. Source: torch.copysign. */
export const copysign: TensorFirst = binary({
  takes: TENSOR_FIRST,
  node: (numbers) => (numbers === 0 ? "CopysignBackward0" : "CopysignBackward1"),
  to: "float",
  keepsResult: true,
  grad: ({ g, a, y }) => [g.mul(y.div(a)).where(a.ne(0), 0), 0],
});

/** The next float after input towards other. Source: torch.nextafter. */
export const nextafter: TwoTensors = binary({
  takes: TENSORS,
  only: "float",
  instead: ([input, other], target, out) => {
    const [a, b] = [input, other] as [Tensor, Tensor];
    if (resultDtype([a, b].map(promotable)) !== bfloat16) return null;
    if (target !== null && target.dtype !== bfloat16) return null;
    const found = nextShort(a.detach().double(), b.detach().double()).to(bfloat16);
    const into = target ?? out;
    return into === null ? found : into.copy_(found);
  },
});

/** The number of bfloat16 next to `a` in the direction of `b`, both given exactly: its steps are 2^(exponent − 7). */
function nextShort(a: Tensor, b: Tensor): Tensor {
  const size = a.abs();
  const exponent = size.log2().floor().clampMin(-126);
  const step = exponent.sub(7).exp2();
  // Towards zero, a power of two has the smaller steps of the numbers below it.
  const inner = step.where(size.ne(exponent.exp2()).logicalOr(exponent.le(-126)), step.mul(0.5));
  const away = b.gt(a).eq(a.gt(0));
  const moved = a.add(a.sign().mul(step.where(away, inner.neg())));
  const finite = moved.where(a.isfinite(), a.sign().mul(finfo(bfloat16).max));
  const next = finite.where(a.ne(0), b.sign().mul(2 ** -133));
  return next.where(a.ne(b), b).where(a.isnan().logicalNot(), a).where(b.isnan().logicalNot(), b);
}

/** log(exp(input) + exp(other)). Source: torch.logaddexp. */
export const logaddexp: TwoTensors = binary({
  takes: TENSORS,
  only: "float",
  formula: ({ a, b }) =>
    a
      .maximum(b)
      .add(a.sub(b).abs().neg().exp().log1p())
      .where(a.ne(b).logicalOr(a.sub(a).eq(0)), a.maximum(b)),
  grad: ({ g, a, b }) => [g.div(b.sub(a).exp().add(1)), g.div(a.sub(b).exp().add(1))],
});

/** log2(2^input + 2^other). Source: torch.logaddexp2. */
export const logaddexp2: TwoTensors = binary({
  takes: TENSORS,
  only: "float",
  formula: ({ a, b }) =>
    a
      .maximum(b)
      .add(a.sub(b).abs().neg().exp2().log1p().mul(Math.LOG2E))
      .where(a.ne(b).logicalOr(a.sub(a).eq(0)), a.maximum(b)),
  grad: ({ g, a, b }) => [g.div(b.sub(a).exp2().add(1)), g.div(a.sub(b).exp2().add(1))],
});

/** input · log(other), 0 where input is 0. Source: torch.xlogy. */
export const xlogy: Binary = binary({
  to: "float",
  formula: ({ a, b }) => a.mul(b.log()).where(a.ne(0).logicalOr(b.ne(b)), 0),
  node: (numbers) => `XlogyBackward${numbers}`,
  grad: ({ g, a, b }) => [g.xlogy(b).where(a.ne(0).logicalOr(b.gt(0)), 0), g.mul(a).div(b)],
});

register({ scaledAdd, scaledSub, scaledRsub, wholeDivide, floorQuotient, truncQuotient });
