// What a function takes, in one line of text such as "cumsum(Tensor input, int dim, *, Dtype? dtype=None)": from it come the
// reading of arguments by position and by name, the checks of their types, and the words of errors. Parsed on first use.

import { ArgumentError } from "../errors";
import { Device } from "../tensor/device";
import { DType } from "../tensor/dtype";
import { snakeCase } from "../tensor/python-text";
import { Tensor } from "../tensor/tensor";
import { isOptions } from "./arguments";

// Kinds of values, one bit each, so that a parameter's check is one `and`.
const TENSOR = 1;
const INT = 2;
const FLOAT = 4;
const BOOL = 8;
const BIGINT = 16;
const STRING = 32;
const NULL = 64;
const UNDEFINED = 128;
const LIST = 256;
const OPTIONS = 512;
const FUNCTION = 1024;
const OTHER = 2048;
const ANYTHING = 4095;

/** The kind of a value. */
function kindOf(value: unknown): number {
  switch (typeof value) {
    case "object":
      if (value instanceof Tensor) return TENSOR;
      if (value === null) return NULL;
      if (Array.isArray(value)) return LIST;
      return isOptions(value) ? OPTIONS : OTHER;
    case "number":
      return Number.isInteger(value) ? INT : FLOAT;
    case "boolean":
      return BOOL;
    case "undefined":
      return UNDEFINED;
    case "string":
      return STRING;
    case "bigint":
      return BIGINT;
    default:
      // A module is a function and takes part as one.
      return FUNCTION;
  }
}

/** Python's name for the type of a JavaScript value, as in "must be Tensor, not int". */
export function pythonType(value: unknown): string {
  if (value instanceof DType) return "torch.dtype";
  if (value instanceof Device) return "torch.device";
  switch (kindOf(value)) {
    case NULL:
    case UNDEFINED:
      return "NoneType";
    case INT:
    case BIGINT:
      return "int";
    case FLOAT:
      return "float";
    case BOOL:
      return "bool";
    case STRING:
      return "str";
    case LIST:
      return "list";
    case OPTIONS:
      return "dict";
    case FUNCTION:
      return "function";
    default:
      return (value as object).constructor?.name ?? "object";
  }
}

/** A type that a signature may name. */
interface Type {
  /** Kinds that pass without a closer look. */
  kinds: number;
  /** PyTorch's word for the type. */
  words: string;
  /** For lists: what every element is. */
  element?: Type;
  /** For values that no kind describes. */
  is?: (value: unknown) => boolean;
}

const tensor: Type = { kinds: TENSOR, words: "Tensor" };
const int: Type = { kinds: INT, words: "int" };
const float: Type = { kinds: INT | FLOAT, words: "float" };
const bool: Type = { kinds: BOOL, words: "bool" };
const string: Type = { kinds: STRING, words: "str" };

const types: { readonly [name: string]: Type } = {
  Tensor: tensor,
  int,
  // A whole number beyond what JavaScript's numbers hold exactly.
  long: { kinds: INT | BIGINT, words: "int" },
  float,
  Number: { kinds: INT | FLOAT | BOOL | BIGINT, words: "Number" },
  bool,
  str: string,
  // A plain object gives names first, so it is looked at more closely.
  any: { kinds: ANYTHING & ~UNDEFINED & ~OPTIONS, words: "object", is: isOptions },
  // For what a class checks itself: anything but names.
  value: { kinds: ANYTHING & ~UNDEFINED & ~OPTIONS, words: "object" },
  function: { kinds: FUNCTION, words: "function" },
  Module: { kinds: FUNCTION, words: "Module" },
  "Tensor?[]": { kinds: 0, words: "tuple of Tensors", element: { kinds: TENSOR | NULL, words: "Tensor" } },
  "Tensor[]": { kinds: 0, words: "tuple of Tensors", element: tensor },
  "int[]": { kinds: 0, words: "tuple of ints", element: int },
  "int?[]": { kinds: 0, words: "tuple of ints", element: { kinds: INT | NULL, words: "int" } },
  "float[]": { kinds: 0, words: "tuple of floats", element: float },
  "bool[]": { kinds: 0, words: "tuple of bools", element: bool },
  "str[]": { kinds: 0, words: "tuple of strs", element: string },
  Dtype: { kinds: 0, words: "torch.dtype", is: (value) => value instanceof DType },
  Device: { kinds: STRING, words: "torch.device", is: (value) => value instanceof Device },
  Generator: { kinds: OTHER, words: "torch.Generator" },
  object: { kinds: OTHER, words: "object" },
};

