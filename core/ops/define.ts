// How an elementwise op is declared: one exported constant per op, from which come the function, the method, the in-place
// method and the backward program. The name of an op is the name of its export (see `register`).

import { attach, checkInPlace, edgesOf, isRecorded } from "../autograd/record";
import { rebase } from "../autograd/inplace";
import { freedGraph, type Gradients, Node, Saved } from "../autograd/node";
import type { Edge } from "../autograd/node";
import { checkWritable, copyOf, run } from "../dispatch";
import { ArgumentError, DTypeError, ShapeError } from "../errors";
import type { Compute } from "../native";
import {
  bool,
  canCast,
  Category,
  type DType,
  getDefaultDtype,
  type Promotable,
  resultDtype,
  type Scalar,
  scalarDtype,
} from "../tensor/dtype";
import { broadcastPair, isDense, sameShape, text } from "../tensor/shape";
import { empty, emptyLayout, Tensor } from "../tensor/tensor";
import { isOptions } from "./arguments";
import { assemble, type Code, Expr, expression, type Operand, operand, step } from "./expr";
import { sumToSize } from "./reduce";

/** An operand as users give it. */
export type TensorOrScalar = Tensor | Scalar;

/** What a formula sees: operands `a b c`, the gradient `g`, the result `y`, and the op's parameters by name. */
export interface Formula {
  a: Operand;
  b: Operand;
  c: Operand;
  g: Operand;
  y: Operand;
  [parameter: string]: Operand;
}

type Variant = (args: readonly unknown[], target: Tensor | null) => Tensor | null;
type Derivative = Operand | null | (Operand | null)[];

/** The declaration of an elementwise op. */
export interface Declaration {
  /**
   * The dtype of the result: "same" as the promoted operands (default), "float" (whole numbers become the default float), or
   * "bool".
   */
  to?: "same" | "float" | "bool";
  /** Dtypes that the op takes, refusing others in PyTorch's words: "int" (with bool) or "float". Default: all. */
  only?: "int" | "float";
  /** Whole-number tensors come back unchanged (rounding). */
  identityOnInts?: boolean;
  /** The formula, for ops that are composed; absent for a step of the backend's table with the op's own name. */
  formula?: (f: Formula) => Operand;
  /** The gradient of each operand; a single value for one operand. Absent: not differentiable. */
  grad?: (f: Formula) => Derivative;
  /** Options that only `variant` reads; without effect when they are null. */
  keywords?: readonly string[];
  /** Named parameters after the operands, with their defaults. */
  parameters?: { [name: string]: number };
  /** Checks operands before anything runs, in PyTorch's words. */
  check?: (operands: readonly TensorOrScalar[], dtype: DType) => void;
  /** The name in `gradFn`, when it is not the op's name + Backward0. */
  node?: string;
  /** The first operand is a condition that takes no part in promotion, and the method's receiver is the second. */
  condition?: boolean;
  /** Calls with more than the operands that another op serves (`alpha`, rounding modes): the result, or null to go on. */
  variant?: Variant;
  /** Calls that another op serves by the kind of their operands: the result, or null to go on. */
  instead?: Variant;
}

const NAMES = ["a", "b", "c"] as const;

/** A compiled derivative for one pattern of scalar operands and operands that need gradients. */
interface Compiled {
  /** Names of what backward reads besides `g`. */
  saved: string[];
  /** Per operand: its gradient as an expression, "g" itself, or null. */
  gradients: (Expr | null)[];
  /** Programs by the operands that they serve. */
  codes: Map<string, Code>;
}

/** An elementwise op: a table row come to life. */
export class Pointwise {
  /** The export's name. */
  name = "";
  private readonly forward = new Map<number, Code>();
  private readonly backward = new Map<number, Compiled>();
  private readonly parameterNames: string[];
  private readonly defaults: number[];

  constructor(
    readonly arity: number,
    readonly row: Declaration,
  ) {
    this.parameterNames = Object.keys(row.parameters ?? {});
    this.defaults = Object.values(row.parameters ?? {});
  }

