// Random expressions with operators on tensors, numbers, bigints, booleans and text, beside the same expressions written with methods.

import { CellRunner } from "./cells";
import type { Kind, Tally } from "./kind";
import { Random } from "./random";

type Sort = "tensor" | "number" | "bigint" | "boolean" | "text";

/** An expression in both spellings. */
interface Expression {
  operators: string;
  methods: string;
  sort: Sort;
  /** The check knows no type of it. */
  untyped: boolean;
}

const arithmetic = { "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "remainder", "**": "pow" } as const;
const bits = { "&": "bitwiseAnd", "|": "bitwiseOr", "^": "bitwiseXor", "<<": "bitwiseLeftShift" } as const;
const comparisons = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "==": "eq", "!=": "ne" } as const;
const named: Readonly<Record<string, string>> = { ...arithmetic, ...bits, ...comparisons };
/** What Python calls on the right where the left is no tensor; the other operations have a function for it. */
const exchanged: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "rsub",
  "*": "mul",
  "&": "bitwiseAnd",
  "|": "bitwiseOr",
  "^": "bitwiseXor",
  "<": "gt",
  "<=": "ge",
  ">": "lt",
  ">=": "le",
  "==": "eq",
  "!=": "ne",
};

/** The variables of every program. */
const variables = `const f = torch.tensor([[1.5, -2.0, 0.5], [3.0, 0.0, -1.0]]), i = torch.tensor([3, 1, 2]), b = torch.tensor([true, false, true]);
const s = torch.tensor(2.5), k = torch.tensor(2), d = torch.tensor([0.5, 1, 2], { dtype: torch.float64 });
const n = 3, half = 0.5, big = 7n, yes = true, word = "w";
const anyF: any = f, anyI: any = i, anyS: any = s, anyN: any = n, anyBig: any = big, anyWord: any = word;
const shown = (make: () => unknown): string => {
  try {
    const value = make();
    if (!torch.isTensor(value)) return typeof value + " " + String(value);
    return [value.dtype, value.shape, value.toString()].join(" ");
  } catch (error) {
    return "error " + (error as Error).message;
  }
};`;

const leaves: Readonly<Record<Sort, readonly string[]>> = {
  tensor: ["f", "i", "b", "s", "k", "d", "anyF", "anyI", "anyS"],
  number: ["n", "half", "anyN", "2", "0.25", "1"],
  bigint: ["big", "anyBig", "2n"],
  boolean: ["yes"],
  text: ["word", "anyWord", '"t"'],
};

class Writer {
  constructor(private readonly random: Random) {}

  expression(depth = 0): Expression {
    const { random } = this;
    if (depth > 2 || random.chance(25)) return this.leaf(this.sort());
    const forms: (() => Expression)[] = [
      () => this.binary(depth),
      () => this.binary(depth),
      () => this.binary(depth),
      () => this.prefix(depth),
      () => this.element(depth),
      () => this.choice(depth),
      () => this.update(depth),
    ];
    return random.pick(forms)();
  }

  private sort(): Sort {
    return this.random.pick(["tensor", "tensor", "tensor", "number", "number", "bigint", "boolean", "text"] as const);
  }

  private leaf(sort: Sort): Expression {
    const text = this.random.pick(leaves[sort]);
    return { operators: text, methods: text, sort, untyped: text.startsWith("any") };
  }

  private tensor(depth: number): Expression {
    for (let turn = 0; turn < 4; turn++) {
      const found = this.expression(depth);
      if (found.sort === "tensor") return found;
    }
    return this.leaf("tensor");
  }

  private binary(depth: number): Expression {
    const { random } = this;
    const left = this.expression(depth + 1);
    const right = random.chance(50) ? this.tensor(depth + 1) : this.expression(depth + 1);
    const isTensor = left.sort === "tensor" || right.sort === "tensor";
    const hasText = left.sort === "text" || right.sort === "text";
    // Other operations of text, of bigints beside numbers, and comparisons of unlike sorts are refused by the check.
    if (hasText) return this.joined(left, right);
    if (!isTensor && left.sort !== right.sort) return this.binary(depth);
    const signs = isTensor
      ? Object.keys(named)
      : left.sort === "boolean"
        ? ["==", "!="]
        : ["+", "-", "*", "<", "<=", ">", ">=", "==", "!="];
    // `==` without a value that is known to be a tensor is that of JavaScript.
    const isKnown = [left, right].some(({ sort, untyped }) => sort === "tensor" && !untyped);
    // TypeScript reads `a < (b > (c))` as a call with type arguments.
    const isCall = (each: string): boolean => each === ">" && right.operators.startsWith("(");
    const allowed = isTensor && !isKnown ? signs.filter((each) => each !== "==" && each !== "!=") : signs;
    const sign = random.pick(allowed.filter((each) => !isCall(each)));
    const operators = `(${left.operators} ${sign} ${right.operators})`;
    if (!isTensor) {
      const sort = Object.hasOwn(comparisons, sign) ? "boolean" : left.sort;
      return { operators, methods: `(${left.methods} ${sign} ${right.methods})`, sort, untyped: false };
    }
    return { operators, methods: called(sign, left, right), sort: "tensor", untyped: !isKnown };
  }

