// Statements that two libraries can run: one structure, printed in TypeScript's spelling and in Python's.

import { snakeCase } from "../../core/tensor/python-text";

/** What stands in a call: a variable, a number, text, a list; or a whole statement where a function is wanted. */
export type Value =
  | number
  | boolean
  | string
  | null
  | readonly Value[]
  | { variable: string }
  /** A dtype by its name. */
  | { dtype: string }
  /** A plain object; in Python a dict. */
  | { fields: Readonly<Record<string, Value>> }
  /** A function of one gradient: the method that is called on it with a number, and where to keep what it was given. */
  | { hook: string; by: number; keep?: string };

/** One part of an index in brackets: a number, a slice, an ellipsis, null, or a variable that holds a tensor. */
export type Index = number | string | null | { variable: string };

export interface Statement {
  /** The variables that take the result; several take its parts. */
  out: readonly string[];
  /** What the method is called on: a variable, one of the attributes of a variable (`x.grad`), or a module of the library. */
  on: string;
  /** A method, "()" to call a module, "new Linear" to make one of the module's classes, "[]" to read by an index, "[]=" to write by one, ".name" for an attribute, ".name=" to set one. */
  call: string;
  args: readonly Value[];
  index?: readonly Index[];
  named?: Readonly<Record<string, Value>>;
  /** Runs without recording. */
  noGrad?: boolean;
  /** Draws numbers, as float32 whatever the dtype of the run: otherwise runs in two precisions would be of different numbers. */
  draws?: boolean;
}

/** The two spellings of a statement. Variables are fields of `v`. */
export interface Spelling {
  typescript: string;
  python: string;
}

const LIBRARY = /^(?:torch|F|nn|optim|copy)\b/;

interface Language {
  name: "typescript" | "python";
  value(value: Value): string;
  index(index: Index): string;
  method(name: string): string;
  named(named: Readonly<Record<string, Value>>): string;
}

const path = (on: string): string => (LIBRARY.test(on) ? on : `v.${on}`);

const typescript: Language = {
  name: "typescript",
  value(value) {
    if (Array.isArray(value)) return `[${value.map((each) => typescript.value(each)).join(", ")}]`;
    if (typeof value !== "object" || value === null) return JSON.stringify(value);
    if ("variable" in value) return path(value.variable);
    if ("dtype" in value) return `torch.${value.dtype}`;
    if ("fields" in value) return typescript.named(value.fields);
    const { hook, by, keep } = value as { hook: string; by: number; keep?: string };
    const kept = keep === undefined ? "" : `v.${keep} = g; `;
    return hook === "" ? `(g) => { ${kept}}` : `(g) => { ${kept}return g.${hook}(${by}); }`;
  },
  index: (index) => (typeof index === "object" && index !== null ? path(index.variable) : JSON.stringify(index)),
  method: (name) => name,
  named: (named) =>
    `{ ${Object.entries(named)
      .map(([name, value]) => `${name}: ${typescript.value(value)}`)
      .join(", ")} }`,
};

const python: Language = {
  name: "python",
  value(value) {
    if (value === null) return "None";
    if (typeof value === "boolean") return value ? "True" : "False";
    if (Array.isArray(value)) return `[${value.map((each) => python.value(each)).join(", ")}]`;
    if (typeof value !== "object") return JSON.stringify(value);
    if ("variable" in value) return path(value.variable);
    if ("dtype" in value) return `torch.${value.dtype}`;
    if ("fields" in value) {
      const entries = Object.entries(value.fields);
      return `{${entries.map(([name, each]) => `"${snakeCase(name)}": ${python.value(each)}`).join(", ")}}`;
    }
    const { hook, by, keep } = value as { hook: string; by: number; keep?: string };
    const kept = keep === undefined ? "" : `setattr(v, "${keep}", g), `;
    const given = hook === "" ? "None" : `g.${hook}(${by})`;
    return `lambda g: (${kept}${given},)[-1]`;
  },
  index(index) {
    if (index === null) return "None";
    if (typeof index === "object") return path(index.variable);
    return index === "..." ? "..." : String(index);
  },
  // `toString` and its like keep their spelling; a trailing underscore stays.
  method: (name) => snakeCase(name),
  named: (named) =>
    Object.entries(named)
      .map(([name, value]) => `${snakeCase(name)}=${python.value(value)}`)
      .join(", "),
};

function printed(statement: Statement, language: Language): string {
  const { out, on, call, args, index = [], draws } = statement;
  const named = draws ? { ...statement.named, dtype: { dtype: "float32" } } : statement.named;
  const isPython = language.name === "python";
  const on_ = path(isPython ? (on === "torch" && call === "deepcopy" ? "copy" : snakeCase(on)) : on);
  const values = args.map((value) => language.value(value));
  const at = index.map((each) => language.index(each));
  let text: string;
  if (call === "[]") text = isPython ? `${on_}[${at.join(", ")}]` : `${on_}.at(${at.join(", ")})`;
  else if (call === "[]=")
    text = isPython ? `${on_}[${at.join(", ")}] = ${values[0]}` : `${on_}.setAt([${at.join(", ")}], ${values[0]})`;
  else if (call.startsWith(".")) {
    const name = call.slice(1).replace("=", "");
    const attribute = `${on_}.${language.method(name)}`;
    text = call.endsWith("=") ? `${attribute} = ${values[0]}` : attribute;
  } else {
    if (named && Object.keys(named).length > 0) values.push(language.named(named));
    const [, maker] = /^new (\w+)$/.exec(call) ?? [];
    const called = call === "()" ? on_ : `${on_}.${maker ?? language.method(call)}`;
    text = `${maker === undefined || isPython ? "" : "new "}${called}(${values.join(", ")})`;
    if (draws) text += `.to(torch.${language.method("getDefaultDtype")}())`;
  }
  if (out.length === 1) text = `v.${out[0]} = ${text}`;
  if (out.length > 1) {
    const targets = out.map((name) => `v.${name}`).join(", ");
    text = isPython ? `${targets}, = ${text}` : `[${targets}] = ${text}`;
  }
  if (!statement.noGrad) return text;
  return isPython ? `with torch.no_grad(): ${text}` : `torch.noGrad(() => { ${text}; })`;
}

/** A statement in both spellings, as the two libraries run it. */
export function spellings(statement: Statement): Spelling {
  return { typescript: printed(statement, typescript), python: printed(statement, python) };
}

/** A statement as people read it: variables without what holds them. */
export function readable(text: string): string {
  return text.replaceAll(/\bv\./g, "");
}

/** The names of the variables that a statement uses. */
export function variablesOf(statement: Statement): string[] {
  return [...spellings(statement).typescript.matchAll(/\bv\.(\w+)/g)].map(([, name]) => name);
}