  /** The op on symbols, for formulas that use it. */
  symbol(args: readonly (Operand | Expr | number)[]): Operand {
    const { row } = this;
    if (row.formula === undefined) return operand(step(this.name, args));
    const scope: { [name: string]: Operand } = {};
    NAMES.slice(0, this.arity).forEach((name, k) => {
      scope[name] = operand(expression(args[k]));
    });
    this.parameterNames.forEach((name, k) => {
      scope[name] = operand(expression(args[this.arity + k] ?? this.defaults[k]));
    });
    return row.formula(scope as Formula);
  }

  /** The op on operands of a formula, symbols or tensors: for formulas that use an op without a method. */
  over(...args: Operand[]): Operand {
    if (args[0] instanceof Expr) return this.symbol(args);
    return tensorOperand(this.apply(args, null));
  }

  /** Runs the op on what the user gave. `target` is the tensor to write in place. */
  apply(args: readonly unknown[], target: Tensor | null): Tensor {
    const { arity, row } = this;
    const variant = row.instead ?? (args.length > arity ? row.variant : undefined);
    if (variant !== undefined) {
      const other = variant(args, target);
      if (other !== null) return other;
    }
    let out = target;
    let parameters: number[] = this.defaults;
    if (args.length > arity) {
      const last = args[args.length - 1];
      if (isOptions(last) && last.out instanceof Tensor) out = last.out;
      parameters = this.readParameters(args);
    }
    const operands = args.length === arity ? (args as TensorOrScalar[]) : (args.slice(0, arity) as TensorOrScalar[]);
    const tensors: Tensor[] = [];
    const scalars: Scalar[] = [];
    let mask = 0;
    for (let k = 0; k < arity; k++) {
      const value = operands[k];
      if (value instanceof Tensor) tensors.push(value);
      else {
        this.checkScalar(value, k);
        mask |= 1 << k;
        scalars.push(value);
      }
    }
    if (tensors.length === 0) throw this.argumentError(operands, 0);

    const common = this.promote(operands, tensors, scalars);
    if (row.only !== undefined) this.checkOnly(common);
    row.check?.(operands, common);
    if (row.identityOnInts && common.category !== Category.Float) return this.identity(tensors[0], out);
    const computed = row.to === "float" && common.category !== Category.Float ? getDefaultDtype() : common;
    const dtype = row.to === "bool" ? bool : computed;

    let sizes: readonly number[] = tensors[0].sizes;
    for (let k = 1; k < tensors.length; k++) sizes = broadcastPair(sizes, tensors[k].sizes);

    const recorded = row.grad !== undefined && isRecorded(tensors);
    let result: Tensor;
    if (out === null) result = layoutFor(tensors, sizes, dtype);
    else {
      this.checkTarget(out, sizes, dtype, target === null, recorded);
      result = out;
    }
    let node: PointwiseNode | null = null;
    if (recorded) node = this.node(operands, tensors, scalars, parameters, mask, out);

    const code = this.code(mask);
    const values =
      parameters.length === 0 && code.scalars.length === scalars.length && mask !== 0
        ? scalars
        : resolve(code, this.arity, mask, scalars, this.parameterNames, parameters);
    run(code, computed.compute, sizes, tensors, values, [result]);
    if (out !== null) result.storage.version++;
    if (node !== null) {
      node.keep(result);
      if (out === null) attach(result, node);
      else rebase(result, node, target === null ? -1 : 0);
    }
    return result;
  }

  private readParameters(args: readonly unknown[]): number[] {
    const { arity, parameterNames } = this;
    const values = [...this.defaults];
    for (let k = arity; k < args.length; k++) {
      const value = args[k];
      if (isOptions(value) && k === args.length - 1) {
        for (const [name, given] of Object.entries(value)) {
          if (name === "out" || this.row.keywords?.includes(name)) continue;
          const at = parameterNames.indexOf(name);
          if (at < 0) throw new ArgumentError(`${this.name}() got an unexpected keyword argument '${name}'`);
          if (given !== undefined) values[at] = Number(given);
        }
      } else if (k - arity < parameterNames.length) {
        if (
          typeof value !== "number" &&
          typeof value !== "bigint" &&
          typeof value !== "boolean" &&
          value !== undefined
        ) {
          throw new ArgumentError(
            `${this.name}(): argument '${parameterNames[k - arity]}' (position ${k + 1}) must be Number, not ${kindOf(value)}`,
          );
        }
        if (value !== undefined) values[k - arity] = Number(value);
      } else if (value !== undefined) {
        throw new ArgumentError(
          `${this.name}() takes ${arity + parameterNames.length} positional arguments but ${args.length} were given`,
        );
      }
    }
    return values;
  }

