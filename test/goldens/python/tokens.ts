// Tokens of the part of Python in which the training programs are written: names, numbers, strings, operators, indentation.

export interface Token {
  readonly kind: "name" | "number" | "string" | "operator" | "newline" | "indent" | "dedent" | "end";
  readonly text: string;
  readonly line: number;
}

const pattern =
  /[ \t]*(?:(#.*)|([A-Za-z_]\w*)|((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|'([^']*)'|"([^"]*)"|(\*\*=|\/\/=|\*\*|\/\/|[-+*/@%]=|[<>=!]=|[-+*/%@<>=()[\]{},:.~;&|^]))/y;

/** Splits a program into tokens; lines inside brackets are joined. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const indents = [0];
  let depth = 0;
  source.split("\n").forEach((line, i) => {
    const number = i + 1;
    if (depth === 0) {
      if (/^\s*(#|$)/.test(line)) return;
      const indent = line.length - line.trimStart().length;
      if (indent > indents[indents.length - 1]) {
        indents.push(indent);
        tokens.push({ kind: "indent", text: "", line: number });
      }
      while (indent < indents[indents.length - 1]) {
        indents.pop();
        tokens.push({ kind: "dedent", text: "", line: number });
      }
    }
    pattern.lastIndex = 0;
    while (pattern.lastIndex < line.trimEnd().length) {
      const start = pattern.lastIndex;
      const match = pattern.exec(line);
      if (match === null) throw new SyntaxError(`line ${number}: cannot read ${line.slice(start)}`);
      const [, comment, name, digits, single, double, operator] = match;
      if (comment !== undefined) break;
      if (name !== undefined) tokens.push({ kind: "name", text: name, line: number });
      else if (digits !== undefined) tokens.push({ kind: "number", text: digits, line: number });
      else if (operator !== undefined) {
        if ("([{".includes(operator)) depth++;
        if (")]}".includes(operator)) depth--;
        tokens.push({ kind: "operator", text: operator, line: number });
      } else tokens.push({ kind: "string", text: single ?? double, line: number });
    }
    if (depth === 0) tokens.push({ kind: "newline", text: "", line: number });
  });
  while (indents.pop() !== 0) tokens.push({ kind: "dedent", text: "", line: 0 });
  tokens.push({ kind: "end", text: "", line: 0 });
  return tokens;
}
