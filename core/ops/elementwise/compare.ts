// Elementwise predicates, comparisons, logic and bits.

import { bool } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import {
  type Binary,
  binary,
  type Declaration,
  TENSOR_FIRST,
  type TensorFirst,
  TENSORS,
  type TwoTensors,
  type Unary,
  unary,
} from "./define";
import { op } from "./rows";

// Predicates.

/** Whether every element is NaN. Source: torch.isnan. */
export const isnan: Unary = unary({ to: "bool", formula: ({ a }) => a.ne(a) });

/** Whether every element is a real number: always, without complex numbers. Source: torch.isreal. */
export const isreal: Unary = unary({ to: "bool", formula: ({ a }) => a.eq(a).logicalOr(1) });

/** Whether every element is infinite. Source: torch.isinf. */
export const isinf: Unary = unary({
  to: "bool",
  formula: ({ a }) => a.abs().eq(Number.POSITIVE_INFINITY),
  instead: neverOnInts,
});

/** Whether every element is a finite number. Source: torch.isfinite. */
export const isfinite: Unary = unary({
  to: "bool",
  formula: ({ a }) => a.sub(a).eq(0),
});

/** Whether every element is −∞. Source: torch.isneginf. */
export const isneginf: Unary = unary({
  to: "bool",
  formula: ({ a }) => a.eq(Number.NEGATIVE_INFINITY),
  instead: neverOnInts,
});

/** Whether every element is +∞. Source: torch.isposinf. */
export const isposinf: Unary = unary({
  to: "bool",
  formula: ({ a }) => a.eq(Number.POSITIVE_INFINITY),
  instead: neverOnInts,
});

/** Whether the sign bit of every element is set. Source: torch.signbit. */
export const signbit: Unary = unary({ to: "bool" });

/** Whether every element is 0 (or false). Source: torch.logical_not. */
export const logicalNot: Unary = unary({ to: "bool" });

/** Every bit reversed; `not` for bool. Source: torch.bitwise_not. */
export const bitwiseNot: Unary = unary({
  only: "int",
  instead: (args, target) =>
    args[0] instanceof Tensor && args[0].dtype === bool ? op(logicalNot).apply(args, target) : null,
});

function neverOnInts([x]: readonly unknown[]): Tensor | null {
  return x instanceof Tensor && !x.dtype.isFloatingPoint ? x.ne(x) : null;
}

// Bits.

/** Bitwise and; `and` for bools. Source: torch.bitwise_and. */
export const bitwiseAnd: Binary = binary({ only: "int" });

/** Bitwise or; `or` for bools. Source: torch.bitwise_or. */
export const bitwiseOr: Binary = binary({ only: "int" });

/** Bitwise exclusive or. Source: torch.bitwise_xor. */
export const bitwiseXor: Binary = binary({ only: "int" });

/** input · 2^other. Source: torch.bitwise_left_shift. */
export const bitwiseLeftShift: Binary = binary({ only: "whole", kernel: "lshift_cpu" });

/** input / 2^other, rounded down. Source: torch.bitwise_right_shift. */
export const bitwiseRightShift: Binary = binary({ only: "whole", kernel: "rshift_cpu" });

/** The greatest common divisor. Source: torch.gcd. */
export const gcd: TwoTensors = binary({
  takes: TENSORS,
  only: "whole",
});

/** The least common multiple. Source: torch.lcm. */
export const lcm: TwoTensors = binary({
  takes: TENSORS,
  only: "whole",
  formula: ({ a, b }) => a.floorDivide(a.gcd(b).clampMin(1)).mul(b).abs(),
});

// Comparison and logic.

/** A comparison: in place, what it writes over gets the gradient 0. */
function comparison(name: string): Declaration {
  return {
    takes: TENSOR_FIRST,
    to: "bool",
    node: (numbers) => `${name}Backward${numbers === 0 ? 1 : 0}`,
    grad: () => [0, 0],
  };
}

/** input = other. Source: torch.eq. */
export const eq: TensorFirst = binary(comparison("Eq"));

/** input ≠ other. Source: torch.ne. */
export const ne: TensorFirst = binary(comparison("Ne"));

/** input < other. Source: torch.lt. */
export const lt: TensorFirst = binary(comparison("Lt"));

/** input ≤ other. Source: torch.le. */
export const le: TensorFirst = binary(comparison("Le"));

/** input > other. Source: torch.gt. */
export const gt: TensorFirst = binary(comparison("Gt"));

/** input ≥ other. Source: torch.ge. */
export const ge: TensorFirst = binary(comparison("Ge"));

/** The same as `ne`. */
export const notEqual: TensorFirst = ne;

/** The same as `lt`. */
export const less: TensorFirst = lt;

/** The same as `le`. */
export const lessEqual: TensorFirst = le;

/** The same as `gt`. */
export const greater: TensorFirst = gt;

/** The same as `ge`. */
export const greaterEqual: TensorFirst = ge;

/** Both nonzero. Source: torch.logical_and. */
export const logicalAnd: TwoTensors = binary({
  takes: TENSORS,
  to: "bool",
});

/** Either nonzero. Source: torch.logical_or. */
export const logicalOr: TwoTensors = binary({
  takes: TENSORS,
  to: "bool",
});

/** Exactly one nonzero. Source: torch.logical_xor. */
export const logicalXor: TwoTensors = binary({
  takes: TENSORS,
  to: "bool",
});
