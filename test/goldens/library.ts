// The library as the goldens see it: a bag of public names, looked up at run time by the naming rule of the goldens (PyTorch's
// names in camelCase). Nothing here may list names of operations: a golden that names a new function needs no change here.

import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** An object whose members are found by name at run time. */
export type Bag = { readonly [name: string]: unknown };
/** A function found by name. */
export type AnyFunction = (...args: unknown[]) => unknown;

/** A public name that the library does not have: reported apart from wrong results. */
export class MissingFunction extends Error {
  constructor(readonly path: string) {
    super(`${path} is missing`);
    this.name = "MissingFunction";
  }
}

/** A result that differs from the recorded one. */
export class Mismatch extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Mismatch";
  }
}

/** The folder of the project: the nearest one upwards that holds its package.json. */
export function projectRoot(): string {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, "utf8")).name === "cresset") return folder;
  }
  throw new Error("the project's package.json was not found above this file");
}

/** The library, loaded by its public name: what a user's script gets. */
export const torch: Bag = createRequire(__filename)("cresset");

/** A function or an object, whose members may be looked up. */
export function isBag(value: unknown): value is Bag {
  return (typeof value === "object" && value !== null) || typeof value === "function";
}

/** PyTorch's name in camelCase; underscores at the ends and before a digit stay. */
export function camel(name: string): string {
  return name.replace(/(?<=[^_])_+([A-Za-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The key under which a value has PyTorch's name; also without an underscore before a digit, on which the rule is silent. */
function keyOf(value: Bag, name: string): string | null {
  const key = camel(name);
  return [key, key.replace(/(?<=[^_])_(?=\d)/g, "")].find((spelling) => spelling in value) ?? null;
}

/** Keys in camelCase, as keyword arguments are passed. */
export function camelKeys(kwargs: Bag): Bag {
  return Object.fromEntries(Object.entries(kwargs).map(([key, value]) => [camel(key), value]));
}

/** The value of a dotted path such as `torch.nn.functional.conv2d`; throws MissingFunction. */
export function lookup(path: string): unknown {
  let value: unknown = torch;
  for (const part of path.split(".").slice(1)) {
    const key = isBag(value) ? keyOf(value, part) : null;
    const member = isBag(value) && key !== null ? value[key] : undefined;
    if (member === undefined) throw new MissingFunction(path.split(".").map(camel).join("."));
    value = member;
  }
  return value;
}

/** Calls the function at a dotted path. */
export function call(path: string, ...args: unknown[]): unknown {
  const found = lookup(path);
  if (typeof found !== "function") throw new MissingFunction(path);
  return (found as AnyFunction)(...args);
}

/** Constructs the class at a dotted path. */
export function construct(path: string, ...args: unknown[]): unknown {
  const found = lookup(path);
  if (typeof found !== "function") throw new MissingFunction(path);
  return Reflect.construct(found, args);
}

/** The member of a value by PyTorch's name; throws MissingFunction when the value has none. */
export function member(receiver: unknown, name: string): unknown {
  const boxed: unknown = receiver === null || receiver === undefined ? receiver : Object(receiver);
  const key = isBag(boxed) ? keyOf(boxed, name) : null;
  if (!isBag(boxed) || key === null) throw new MissingFunction(`${describeKind(receiver)}.${camel(name)}`);
  return boxed[key];
}

/** Calls a method by PyTorch's name. */
export function callMethod(receiver: unknown, name: string, ...args: unknown[]): unknown {
  const method = member(receiver, name);
  if (typeof method !== "function") throw new MissingFunction(`${describeKind(receiver)}.${camel(name)}`);
  return Reflect.apply(method, receiver, args);
}

/** The name of a value's class, for messages. */
export function describeKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  const made: unknown = Object(value).constructor;
  return typeof made === "function" ? made.name : typeof value;
}

/** Whether a value is one of the library's tensors. */
export function isTensor(value: unknown): boolean {
  const tensor = torch.Tensor;
  return typeof tensor === "function" && value instanceof tensor;
}

/** Puts the global state that a case may have changed back to PyTorch's defaults, as far as the library has it. */
export function resetGlobalState(): void {
  const calls: [string, unknown[]][] = [
    ["setGradEnabled", [true]],
    ["setDefaultDtype", [torch.float32]],
    ["setPrintoptions", [{ profile: "default" }]],
  ];
  for (const [name, args] of calls) {
    const found = torch[name];
    if (typeof found === "function") (found as AnyFunction)(...args);
  }
}
