// Runs programs of the goldens that are recorded in Python only, by the naming rule: names become camelCase, keyword arguments a trailing
// object, `with` blocks a function handed to the context, operators methods.

import {
  type AnyFunction,
  callMethod,
  camel,
  camelKeys,
  isBag,
  isTensor,
  member,
  MissingFunction,
  torch,
} from "../library";
import { parse } from "./parse";
import type { Expression, Parameters, Statement } from "./syntax";
import { binary, builtins, containerMethods, iterate, truth, unary, update } from "./values";

/** Names of the program and of what encloses it. */
class Scope {
  private readonly names = new Map<string, unknown>();

  constructor(private readonly outer: Scope | { readonly [name: string]: unknown }) {}

  get(name: string): unknown {
    if (this.names.has(name)) return this.names.get(name);
    if (this.outer instanceof Scope) return this.outer.get(name);
    // Names imported from the library are spelled its way.
    const key = name in this.outer ? name : camel(name);
    if (!(key in this.outer)) throw new MissingFunction(name);
    return this.outer[key];
  }

  set(name: string, value: unknown): void {
    this.names.set(name, value);
  }
}

type Signal = { readonly kind: "break" | "continue" } | { readonly kind: "return"; readonly value: unknown } | null;

/** Objects of the program's own classes: their attributes keep Python's names, as they name parameters. */
const ownObjects = new WeakSet<object>();

function attribute(value: unknown, name: string): unknown {
  if (isBag(value) && name in value) return value[name];
  return member(value, name);
}

function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

function invoke(callee: unknown, receiver: unknown, args: unknown[]): unknown {
  if (typeof callee !== "function") throw new MissingFunction(String(callee));
  // Not `callee.apply`: a module is callable and has a method of that name.
  return isClass(callee) ? Reflect.construct(callee, args) : Reflect.apply(callee, receiver, args);
}

function containsFloat(expression: Expression): boolean {
  if (expression.kind === "number") return expression.float;
  if (expression.kind === "unary") return containsFloat(expression.value);
  return expression.kind === "list" && expression.items.some(containsFloat);
}

class Interpreter {
  run(body: readonly Statement[], scope: Scope): Signal {
    for (const statement of body) {
      const signal = this.execute(statement, scope);
      if (signal !== null) return signal;
    }
    return null;
  }

  private execute(statement: Statement, scope: Scope): Signal {
    switch (statement.kind) {
      case "expression":
        this.evaluate(statement.value, scope);
        return null;
      case "assign": {
        const value = this.evaluate(statement.value, scope);
        for (const target of statement.targets) this.assign(target, value, scope);
        return null;
      }
      case "update": {
        const { target, operator, value } = statement;
        this.assign(target, update(operator, this.evaluate(target, scope), this.evaluate(value, scope)), scope);
        return null;
      }
      case "class":
        scope.set(statement.name, this.makeClass(statement, scope));
        return null;
      case "def":
        scope.set(statement.name, this.makeFunction(statement.parameters, statement.body, scope));
        return null;
      case "for":
        return this.loop(iterate(this.evaluate(statement.over, scope)), statement, scope);
      case "while":
        while (truth(this.evaluate(statement.test, scope))) {
          const signal = this.run(statement.body, scope);
          if (signal?.kind === "return") return signal;
          if (signal?.kind === "break") break;
        }
        return null;
      case "with":
        return this.within(statement.context, statement.body, scope);
      case "if":
        return this.run(truth(this.evaluate(statement.test, scope)) ? statement.yes : statement.no, scope);
      case "return":
        return { kind: "return", value: statement.value === null ? null : this.evaluate(statement.value, scope) };
      case "pass":
        return null;
      default:
        return { kind: statement.kind };
    }
  }

  private loop(items: unknown[], { target, body }: Extract<Statement, { kind: "for" }>, scope: Scope): Signal {
    for (const item of items) {
      this.assign(target, item, scope);
      const signal = this.run(body, scope);
      if (signal?.kind === "return") return signal;
      if (signal?.kind === "break") break;
    }
    return null;
  }

