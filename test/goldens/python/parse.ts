// A parser for the part of Python in which the training programs are written: classes, functions, loops, `with`, `if`, assignments, calls,
// indexing with slices, comprehensions, lambdas.

import type { Expression, Statement } from "./syntax";
import { type Token, tokenize } from "./tokens";

/** Binary operators from loosest to tightest; `not`, unary signs and powers lie between and beyond. */
const levels: readonly (readonly string[])[] = [
  ["or"],
  ["and"],
  ["==", "!=", "<", "<=", ">", ">=", "in", "is"],
  ["|"],
  ["^"],
  ["&"],
  ["+", "-"],
  ["*", "/", "//", "%", "@"],
];

const constants: { readonly [name: string]: string | boolean | null } = { True: true, False: false, None: null };

class Parser {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  program(): Statement[] {
    const body: Statement[] = [];
    while (this.peek().kind !== "end") body.push(...this.statement());
    return body;
  }

  private peek(): Token {
    return this.tokens[this.at];
  }

  private is(text: string): boolean {
    const { kind, text: found } = this.peek();
    return (kind === "operator" || kind === "name") && found === text;
  }

  private take(text: string): boolean {
    if (!this.is(text)) return false;
    this.at++;
    return true;
  }

  private need(text: string): void {
    if (!this.take(text)) this.fail(`expected ${text}`);
  }

  private fail(message: string): never {
    const { line, text, kind } = this.peek();
    throw new SyntaxError(`line ${line}: ${message}, found ${text || kind}`);
  }

  private kind(kind: Token["kind"]): Token {
    const token = this.peek();
    if (token.kind !== kind) this.fail(`expected ${kind}`);
    this.at++;
    return token;
  }

  private block(): Statement[] {
    this.need(":");
    if (this.peek().kind !== "newline") return this.line();
    this.kind("newline");
    this.kind("indent");
    const body: Statement[] = [];
    while (this.peek().kind !== "dedent") body.push(...this.statement());
    this.kind("dedent");
    return body;
  }

  private statement(): Statement[] {
    if (this.take("class")) {
      const name = this.kind("name").text;
      const bases = this.is("(") ? this.call({ kind: "name", name }).args : [];
      return [{ kind: "class", name, bases, body: this.block() }];
    }
    if (this.take("def")) {
      const name = this.kind("name").text;
      this.need("(");
      const parameters: { name: string; preset: Expression | null }[] = [];
      while (!this.take(")")) {
        const parameter = this.kind("name").text;
        parameters.push({ name: parameter, preset: this.take("=") ? this.expression() : null });
        this.take(",");
      }
      return [{ kind: "def", name, parameters, body: this.block() }];
    }
    if (this.take("for")) {
      const target = this.targets();
      this.need("in");
      const over = this.tuple();
      return [{ kind: "for", target, over, body: this.block() }];
    }
    if (this.take("while")) {
      const test = this.expression();
      return [{ kind: "while", test, body: this.block() }];
    }
    if (this.take("with")) {
      const context = this.expression();
      return [{ kind: "with", context, body: this.block() }];
    }
    if (this.take("if")) return [this.branch()];
    return this.line();
  }

  private branch(): Statement {
    const test = this.expression();
    const yes = this.block();
    if (this.take("elif")) return { kind: "if", test, yes, no: [this.branch()] };
    return { kind: "if", test, yes, no: this.take("else") ? this.block() : [] };
  }

  private line(): Statement[] {
    const statements = [this.simple()];
    while (this.take(";")) statements.push(this.simple());
    this.kind("newline");
    return statements;
  }

  private simple(): Statement {
    for (const kind of ["break", "continue", "pass"] as const) if (this.take(kind)) return { kind };
    if (this.take("return")) return { kind: "return", value: this.peek().kind === "newline" ? null : this.tuple() };
    const first = this.tuple();
    const token = this.peek();
    if (token.kind === "operator" && /^(\*\*|\/\/|[-+*/@%])=$/.test(token.text)) {
      this.at++;
      return { kind: "update", target: first, operator: token.text.slice(0, -1), value: this.tuple() };
    }
    const chain = [first];
    while (this.take("=")) chain.push(this.tuple());
    const value = chain[chain.length - 1];
    return chain.length === 1 ? { kind: "expression", value } : { kind: "assign", targets: chain.slice(0, -1), value };
  }

  /** One expression, or several with commas as a list. */
  private tuple(): Expression {
    const first = this.expression();
    if (!this.is(",")) return first;
    const items = [first];
    while (this.take(",")) {
      if (this.peek().kind === "newline" || this.is("=") || this.is(")")) break;
      items.push(this.expression());
    }
    return { kind: "list", items };
  }

