// Symbolic operands. A lambda over them, written with the same methods as on tensors, becomes the code of one program; so an
// op's formula, its derivative and a composite are each written once. Knows steps and registers, no tensor and no dtype.

import { pointwiseCodes } from "./native";
import { type InnerStep, type StepName, STEPS } from "./wire";

/** The steps of a program, ready to be written to the seam. */
export class Code {
  constructor(
    /** Names of the tensor operands, in the order of their registers. */
    readonly inputs: readonly string[],
    /** Scalar registers: a name that the caller resolves, or a constant. */
    readonly scalars: readonly (string | number)[],
    /** op, a, b, c per step, as they cross. */
    readonly steps: Int32Array,
    /** The register of every output. */
    readonly results: readonly number[],
    /** The reduction at the end, by wire code, or -1. */
    readonly reduce: number,
  ) {}
}

/** The methods of formulas: the backend's steps, and the operations that formulas are built from besides. */
export type FormulaMethod =
  | Exclude<StepName, InnerStep | "copy" | "fma">
  | "clampMax"
  | "clampMin"
  | "rsub"
  | "square"
  | "xlogy";

/** What formulas are written over: pointwise methods, shared by tensors and symbols. */
export type Operand = { readonly [Method in FormulaMethod]: (...args: (Operand | number)[]) => Operand };

/** One value of a formula. Methods are attached from the op tables. */
export class Expr {
  constructor(
    readonly kind: "input" | "scalar" | "step",
    /** The operand's name, or the step's op. */
    readonly name: string,
    readonly args: readonly Expr[] = [],
    /** The value of a constant. */
    readonly value: number | null = null,
  ) {}
}

/** The same expression as the operand that formulas see; methods are on the prototype. */
export function operand(expr: Expr): Operand {
  return expr as Expr & Operand;
}

/** A formula's value as an expression; numbers become constants. */
export function expression(value: Operand | Expr | number): Expr {
  if (value instanceof Expr) return value;
  if (typeof value === "number") return new Expr("scalar", "", [], value);
  throw new TypeError("a formula mixes tensors and symbols");
}

/** A step of the backend's table applied to operands. */
export function step(op: StepName, args: readonly (Operand | Expr | number)[]): Expr {
  return new Expr("step", op, args.map(expression));
}

/** The backend's step of that name. Throws when there is none, as for a row that should have a formula. */
export function stepNamed(name: string): StepName {
  const found = STEPS.find((step) => step === name);
  if (found === undefined) throw new Error(`the backend has no step named ${name}`);
  return found;
}

/** The code that computes `outputs`. Equal subexpressions run once; values that no output needs do not run. */
export function assemble(outputs: readonly Expr[], reduce = -1): Code {
  const inputs: string[] = [];
  const scalars: (string | number)[] = [];
  const order: Expr[] = [];
  const keys = new Map<Expr, string>();
  const registers = new Map<string, { kind: Expr["kind"]; index: number }>();

  const visit = (expr: Expr): string => {
    const known = keys.get(expr);
    if (known !== undefined) return known;
    let key: string;
    if (expr.kind === "input") {
      key = `i:${expr.name}`;
      if (!registers.has(key)) registers.set(key, { kind: "input", index: inputs.push(expr.name) - 1 });
    } else if (expr.kind === "scalar") {
      key = expr.value === null ? `s:${expr.name}` : `c:${Object.is(expr.value, -0) ? "-0" : expr.value}`;
      if (!registers.has(key)) registers.set(key, { kind: "scalar", index: scalars.push(expr.value ?? expr.name) - 1 });
    } else {
      const args = expr.args.map(visit);
      key = `${expr.name}(${args.join()})`;
      if (!registers.has(key)) registers.set(key, { kind: "step", index: order.push(expr) - 1 });
    }
    keys.set(expr, key);
    return key;
  };
  const wanted = outputs.map(visit);

  const register = (key: string): number => {
    const { kind, index } = registers.get(key) as { kind: Expr["kind"]; index: number };
    if (kind === "input") return index;
    return kind === "scalar" ? inputs.length + index : inputs.length + scalars.length + index;
  };
  const steps = new Int32Array(order.length * 4).fill(-1);
  order.forEach((expr, s) => {
    steps[s * 4] = pointwiseCodes.get(stepNamed(expr.name));
    expr.args.forEach((arg, k) => {
      steps[s * 4 + 1 + k] = register(visit(arg));
    });
  });
  return new Code(inputs, scalars, steps, wanted.map(register), reduce);
}