  /** `with torch.no_grad():` is `torch.noGrad(() => …)`. */
  private within(context: Expression, body: readonly Statement[], scope: Scope): Signal {
    if (context.kind !== "call") throw new MissingFunction("a context that is not a call");
    let signal: Signal = null;
    const block = () => {
      signal = this.run(body, scope);
    };
    const { callee, receiver } = this.callee(context.callee, scope);
    invoke(callee, receiver, [...this.arguments(context, scope), block]);
    return signal;
  }

  private makeFunction(parameters: Parameters, body: readonly Statement[], scope: Scope): AnyFunction {
    return (...args) => {
      const inner = new Scope(scope);
      parameters.forEach(({ name, preset }, i) => {
        inner.set(name, i < args.length || preset === null ? args[i] : this.evaluate(preset, scope));
      });
      const signal = this.run(body, inner);
      return signal?.kind === "return" ? signal.value : null;
    };
  }

  private makeClass({ bases, body }: Extract<Statement, { kind: "class" }>, scope: Scope): unknown {
    const base = bases.length > 0 ? this.evaluate(bases[0], scope) : Object;
    if (typeof base !== "function") throw new MissingFunction(String(base));
    const methods = new Map<string, AnyFunction>();
    for (const part of body) {
      if (part.kind === "def") methods.set(part.name, this.makeFunction(part.parameters, part.body, scope));
    }
    const initialize = methods.get("__init__");
    const Base = base as new () => object;
    class Made extends Base {
      constructor(...args: unknown[]) {
        super();
        ownObjects.add(this);
        initialize?.(this, ...args);
      }
    }
    for (const [name, method] of methods) {
      const bound = function (this: unknown, ...args: unknown[]): unknown {
        return method(this, ...args);
      };
      // The names under which the library asks a data set for its length and its items.
      if (name === "__len__") Object.defineProperty(Made.prototype, "length", { get: bound });
      else if (name === "__getitem__") Object.defineProperty(Made.prototype, "get", { value: bound });
      else if (name !== "__init__") Object.defineProperty(Made.prototype, name, { value: bound });
    }
    return Made;
  }

  private assign(target: Expression, value: unknown, scope: Scope): void {
    if (target.kind === "name") scope.set(target.name, value);
    else if (target.kind === "list") {
      const items = iterate(value);
      target.items.forEach((item, i) => {
        this.assign(item, items[i], scope);
      });
    } else if (target.kind === "attribute") {
      const receiver = this.evaluate(target.of, scope);
      if (!isBag(receiver)) throw new MissingFunction(target.name);
      const own = ownObjects.has(receiver) || target.name in receiver;
      Reflect.set(receiver, own ? target.name : Object.keys(camelKeys({ [target.name]: 0 }))[0], value);
    } else if (target.kind === "index") {
      const receiver = this.evaluate(target.of, scope);
      const indices = target.indices.map((index) => this.index(index, scope));
      if (isTensor(receiver)) callMethod(receiver, "set_at", indices, value);
      else if (receiver instanceof Map) receiver.set(indices[0], value);
      else if (isBag(receiver)) Reflect.set(receiver, String(indices[0]), value);
    }
  }

  /** An index in the library's spelling: a slice is text. */
  private index(expression: Expression, scope: Scope): unknown {
    if (expression.kind !== "slice") return this.evaluate(expression, scope);
    return expression.parts.map((part) => (part === null ? "" : String(this.evaluate(part, scope)))).join(":");
  }

  private callee(expression: Expression, scope: Scope): { callee: unknown; receiver: unknown } {
    if (expression.kind !== "attribute") return { callee: this.evaluate(expression, scope), receiver: undefined };
    const receiver = this.evaluate(expression.of, scope);
    const container = containerMethods[expression.name];
    const plain = isBag(receiver) && !isTensor(receiver) && !(expression.name in receiver);
    if (container !== undefined && (plain || receiver instanceof Map)) {
      return { callee: (...args: unknown[]) => container(receiver, ...args), receiver };
    }
    return { callee: attribute(receiver, expression.name), receiver };
  }

