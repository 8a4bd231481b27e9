// A whole cell of Python as TypeScript, as far as its lines are known: blocks get their braces where the indentation ends them, named
// arguments become objects, and names are declared where they first get a value. A proposal to be read, not one to be trusted.

import { camelCase, fromPython } from "./python";

/** A block whose brace is open. */
interface Block {
  indent: number;
  isClass: boolean;
}

interface Statement {
  text: string;
  /** Whether lines below that stand further right are a block of it. */
  opens: boolean;
}

const continued = /^\s*\} (?:else|catch|finally)\b/;
const definition = /^(\s*)(async\s+)?def\s+(\w+)\s*\((.*)\)\s*(?:->\s*[^:]+)?:$/;
const mode = /^(\s*)with\s+(.+?)(?:\s+as\s+(\w+))?:$/;
const printed = /^(\s*)print\((.*)\)$/;
const assigned = /^(\s*)([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*=(?!=)\s*(.+)$/;
/** Names that a block has: parameters, and what a loop goes through. */
const bound = /(?:\bfor \(const|(?:\bfunction )?\b(?!(?:if|while|for|catch)\b)\w+\()([^;]*?)(?: of\b|\) \{$)/;
const text = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/g;

/**
 * The cell as TypeScript; `undefined` when no line of it is known as Python.
 * @param knows whether cells have declared a name
 */
export function cellFromPython(code: string, knows: (name: string) => boolean): string | undefined {
  const lines: string[] = [];
  const blocks: Block[] = [];
  const declared = new Set<string>();
  let isPython = false;
  /** Ends the blocks that a line stands outside of; `else` ends its own by itself. */
  const close = (indent: number, isContinued: boolean): void => {
    const blanks: string[] = [];
    while (lines.at(-1) === "") blanks.push(lines.pop() as string);
    for (let last = blocks.at(-1); last && last.indent >= indent; last = blocks.at(-1)) {
      blocks.pop();
      if (!isContinued || last.indent > indent) lines.push(`${" ".repeat(last.indent)}}`);
    }
    lines.push(...blanks);
  };
  for (const line of code.trimEnd().split("\n")) {
    if (line.trim() === "") {
      lines.push("");
      continue;
    }
    const indent = /^\s*/.exec(line)?.[0].length ?? 0;
    const inClass = blocks.findLast((block) => block.indent < indent)?.isClass ?? false;
    const found = statement(line.trimEnd(), inClass);
    isPython ||= found !== undefined;
    const { text, opens } = found ?? { text: line, opens: false };
    close(indent, continued.test(text));
    for (const name of bound.exec(text)?.[1].match(/[A-Za-z_]\w*/g) ?? []) declared.add(name);
    const isOwn = inClass || definition.test(line.trimEnd());
    lines.push(isOwn ? text : withDeclaration(withoutTexts(text, calls), declared, knows));
    if (opens) blocks.push({ indent, isClass: /^\s*class\b/.test(line) });
  }
  close(0, false);
  return isPython ? lines.join("\n") : undefined;
}

/** A line of Python as TypeScript; `undefined` for one that is none. */
function statement(line: string, inClass: boolean): Statement | undefined {
  const [, indent, waits = "", name, given] = definition.exec(line) ?? [];
  if (name !== undefined) {
    const called = name === "__init__" ? "constructor" : `${inClass ? "" : "function "}${camelCase(name)}`;
    return { text: `${indent}${waits}${called}(${parameters(given)}) {`, opens: true };
  }
  const [, margin, value, variable = "_"] = mode.exec(line) ?? [];
  if (value !== undefined) return { text: `${margin}{ using ${variable} = ${value};`, opens: true };
  if (line.trim() === "pass") return { text: "", opens: false };
  const written = fromPython(line);
  const [, before, shown] = printed.exec(written ?? line) ?? [];
  if (shown !== undefined) return { text: `${before}console.log(${shown})`, opens: false };
  return written === undefined ? undefined : { text: written, opens: written.endsWith("{") };
}

/** Parameters without `self` and without types, which are not those of TypeScript. */
function parameters(given: string): string {
  return split(given)
    .filter((each) => each !== "self")
    .map((each) => each.replace(/\s*:\s*[^=]+/, " ").trim())
    .map((each) => (fromPython(each) ?? each).trim())
    .join(", ");
}

/** Changes a line outside of its texts. */
function withoutTexts(line: string, change: (line: string) => string): string {
  const texts: string[] = [];
  const held = line.replace(text, (found) => `\u0000${texts.push(found) - 1}\u0000`);
  return change(held).replace(/\0(\d+)\0/g, (_, index) => texts[Number(index)]);
}

/** Calls with `new` before classes, names as the library spells them, and named arguments in an object. */
function calls(line: string): string {
  const named = line
    .replace(/\bsuper\([^()]*\)\.__init__\(/g, "super(")
    .replace(/(?<=\.)[a-z]\w*_[a-z\d]\w*/g, camelCase)
    .replace(/(?<![\w$.]|\bnew )((?:\w+\.)*[A-Z]\w*)\(/g, "new $1(");
  return argumentsByName(named);
}

/** `f(x, dim=1)` as `f(x, { dim: 1 })`, from the innermost call outwards. */
function argumentsByName(line: string): string {
  let made = "";
  const open: number[] = [];
  for (const sign of line) {
    made += sign;
    if (sign === "(") open.push(made.length);
    if (sign !== ")") continue;
    const start = open.pop();
    if (start === undefined) continue;
    const given = split(made.slice(start, -1));
    const first = given.findIndex((each) => /^[A-Za-z_]\w*\s*=(?![=>])/.test(each));
    if (first < 0 || !/[\w$]$/.test(made.slice(0, start - 1))) continue;
    const options = given.slice(first).map((each) => {
      const [, name, value] = /^(\w+)\s*=\s*(.*)$/.exec(each) ?? ["", each, each];
      return `${camelCase(name)}: ${value}`;
    });
    made = `${made.slice(0, start)}${[...given.slice(0, first), `{ ${options.join(", ")} }`].join(", ")})`;
  }
  return made;
}

/** Arguments or parameters, divided at the commas outside of brackets. */
function split(given: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let part = "";
  for (const sign of given) {
    if ("([{".includes(sign)) depth++;
    if (")]}".includes(sign)) depth--;
    if (sign === "," && depth === 0) {
      parts.push(part.trim());
      part = "";
    } else part += sign;
  }
  return [...parts, part.trim()].filter((each) => each !== "");
}

/** `let` before the first assignment to a name. */
function withDeclaration(line: string, declared: Set<string>, knows: (name: string) => boolean): string {
  const [, indent, target, value] = assigned.exec(line) ?? [];
  if (target === undefined) return line;
  const names = target.split(",").map((name) => name.trim());
  const written = names.length > 1 ? `[${names.join(", ")}]` : target;
  const isNew = names.every((name) => !declared.has(name) && !knows(name));
  for (const name of names) declared.add(name);
  const values = names.length > 1 && split(value).length > 1 ? `[${value}]` : value;
  return `${indent}${isNew ? "let " : ""}${written} = ${values}`;
}