  private checkScalar(value: unknown, position: number): asserts value is Scalar {
    if (typeof value !== "number" && typeof value !== "boolean" && typeof value !== "bigint") {
      throw this.argumentError(value, position);
    }
  }

  private argumentError(value: unknown, position: number): ArgumentError {
    const name = position === 0 ? "input" : "other";
    return new ArgumentError(
      `${this.name}(): argument '${name}' (position ${position + 1}) must be Tensor, not ${kindOf(value)}`,
    );
  }

  private checkOnly(common: DType): void {
    if ((this.row.only === "int") === (common.category === Category.Float)) {
      throw new DTypeError(`"${this.name}_cpu" not implemented for '${common.scalarName}'`);
    }
  }

  private promote(operands: readonly TensorOrScalar[], tensors: readonly Tensor[], scalars: readonly Scalar[]): DType {
    const first = this.row.condition ? 1 : 0;
    const dtype = tensors[0].dtype;
    if (first === 0) {
      let simple = true;
      for (let k = 1; k < tensors.length && simple; k++) simple = tensors[k].dtype === dtype;
      for (let k = 0; k < scalars.length && simple; k++) simple = fits(scalars[k], dtype);
      if (simple) return dtype;
    }
    const promotable: Promotable[] = [];
    for (let k = first; k < operands.length; k++) {
      const value = operands[k];
      if (value instanceof Tensor) promotable.push({ dtype: value.dtype, rank: value.sizes.length > 0 ? 2 : 1 });
      else promotable.push({ dtype: scalarDtype(value), rank: 0 });
    }
    return resultDtype(promotable);
  }

  private identity(input: Tensor, out: Tensor | null): Tensor {
    return out === null ? input.clone() : out.copy_(input);
  }

  private checkTarget(out: Tensor, sizes: readonly number[], dtype: DType, isOut: boolean, recorded: boolean): void {
    if (!sameShape(out.sizes, sizes)) {
      throw new ShapeError(`output with shape ${text(out.sizes)} doesn't match the broadcast shape ${text(sizes)}`);
    }
    if (!canCast(dtype, out.dtype) && !(this.row.to === "bool" && !isOut)) {
      throw new DTypeError(
        `result type ${dtype.scalarName} can't be cast to the desired output type ${out.dtype.scalarName}`,
      );
    }
    checkInPlace(out, recorded);
    checkWritable(out);
  }

  private code(mask: number): Code {
    let code = this.forward.get(mask);
    if (code === undefined) {
      const args = NAMES.slice(0, this.arity).map((name, k) => new Expr(mask & (1 << k) ? "scalar" : "input", name));
      const named = this.parameterNames.map((name) => new Expr("scalar", name));
      const inputs = args.filter((arg) => arg.kind === "input");
      code = inInputOrder(assemble([expression(this.symbol([...args, ...named]))]), inputs);
      this.forward.set(mask, code);
    }
    return code;
  }

  private node(
    operands: readonly TensorOrScalar[],
    tensors: readonly Tensor[],
    scalars: readonly Scalar[],
    parameters: readonly number[],
    mask: number,
    target: Tensor | null,
  ): PointwiseNode {
    const edges = edgesOf(tensors);
    let needed = 0;
    let t = 0;
    for (let k = 0; k < this.arity; k++) {
      if (mask & (1 << k)) continue;
      if (edges[t++] !== null) needed |= 1 << k;
    }
    const compiled = this.derivative(mask, needed);
    const name = this.row.node ?? `${this.name[0].toUpperCase()}${this.name.slice(1)}Backward0`;
    // What an in-place write replaces is saved as a copy.
    const kept = operands.map((value, k) =>
      value === target && target !== null && compiled.saved.includes(NAMES[k]) ? copyOf(target) : value,
    );
    return new PointwiseNode(name, edges, this, compiled, kept, tensors, scalars, parameters, mask, needed);
  }