  private arguments({ args, kwargs }: Extract<Expression, { kind: "call" }>, scope: Scope): unknown[] {
    const values = args.map((arg) => this.evaluate(arg, scope));
    if (kwargs.length === 0) return values;
    return [
      ...values,
      camelKeys(Object.fromEntries(kwargs.map(([name, value]) => [name, this.evaluate(value, scope)]))),
    ];
  }

  private evaluate(expression: Expression, scope: Scope): unknown {
    switch (expression.kind) {
      case "name":
        return scope.get(expression.name);
      case "number":
      case "constant":
        return expression.value;
      case "list":
        return expression.items.map((item) => this.evaluate(item, scope));
      case "dict":
        return Object.fromEntries(
          expression.entries.map(([key, value]) => [String(this.evaluate(key, scope)), this.evaluate(value, scope)]),
        );
      case "comprehension":
        return iterate(this.evaluate(expression.over, scope)).map((item) => {
          const inner = new Scope(scope);
          this.assign(expression.target, item, inner);
          return this.evaluate(expression.item, inner);
        });
      case "slice":
        return this.index(expression, scope);
      case "attribute":
        return attribute(this.evaluate(expression.of, scope), expression.name);
      case "index":
        return this.subscript(expression, scope);
      case "call":
        return this.call(expression, scope);
      case "unary":
        return unary(expression.operator, this.evaluate(expression.value, scope));
      case "binary":
        return this.operate(expression, scope);
      case "choice":
        return this.evaluate(truth(this.evaluate(expression.test, scope)) ? expression.yes : expression.no, scope);
      case "lambda":
        return this.makeFunction(
          expression.parameters.map((name) => ({ name, preset: null })),
          [{ kind: "return", value: expression.body }],
          scope,
        );
    }
  }

  private operate({ operator, left, right }: Extract<Expression, { kind: "binary" }>, scope: Scope): unknown {
    const first = this.evaluate(left, scope);
    if (operator === "and") return truth(first) ? this.evaluate(right, scope) : first;
    if (operator === "or") return truth(first) ? first : this.evaluate(right, scope);
    return binary(operator, first, this.evaluate(right, scope));
  }

  private subscript({ of, indices }: Extract<Expression, { kind: "index" }>, scope: Scope): unknown {
    const receiver = this.evaluate(of, scope);
    const keys = indices.map((index) => this.index(index, scope));
    if (isTensor(receiver)) return callMethod(receiver, "at", ...keys);
    if (receiver instanceof Map) return receiver.get(keys[0]);
    if (Array.isArray(receiver)) return receiver.at(Number(keys[0]));
    return attribute(receiver, String(keys[0]));
  }

  private call(expression: Extract<Expression, { kind: "call" }>, scope: Scope): unknown {
    const { callee: target, args, kwargs } = expression;
    // `super(…).__init__()` ran when the object was made.
    if (target.kind === "name" && target.name === "super") return { __init__: () => null };
    const { callee, receiver } = this.callee(target, scope);
    const values = this.arguments(expression, scope);
    // JavaScript cannot see the point of `1.`, from which Python infers a float tensor.
    const pointed = callee === torch.tensor && args.some(containsFloat) && !kwargs.some(([name]) => name === "dtype");
    if (!pointed) return invoke(callee, receiver, values);
    const last = kwargs.length > 0 ? values.pop() : {};
    return invoke(callee, receiver, [...values, { ...Object(last), dtype: torch.float32 }]);
  }
}

/** Runs a program with names from outside. */
export function runPython(source: string, names: { readonly [name: string]: unknown }): void {
  new Interpreter().run(parse(source), new Scope({ ...builtins, ...names }));
}
