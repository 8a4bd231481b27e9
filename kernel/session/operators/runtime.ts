// What compiled cells call for an operator or brackets on what may be a tensor (`__tslab__.operators`). Values that are none are
// treated as JavaScript treats them, at the price of a call.

import type * as library from "../../../core/index";
import type { Index } from "../../../core/ops/index/indexing-parse";
import {
  type ArithmeticName,
  arithmetic,
  type BinaryName,
  comparisons,
  isReflected,
  type PrefixName,
  prefixes as prefixSigns,
  products,
  reflected,
} from "./table";

type Torch = typeof library;
/**
 * `float`: an operand was written as a float. `untyped`: nothing was known of the operands before the code ran; otherwise one of them is
 * a tensor by its type.
 */
type Binary = (left: unknown, right: unknown, float?: boolean, untyped?: boolean) => unknown;
type Unary = (operand: unknown, untyped?: boolean) => unknown;
type Tensor = library.Tensor;
type Operand = Parameters<Torch["add"]>[0];
type Operation = (left: Operand, right: Operand) => unknown;

/** Operators as they are written, by their names. */
const signs = new Map(
  [arithmetic, products, comparisons, prefixSigns].flatMap((rows) =>
    Object.entries(rows).map(([sign, name]) => [name, sign]),
  ),
);

let loaded: Torch | undefined;
let TensorClass: Torch["Tensor"] | undefined;

/** The library, once a value is met that may be its own. */
function torch(): Torch {
  loaded ??= require("../../../core/index") as Torch;
  return loaded;
}

function isTensor(value: unknown): value is Tensor {
  if (typeof value !== "object") return false;
  TensorClass ??= torch().Tensor;
  return value instanceof TensorClass;
}

/** The error for operands that an operator does not take, in Python's words. */
function unsupported(name: BinaryName | PrefixName, operands: unknown[]): TypeError {
  const kindOf = (value: unknown): string => (value === null ? "null" : isTensor(value) ? "Tensor" : typeof value);
  const kinds = operands.map((operand) => `'${kindOf(operand)}'`).join(" and ");
  return new TypeError(`unsupported operand type(s) for ${signs.get(name)}: ${kinds}`);
}

/** JavaScript's operators: numbers, bigints and strings alike, whatever their types say. */
const plain: Record<BinaryName, (left: number, right: number) => unknown> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  remainder: (a, b) => a % b,
  pow: (a, b) => a ** b,
  bitwiseAnd: (a, b) => a & b,
  bitwiseOr: (a, b) => a | b,
  bitwiseXor: (a, b) => a ^ b,
  bitwiseLeftShift: (a, b) => a << b,
  bitwiseRightShift: (a, b) => a >> b,
  matmul: (a, b) => {
    throw unsupported("matmul", [a, b]);
  },
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  // biome-ignore lint/suspicious/noDoubleEquals: it is the operator that was written.
  eq: (a, b) => a == b,
  // biome-ignore lint/suspicious/noDoubleEquals: it is the operator that was written.
  ne: (a, b) => a != b,
};

const plainPrefix: Record<PrefixName, (operand: number) => unknown> = { neg: (a) => -a, bitwiseNot: (a) => ~a };

/**
 * Whether an operand leaves the operator to JavaScript: text is joined with, and null is compared with, anything; a product of what is
 * no tensor it has none.
 */
function isOther(name: BinaryName, value: unknown): boolean {
  if (name === "matmul") return !isTensor(value);
  if (name === "add") return typeof value === "string";
  return (name === "eq" || name === "ne") && (value === null || value === undefined);
}

/** A tensor that is not there, as a `grad!` before any backward: JavaScript would calculate with 0. Throws as Python does. */
function refuseAbsent(name: BinaryName | PrefixName, operands: unknown[]): void {
  if (name === "eq" || name === "ne" || operands.every((operand) => operand !== null && operand !== undefined)) return;
  throw unsupported(name, operands);
}

/** As PyTorch promotes a tensor of whole numbers by a Python float. */
function promoted(value: unknown): unknown {
  return isTensor(value) && !value.dtype.isFloatingPoint ? value.to(torch().getDefaultDtype()) : value;
}

/** An operation with the tensor on the right. */
function reflectedOperation(name: BinaryName, left: Operand, right: Tensor): unknown {
  // As Tensor.__rtruediv__ does.
  if (name === "div") return right.reciprocal().mul(left);
  if (isReflected(name)) {
    const method: (this: Tensor, other: Operand) => Tensor = right[reflected[name]];
    return method.call(right, left);
  }
  return (torch()[name] as Operation)(left, right);
}

function binary(name: BinaryName): Binary {
  const operator = plain[name] as Binary;
  let operation: Operation | undefined;
  return (left, right, float, untyped) => {
    if (typeof left === "number" && typeof right === "number") return operator(left, right);
    if (!(isTensor(left) || isTensor(right)) || isOther(name, left) || isOther(name, right)) {
      if (!untyped) refuseAbsent(name, [left, right]);
      return operator(left, right);
    }
    const [first, second] = float ? [promoted(left), promoted(right)] : [left, right];
    if (!isTensor(first)) return reflectedOperation(name, first as Operand, second as Tensor);
    operation ??= torch()[name] as Operation;
    return operation(first as Operand, second as Operand);
  };
}

