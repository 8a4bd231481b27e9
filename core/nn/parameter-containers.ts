// Containers of parameters: a list, and by name.

import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ArgumentError } from "../errors";
import { Parameter, Tensor } from "../tensor/tensor";
import { placeIn, RowPlaces } from "./containers";
import { accepted, ownTensors } from "./members";
import { Module } from "./module";

/** `[torch.float32 of size 2x3]`, with the name of the dtype or of the tensor type. */
function described(value: Tensor, type: string): string {
  const kind = value instanceof Parameter ? "Parameter" : "Tensor";
  return `${kind} containing: [${type} of size ${value.sizes.join("x")}]`;
}

/** A tensor as a parameter; other values as they are. */
function asParameter(value: unknown): unknown {
  return value instanceof Tensor && !(value instanceof Parameter) ? new Parameter(value) : value;
}

/** Parameters in a list that belongs to its owner (PyTorch: `torch.nn.ParameterList`); tensors become parameters. */
export class ParameterList extends Module implements Iterable<Parameter> {
  /** The parameter under a number, counted from the end when it is negative; assigning replaces it. Throws IndexError. */
  [index: number]: Parameter;

  /** @internal */
  static readonly [signature] = new Signature("def ParameterList(value values=None)");

  constructor(values?: Iterable<Tensor> | null);
  constructor(options: { values?: Iterable<Tensor> | null });
  constructor(...args: unknown[]) {
    super();
    const { values } = ParameterList[signature].complete<{ values: Iterable<Tensor> | null }>(args);
    if (values !== null) this.extend(values);
  }

  /** @internal */
  override [accepted](value: unknown): unknown {
    return asParameter(value);
  }

  /** How many parameters there are. */
  override get length(): number {
    return ownTensors(this, "parameters").length;
  }

  /** The parameter at an index; negative ones count from the end. Throws IndexError. */
  at(index: number): Parameter {
    const list = [...this];
    return list[placeIn(index, list.length)];
  }

  /** Adds a parameter at the end. */
  append(value: Tensor): this {
    this.registerParameter(String(this.length), asParameter(value) as Parameter);
    listPlaces.cover(this.length);
    return this;
  }

  /** Adds parameters at the end. */
  extend(values: Iterable<Tensor>): this {
    for (const value of values) this.append(value);
    return this;
  }

  [Symbol.iterator](): IterableIterator<Parameter> {
    return ownTensors(this, "parameters")
      .map(([, parameter]) => parameter as Parameter)
      .values();
  }

  override extraRepr(): string {
    return [...this].map((value, k) => `  (${k}): ${described(value, String(value.dtype))}`).join("\n");
  }
}

const listPlaces = new RowPlaces<ParameterList>(ParameterList.prototype, (list) =>
  ownTensors(list, "parameters").map(([name]) => name),
);

/** What a ParameterDict does, besides having its parameters under their names. */
class NamedParameters extends Module implements Iterable<string> {
  constructor(values: { readonly [name: string]: Tensor } | Iterable<readonly [string, Tensor]> = {}) {
    super();
    this.update(values);
  }

  /** @internal */
  override [accepted](value: unknown): unknown {
    return asParameter(value);
  }

  /** Adds or replaces parameters. */
  update(values: { readonly [name: string]: Tensor } | Iterable<readonly [string, Tensor]>): void {
    const entries =
      Symbol.iterator in values ? (values as Iterable<readonly [string, Tensor]>) : Object.entries(values);
    for (const [name, value] of entries) {
      this.registerParameter(name, asParameter(value) as Parameter);
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
    return ownTensors(this, "parameters") as [string, Parameter][];
  }

  /** Whether there is a parameter of a name. */
  has(name: string): boolean {
    return this.keys().includes(name);
  }

  /** The parameter of a name, or `missing` (null). */
  get<M = null>(name: string, missing?: M): Parameter | M {
    const found = this.items().find(([key]) => key === name);
    return found === undefined ? ((missing ?? null) as M) : found[1];
  }

  /** Takes a parameter out and returns it. Throws ArgumentError when there is none. */
  pop(name: string): Parameter {
    const found = this.get(name);
    if (found === null) throw new ArgumentError(`'${name}'`);
    Reflect.deleteProperty(this, name);
    return found;
  }

  /** The parameter of a name; when there is none, the value given becomes it. */
  setdefault(name: string, value: Tensor): Parameter {
    if (!this.has(name)) this.registerParameter(name, asParameter(value) as Parameter);
    return this.get(name) as Parameter;
  }

  /** Takes all parameters out. */
  clear(): void {
    for (const name of this.keys()) Reflect.deleteProperty(this, name);
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

/**
 * Parameters by name (PyTorch: `torch.nn.ParameterDict`): `scales["a"]`, `scales.a`. Tensors become parameters. Iterates over its
 * names, which may not be those of a module's methods.
 */
export type ParameterDict = NamedParameters & { [name: string]: Parameter };

/** Parameters by name (PyTorch: `torch.nn.ParameterDict`): `new nn.ParameterDict({ a: torch.ones(2) })`, or of pairs. */
export const ParameterDict = class ParameterDict extends NamedParameters {} as {
  new (values?: { readonly [name: string]: Tensor } | Iterable<readonly [string, Tensor]>): ParameterDict;
  readonly prototype: ParameterDict;
};
