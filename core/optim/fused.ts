// An optimizer's update as one program: every element of the parameter and its state is read and written once.

import { run } from "../dispatch";
import { assemble, type Code, Expr, expression, type Operand, operand } from "../program";
import type { Tensor } from "../tensor/tensor";

/** Tensors and scalars of an update by name, as its formula sees them. */
export type UpdateFormula = (f: { [name: string]: Operand }) => { [written: string]: Operand | undefined };

const codes = new Map<string, { code: Code; written: string[] }>();

/**
 * Runs a formula over tensors of one shape and writes its results in place. `key` names the formula among all updates: its
 * program is assembled once.
 */
export function fusedUpdate(
  key: string,
  formula: UpdateFormula,
  tensors: { readonly [name: string]: Tensor | undefined },
  scalars: { readonly [name: string]: number },
): void {
  let known = codes.get(key);
  if (known === undefined) {
    const scope: { [name: string]: Operand } = {};
    for (const name of Object.keys(tensors)) scope[name] = operand(new Expr("input", name));
    for (const name of Object.keys(scalars)) scope[name] = operand(new Expr("scalar", name));
    const results = Object.entries(formula(scope)).filter(
      (entry): entry is [string, Operand] => entry[1] !== undefined,
    );
    known = { code: assemble(results.map(([, value]) => expression(value))), written: results.map(([name]) => name) };
    codes.set(key, known);
  }
  const { code, written } = known;
  const outputs = written.map((name) => tensors[name] as Tensor);
  const values = code.scalars.map((source) => (typeof source === "number" ? source : scalars[source]));
  const inputs = code.inputs.map((name) => tensors[name] as Tensor);
  const parameter = outputs[0];
  for (const output of outputs) output.storage.written();
  run(code, parameter.dtype.compute, parameter.sizes, inputs, values, outputs);
}