  /** The compiled derivative for a pattern of operands. */
  private derivative(mask: number, needed: number): Compiled {
    const key = mask * 8 + needed;
    let compiled = this.backward.get(key);
    if (compiled === undefined) {
      const saved: string[] = [];
      const known = new Map<string, Operand>();
      const lookup = (name: string): Operand => {
        let value = known.get(name);
        if (value === undefined) {
          const position = NAMES.indexOf(name as "a");
          const scalar = this.parameterNames.includes(name) || (position >= 0 && (mask & (1 << position)) !== 0);
          if (!scalar && name !== "g") saved.push(name);
          value = operand(new Expr(scalar ? "scalar" : "input", name));
          known.set(name, value);
        }
        return value;
      };
      const gradients = this.gradients(lookup).map((value, k) => {
        if (value === null || value === undefined || !(needed & (1 << k))) return null;
        return expression(value);
      });
      // Looking at every operand's formula may have touched more than the needed ones use.
      const used = new Set(assemble(gradients.filter((e): e is Expr => e !== null)).inputs);
      compiled = { saved: saved.filter((name) => used.has(name)), gradients, codes: new Map() };
      this.backward.set(key, compiled);
    }
    return compiled;
  }

  /** The declared derivative over any kind of operand. */
  gradients(lookup: (name: string) => Operand): (Operand | null)[] {
    const formula = new Proxy({} as Formula, { get: (_, name) => lookup(String(name)) });
    const value = this.row.grad?.(formula) ?? null;
    return Array.isArray(value) ? value : [value];
  }

  /** Scalar registers of a program by name. */
  values(code: Code, mask: number, scalars: readonly Scalar[], parameters: readonly number[]): Scalar[] {
    return resolve(code, this.arity, mask, scalars, this.parameterNames, parameters);
  }

  /** Parameters by name, as formulas over tensors see them. */
  parameter(name: string, parameters: readonly number[]): number | undefined {
    const at = this.parameterNames.indexOf(name);
    return at < 0 ? undefined : parameters[at];
  }
}

/** Whether a scalar leaves the dtype of a dimensioned tensor as it is. */
function fits(value: Scalar, dtype: DType): boolean {
  if (dtype.category === Category.Float) return true;
  if (typeof value === "number") return dtype.category === Category.Int && Number.isInteger(value);
  return typeof value === "boolean" || dtype.category === Category.Int;
}

function kindOf(value: unknown): string {
  if (value === null) return "NoneType";
  if (value === undefined) return "undefined";
  if (typeof value === "string") return "str";
  if (Array.isArray(value)) return "list";
  return typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
}

/** A formula may name operands in another order than they are given, or not at all: registers follow the operands. */
function inInputOrder(code: Code, inputs: readonly Expr[]): Code {
  const names = inputs.map((input) => input.name);
  if (names.join() === code.inputs.join()) return code;
  const shift = names.length - code.inputs.length;
  const map = (register: number): number => {
    if (register < 0) return register;
    return register < code.inputs.length ? names.indexOf(code.inputs[register]) : register + shift;
  };
  const steps = code.steps.map((value, k) => (k % 4 === 0 ? value : map(value)));
  return { ...code, inputs: names, steps, results: code.results.map(map) };
}

function resolve(
  code: Code,
  arity: number,
  mask: number,
  scalars: readonly Scalar[],
  names: readonly string[],
  parameters: readonly number[],
): Scalar[] {
  return code.scalars.map((source) => {
    if (typeof source === "number") return source;
    const at = names.indexOf(source);
    if (at >= 0) return parameters[at];
    let position = 0;
    for (let k = 0; k < arity; k++) {
      if (!(mask & (1 << k))) continue;
      if (NAMES[k] === source) break;
      position++;
    }
    return scalars[position];
  });
}

/** A new tensor for a result: in the operands' own memory order when they share one, else row by row. */
function layoutFor(tensors: readonly Tensor[], sizes: readonly number[], dtype: DType): Tensor {
  const first = tensors[0];
  if (sameShape(first.sizes, sizes)) {
    if (first.contiguousNow) {
      return first._numel > 0 ? emptyLayout(first, dtype) : empty(sizes, dtype);
    }
    let shared = isDense(first.sizes, first.strides);
    for (let k = 1; k < tensors.length && shared; k++) {
      shared = sameShape(tensors[k].sizes, first.sizes) && sameShape(tensors[k].strides, first.strides);
    }
    if (shared) return emptyLayout(first, dtype);
  }
  return empty(sizes, dtype);
}