/** One parameter of a signature. */
export interface Parameter {
  /** The name in camelCase. */
  name: string;
  /** The types that it may have; the first gives the word of errors. */
  types: readonly Type[];
  /** Kinds that pass without a closer look. */
  kinds: number;
  /** For lists: kinds of elements that pass without a closer look. */
  elements: number;
  /** Tells values that no kind describes, or null. */
  is: ((value: unknown) => boolean) | null;
  /** The declared types, as written. */
  declared: string;
  /** Whether null may be given. */
  nullable: boolean;
  required: boolean;
  /** What it is when it is not given; undefined where the signature does not say. */
  value: unknown;
  /** Whether separate numbers, by position, make its list. */
  variadic: boolean;
  /** The parameter without which it cannot be given, or null. */
  needs: string | null;
}

interface Parsed {
  parameters: readonly Parameter[];
  /** How many may be given by position. */
  positional: number;
  /** How many of those must be given. */
  required: number;
  /** The position of the list that separate numbers make, or -1. */
  variadic: number;
  /** The parameters that may be given by position. */
  inOrder: readonly Parameter[];
  /** Whether a parameter that only names give must be given. */
  needsNames: boolean;
  /** Whether a plain object may be the value of a parameter, so that not every one gives names. */
  takesObjects: boolean;
  /** Whether some parameter cannot be given without another. */
  someNeed: boolean;
}

function parameter(text: string): Parameter {
  const [head, value] = text.split("=");
  const [type, name] = head.split(" ");
  const [declared, needs = null] = type.split("&");
  const nullable = declared.endsWith("?");
  const variadic = declared.includes("...");
  const named = declared
    .replace("...", "")
    .replace(/\?$/, "")
    .split("|")
    .map((type) => {
      const found = types[type];
      if (found === undefined) throw new TypeError(`a signature names the unknown type ${type}`);
      return found;
    });
  let kinds = nullable ? NULL : 0;
  let elements = 0;
  let is: Parameter["is"] = null;
  for (const type of named) {
    kinds |= type.kinds;
    elements |= type.element?.kinds ?? 0;
    if (type !== types.any) is = type.is ?? is;
  }
  const required = value === undefined;
  if (!required) kinds |= UNDEFINED;
  return {
    name,
    types: named,
    kinds,
    elements,
    is,
    declared,
    nullable,
    required,
    value: defaultOf(value),
    variadic,
    needs,
  };
}

/** The default of a parameter: a number, a text in quotes, a list in brackets, or one of Python's words. */
function defaultOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  if (text in pythonValues) return pythonValues[text];
  if (text.startsWith("'")) return text.slice(1, -1);
  if (text.startsWith("[")) return text.slice(1, -1).split(",").map(Number);
  return Number.isNaN(Number(text)) ? undefined : Number(text);
}

const pythonValues: { readonly [text: string]: unknown } = { None: null, True: true, False: false };

function parse(text: string): Parsed {
  const body = text.slice(text.indexOf("(") + 1, text.lastIndexOf(")"));
  const pieces = body === "" ? [] : body.split(", ");
  const star = pieces.indexOf("*");
  const parameters = pieces.filter((piece) => piece !== "*").map(parameter);
  const positional = star < 0 ? parameters.length : star;
  const inOrder = parameters.slice(0, positional);
  return {
    parameters,
    positional,
    required: inOrder.filter(({ required }) => required).length,
    variadic: inOrder.findIndex(({ variadic }) => variadic),
    inOrder,
    needsNames: parameters.slice(positional).some(({ required }) => required),
    takesObjects: parameters.some(takesObject),
    someNeed: parameters.some(({ needs }) => needs !== null),
  };
}

function takesObject({ types: taken }: Parameter): boolean {
  return taken.includes(types.any);
}

