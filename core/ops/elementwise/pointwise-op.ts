// An elementwise op, made from its row of the table: promotes dtypes, broadcasts, and runs the programs of the op and of its derivative.

import { attach, checkInPlace, edgesOf, isRecorded } from "../../autograd/record";
import { rebase } from "../../autograd/inplace";
import { copyOf, fillWith, run } from "../../dispatch";
import { type Edge, FunctionNode } from "../../autograd/node";
import { ArgumentError, AutogradError, DTypeError, ShapeError } from "../../errors";
import { defer } from "../../chain";
import {
  bool,
  canCast,
  Category,
  type DType,
  getDefaultDtype,
  isWhole,
  type Promotable,
  resultDtype,
  type Scalar,
  scalarDtype,
} from "../../tensor/dtype";
import { snakeCase } from "../../tensor/python-text";
import { checkNoInternalOverlap, checkNoPartialOverlap } from "../../tensor/overlap";
import { scalarFor } from "../../tensor/scalar";
import { emptyFor } from "../../tensor/memory-order";
import { broadcastPair, sameShape, text } from "../../tensor/shape";
import { empty, Tensor } from "../../tensor/tensor";
import { type Callee, pythonType, Signature, takesNumbers } from "../../arguments/signature";
import { assemble, type Code, Expr, expression, type Operand, operand, step, stepNamed } from "../../program";
import { type Compiled, NAMES } from "./derivative";
import { PointwiseNode, tensorOperand } from "./pointwise-node";
import type { Declaration, Formula, TensorOrScalar } from "./declaration";
import { requireImplemented } from "../../tensor/dtype-checks";
import { refuseRecorded, resizeOut } from "../shared/out";

/** What an op of three operands takes if its row does not tell. */
const THREE = "Tensor|Number input, Tensor|Number other, Tensor|Number third";

/** An elementwise op, made from its row of the table. */
export class Pointwise {
  /** The export's name. */
  name = "";
  private readonly forward = new Map<number, Code>();
  private readonly backward = new Map<number, Compiled>();
  private readonly parameterNames: string[];
  private readonly defaults: number[];
  private ownSignature: Signature | null = null;
  private numbersTaken = -1;
  private readonly also: Signature | null;

  constructor(
    readonly arity: number,
    readonly row: Declaration,
  ) {
    this.parameterNames = Object.keys(row.parameters ?? {});
    this.defaults = Object.values(row.parameters ?? {});
    this.also = row.also === undefined ? null : new Signature(row.also);
  }

