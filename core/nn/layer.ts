// Layers that are a function of one tensor with a few settings: one row gives the constructor's arguments, the properties, the
// printed text and the call.

import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { type PythonValue, pythonText, snakeCase } from "../tensor/python-text";
import type { Tensor } from "../tensor/tensor";
import type { inputs } from "./callable";
import { Module } from "./module";

/** A module whose call also takes its arguments by name, as `I`: what `readsMethods` reads. */
export abstract class InputModule<I> extends Module {
  /** @internal A type only. */
  declare readonly [inputs]: I;
}

/** The only argument of most modules, by name. */
interface Input {
  input: Tensor;
}

/** A module that takes one tensor and gives one. */
export abstract class TensorModule extends InputModule<Input> {
  abstract override forward(input: Tensor): Tensor;
}

/** An instance of a row's class. */
export interface TensorLayer extends InputModule<Input> {
  forward(input: Tensor): Tensor;
}

/** How a setting prints. */
export interface Shown {
  /** As a float: `1.0`. */
  float?: boolean;
  /** Text without quotes. */
  bare?: boolean;
  /** Only the value, without `name=`. */
  positional?: boolean;
  /** Only when it is true, or not null. */
  whenSet?: boolean;
  /** Never. */
  hidden?: boolean;
}

/** A setting that prints as a float. */
export const float: Shown = { float: true };
/** A setting that prints only when it is true, or not null. */
export const whenSet: Shown = { whenSet: true };
/** A setting that does not print. */
export const hidden: Shown = { hidden: true };
/** A setting that prints without its name. */
export const unnamed: Shown = { positional: true };

/** `alpha=1.0, inplace=True`: settings as PyTorch's extra_repr lists them. */
export function settingsText(settings: Iterable<readonly [name: string, value: unknown, how?: Shown]>): string {
  const parts: string[] = [];
  for (const [name, value, how = {}] of settings) {
    if (how.hidden || (how.whenSet && (value === false || value === null || value === undefined))) continue;
    const text = how.bare ? String(value) : pythonText(value as PythonValue, { float: how.float });
    parts.push(how.positional ? text : `${snakeCase(name)}=${text}`);
  }
  return parts.join(", ");
}

/** A row: what the constructor takes, and the computation. */
export interface LayerRow<O extends object> {
  /** The constructor's parameters with their defaults, which are the settings. */
  takes: `def ${string}`;
  /** How settings print that do not print as Python prints their values. */
  shows?: { readonly [K in keyof O & string]?: Shown };
  forward(input: Tensor, settings: Readonly<Required<O>> & { readonly training: boolean }): Tensor;
  /** Settings completed from others. Throws for settings that make no sense. */
  prepare?(settings: Required<O>): O;
}

/** The class of a row: settings are arguments in order or by name, and properties. */
export type LayerClass<P extends unknown[], O extends object, K extends keyof O = never> = (new (
  ...args: Arguments<P, O>
) => TensorLayer & Readonly<Required<O>>) &
  ([K] extends [never] ? unknown : new (options: Named<O, K>) => TensorLayer & Readonly<Required<O>>);

/**
 * The class that a row describes; `P` are the constructor's positional arguments, `O` the same by name. Where several must be given,
 * `K` names them.
 */
export function layer<P extends unknown[] = [], O extends object = object, K extends keyof O = never>(
  row: LayerRow<O>,
): LayerClass<P, O, K> {
  const takes = new Signature(row.takes);
  const shows: { readonly [name: string]: Shown | undefined } = row.shows ?? {};
  class Described extends TensorModule {
    /** @internal */
    static readonly [signature] = takes;

    constructor(...args: Arguments<P, O>) {
      super();
      const given = takes.complete<O>(args);
      Object.assign(this, row.prepare === undefined ? given : row.prepare(given));
    }

    private settings(): this & Readonly<Required<O>> {
      return this as this & Readonly<Required<O>>;
    }

    override forward(input: Tensor): Tensor {
      return row.forward(input, this.settings());
    }

    override extraRepr(): string {
      return settingsText(takes.parameters.map(({ name }) => [name, Reflect.get(this, name), shows[name]]));
    }
  }
  readsMethods(Described, `def ${takes.name}.forward(Tensor input)`);
  const described: new (...args: Arguments<P, O>) => TensorLayer = Described;
  return described as LayerClass<P, O, K>;
}
