// Evaluating the `js` texts of the goldens: statements in Cresset's spelling, whose last expression is the value. A name that the
// library lacks becomes MissingFunction, so that it is told apart from a wrong result.

import { format } from "node:util";
import { type Bag, isBag, MissingFunction, torch } from "./library";

/** Whether a value is a namespace to look names up in, rather than a tensor, a dtype or a class. */
function isNamespace(value: unknown): value is Bag {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === null || prototype === Object.prototype;
  return plain && Object.values(value).some((member) => typeof member === "function");
}

/** A namespace in which a name that is absent throws MissingFunction instead of giving undefined. */
export function guarded(space: Bag, path: string): Bag {
  return new Proxy(Object.create(null), {
    has: (_, key) => Reflect.has(space, key),
    get: (_, key) => {
      if (typeof key === "symbol") return Reflect.get(space, key);
      const value = space[key];
      if (value === undefined) throw new MissingFunction(`${path}.${key}`);
      return isNamespace(value) ? guarded(value, `${path}.${key}`) : value;
    },
  });
}

const subspace = (name: string) => {
  const value = torch[name];
  return guarded(isBag(value) ? value : {}, `torch.${name}`);
};

/** What every snippet may name: `torch`, `nn`, `F`, `optim`. */
export function baseScope(): Bag {
  const nn = torch.nn;
  const functional = isBag(nn) ? nn.functional : undefined;
  return {
    torch: guarded(torch, "torch"),
    nn: subspace("nn"),
    F: guarded(isBag(functional) ? functional : {}, "torch.nn.functional"),
    optim: subspace("optim"),
  };
}

/** A scope that also holds all names of a namespace of the library. */
export function withNamespace(path: string, scope: Bag): Bag {
  let space: unknown = torch;
  for (const part of path.split(".").slice(1)) space = isBag(space) ? space[part] : undefined;
  return isBag(space) ? { ...space, ...scope } : scope;
}

/** A `console` whose output is kept. */
export function recordingConsole(): { log: (...values: unknown[]) => void; text(): string } {
  const lines: string[] = [];
  return { log: (...values) => void lines.push(format(...values)), text: () => lines.join("\n") };
}

/** The names in a method call on something that has no such method: thrown by the snippet itself, not inside the library. */
function missingIn(error: unknown): MissingFunction | null {
  if (error instanceof ReferenceError) {
    const name = /^(\S+) is not defined/.exec(error.message);
    return name && fromSnippet(error) ? new MissingFunction(name[1]) : null;
  }
  if (!(error instanceof TypeError)) return null;
  const call = /^(?:\(intermediate value\))?(.+) is not a (?:function|constructor)/s.exec(error.message);
  if (!call || !fromSnippet(error)) return null;
  return new MissingFunction(/\.[A-Za-z_$][\w$]*$/.exec(call[1])?.[0] ?? call[1]);
}

function fromSnippet(error: Error): boolean {
  const frame = (error.stack ?? "").split("\n").find((line) => /^\s+at /.test(line));
  return frame?.includes("eval") ?? false;
}

/**
 * Evaluates a setup and then steps that see its variables. Each step's value goes to `check` before the next step runs.
 */
export function evaluate(
  setup: string,
  steps: readonly string[],
  scope: Bag,
  check: (i: number, value: unknown) => void,
): void {
  const names = Object.keys(scope).filter((name) => /^[A-Za-z_$][\w$]*$/.test(name));
  const body = `${setup}\n;$steps.forEach(($step, $i) => $check($i, eval($step)));`;
  const run = new Function(...names, "$steps", "$check", body);
  let checking = false;
  const guard = (i: number, value: unknown) => {
    checking = true;
    check(i, value);
    checking = false;
  };
  try {
    run(...names.map((name) => scope[name]), steps, guard);
  } catch (error) {
    throw (checking ? null : missingIn(error)) ?? error;
  }
}

/** The value of a text's last expression. */
export function evaluateOne(text: string, scope: Bag): unknown {
  let result: unknown;
  evaluate("", [text], scope, (_, value) => {
    result = value;
  });
  return result;
}