/** The recorded form of an elementwise op: runs the compiled derivative, or the declared one when a graph is wanted. */
class PointwiseNode extends Node {
  private saved: (Saved | null)[] | null;
  private readonly shapes: (readonly number[])[];
  private readonly dtypes: DType[];

  constructor(
    name: string,
    edges: readonly (Edge | null)[],
    private readonly op: Pointwise,
    private readonly compiled: Compiled,
    operands: readonly TensorOrScalar[],
    tensors: readonly Tensor[],
    private readonly scalars: readonly Scalar[],
    private readonly parameters: readonly number[],
    private readonly mask: number,
    private readonly needed: number,
  ) {
    super(name, edges);
    this.shapes = tensors.map((t) => t.sizes);
    this.dtypes = tensors.map((t) => t.dtype);
    this.saved = compiled.saved.map((saved) =>
      saved === "y" ? null : new Saved(operands[NAMES.indexOf(saved as "a")] as Tensor),
    );
  }

  /** Saves the result, if the derivative uses it. */
  keep(result: Tensor): void {
    const at = this.compiled.saved.indexOf("y");
    if (at >= 0 && this.saved !== null) this.saved[at] = new Saved(result, this);
  }

  apply(grads: Gradients, createGraph: boolean): Gradients {
    const { compiled, saved } = this;
    if (saved === null) throw freedGraph();
    const grad = grads[0] as Tensor;
    const values = saved.map((s) => (s as Saved).unpack());
    return createGraph ? this.recordedGradients(grad, values) : this.programs(grad, values, compiled);
  }

  private programs(grad: Tensor, saved: readonly Tensor[], compiled: Compiled): Gradients {
    const out: Gradients = [];
    const together: number[] = [];
    for (let k = 0, t = 0; k < this.op.arity; k++) {
      if (this.mask & (1 << k)) continue;
      const expr = compiled.gradients[k];
      if (expr === null || expr === undefined) {
        out[t] = null;
      } else if (expr.kind === "input" && expr.name === "g") {
        const summed = sumToSize(grad, this.shapes[t]);
        out[t] = summed.dtype === this.dtypes[t] ? summed : summed.to(this.dtypes[t]);
      } else if (sameShape(this.shapes[t], grad.sizes)) {
        out[t] = empty(grad.sizes, this.dtypes[t]);
        together.push(k);
      } else {
        const full = this.execute([k], grad, saved, [empty(grad.sizes, this.dtypes[t])]);
        out[t] = sumToSize(full[0], this.shapes[t]);
      }
      t++;
    }
    if (together.length > 0) {
      const outputs = together.map((k) => out[this.tensorPosition(k)] as Tensor);
      this.execute(together, grad, saved, outputs);
    }
    return out;
  }

  private tensorPosition(k: number): number {
    let t = 0;
    for (let j = 0; j < k; j++) if (!(this.mask & (1 << j))) t++;
    return t;
  }

  private execute(operands: readonly number[], grad: Tensor, saved: readonly Tensor[], outputs: Tensor[]): Tensor[] {
    const { compiled } = this;
    const key = operands.join();
    let code = compiled.codes.get(key);
    if (code === undefined) {
      code = assemble(operands.map((k) => compiled.gradients[k] as Expr));
      compiled.codes.set(key, code);
    }
    const inputs = code.inputs.map((name) => (name === "g" ? grad : saved[compiled.saved.indexOf(name)]));
    const compute: Compute = grad.dtype.compute;
    run(code, compute, grad.sizes, inputs, this.op.values(code, this.mask, this.scalars, this.parameters), outputs);
    return outputs;
  }

