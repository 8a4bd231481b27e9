// Containers of parameters: a list, and by name.

import { ArgumentError } from "../errors";
import { Parameter, type Tensor } from "../tensor/tensor";
import { place } from "./containers";
import { Module } from "./module";

/** `[torch.float32 of size 2x3]`, with the name of the dtype or of the tensor type. */
function described(value: Tensor, type: string): string {
  const kind = value instanceof Parameter ? "Parameter" : "Tensor";
  return `${kind} containing: [${type} of size ${value.sizes.join("x")}]`;
}

/** Parameters in a list that belongs to its owner (PyTorch: `torch.nn.ParameterList`); tensors become parameters. */
export class ParameterList extends Module implements Iterable<Parameter> {
  readonly [index: number]: Parameter;

  constructor(values: Iterable<Tensor> = []) {
    super();
    this.extend(values);
  }

  /** How many parameters there are. */
  override get length(): number {
    return this.namedParameters("", false).length;
  }

  /** The parameter at an index; negative ones count from the end. Throws IndexError. */
  at(index: number): Parameter {
    const list = [...this];
    return list[place(index, list.length)];
  }

  /** Adds a parameter at the end. */
  append(value: Tensor): this {
    this.registerParameter(String(this.length), value instanceof Parameter ? value : new Parameter(value));
    return this;
  }

  /** Adds parameters at the end. */
  extend(values: Iterable<Tensor>): this {
    for (const value of values) this.append(value);
    return this;
  }

  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.parameters(false).values();
  }

  override extraRepr(): string {
    return [...this].map((value, k) => `  (${k}): ${described(value, String(value.dtype))}`).join("\n");
  }
}

/** Parameters by name (PyTorch: `torch.nn.ParameterDict`); tensors become parameters. Iterates over its names. */
export class ParameterDict extends Module implements Iterable<string> {
  constructor(values: { readonly [name: string]: Tensor } | Iterable<readonly [string, Tensor]> = {}) {
    super();
    this.update(values);
  }

  /** Adds or replaces parameters. */
  update(values: { readonly [name: string]: Tensor } | Iterable<readonly [string, Tensor]>): void {
    const entries =
      Symbol.iterator in values ? (values as Iterable<readonly [string, Tensor]>) : Object.entries(values);
    for (const [name, value] of entries) {
      this.registerParameter(name, value instanceof Parameter ? value : new Parameter(value));
    }
  }

  /** How many parameters there are. */
  get size(): number {
    return this.items().length;
  }

  /** Names in order. */
  keys(): string[] {
    return this.items().map(([name]) => name);
  }

  /** Parameters in order. */
  values(): Parameter[] {
    return this.items().map(([, value]) => value);
  }

  /** Names and parameters in order. */
  items(): [string, Parameter][] {
    return this.namedParameters("", false);
  }

  /** Whether there is a parameter of a name. */
  has(name: string): boolean {
    return this.keys().includes(name);
  }

  /** The parameter of a name. Throws ArgumentError when there is none. */
  get(name: string): Parameter {
    const found = this.items().find(([key]) => key === name);
    if (found === undefined) throw new ArgumentError(`'${name}'`);
    return found[1];
  }

  [Symbol.iterator](): IterableIterator<string> {
    return this.keys().values();
  }

  override extraRepr(): string {
    return this.items()
      .map(([name, value]) => `  (${name}): ${described(value, `torch.${value.dtype.tensorName}`)}`)
      .join("\n");
  }
}