  private joined(left: Expression, right: Expression): Expression {
    return {
      operators: `(${left.operators} + ${right.operators})`,
      methods: `(String(${left.methods}) + String(${right.methods}))`,
      sort: "text",
      untyped: false,
    };
  }

  private prefix(depth: number): Expression {
    const { operators, methods, untyped } = this.tensor(depth + 1);
    const [sign, name] = this.random.pick([
      ["-", "neg"],
      ["~", "bitwiseNot"],
    ]);
    return { operators: `(${sign}${operators})`, methods: `(${methods}).${name}()`, sort: "tensor", untyped };
  }

  private element(depth: number): Expression {
    const { operators, methods, untyped } = this.tensor(depth + 1);
    const key = this.random.pick(["0", "-1", '"0:2"', '"...", 0', "null", "0, 0"]);
    return { operators: `(${operators})[${key}]`, methods: `(${methods}).at(${key})`, sort: "tensor", untyped };
  }

  /** A condition, whose tensor decides by its value. */
  private choice(depth: number): Expression {
    const asked = this.tensor(depth + 1);
    const [yes, no] = [this.tensor(depth + 1), this.tensor(depth + 1)];
    const truth = `truth(${asked.methods})`;
    const untyped = [asked, yes, no].some((each) => each.untyped);
    const forms: Expression[] = [
      {
        operators: `(${asked.operators} ? ${yes.operators} : ${no.operators})`,
        methods: `(${truth} ? ${yes.methods} : ${no.methods})`,
        sort: "tensor",
        untyped,
      },
      {
        operators: `((x) => x && ${yes.operators})(${asked.operators})`,
        methods: `((x) => (truth(x) ? ${yes.methods} : x))(${asked.methods})`,
        sort: "tensor",
        untyped,
      },
      { operators: `!(${asked.operators})`, methods: `!${truth}`, sort: "boolean", untyped: false },
    ];
    return this.random.pick(forms);
  }

  /** An operator with an assignment, in place. */
  private update(depth: number): Expression {
    const target = this.leaf("tensor").operators;
    const right = this.random.chance(50) ? this.tensor(depth + 1) : this.leaf("number");
    const sign = this.random.pick(Object.keys(arithmetic));
    const word = this.random.pick(["let", "const"]);
    return {
      operators: `(() => { ${word} x = ${target}.clone(); x ${sign}= ${right.operators}; return x; })()`,
      methods: `(() => { const x = ${target}.clone(); x.${named[sign]}_(${right.methods}); return x; })()`,
      sort: "tensor",
      untyped: target.startsWith("any"),
    };
  }
}

/** The call that an operator with a tensor beside it is. */
function called(sign: string, left: Expression, right: Expression): string {
  if (left.sort === "tensor") return `(${left.methods}).${named[sign]}(${right.methods})`;
  if (sign === "/") return `(${right.methods}).reciprocal().mul(${left.methods})`;
  const method = Object.hasOwn(exchanged, sign) ? exchanged[sign] : undefined;
  if (method) return `(${right.methods}).${method}(${left.methods})`;
  return `torch.${named[sign]}(${left.methods}, ${right.methods})`;
}

const truth = `const truth = (x: torch.Tensor): boolean => {
  if (x.numel() === 1) return Boolean(x.item());
  const what = x.numel() === 0 ? "no values" : "more than one value";
  throw new Error("Boolean value of Tensor with " + what + " is ambiguous");
};`;

const perProgram = 10;

/** Exchanged operands are evaluated in another order, so that another one of several errors comes first. */
const anyError = (shown: string | undefined): string | undefined => (shown?.startsWith('"error ') ? "error" : shown);

/** Programs of expressions in both spellings. */
export class OperatorPrograms implements Kind {
  private readonly runner = new CellRunner();

  async compare(seed: number, count: number, tally: Tally): Promise<void> {
    for (let k = 0; k < count; k++) {
      const writer = new Writer(new Random(seed + k));
      const expressions = Array.from({ length: perProgram }, () => writer.expression());
      const [operators, methods] = await this.both(expressions);
      const wrong = expressions.findIndex((_, at) => anyError(operators[at]) !== anyError(methods[at]));
      if (wrong >= 0) {
        const { operators: typed, methods: called } = expressions[wrong];
        const report = [`operators: ${operators[wrong]}`, `methods:   ${methods[wrong]}`, typed, called].join("\n");
        tally.failures.push({ seed: seed + k, cause: `${operators[wrong]} ${methods[wrong]}`, report });
      }
      tally.programs++;
    }
  }

  close(): Promise<void> {
    return this.runner.close();
  }

  /** What each expression gives in both spellings, a line each. */
  private async both(expressions: readonly Expression[]): Promise<[string[], string[]]> {
    const lines = (texts: string[]): string =>
      texts.map((text) => `console.log(JSON.stringify(shown(() => ${text})));`).join("\n");
    const operators = `// @check off\n${lines(expressions.map((each) => each.operators))}`;
    const methods = `// @check off\n// @operators off\n${truth}\n${lines(expressions.map((each) => each.methods))}`;
    const printed = (await this.runner.run([variables, operators, methods])).split("\n");
    return [printed.slice(0, expressions.length), printed.slice(expressions.length)];
  }
}