/** Whether a value needs no conversion. */
function passes({ kinds, elements, is }: Parameter, value: unknown): boolean {
  if ((kinds & kindOf(value)) !== 0) return true;
  return (elements !== 0 && isList(value, elements)) || is?.(value) === true;
}

function isList(value: unknown, elements: number): boolean {
  if (!Array.isArray(value)) return false;
  for (let k = 0; k < value.length; k++) if ((elements & kindOf(value[k])) === 0) return false;
  return true;
}

/** Whether a value is a list of whole numbers. */
export function isIntList(value: unknown): value is readonly number[] {
  return isList(value, INT);
}

/** Whether numbers may be given for a parameter. */
export function takesNumbers({ kinds }: Parameter): boolean {
  return (kinds & INT) !== 0;
}

/** How a call is spoken of in errors. */
export interface Callee {
  /** The name, when it is not the signature's: of an in-place form. */
  name?: string;
  /** How many first arguments the caller did not write: 1 for methods. */
  bound?: number;
}

/** A parsed signature. */
export class Signature {
  private parsedOnce: Parsed | null = null;

  /** `text`: the signature; after "def ", errors have Python's words for functions, else those of PyTorch's argument parser. */
  constructor(readonly text: string) {}

  private get parsed(): Parsed {
    if (this.parsedOnce === null) this.parsedOnce = parse(this.text);
    return this.parsedOnce;
  }

  /** All parameters in order, those that only names give at the end. */
  get parameters(): readonly Parameter[] {
    return this.parsed.parameters;
  }

  /** How many parameters may be given by position. */
  get positional(): number {
    return this.parsed.positional;
  }

  /** The name of what is called. */
  get name(): string {
    return this.text.slice(this.isPython ? 4 : 0, this.text.indexOf("("));
  }

  private get isPython(): boolean {
    return this.text.startsWith("def ");
  }

  /** Whether `count` arguments, of at most eight, are a call by position that needs no conversion. */
  fits(
    count: number,
    a: unknown,
    b: unknown,
    c: unknown,
    d: unknown,
    e: unknown,
    f: unknown,
    g: unknown,
    h: unknown,
  ): boolean {
    const { inOrder, required, positional, needsNames } = this.parsedOnce ?? this.parsed;
    return (
      !needsNames &&
      count >= required &&
      count <= positional &&
      count <= 8 &&
      (count < 1 || passes(inOrder[0], a)) &&
      (count < 2 || passes(inOrder[1], b)) &&
      (count < 3 || passes(inOrder[2], c)) &&
      (count < 4 || passes(inOrder[3], d)) &&
      (count < 5 || passes(inOrder[4], e)) &&
      (count < 6 || passes(inOrder[5], f)) &&
      (count < 7 || passes(inOrder[6], g)) &&
      (count < 8 || passes(inOrder[7], h))
    );
  }

  /**
   * The arguments of a call, one per parameter: undefined for those that were not given. Throws ArgumentError for too many,
   * missing or unknown ones, for one given twice, and for values of wrong types.
   */
  read(args: readonly unknown[], callee: Callee = {}): unknown[] {
    const { parameters, variadic, takesObjects, positional } = this.parsed;
    let count = args.length;
    while (count > 0 && args[count - 1] === undefined) count--;
    const last = count > 0 ? args[count - 1] : undefined;
    const named = isOptions(last) && (!takesObjects || this.namesOnly(last, count - 1)) ? last : null;
    if (named !== null) count--;
    let given: readonly unknown[] = args;
    if (variadic === (callee.bound ?? 0) && count > variadic && isSeparate(args[variadic])) {
      given = [...args.slice(0, variadic), args.slice(variadic, count)];
      count = variadic + 1;
    }
    const out: unknown[] = new Array<unknown>(parameters.length).fill(undefined);
    for (let k = 0; k < count && k < positional; k++) out[k] = given[k];
    if (this.isPython) this.checkNames(named, out, callee);
    if (count > positional) throw this.tooMany(count, callee);
    if (this.isPython) this.checkMissing(named, out, callee);
    for (let k = 0; k < parameters.length; k++) {
      const { name, required } = parameters[k];
      const value = out[k] !== undefined || named === null ? out[k] : named[name];
      if (value === undefined) {
        if (required) this.checkMissing(named, out, callee);
        continue;
      }
      if (!passes(parameters[k], value)) out[k] = this.converted(value, k, k < count, callee);
      else if (out[k] === undefined) out[k] = value;
    }
    if (named !== null && !this.isPython) this.checkNames(named, out, callee, count);
    if (named !== null && this.parsed.someNeed) this.checkNeeds(named, out, callee);
    return out;
  }