  /** The op on symbols, for formulas that use it. */
  symbol(args: readonly (Operand | Expr | number)[]): Operand {
    const { row } = this;
    if (row.formula === undefined) return operand(step(stepNamed(this.name), args));
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
  over(...args: (Operand | number)[]): Operand {
    if (args[0] instanceof Expr) return this.symbol(args);
    return tensorOperand(this.apply(args, null));
  }

  /** What the op takes. */
  get signature(): Signature {
    if (this.ownSignature === null) this.ownSignature = new Signature(this.signatureText());
    return this.ownSignature;
  }

  private signatureText(): string {
    const operands = ["Tensor input", "Tensor|Number input, Tensor|Number other", THREE][this.arity - 1];
    const named = this.parameterNames.map((name, k) => `, Number ${name}=${this.defaults[k]}`);
    const takes = this.row.takes ?? operands + named.join("");
    return `${this.name}(${takes}${takes.includes("*") ? "" : ", *"}, Tensor? out=None)`;
  }

  /** The operands that may be numbers, one bit each. */
  private numbers(): number {
    if (this.numbersTaken < 0) {
      const { parameters } = this.signature;
      this.numbersTaken = 0;
      for (let k = 0; k < this.arity; k++) if (takesNumbers(parameters[k])) this.numbersTaken |= 1 << k;
    }
    return this.numbersTaken;
  }

  /** Runs the op on what the user gave. `target` is the tensor to write in place. */
  apply(args: readonly unknown[], target: Tensor | null, callee?: Callee): Tensor {
    if (!this.isPlain(args)) return this.applyRead(args, target, callee);
    const { instead } = this.row;
    const other = instead === undefined ? null : instead(args, target, null);
    return other ?? this.run(args as TensorOrScalar[], this.defaults, target, null);
  }

  /** Whether arguments are the operands and nothing else. */
  private isPlain(args: readonly unknown[]): boolean {
    const { arity } = this;
    if (args.length !== arity) return false;
    for (let k = 0; k < arity; k++) {
      const value = args[k];
      if (value instanceof Tensor) continue;
      const type = typeof value;
      if (type !== "number" && type !== "boolean" && type !== "bigint") return false;
      if ((this.numbers() & (1 << k)) === 0) return false;
    }
    return true;
  }

  private applyRead(args: readonly unknown[], target: Tensor | null, callee?: Callee): Tensor {
    const { arity, row, signature } = this;
    const [a, b, c, d, e, f, g, h] = args;
    const form = this.also?.fits(args.length, a, b, c, d, e, f, g, h) ? this.also : signature;
    const given = form.read(args, callee);
    const out = (given[signature.parameters.length - 1] ?? null) as Tensor | null;
    const values = given.slice(0, signature.parameters.length - 1);
    const other = row.variant?.(values, target, out) ?? row.instead?.(values, target, out) ?? null;
    if (other !== null) return other;
    const parameters = [...this.defaults];
    for (let k = arity; k < values.length; k++) {
      const at = this.parameterNames.indexOf(signature.parameters[k].name);
      if (at >= 0 && values[k] !== undefined) parameters[at] = Number(values[k]);
    }
    return this.run(values.slice(0, arity) as TensorOrScalar[], parameters, target, out);
  }

  /** Runs the op on operands and parameters; the result goes to `target`, in place, or to `into`, or to a new tensor. */
  run(
    operands: readonly TensorOrScalar[],
    parameters: readonly number[],
    target: Tensor | null,
    into: Tensor | null,
  ): Tensor {
    const { arity, row } = this;
    const out = target ?? into;
    const tensors: Tensor[] = [];
    const scalars: Scalar[] = [];
    let mask = 0;
    for (let k = 0; k < arity; k++) {
      const value = operands[k];
      if (value instanceof Tensor) tensors.push(value);
      else {
        mask |= 1 << k;
        scalars.push(value);
      }
    }
    if (tensors.length === 0) {
      if (row.wrapsNumbers !== true) this.refuseNumbers(operands);
      return this.run([wrapped(scalars[0]), ...operands.slice(1)], parameters, target, into);
    }

    const common = this.promote(operands, tensors, scalars);
    if (row.only !== undefined) this.checkOnly(common);
    row.check?.(operands, common, parameters);
    if (row.identityOnInts && common.category !== Category.Float) return this.identity(tensors[0], out);
    const computed = row.to === "float" && common.category !== Category.Float ? getDefaultDtype() : common;
    const dtype = row.to === "bool" ? bool : computed;

    let sizes: readonly number[] = tensors[0].sizes;
    for (let k = 1; k < tensors.length; k++) sizes = broadcastPair(sizes, tensors[k].sizes);

    const differentiable = row.grad !== undefined && (target !== null || row.to !== "bool");
    // A comparison writes into whole numbers too, which have no gradient.
    const recorded = differentiable && (out === null || out.dtype.isFloatingPoint) && isRecorded(tensors);
    let result: Tensor;
    if (out === null) result = row.rowMajor ? empty(sizes, dtype) : emptyFor(tensors, sizes, dtype);
    else {
      this.checkTarget(out, tensors, sizes, dtype, target === null, recorded);
      result = out;
    }
    let node: PointwiseNode | null = null;
    if (recorded) node = this.node(operands, tensors, scalars, parameters, mask, out);

    if (computed.category === Category.Int) {
      if (mask !== 0) narrow(scalars, computed, row.checksNumbers === true);
      narrowTensors(tensors, computed);
    }
    const code = this.code(mask);
    if (parameters.length > 0 && computed.category !== Category.Float) {
      parameters = parameters.map((value) => Number(scalarFor(value, computed)));
    }
    const values =
      parameters.length === 0 && code.scalars.length === scalars.length && mask !== 0
        ? scalars
        : resolve(code, this.arity, mask, scalars, this.parameterNames, parameters);
    // Before the run: a fault in the middle of it leaves changed memory.
    if (out !== null) out.storage.written();
    const waits = out === null && !recorded && defer(code, computed.compute, tensors, values, result);
    if (!waits) run(code, computed.compute, sizes, tensors, values, [result]);
    if (node !== null) {
      node.keep(result);
      if (out === null) attach(result, node);
      else rebase(result, node);
    }
    return result;
  }

  private refuseNumbers(operands: readonly unknown[]): never {
    throw new ArgumentError(
      `${snakeCase(this.name)}(): argument '${this.signature.parameters[0].name}' (position 1) must be Tensor, not ${pythonType(operands[0])}`,
    );
  }

  private checkOnly(common: DType): void {
    const { only, kernel } = this.row;
    const float = common.category === Category.Float;
    const taken = only === "float" ? float : only === "int" ? !float : common !== bool && (only === "number" || !float);
    requireImplemented(kernel ?? `${snakeCase(this.name)}_cpu`, common, taken);
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
    return resultDtype(operands.slice(first).map(promotable));
  }

  private identity(input: Tensor, out: Tensor | null): Tensor {
    return out === null ? input.clone() : out.copy_(input);
  }

  private checkTarget(
    out: Tensor,
    tensors: readonly Tensor[],
    sizes: readonly number[],
    dtype: DType,
    isOut: boolean,
    recorded: boolean,
  ): void {
    if (isOut) {
      refuseRecorded(snakeCase(this.name), tensors, out);
      checkOverlap(out, tensors);
      // What is read as well keeps its shape.
      if (!tensors.includes(out) && !sameShape(out.sizes, sizes)) {
        resizeOut(out, sizes, this.row.rowMajor ? undefined : emptyFor(tensors, sizes, dtype).strides);
      }
    }
    if (!sameShape(out.sizes, sizes)) {
      throw new ShapeError(`output with shape ${text(out.sizes)} doesn't match the broadcast shape ${text(sizes)}`);
    }
    if (!canCast(dtype, out.dtype) && !(this.row.to === "bool" && !isOut)) {
      throw new DTypeError(
        `result type ${dtype.scalarName} can't be cast to the desired output type ${out.dtype.scalarName}`,
      );
    }
    checkInPlace(out, recorded);
    if (!isOut) checkOverlap(out, tensors);
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
    const { missing } = this.row;
    const edges = missing === undefined ? edgesOf(tensors) : withoutDerivatives(edgesOf(tensors), missing, mask);
    let needed = 0;
    let t = 0;
    for (let k = 0; k < this.arity; k++) {
      if (mask & (1 << k)) continue;
      if (edges[t++] !== null) needed |= 1 << k;
    }
    const compiled = this.derivative(mask, needed);
    // What an in-place write replaces is saved as a copy, which has the graph of the old contents. The other operands are saved as they
    // are: backward of `x.mul_(x)` finds the second one written, and refuses.
    let kept = operands;
    if (target !== null && operands[0] === target && compiled.saved.includes(NAMES[0])) {
      kept = [target.clone(), ...operands.slice(1)];
    }
    const node = new PointwiseNode(edges, this, compiled, kept, scalars, parameters, mask);
    if (target !== null && this.row.nodeInPlace !== undefined) node.label = this.row.nodeInPlace;
    return node;
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
      const whole = assemble(gradients.filter((e): e is Expr => e !== null));
      const used = new Set(whole.inputs);
      const readsScalar =
        this.row.wrapsNumbers === true && whole.scalars.some((name) => NAMES.indexOf(name as "a") >= 0);
      compiled = {
        label: this.label(mask),
        saved: saved.filter((name) => used.has(name)).concat(this.row.keepsResult && !used.has("y") ? ["y"] : []),
        readsScalar,
        gradients,
        codes: new Map(),
      };
      this.backward.set(key, compiled);
    }
    return compiled;
  }