function prefix(name: PrefixName): Unary {
  return (operand, untyped) => {
    if (isTensor(operand)) return torch()[name](operand);
    if (!untyped && typeof operand !== "number") refuseAbsent(name, [operand]);
    return plainPrefix[name](operand as number);
  };
}

const binaries = Object.fromEntries(Object.keys(plain).map((name) => [name, binary(name as BinaryName)]));
const prefixes = Object.fromEntries(Object.keys(plainPrefix).map((name) => [name, prefix(name as PrefixName)]));
const both = { ...binaries, ...prefixes } as Record<BinaryName, Binary> & Record<PrefixName, Unary>;

/** The value of a compound assignment: a tensor is written in place, as in Python; for anything else `x += 1` is `x = x + 1`. */
function update(name: ArithmeticName, current: unknown, value: unknown, float?: boolean, untyped?: boolean): unknown {
  if (!isTensor(current) || isOther(name, value)) return both[name](current, value, float, untyped);
  refuseAbsent(name, [current, value]);
  // A number that was written as a float has no place in a tensor of whole numbers: the method says so.
  const isFloat = float && typeof value === "number" && !current.dtype.isFloatingPoint;
  const operand = isFloat ? torch().tensor(value, { dtype: torch().getDefaultDtype() }) : value;
  const inPlace: (this: Tensor, other: Operand) => Tensor = current[`${name}_`];
  return inPlace.call(current, operand as Operand);
}

type Keyed = Record<PropertyKey, unknown>;

/** Whether brackets on a tensor mean a property. */
function isProperty(tensor: Tensor, key: unknown): boolean {
  return typeof key === "symbol" || (typeof key === "string" && key in tensor);
}

/** The key of a property: a tensor of one whole number is the index that it holds. */
function propertyKey(key: unknown): PropertyKey {
  if (!isTensor(key)) return key as PropertyKey;
  if (key.dtype.isFloatingPoint || key.numel() !== 1) {
    throw new TypeError("only integer tensors of a single element can be converted to an index");
  }
  return Number(key.item());
}

function get(target: unknown, key: unknown, ...more: unknown[]): unknown {
  if (!isTensor(target) || isProperty(target, key)) return (target as Keyed)[propertyKey(key)];
  return target.at(key as Index, ...(more as Index[]));
}

function set(target: unknown, keys: unknown[], value: unknown): unknown {
  const [key] = keys;
  if (isTensor(target) && !isProperty(target, key)) target.setAt(keys as Index[], value as Operand);
  else (target as Keyed)[propertyKey(key)] = value;
  return value;
}

/** A place whose parts were evaluated once: what destructuring and `++` assign to. */
class Place {
  constructor(
    private readonly target: unknown,
    private readonly keys: [unknown, ...unknown[]],
  ) {}

  get value(): unknown {
    return get(this.target, ...this.keys);
  }

  set value(value: unknown) {
    set(this.target, this.keys, value);
  }
}

/** A place that was read, for a compound assignment whose right side is still to be evaluated. */
class Pending {
  private readonly current: unknown;

  constructor(
    read: () => unknown,
    private readonly write: (value: unknown) => unknown,
  ) {
    this.current = read();
  }

  update(name: ArithmeticName, value: unknown, float?: boolean, untyped?: boolean): unknown {
    const result = update(name, this.current, value, float, untyped);
    this.write(result);
    return result;
  }
}

function place(target: unknown, ...keys: [unknown, ...unknown[]]): Place {
  return new Place(target, keys);
}

function pending(target: unknown, ...keys: [unknown, ...unknown[]]): Pending {
  return new Pending(
    () => get(target, ...keys),
    (value) => set(target, keys, value),
  );
}

type PrivateRead = (owner: unknown) => unknown;
type PrivateWrite = (owner: unknown, value: unknown) => unknown;

function pendingPrivate(owner: unknown, read: PrivateRead, write: PrivateWrite): Pending {
  return new Pending(
    () => read(owner),
    (value) => write(owner, value),
  );
}

/** Which way an operator's result decides: `bool(tensor)` in Python. Throws in PyTorch's words for other than one element. */
function truth(value: unknown): unknown {
  if (!isTensor(value)) return value;
  const elements = value.numel();
  if (elements !== 1) {
    const which = elements === 0 ? "no values" : "more than one value";
    throw new (torch().CressetError)(`Boolean value of Tensor with ${which} is ambiguous`);
  }
  return Boolean(value.item());
}

/** A function whose tensors decide by their value: what `filter`, `some` and `find` ask. */
function deciding(decide: unknown): unknown {
  if (typeof decide !== "function") return decide;
  return function (this: unknown, ...args: unknown[]): unknown {
    return truth(Reflect.apply(decide, this, args));
  };
}

/** The dtype of what was written as a float. */
function floating(): library.DType {
  return torch().getDefaultDtype();
}

/** All of them, as global code finds them. */
export const operators = {
  ...both,
  update,
  get,
  set,
  place,
  pending,
  pendingPrivate,
  truth,
  deciding,
  floating,
};

export type Operators = typeof operators;