  /** As `read`, by name, with the defaults of the signature for what was not given. */
  complete<O extends object>(args: readonly unknown[]): Required<O> {
    const values = this.read(args);
    const out: { [name: string]: unknown } = {};
    this.parsed.parameters.forEach(({ name, value }, k) => {
      out[name] = values[k] === undefined ? (Array.isArray(value) ? [...value] : value) : values[k];
    });
    return out as Required<O>;
  }

  /** The parameters as PyTorch lists them where it names the ways to call: `(Tensor input, *, torch.dtype dtype)`. */
  describe(bound: number): string {
    const { parameters, positional } = this.parsed;
    const pieces = parameters.map(({ types, name }) => `${types[0].words} ${snakeCase(name)}`);
    if (positional < parameters.length) pieces.splice(positional, 0, "*");
    return `(${pieces.slice(bound).join(", ")})`;
  }

  /** Whether a plain object gives names rather than being the value of the parameter at `position`. */
  private namesOnly(value: object, position: number): boolean {
    const { parameters, positional } = this.parsed;
    const takes = position < positional && takesObject(parameters[position]);
    return !takes || Object.keys(value).some((name) => parameters.some((p) => p.name === name));
  }

  private checkNames(
    named: { [name: string]: unknown } | null,
    out: readonly unknown[],
    callee: Callee,
    count = -1,
  ): void {
    if (named === null) return;
    for (const name of Object.keys(named)) {
      const at = this.parsed.parameters.findIndex((p) => p.name === name);
      if (at < 0) {
        throw new ArgumentError(`${this.called(callee)}() got an unexpected keyword argument '${snakeCase(name)}'`);
      }
      const twice = count < 0 ? out[at] !== undefined : at < count;
      if (twice && named[name] !== undefined) {
        throw new ArgumentError(`${this.called(callee)}() got multiple values for argument '${snakeCase(name)}'`);
      }
    }
  }

  /** Throws for a parameter given without the one that it belongs to. */
  private checkNeeds(named: object, out: readonly unknown[], callee: Callee): void {
    const { parameters } = this.parsed;
    for (let k = 0; k < parameters.length; k++) {
      const { needs } = parameters[k];
      if (needs === null || out[k] === undefined) continue;
      if (out[parameters.findIndex(({ name }) => name === needs)] !== undefined) continue;
      const given = Object.entries(named).map(([name, value]) => `${snakeCase(name)}=${pythonType(value)}`);
      throw new ArgumentError(
        `${this.called(callee)}() received an invalid combination of arguments - got (${given.join(", ")}, ), but expected one of:\n * ()\n * ${this.describe(callee.bound ?? 0)}\n`,
      );
    }
  }

  /** Throws for required parameters that were not given. */
  private checkMissing(named: { [name: string]: unknown } | null, out: readonly unknown[], callee: Callee): void {
    const missing = this.parsed.parameters.filter(
      ({ name, required }, k) => required && out[k] === undefined && named?.[name] === undefined,
    );
    const count = missing.length;
    if (count === 0) return;
    const names = missing.map(({ name }) => snakeCase(name));
    // PyTorch's own parser has its plural the other way round.
    const plural = this.isPython === count > 1 ? "s" : "";
    let list = names.map((name) => `"${name}"`).join(", ");
    if (this.isPython) {
      const quoted = names.map((name) => `'${name}'`);
      const end = quoted.pop();
      list = quoted.length === 0 ? `${end}` : `${quoted.join(", ")}${quoted.length > 1 ? "," : ""} and ${end}`;
    }
    throw new ArgumentError(`${this.called(callee)}() missing ${count} required positional argument${plural}: ${list}`);
  }

