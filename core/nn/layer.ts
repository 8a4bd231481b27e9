// Layers that are a function of one tensor with a few settings: one row gives the constructor's arguments, the properties, the
// printed text and the call.

import { type Arguments, type Named, read } from "../arguments/arguments";
import { type PythonValue, pythonText, snakeCase } from "../tensor/python-text";
import type { Tensor } from "../tensor/tensor";
import { Module } from "./module";

/** A module that takes one tensor and gives one. */
export abstract class TensorModule extends Module {
  abstract override forward(input: Tensor): Tensor;
}

/** An instance of a row's class. */
export interface TensorLayer extends Module {
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

/** A setting of a layer: its default and how it prints. */
export interface Setting extends Shown {
  value?: unknown;
}

/** A setting that prints as a float. */
export function float(value: number): Setting {
  return { value, float: true };
}

/** A setting that prints as Python prints its value. */
export function shown(value?: unknown): Setting {
  return { value };
}

/** A setting that prints only when it is true, or not null. */
export function whenSet(value: unknown): Setting {
  return { value, whenSet: true };
}

/** A setting that does not print. */
export function hidden(value: unknown): Setting {
  return { value, hidden: true };
}

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

/** A row: the settings in PyTorch's order, and the computation. */
export interface LayerRow<O extends object> {
  settings: { readonly [K in keyof O & string]-?: Setting };
  forward(input: Tensor, settings: Readonly<Required<O>> & { readonly training: boolean }): Tensor;
  /** Settings completed from others. Throws for settings that make no sense. */
  prepare?(settings: O): O;
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
  const settings: { readonly [name: string]: Setting } = row.settings;
  const names = Object.keys(settings) as (keyof O & string)[];
  const required = names.filter((name) => settings[name].value === undefined).length;
  class Described extends TensorModule {
    constructor(...args: Arguments<P, O>) {
      super();
      const given: { [name: string]: unknown } = read<O>(new.target.name, args, names, [], required);
      const all = Object.fromEntries(
        names.map((name) => [name, name in given ? given[name] : settings[name].value]),
      ) as O;
      const complete = row.prepare === undefined ? all : row.prepare(all);
      for (const name of names) Reflect.set(this, name, complete[name]);
    }

    private settings(): this & Readonly<Required<O>> {
      return this as this & Readonly<Required<O>>;
    }

    override forward(input: Tensor): Tensor {
      return row.forward(input, this.settings());
    }

    override extraRepr(): string {
      return settingsText(names.map((name) => [name, Reflect.get(this, name), settings[name]]));
    }
  }
  const described: new (...args: Arguments<P, O>) => TensorLayer = Described;
  return described as LayerClass<P, O, K>;
}
