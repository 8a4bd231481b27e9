// A formula over several tensors, written once: one program where nothing is recorded, operation by operation where the result
// has to have a graph (inside a backward pass that is differentiated again).

import { isRecorded } from "../../autograd/record";
import { fillWith, run } from "../../dispatch";
import { reduceCodes } from "../../native";
import type { DType } from "../../tensor/dtype";
import { empty, Tensor } from "../../tensor/tensor";
import { assemble, type Code, Expr, expression, type Operand, operand } from "../../program";
import { keptSizes } from "../reduce/reduction";

/** Tensors and numbers of a formula by name. */
type Scope = { readonly [name: string]: Operand };

/** Whether a value is a tensor: it has every method that formulas use. */
export function isOperand(value: object): value is Operand {
  return value instanceof Tensor;
}

/** A formula that can run either way. */
export class Composite {
  private code: Code | null = null;

  constructor(
    private readonly formula: (f: Scope) => Operand,
    /** Whether results are summed over dimensions, which stay with size 1. */
    private readonly summed = false,
  ) {}

  /**
   * The result over `sizes`, to which every tensor broadcasts; its dtype is `dtype`, or the first tensor's. `dims` are summed when
   * the formula was made so.
   */
  over(
    sizes: readonly number[],
    tensors: { readonly [name: string]: Tensor },
    numbers: { readonly [name: string]: number } = {},
    dims: readonly number[] = [],
    dtype: DType = Object.values(tensors)[0].dtype,
  ): Tensor {
    const list = Object.values(tensors);
    if (isRecorded(list)) {
      const scope: { [name: string]: Operand } = {};
      for (const [name, value] of Object.entries(tensors)) if (isOperand(value)) scope[name] = value;
      for (const [name, value] of Object.entries(numbers)) {
        const one: object = empty([], dtype).fill_(value);
        if (isOperand(one)) scope[name] = one;
      }
      const value: unknown = this.formula(scope);
      if (!(value instanceof Tensor)) throw new TypeError("a formula over tensors gave something else");
      const whole = value.expand([...sizes]);
      return (this.summed ? whole.sum(dims, true) : whole).to(dtype);
    }
    const code = this.compiled(Object.keys(tensors), Object.keys(numbers));
    const out = empty(this.summed ? keptSizes(sizes, dims) : sizes, dtype);
    if (out._numel === 0) return out;
    if (this.summed && sizes.includes(0)) {
      fillWith(out, 0);
      return out;
    }
    const inputs = code.inputs.map((name) => tensors[name]);
    const scalars = code.scalars.map((source) => (typeof source === "number" ? source : numbers[source]));
    run(code, dtype.compute, sizes, inputs, scalars, [out]);
    return out;
  }

  private compiled(tensors: readonly string[], numbers: readonly string[]): Code {
    if (this.code === null) {
      const scope: { [name: string]: Operand } = {};
      for (const name of tensors) scope[name] = operand(new Expr("input", name));
      for (const name of numbers) scope[name] = operand(new Expr("scalar", name));
      this.code = assemble([expression(this.formula(scope))], this.summed ? reduceCodes.get("sum") : -1);
    }
    return this.code;
  }
}

/** Several formulas over the same tensors, of one shape: one program with several results. */
export class Composites<N extends string> {
  private code: Code | null = null;

  constructor(
    private readonly results: readonly N[],
    private readonly formula: (f: Scope) => { readonly [name in N]: Operand },
  ) {}

  /** The results over `sizes`, in new memory or, where nothing is recorded, in the tensors of `into`. */
  over(
    sizes: readonly number[],
    tensors: { readonly [name: string]: Tensor },
    into: { readonly [name in N]?: Tensor } = {},
  ): { [name in N]: Tensor } {
    const list = Object.values(tensors);
    const out: { [name: string]: Tensor } = {};
    if (isRecorded(list)) {
      const scope: { [name: string]: Operand } = {};
      for (const [name, value] of Object.entries(tensors)) if (isOperand(value)) scope[name] = value;
      for (const [name, value] of Object.entries<unknown>(this.formula(scope))) {
        if (value instanceof Tensor) out[name] = value;
      }
      return out as { [name in N]: Tensor };
    }
    const code = this.compiled(Object.keys(tensors));
    for (const name of this.results) out[name] = into[name] ?? empty(sizes, list[0].dtype);
    const inputs = code.inputs.map((name) => tensors[name]);
    run(
      code,
      list[0].dtype.compute,
      sizes,
      inputs,
      code.scalars.map(Number),
      this.results.map((name) => out[name]),
    );
    return out as { [name in N]: Tensor };
  }

  private compiled(tensors: readonly string[]): Code {
    if (this.code === null) {
      const scope: { [name: string]: Operand } = {};
      for (const name of tensors) scope[name] = operand(new Expr("input", name));
      const found = this.formula(scope);
      this.code = assemble(this.results.map((name) => expression(found[name])));
    }
    return this.code;
  }
}
