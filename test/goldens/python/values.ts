// What Python's operators and built-in functions do to the library's values: tensors get methods, numbers get arithmetic.

import { call, callMethod, isBag, isTensor, member, Mismatch } from "../library";

/** Operator → the tensor's method, and how it is written when only the right side is a tensor. */
const operators: { readonly [operator: string]: readonly [method: string, mirrored: string | null] } = {
  "+": ["add", "add"],
  "-": ["sub", "rsub"],
  "*": ["mul", "mul"],
  "/": ["div", null],
  "//": ["floor_divide", null],
  "%": ["remainder", null],
  "**": ["pow", null],
  "@": ["matmul", null],
  "==": ["eq", "eq"],
  "!=": ["ne", "ne"],
  "<": ["lt", "gt"],
  "<=": ["le", "ge"],
  ">": ["gt", "lt"],
  ">=": ["ge", "le"],
  "&": ["bitwise_and", "bitwise_and"],
  "|": ["bitwise_or", "bitwise_or"],
  "^": ["bitwise_xor", "bitwise_xor"],
};

const arithmetic: { readonly [operator: string]: (a: number, b: number) => number | boolean } = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "//": (a, b) => Math.floor(a / b),
  "%": (a, b) => a - b * Math.floor(a / b),
  "**": (a, b) => a ** b,
  "<": (a, b) => a < b,
  "<=": (a, b) => a <= b,
  ">": (a, b) => a > b,
  ">=": (a, b) => a >= b,
};

/** `left operator right`. */
export function binary(operator: string, left: unknown, right: unknown): unknown {
  if (operator === "is") return left === right;
  if (operator === "is not") return left !== right;
  const [method, mirrored] = operators[operator] ?? [];
  if (method !== undefined && isTensor(left)) return callMethod(left, method, right);
  if (method !== undefined && isTensor(right)) {
    if (mirrored !== null) return callMethod(right, mirrored, left);
    return operator === "/"
      ? callMethod(callMethod(right, "reciprocal"), "mul", left)
      : call(`torch.${method}`, left, right);
  }
  if (operator === "==") return left === right;
  if (operator === "!=") return left !== right;
  if (operator === "in") return iterate(right).includes(left);
  if (operator === "+" && typeof left === "string") return left + String(right);
  if (operator === "+" && Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  const compute = arithmetic[operator];
  if (compute === undefined) throw new Mismatch(`operator ${operator} is not supported`);
  return compute(Number(left), Number(right));
}

/** `left operator= right`: tensors change in place. */
export function update(operator: string, left: unknown, right: unknown): unknown {
  const [method] = operators[operator] ?? [];
  return isTensor(left) && method !== undefined ? callMethod(left, `${method}_`, right) : binary(operator, left, right);
}

/** `-x`, `+x`, `~x`, `not x`. */
export function unary(operator: string, value: unknown): unknown {
  if (operator === "not") return !truth(value);
  if (operator === "+") return value;
  if (isTensor(value)) return callMethod(value, operator === "-" ? "neg" : "bitwise_not");
  return operator === "-" ? -Number(value) : ~Number(value);
}

/** Python's notion of true. */
export function truth(value: unknown): boolean {
  if (isTensor(value)) return Boolean(callMethod(value, "item"));
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** A number, also from a tensor with one element. */
export function number(value: unknown): number {
  return Number(isTensor(value) ? callMethod(value, "item") : value);
}

/** The items of anything that can be looped over. */
export function iterate(value: unknown): unknown[] {
  if (isBag(value) && Symbol.iterator in value) return Array.from(value as Iterable<unknown>);
  if (isBag(value) && typeof value === "object") return Object.keys(value);
  throw new Mismatch(`${String(value)} is not iterable`);
}

function entries(value: unknown): [unknown, unknown][] {
  return value instanceof Map ? [...value] : Object.entries(Object(value));
}

/** Methods of Python's own containers, on the arrays, maps and objects that stand for them. */
export const containerMethods: { readonly [name: string]: (receiver: unknown, ...args: unknown[]) => unknown } = {
  items: (receiver) => entries(receiver),
  keys: (receiver) => entries(receiver).map(([key]) => key),
  values: (receiver) => entries(receiver).map(([, value]) => value),
  append: (receiver, item) => (Array.isArray(receiver) ? receiver.push(item) : undefined),
};

const range = (first: unknown, last?: unknown, step: unknown = 1) => {
  const [start, stop, by] = last === undefined ? [0, Number(first), 1] : [Number(first), Number(last), Number(step)];
  return Array.from({ length: Math.max(0, Math.ceil((stop - start) / by)) }, (_, i) => start + i * by);
};

/** Built-in functions and the modules `math`. */
export const builtins: { readonly [name: string]: unknown } = {
  range,
  len: (value: unknown) => (isTensor(value) ? callMethod(value, "size", 0) : member(value, "length")),
  int: (value: unknown) => Math.trunc(number(value)),
  float: number,
  str: String,
  list: iterate,
  enumerate: (value: unknown) => iterate(value).map((item, i) => [i, item]),
  zip: (...lists: unknown[]) => {
    const columns = lists.map(iterate);
    return range(Math.min(...columns.map((column) => column.length))).map((i) => columns.map((column) => column[i]));
  },
  print: () => undefined,
  math: Object.fromEntries(
    Object.getOwnPropertyNames(Math).map((name) => [name === "PI" ? "pi" : name, Reflect.get(Math, name)]),
  ),
};