  private recordedGradients(grad: Tensor, saved: readonly Tensor[]): Gradients {
    const gradients = this.op.gradients((name) => {
      if (name === "g") return tensorOperand(grad);
      const at = this.compiled.saved.indexOf(name);
      if (at >= 0) return tensorOperand(saved[at]);
      const parameter = this.op.parameter(name, this.parameters);
      const position = NAMES.indexOf(name as "a");
      const value = parameter ?? (position >= 0 ? this.scalars[this.scalarPosition(position)] : undefined);
      // A formula for an operand that needs no gradient may name what was not saved; its value is not used.
      return tensorOperand(scalarTensor(value ?? 0, grad.dtype));
    });
    const out: Gradients = [];
    for (let k = 0, t = 0; k < this.op.arity; k++) {
      if (this.mask & (1 << k)) continue;
      const value = this.needed & (1 << k) ? gradients[k] : null;
      if (value instanceof Tensor) {
        const summed = sumToSize(value, this.shapes[t]);
        out[t] = summed.dtype === this.dtypes[t] ? summed : summed.to(this.dtypes[t]);
      } else out[t] = null;
      t++;
    }
    return out;
  }

  private scalarPosition(k: number): number {
    let position = 0;
    for (let j = 0; j < k; j++) if (this.mask & (1 << j)) position++;
    return position;
  }

  release(): void {
    if (this.compiled.saved.length > 0) this.saved = null;
  }
}

function isOperand(value: object): value is Operand {
  return value instanceof Tensor;
}

/** A tensor as the operand of a formula: it has every method that formulas use. */
function tensorOperand(value: object): Operand {
  if (!isOperand(value)) throw new TypeError("a formula got a value without pointwise methods");
  return value;
}

/** A 0-d tensor that holds one scalar. */
function scalarTensor(value: Scalar, dtype: DType): Tensor {
  const out = empty([], dtype);
  return out.fill_(value);
}

/** A function whose row in the table is at hand. */
type Declared<F> = F & { readonly op: Pointwise };

/** Trailing options that every elementwise function takes. */
export interface OutOption {
  /** The tensor that receives the result. */
  out?: Tensor;
}

/** An elementwise function of one tensor. `P`: its parameters after the tensor. */
export type Unary<P extends unknown[] = []> = Declared<
  (input: Tensor, ...parameters: [...rest: P, options?: OutOption]) => Tensor
>;
/** An elementwise function of two tensors or numbers, broadcast together. */
export type Binary<P extends unknown[] = []> = Declared<
  (input: TensorOrScalar, other: TensorOrScalar, ...parameters: [...rest: P, options?: OutOption]) => Tensor
>;
/** An elementwise function of three tensors or numbers, broadcast together. */
export type Ternary<P extends unknown[] = []> = Declared<
  (a: TensorOrScalar, b: TensorOrScalar, c: TensorOrScalar, ...parameters: [...rest: P, options?: OutOption]) => Tensor
>;

function declare(arity: number, row: Declaration) {
  const op = new Pointwise(arity, row);
  return Object.assign((...args: unknown[]): Tensor => op.apply(args, null), { op });
}

/** Declares a function of one tensor. */
export function unary<P extends unknown[] = []>(row: Declaration): Unary<P> {
  return declare(1, row) as Unary<P>;
}

/** Declares a function of two operands. */
export function binary<P extends unknown[] = []>(row: Declaration): Binary<P> {
  return declare(2, row) as Binary<P>;
}

/** Declares a function of three operands. */
export function ternary<P extends unknown[] = []>(row: Declaration): Ternary<P> {
  return declare(3, row) as Ternary<P>;
}

/** Names the ops of a table after their exports, and gives symbols their methods. */
export function register(table: { [name: string]: unknown }): void {
  for (const [name, value] of Object.entries(table)) {
    const op = opOf(value);
    if (op === null || op.name !== "") continue;
    op.name = name;
    Object.defineProperty(value, "name", { value: name });
    Object.defineProperty(Expr.prototype, name, {
      value(this: Expr, ...args: (Operand | number)[]) {
        return op.symbol(op.row.condition ? [args[0], this, ...args.slice(1)] : [this, ...args]);
      },
    });
  }
}

/** The table row behind a declared function, or null for another function. */
export function opOf(value: unknown): Pointwise | null {
  return typeof value === "function" && "op" in value && value.op instanceof Pointwise ? value.op : null;
}