  private tooMany(count: number, callee: Callee): ArgumentError {
    const { positional, required } = this.parsed;
    // A class and a `forward` count the instance.
    const shift = (this.called(callee).includes(".") ? 1 : 0) - (callee.bound ?? 0);
    const [least, most, given] = [required + shift, positional + shift, count + shift];
    const takes =
      least === most
        ? `takes ${most} positional argument${most === 1 ? "" : "s"}`
        : `takes from ${least} to ${most} positional arguments`;
    return new ArgumentError(`${this.called(callee)}() ${takes} but ${given} ${given === 1 ? "was" : "were"} given`);
  }

  private called({ name = this.name }: Callee): string {
    // A capital begins the name of a class, whose constructor and methods Python calls by their full names.
    if (!/^_?[A-Z]/.test(name)) return snakeCase(name);
    const [owner, method] = name.split(".");
    return `${owner}.${method === undefined ? "__init__" : snakeCase(method)}`;
  }

  /** A value of another kind than its parameter has, as PyTorch takes it; or the error. */
  private converted(value: unknown, k: number, byPosition: boolean, callee: Callee): unknown {
    const { types, name, nullable } = this.parsed.parameters[k];
    if (nullable && value === null) return null;
    // A list that may be given as a number takes no tensor for the number.
    const listFirst = types[0].element !== undefined && value instanceof Tensor;
    for (const type of listFirst ? [] : types) {
      if (type.is?.(value)) return value;
      const number = asNumber(value, type);
      if (number !== undefined) return number;
    }
    const what = `${this.called(callee)}(): argument '${snakeCase(name)}'`;
    for (const { element, words } of types) {
      if (element === undefined || !Array.isArray(value)) continue;
      const wrong = value.findIndex((item) => asElement(item, element) === undefined);
      if (wrong < 0)
        return value.every((item) => (element.kinds & kindOf(item)) !== 0)
          ? value
          : value.map((item) => asElement(item, element));
      if (types.length > 1 && types.filter((type) => type.element !== undefined).length > 1) continue;
      throw new ArgumentError(
        `${what} must be ${words}, but found element of type ${pythonType(value[wrong])} at pos ${wrong + 1}`,
      );
    }
    const place = byPosition ? ` (position ${k + 1 - (callee.bound ?? 0)})` : "";
    throw new ArgumentError(`${what}${place} must be ${types[0].words}, not ${pythonType(value)}`);
  }
}

/** Whether a value in the place of a list is the first of separate numbers. */
function isSeparate(value: unknown): boolean {
  return typeof value !== "object" || value instanceof Tensor;
}

function asElement(value: unknown, type: Type): unknown {
  if ((type.kinds & kindOf(value)) !== 0) return value;
  const single = value instanceof Tensor && value.ndim > 0 && value.numel() === 1;
  return asNumber(single ? value.detach().reshape([]) : value, type);
}

/** A bigint or a 0-d tensor as the number that a parameter of this type takes, or undefined. */
function asNumber(value: unknown, type: Type): unknown {
  if ((type.kinds & INT) === 0 || (type.kinds & TENSOR) !== 0) return undefined;
  if (typeof value === "bigint" || (typeof value === "boolean" && (type.kinds & FLOAT) !== 0)) return Number(value);
  if (!(value instanceof Tensor) || value.ndim !== 0 || value.requiresGrad) return undefined;
  if ((type.kinds & FLOAT) === 0 && (value.dtype.isFloatingPoint || value.dtype.name === "bool")) return undefined;
  const item: unknown = value.item();
  return typeof item === "bigint" ? Number(item) : item;
}

/** Throws ArgumentError, in PyTorch's words, for what is no tensor among the tensors that a function takes one by one. */
export function requireTensors(call: string, values: readonly unknown[]): void {
  values.forEach((value, k) => {
    if (value instanceof Tensor) return;
    if (isOptions(value) && k === values.length - 1)
      throw new ArgumentError(
        `${call}() got an unexpected keyword argument '${snakeCase(Object.keys(value)[0] ?? "")}'`,
      );
    throw new ArgumentError(`expected Tensor as element ${k} in argument 0, but got ${pythonType(value)}`);
  });
}