  /** The variables of a loop: names and tuples of them, which must not swallow `in`. */
  private targets(): Expression {
    const items: Expression[] = [];
    do {
      if (this.take("(")) {
        items.push(this.targets());
        this.need(")");
      } else items.push({ kind: "name", name: this.kind("name").text });
    } while (this.take(","));
    return items.length === 1 ? items[0] : { kind: "list", items };
  }

  expression(): Expression {
    if (this.take("lambda")) {
      const parameters: string[] = [];
      while (!this.take(":")) {
        parameters.push(this.kind("name").text);
        this.take(",");
      }
      return { kind: "lambda", parameters, body: this.expression() };
    }
    const value = this.binary(0);
    if (!this.take("if")) return value;
    const test = this.binary(0);
    this.need("else");
    return { kind: "choice", test, yes: value, no: this.expression() };
  }

  private binary(level: number): Expression {
    if (level === levels.length) return this.unary();
    if (level === 2 && this.take("not")) return { kind: "unary", operator: "not", value: this.binary(level) };
    let left = this.binary(level + 1);
    for (;;) {
      const operator = levels[level].find((candidate) => this.is(candidate));
      if (operator === undefined) return left;
      this.at++;
      const negated = operator === "is" && this.take("not");
      left = { kind: "binary", operator: negated ? "is not" : operator, left, right: this.binary(level + 1) };
    }
  }

  private unary(): Expression {
    for (const operator of ["-", "+", "~"]) {
      if (this.take(operator)) return { kind: "unary", operator, value: this.unary() };
    }
    const base = this.postfix();
    return this.take("**") ? { kind: "binary", operator: "**", left: base, right: this.unary() } : base;
  }

  private postfix(): Expression {
    let value = this.atom();
    for (;;) {
      if (this.take(".")) value = { kind: "attribute", of: value, name: this.kind("name").text };
      else if (this.is("(")) value = this.call(value);
      else if (this.take("[")) {
        const indices: Expression[] = [];
        while (!this.take("]")) {
          indices.push(this.subscript());
          this.take(",");
        }
        value = { kind: "index", of: value, indices };
      } else return value;
    }
  }

  private call(callee: Expression): Extract<Expression, { kind: "call" }> {
    this.need("(");
    const args: Expression[] = [];
    const kwargs: [string, Expression][] = [];
    while (!this.take(")")) {
      const [token, next] = [this.peek(), this.tokens[this.at + 1]];
      if (token.kind === "name" && next.kind === "operator" && next.text === "=") {
        this.at += 2;
        kwargs.push([token.text, this.expression()]);
      } else args.push(this.expression());
      this.take(",");
    }
    return { kind: "call", callee, args, kwargs };
  }

  private subscript(): Expression {
    const parts: (Expression | null)[] = [];
    let colon = false;
    let part: Expression | null = null;
    while (!this.is(",") && !this.is("]")) {
      if (this.take(":")) {
        colon = true;
        parts.push(part);
        part = null;
      } else part = this.expression();
    }
    if (!colon && part !== null) return part;
    return { kind: "slice", parts: [...parts, part] };
  }

  private atom(): Expression {
    const token = this.peek();
    this.at++;
    if (token.kind === "number") return { kind: "number", value: Number(token.text), float: /[.e]/i.test(token.text) };
    if (token.kind === "string") return { kind: "constant", value: token.text };
    if (token.kind === "name") {
      return token.text in constants
        ? { kind: "constant", value: constants[token.text] }
        : { kind: "name", name: token.text };
    }
    if (token.text === "(") return this.bracketed(")");
    if (token.text === "[") return this.bracketed("]");
    if (token.text === "{") return this.dictionary();
    this.at--;
    return this.fail("expected a value");
  }

  private bracketed(close: string): Expression {
    if (this.take(close)) return { kind: "list", items: [] };
    const item = this.expression();
    if (this.take("for")) {
      const target = this.targets();
      this.need("in");
      const over = this.binary(0);
      this.need(close);
      return { kind: "comprehension", item, target, over };
    }
    const items = [item];
    let comma = false;
    while (this.take(",")) {
      comma = true;
      if (this.is(close)) break;
      items.push(this.expression());
    }
    this.need(close);
    return close === ")" && !comma ? item : { kind: "list", items };
  }

  private dictionary(): Expression {
    const entries: [Expression, Expression][] = [];
    while (!this.take("}")) {
      const key = this.expression();
      this.need(":");
      entries.push([key, this.expression()]);
      this.take(",");
    }
    return { kind: "dict", entries };
  }
}

/** The statements of a program. */
export function parse(source: string): Statement[] {
  return new Parser(tokenize(source)).program();
}
