// The operators that work on tensors, and the functions of the library that they mean. The language process types and rewrites
// them, the executor runs them. This file knows neither TypeScript's compiler nor the library.

/** Operators of two operands that give elements of the operands' kind; each has a compound assignment (`+=`, …). */
export const arithmetic = {
  "+": "add",
  "-": "sub",
  "*": "mul",
  "/": "div",
  "%": "remainder",
  "**": "pow",
  "&": "bitwiseAnd",
  "|": "bitwiseOr",
  "^": "bitwiseXor",
  "<<": "bitwiseLeftShift",
  ">>": "bitwiseRightShift",
} as const;

/** Operators of two tensors and of nothing else, at the rank of `*`. TypeScript has none of them. */
export const products = { "@": "matmul" } as const;

/** Operators whose result is true or false for every element. `===` and `!==` are not among them: they compare identities. */
export const comparisons = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne" } as const;

/** Operators in front of one operand. */
export const prefixes = { "-": "neg", "~": "bitwiseNot" } as const;

/** The methods of a tensor on the right of what is none, where Python exchanges the operands: `2 < x` is `x > 2`. */
export const reflected = {
  add: "add",
  sub: "rsub",
  mul: "mul",
  bitwiseAnd: "bitwiseAnd",
  bitwiseOr: "bitwiseOr",
  bitwiseXor: "bitwiseXor",
  lt: "gt",
  le: "ge",
  gt: "lt",
  ge: "le",
  eq: "eq",
  ne: "ne",
} as const;

export type ReflectedName = keyof typeof reflected;

/** Whether Python exchanges the operands; for the others the library has functions whose first operand is a number. */
export function isReflected(name: string): name is ReflectedName {
  return Object.hasOwn(reflected, name);
}

export type ArithmeticName = (typeof arithmetic)[keyof typeof arithmetic];
export type ComparisonName = (typeof comparisons)[keyof typeof comparisons];
export type ProductName = (typeof products)[keyof typeof products];
export type BinaryName = ArithmeticName | ProductName | ComparisonName;
export type PrefixName = (typeof prefixes)[keyof typeof prefixes];