  /** PyTorch's name of the node, by which operands are numbers. */
  private label(mask: number): string {
    const { node } = this.row;
    if (typeof node === "string") return node;
    return node?.(mask) ?? `${this.name[0].toUpperCase()}${this.name.slice(1)}Backward0`;
  }

  /** The declared derivative over any kind of operand. */
  gradients(lookup: (name: string) => Operand): (Operand | number | null)[] {
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

/** Edges of which those of operands without a derivative end in a node that throws AutogradError when a gradient arrives. */
function withoutDerivatives(
  edges: readonly (Edge | null)[],
  missing: readonly (string | null)[],
  mask: number,
): (Edge | null)[] {
  const names = missing.filter((_, k) => !(mask & (1 << k)));
  return edges.map((edge, t) => {
    if (edge === null || names[t] === null) return edge;
    const refuse = () => {
      throw new AutogradError(names[t] ?? "");
    };
    return { ...edge, node: new FunctionNode("NotImplemented", [edge], refuse, []), output: 0 };
  });
}

/** Throws CressetError for a tensor whose elements share places, or whose memory is another part of an operand's. */
function checkOverlap(out: Tensor, operands: readonly Tensor[]): void {
  checkNoInternalOverlap(out);
  for (let k = 0; k < operands.length; k++) checkNoPartialOverlap(out, operands[k]);
}

/** Whether a scalar leaves the dtype of a dimensioned tensor as it is. */
function fits(value: Scalar, dtype: DType): boolean {
  if (dtype.category === Category.Float) return true;
  if (typeof value === "number") return dtype.category === Category.Int && isWhole(value);
  return typeof value === "boolean" || dtype.category === Category.Int;
}

/** A number as a tensor, for functions that take numbers alone. */
function wrapped(value: Scalar): Tensor {
  const one = empty([], scalarDtype(value));
  fillWith(one, value);
  return one;
}

/**
 * Tensors of whole numbers that the dtype of the computation may not hold, in that dtype: 0-d tensors do not raise the dtype of others,
 * and arithmetic runs in a wider type, where −1 would not be 255.
 */
function narrowTensors(tensors: Tensor[], dtype: DType): void {
  for (let k = 0; k < tensors.length; k++) {
    const own = tensors[k].dtype;
    if (own !== dtype && own.category === Category.Int && own.itemsize >= dtype.itemsize) {
      tensors[k] = copyOf(tensors[k], dtype);
    }
  }
}

/** Numbers as the whole-number dtype of the computation has them: arithmetic runs in a wider type, where −1 would not be 255. */
function narrow(scalars: Scalar[], dtype: DType, checks: boolean): void {
  if (dtype.itemsize === 8) return;
  const bits = dtype.itemsize * 8;
  for (let k = 0; k < scalars.length; k++) {
    const value = scalars[k];
    if (typeof value === "boolean" || (value >= 0 && value < 2 ** (bits - 1))) continue;
    if (checks) {
      scalars[k] = scalarFor(value, dtype);
      continue;
    }
    const whole = BigInt(value);
    scalars[k] = Number(dtype.name === "uint8" ? BigInt.asUintN(bits, whole) : BigInt.asIntN(bits, whole));
  }
}

/** What an operand contributes to the dtype of a result. */
export function promotable(value: TensorOrScalar): Promotable {
  if (value instanceof Tensor) return { dtype: value.dtype, rank: value.sizes.length > 0 ? 2 : 1 };
  return { dtype: scalarDtype(value), rank: 0 };
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
