// The recorded form of an elementwise op.

import { tied } from "../../autograd/record";
import { freedGraph, type Gradients, Node, Saved } from "../../autograd/node";
import type { Edge } from "../../autograd/node";
import { run } from "../../dispatch";
import type { Compute } from "../../native";
import type { DType, Scalar } from "../../tensor/dtype";
import { emptyPreserving } from "../../tensor/memory-order";
import { sameShape } from "../../tensor/shape";
import { empty, Tensor } from "../../tensor/tensor";
import { assemble, type Expr, type Operand } from "../../program";
import { sumToSize } from "../reduce/reduction";
import { type Compiled, type Differentiable, NAMES } from "./derivative";
import { isOperand } from "./composite";
import { zerosOf } from "../../autograd/zeros";
import type { TensorOrScalar } from "./declaration";

/** The recorded form of an elementwise op: runs the compiled derivative, or the declared one when a graph is wanted. */
export class PointwiseNode extends Node {
  private saved: (Saved | null)[] | null;

  constructor(
    edges: readonly (Edge | null)[],
    private readonly op: Differentiable,
    private readonly compiled: Compiled,
    operands: readonly TensorOrScalar[],
    private readonly scalars: readonly Scalar[],
    private readonly parameters: readonly number[],
    private readonly mask: number,
  ) {
    super(compiled.label, edges);
    this.saved = compiled.saved.map((name) =>
      name === "y" ? null : new Saved(operands[NAMES.indexOf(name as "a")] as Tensor),
    );
  }

  override get nextFunctions(): ([Node, number] | [null, number])[] {
    const { arity, row } = this.op;
    const shown: ([Node, number] | [null, number])[] = [];
    for (let k = 0, t = 0; k < arity; k++) {
      const isNumber = (this.mask & (1 << k)) !== 0;
      const edge = isNumber ? null : this.edges[t++];
      if (isNumber ? !row.wrapsNumbers : row.condition && k === 0) continue;
      shown.push(edge === null ? [null, 0] : [edge.node, edge.output]);
    }
    return shown;
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
      const expr = compiled.gradients[k] ?? null;
      const edge = this.edges[t];
      if (expr === null || edge === null) {
        out[t] = null;
      } else if (expr.kind === "input" && expr.name === "g") {
        // The engine brings it to the operand's shape and dtype.
        out[t] = grad;
      } else if (expr.kind === "scalar" && expr.value === 0) {
        out[t] = zerosOf(edge.sizes, edge.dtype);
      } else if (sameShape(edge.sizes, grad.sizes)) {
        out[t] = emptyPreserving(grad, edge.dtype);
        together.push(k);
      } else {
        const full = this.execute([k], grad, saved, [emptyPreserving(grad, edge.dtype)]);
        out[t] = sumToSize(full[0], edge.sizes);
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
    const { derivative } = this.op.row;
    const out: Gradients = [];
    for (let k = 0, t = 0; k < this.op.arity; k++) {
      if (this.mask & (1 << k)) continue;
      const edge = this.edges[t++];
      const value = edge === null ? null : gradients[k];
      if (edge === null || value === null || value === undefined) out.push(null);
      else if (!(value instanceof Tensor)) out.push(zerosOf(edge.sizes, edge.dtype));
      else out.push(derivative === undefined ? value : tied(value, this.edges, derivative));
    }
    return out;
  }

  private scalarPosition(k: number): number {
    let position = 0;
    for (let j = 0; j < k; j++) if (this.mask & (1 << j)) position++;
    return position;
  }

  /** PyTorch saves numbers that the derivative reads as tensors, so that they are gone as well. */
  release(): void {
    if (this.compiled.saved.length > 0 || this.compiled.readsScalar) this.saved = null;
  }
}

/** A tensor as the operand of a formula: it has every method that formulas use. */
export function tensorOperand(value: object): Operand {
  if (!isOperand(value)) throw new TypeError("a formula got a value without pointwise methods");
  return value;
}

/** A 0-d tensor that holds one scalar. */
function scalarTensor(value: Scalar, dtype: DType): Tensor {
  const out = empty([], dtype);
  return out.fill_(value);
}
