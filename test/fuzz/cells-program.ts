// Random programs of statements whose values are numbers, strings of numbers and small structures of them: declarations of every
// kind, closures, patterns, classes, generators, async code, labels, exceptions. Every program passes TypeScript's check, ends,
// and prints what it computes.

import { type Declared, forms as moreForms, type Pen, topForms } from "./cells-forms";
import type { Random } from "./random";

/** A variable that statements may use. */
interface Variable {
  name: string;
  kind: "number" | "array" | "record" | "closure" | "class" | "other";
  writable: boolean;
  /** What may be read and written of another kind, with `$` for an expression. */
  reads?: readonly string[];
  writes?: readonly string[];
  /** A `var` of the program's top, which may be declared again. */
  again?: boolean;
}

/** The shape of every record: names of its numbers, and of what is nested in it. */
const recordType = "{ rate: number; size: number; inner: { low: number; list: number[] }; extra?: number }";

/** Where an expression goes in what may be read or written; names may begin with the same sign. */
const hole = /\$(?![\w{])/g;

/** Writes one program. */
export class ProgramWriter {
  private scopes: Variable[][] = [[]];
  private count = 0;
  private readonly special = new Set<string>();
  /** How deep the statement being written is within blocks and functions. */
  private depth = 0;
  /** Whether a loop is around, and its label. */
  private loops: (string | null)[] = [];
  private inFunction = 0;
  /** Names at the top of the program that a block may declare anew. */
  private readonly topNames: string[] = [];

  private readonly pen: Pen;

  constructor(private readonly random: Random) {
    this.pen = { random, expression: () => this.expression(1), fresh: (prefix) => this.fresh(prefix) };
  }

  /** The statements of a program, each whole by itself. */
  program(length: number): string[] {
    const out: string[] = [];
    for (let k = 0; k < length; k++) out.push(this.statement());
    out.push(this.print());
    return out;
  }

  private fresh(prefix: string): string {
    // Some names are ones that compiled cells use themselves.
    if (this.depth === 0 && this.random.chance(3)) {
      const special = this.random.pick([
        "$value",
        "exports",
        "module",
        "require",
        "value",
        "names",
        "__filename",
        "bind",
      ]);
      if (!this.special.has(special)) {
        this.special.add(special);
        return special;
      }
    }
    return `${prefix}${++this.count}`;
  }

  private declare(variable: Variable): string {
    this.scopes[this.scopes.length - 1].push(variable);
    if (this.scopes.length === 1) this.topNames.push(variable.name);
    return variable.name;
  }

  /** The variables that a name still means here: an inner one hides an outer one of the same name. */
  private visible(kind: Variable["kind"], writable = false): Variable[] {
    const seen = new Set<string>();
    const found: Variable[] = [];
    for (const scope of [...this.scopes].reverse()) {
      for (const variable of scope) {
        if (seen.has(variable.name)) continue;
        if (variable.kind === kind && (!writable || variable.writable)) found.push(variable);
      }
      for (const { name } of scope) seen.add(name);
    }
    return found;
  }

  private variable(kind: Variable["kind"], writable = false): string | null {
    const found = this.visible(kind, writable);
    return found.length === 0 ? null : this.random.pick(found).name;
  }

  private expression(depth = 0): string {
    const leaf = (): string => {
      const number = this.variable("number");
      if (number !== null && this.random.chance(70)) return number;
      const array = this.variable("array");
      if (array !== null && this.random.chance(40))
        return this.random.pick([`${array}.length`, `(${array}[0] ?? 1)`, `(${array}.at(-1) ?? 2)`]);
      const record = this.variable("record");
      if (record !== null && this.random.chance(50)) {
        return `${record}${this.random.pick([".rate", ".size", ".inner.low", "['size']", "?.inner.list.length", ".inner.list[0]"])}`;
      }
      return `(${this.random.pick([0, 1, 2, 3, 5, 7, 0.5, 10, -1])} as number)`;
    };
    if (depth > 2 || this.random.chance(35)) return leaf();
    const sub = (): string => this.expression(depth + 1);
    const closure = this.variable("closure");
    const class_ = this.variable("class");
    const others = this.visible("other").flatMap(({ reads = [] }) => reads);
    const forms: (() => string)[] = [
      () => `(${sub()} ${this.random.pick(["+", "-", "*"])} ${sub()})`,
      () => `(${sub()} % 7)`,
      () => `(${sub()} ${this.random.pick(["<", ">=", "===", "!=="])} ${sub()} ? ${sub()} : ${sub()})`,
      () => `Math.${this.random.pick(["max", "min"])}(${sub()}, ${sub()})`,
      () => `(${leaf()} ${this.random.pick(["&&", "||", "??"])} ${sub()})`,
      () => `[${sub()}, ${sub()}].map((v) => v ${this.random.pick(["+", "*"])} ${leaf()}).reduce((a, b) => a + b, 0)`,
      () => `Number(\`\${${sub()}}\`)`,
      () => `(() => ${sub()})()`,
      () => `{ rate: ${sub()} }.rate`.replace(/^/, "(").replace(/\.rate$/, ").rate"),
    ];
    if (closure !== null) forms.push(() => `${closure}(${sub()})`);
    if (class_ !== null) forms.push(() => `new ${class_}(${sub()}).${this.random.pick(["twice()", "half", "kept"])}`);
    if (others.length > 0) {
      const other = (): string => this.random.pick(others).replace(hole, sub);
      forms.push(other, other);
    }
    return this.random.pick(forms)();
  }

  /** A statement of one of the further forms; what it declares may be read and written afterwards. */
  private other(forms: readonly ((pen: Pen) => Declared)[]): string {
    const { text, name, reads = [], writes = [] } = this.random.pick(forms)(this.pen);
    if (name !== undefined && reads.length > 0) this.declare({ name, kind: "other", writable: false, reads, writes });
    return text;
  }

  private print(): string {
    const shown = [this.expression(), this.expression()];
    for (const kind of ["number", "array", "record"] as const) {
      const name = this.variable(kind);
      if (name !== null) shown.push(kind === "number" ? name : `JSON.stringify(${name})`);
    }
    return `console.log(${shown.map((value) => (value.startsWith("JSON") ? value : this.bounded(value))).join(", ")});`;
  }

  /** Keeps numbers from growing without limit, so that both sides print the same digits of small numbers. */
  private bounded(value: string): string {
    return `String((${value}) % 1e6)`;
  }

  private block(statements: number, own: Variable[] = [], last?: () => string): string {
    this.depth++;
    this.scopes.push([...own]);
    const lines: string[] = [];
    // A block may declare a name of the program's top anew.
    if (this.topNames.length > 0 && this.random.chance(35)) {
      const name = this.random.pick(this.topNames);
      const taken = this.scopes[this.scopes.length - 1].some((each) => each.name === name);
      if (!taken && !this.visible("class").some((each) => each.name === name)) {
        lines.push(`${this.random.pick(["let", "const", "let"])} ${name}: number = ${this.random.pick([0, 1, 2])};`);
        this.declare({ name, kind: "number", writable: lines[0].startsWith("let") });
      }
    }
    for (let k = 0; k < statements; k++) lines.push(this.statement());
    if (last) lines.push(last());
    this.scopes.pop();
    this.depth--;
    return `{\n${lines.join("\n")}\n}`;
  }

  private statement(): string {
    const forms: [number, () => string][] = [
      [12, () => this.number()],
      [5, () => this.array()],
      [6, () => this.record()],
      [10, () => this.pattern()],
      [14, () => this.assignment()],
      [8, () => this.print()],
      [6, () => this.closure()],
      [14, () => this.other(moreForms)],
    ];
    if (this.depth < 3) {
      forms.push(
        [12, () => this.loop()],
        [6, () => `if (${this.expression()} > ${this.expression()}) ${this.block(2)} else ${this.block(1)}`],
        [4, () => this.block(3)],
        [6, () => this.exception()],
        [4, () => this.switch()],
        [3, () => this.loopClosures()],
      );
    }
    if (this.depth < 2 && this.inFunction === 0) {
      forms.push([4, () => this.function()], [4, () => this.generator()], [5, () => this.asynchronous()]);
    }
    if (this.depth === 0)
      forms.push(
        [5, () => this.class()],
        [2, () => this.enumeration()],
        [4, () => this.redeclaration()],
        [14, () => this.other(topForms)],
      );
    const label = this.loops[this.loops.length - 1];
    if (this.loops.length > 0) {
      const target = label !== null && this.random.chance(40) ? ` ${label}` : "";
      forms.push([5, () => `if (${this.expression()} > 3) ${this.random.pick(["break", "continue"])}${target};`]);
    }
    let at = this.random.below(forms.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, form] of forms) {
      if (at < weight) return form();
      at -= weight;
    }
    return this.print();
  }

  private number(): string {
    const value = this.expression();
    const name = this.fresh("n");
    const word = this.random.pick(["let", "let", "const", ...(this.depth === 0 ? ["var", "var"] : ["let"])]);
    this.declare({ name, kind: "number", writable: word !== "const", again: word === "var" && this.depth === 0 });
    return `${word} ${name}: number = ${value} % 1000;`.replace(": number", this.random.chance(50) ? "" : ": number");
  }

  /** A `var` that the program has already: what functions see of it changes as well. */
  private redeclaration(): string {
    const known = this.visible("number", true).filter(({ again }) => again);
    if (known.length === 0) return this.number();
    const { name } = this.random.pick(known);
    // The check of a cell takes the name for that of the cell, which has no value yet; a function that reads it may be called.
    const value = this.expression();
    return `var ${name}: number = ${new RegExp(`${name.replace("$", "\\$")}(?![\\w$])`).test(value) ? 4 : value} % 1000;`;
  }

  private array(): string {
    const values = Array.from({ length: 1 + this.random.below(3) }, () => this.expression());
    const spread = this.variable("array");
    if (spread !== null && this.random.chance(40)) values.push(`...${spread}.slice(0, 3)`);
    const name = this.declare({ name: this.fresh("xs"), kind: "array", writable: false });
    return `const ${name}: number[] = [${values.join(", ")}];`;
  }

  private record(): string {
    const shorthand = this.variable("number");
    const values = [this.expression(), this.expression(), this.expression(), this.expression()];
    const base = this.variable("record");
    const name = this.declare({ name: this.fresh("box"), kind: "record", writable: this.random.chance(50) });
    const word = this.scopes[this.scopes.length - 1].at(-1)?.writable ? "let" : "const";
    if (base !== null && this.random.chance(30))
      return `${word} ${name}: ${recordType} = { ...${base}, size: ${values[0]} };`;
    const typed = this.random.chance(50) ? `: ${recordType}` : "";
    const extra = typed !== "" && this.random.chance(40) ? `, extra: ${values[3]}` : "";
    const list = shorthand === null ? "[1, 2]" : `[${shorthand}, 2]`;
    const optional =
      typed === "" ? " as { low: number; list: number[] }, extra: undefined as number | undefined" : extra;
    return `${word} ${name}${typed} = { rate: ${values[0]}, size: ${values[1]}, inner: { low: ${values[2]}, list: ${list} }${optional} };`;
  }

  private pattern(): string {
    const source = this.variable("record");
    const array = this.variable("array");
    const name = (): string => this.fresh("d");
    const word = this.random.pick(["const", "let"]);
    const numbers = (names: string[], text: string): string => {
      for (const each of names) this.declare({ name: each, kind: "number", writable: word === "let" });
      return `${word} ${text};`;
    };
    if (source !== null && this.random.chance(65)) {
      const [a, b, c] = [name(), name(), name()];
      const lists = `{ inner: { low: ${a}, list: [${b} = 4] }, ...${c} } = ${source}`;
      const typed = `{ rate: ${a} }: { rate: number } = ${source}, [${b}, ${c} = ${a}] = ${source}.inner.list`;
      const parameters = `${a} = [${source}].map(({ rate: r, inner: { low: l } }) => r + l)[0]`;
      const forms: [string[], string][] = [
        [[a], `{ rate: ${a} } = ${source}`],
        [[a, b], lists],
        [[a, b], `{ extra: ${a} = 6, ["size"]: ${b} } = ${source}`],
        [[a, b, c], typed],
        [[a], parameters],
      ];
      return numbers(...this.random.pick(forms));
    }
    const targets = this.visible("number", true);
    if (targets.length >= 2 && this.random.chance(60)) {
      const [a, b] = [this.random.pick(targets).name, this.random.pick(targets).name];
      const forms = [
        `[${a}, ${b}] = [${b}, ${a}];`,
        `[${a} = 1, ...[${b}]] = [${this.expression()}, ${this.expression()}];`,
      ];
      if (source !== null)
        forms.push(`({ rate: ${a}, inner: { low: ${b} } } = ${source});`, `({ size: ${a} = 2 } = ${source});`);
      return `;${this.random.pick(forms)}`;
    }
    if (array !== null) {
      const [a, b] = [name(), name()];
      this.declare({ name: b, kind: "array", writable: false });
      return numbers([a], `[${a} = 3, , ...${b}] = ${array}`);
    }
    return this.number();
  }

  private assignment(): string {
    const number = this.variable("number", true);
    const array = this.variable("array");
    const record = this.variable("record");
    const forms: string[] = [];
    if (number !== null) {
      forms.push(
        `${number} = (${this.expression()}) % 1000;`,
        `${number} ${this.random.pick(["+=", "-=", "*=", "%="])} ${this.random.pick(["2", "3", "7"])}; ${number} %= 1000;`,
        `${number}${this.random.pick(["++", "--"])};`,
        `${number} ${this.random.pick(["&&=", "||="])} ${this.random.pick(["2", "3"])};`,
      );
    }
    if (array !== null)
      forms.push(`if (${array}.length < 9) ${array}.push((${this.expression()}) % 1000);`, `${array}[0] += 1;`);
    if (record !== null) {
      forms.push(
        `${record}.rate = (${this.expression()}) % 1000;`,
        `${record}.inner.low++;`,
        `${record}.extra ??= ${this.random.pick([1, 2])};`,
      );
    }
    const written = this.visible("other").flatMap(({ writes = [] }) => writes);
    if (written.length > 0) forms.push(this.random.pick(written).replace(hole, () => this.expression(1)));
    return forms.length === 0 ? this.number() : this.random.pick(forms);
  }

  private closure(): string {
    const name = this.fresh("f");
    this.inFunction++;
    this.scopes.push([{ name: "v", kind: "number", writable: true }]);
    const body = this.expression(1);
    this.scopes.pop();
    this.inFunction--;
    const changed = this.variable("number", true);
    const effect =
      changed !== null && this.random.chance(40)
        ? `{ ${changed} = (${changed} + v) % 1000; return (${body}) % 1000; }`
        : `(${body}) % 1000`;
    this.declare({ name, kind: "closure", writable: false });
    return `const ${name} = (v: number): number => ${effect};`;
  }

  private counted(): { head: string; variable: Variable } {
    const name = this.random.chance(30) && this.topNames.length > 0 ? this.random.pick(this.topNames) : this.fresh("i");
    const safe = this.visible("class").some((each) => each.name === name) ? this.fresh("i") : name;
    const end = 2 + this.random.below(4);
    return {
      head: `for (let ${safe} = 0; ${safe} < ${end}; ${safe}++)`,
      variable: { name: safe, kind: "number", writable: false },
    };
  }

  private loop(): string {
    const label = this.random.chance(25) ? this.fresh("outer") : null;
    this.loops.push(label);
    const array = this.variable("array");
    const number = this.variable("number", true);
    const turn = this.fresh("t");
    // Each form: what stands before the loop, and the loop.
    const forms: (() => [string, string])[] = [
      () => {
        const { head, variable } = this.counted();
        return ["", `${head} ${this.block(2, [variable])}`];
      },
      () => [`let ${turn} = 0;\n`, `while (${turn}++ < 4) ${this.block(2)}`],
      () => [`let ${turn} = 0;\n`, `do ${this.block(2)} while (++${turn} < 3);`],
      () => ["", `for (const ${turn} in { a: 1, b: 2 }) ${this.block(1)}`],
    ];
    if (array !== null) {
      const each: Variable = { name: turn, kind: "number", writable: false };
      forms.push(() => ["", `for (const ${turn} of ${array}.slice(0, 4)) ${this.block(2, [each])}`]);
    }
    if (number !== null) {
      // Loops that only compute run on copies of variables.
      const sum = `${number} = (${number} + ${turn} * 0.5) % 1000;`;
      const product = `${number} = (${number} + u * ${turn}) % 1000;`;
      const odd = `${turn}++; if (${turn} % 2 === 0) continue; ${number} += ${turn};`;
      forms.push(
        () => ["", `for (let ${turn} = 0; ${turn} < 20; ${turn}++) ${sum}`],
        () => [`let ${turn} = 0;\n`, `while (${turn} < 5) { ${odd} }`],
        () => ["", `for (let ${turn} = 0; ${turn} < 3; ${turn}++) for (let u = 0; u < 3; u++) ${product}`],
      );
    }
    const [before, loop] = this.random.pick(forms)();
    this.loops.pop();
    if (before !== "") this.declare({ name: turn, kind: "number", writable: true });
    return `${before}${label === null ? "" : `${label}: `}${loop}`;
  }

  private loopClosures(): string {
    const name = this.fresh("fs");
    const { head, variable } = this.counted();
    this.scopes.push([variable]);
    const body = this.expression(1);
    this.scopes.pop();
    const result = this.declare({ name: this.fresh("xs"), kind: "array", writable: false });
    return `const ${name}: (() => number)[] = [];\n${head} { ${name}.push(() => (${variable.name} + ${body}) % 1000); }\nconst ${result}: number[] = ${name}.map((g) => g());`;
  }

  private exception(): string {
    const caught = this.fresh("e");
    const thrown = (): string => {
      const error = `new RangeError(${this.bounded(this.expression())})`;
      return `if (${this.expression()} > 2) throw ${error};`;
    };
    const body = this.block(1, [], thrown);
    const handler = this.random.chance(30)
      ? `catch ${this.block(1)}`
      : `catch (${caught}) { console.log((${caught} as Error).message, ${caught} instanceof RangeError); }`;
    const last = this.random.chance(40) ? ` finally { console.log("finally"); }` : "";
    return `try ${body} ${handler}${last}`;
  }

  private switch(): string {
    // A `break` inside belongs to the switch, a `continue` to the loop around.
    this.loops.push(null);
    const around = this.loops;
    this.loops = [];
    const one = this.block(1);
    const two = this.block(1);
    this.loops = around;
    this.loops.pop();
    return `switch (Math.abs(Math.trunc(${this.expression()})) % 3) { case 0: ${one} case 1: console.log("one"); break; default: ${two} }`;
  }

  private body(statements: number, own: Variable[]): string {
    this.inFunction++;
    const loops = this.loops;
    this.loops = [];
    const text = this.block(statements, own);
    this.loops = loops;
    this.inFunction--;
    return text;
  }

  private function(): string {
    const name = this.fresh("g");
    const parameters = this.random.pick([
      { text: "v: number", call: "", own: ["v"] },
      {
        text: "v: number, { rate: r = 2, size = 3 }: { rate?: number; size?: number } = {}",
        call: "",
        own: ["v", "r", "size"],
      },
      { text: "v: number, ...rest: number[]", call: "", own: ["v"] },
    ]);
    const own = parameters.own.map((each): Variable => ({ name: each, kind: "number", writable: true }));
    const inner = this.body(2, own).replace(/\}$/, `return (v * 2) % 1000;\n}`);
    this.declare({ name, kind: "closure", writable: false });
    return `function ${name}(${parameters.text}): number ${inner}`;
  }

  private generator(): string {
    const name = this.fresh("gen");
    const inner = this.body(1, [{ name: "v", kind: "number", writable: true }]);
    const result = this.fresh("xs");
    const text = `function* ${name}(v: number): Generator<number, void, undefined> { ${inner} yield v; try { yield* [1, 2]; } finally { console.log("closed"); } }\nconst ${result}: number[] = [];\nfor (const each of ${name}(${this.expression()} % 100)) { ${result}.push(each); if (${result}.length > ${this.random.below(4)}) break; }`;
    this.declare({ name: result, kind: "array", writable: false });
    return text;
  }

  private asynchronous(): string {
    const name = this.fresh("wait");
    const inner = this.body(1, [{ name: "v", kind: "number", writable: true }]);
    const own = `async function ${name}(v: number): Promise<number> { await null; ${inner} return (v + 1) % 1000; }`;
    const result = this.fresh("n");
    const call = `${name}(${this.expression()} % 100)`;
    const use = this.random.pick([
      `const ${result}: number = await ${call};`,
      `const [${result}] = await Promise.all([${call}, 2]);`,
      `let ${result} = 0;\nfor await (const each of [${call}, 3]) ${result} += each;`,
      `let ${result} = 0;\ntry { ${result} = await ${call}; await Promise.reject(new Error("no")); } catch (e) { console.log((e as Error).message); }`,
    ]);
    if (this.depth > 0 || this.loops.length > 0) return this.print();
    this.declare({ name: result, kind: "number", writable: use.startsWith("let") });
    return `${own}\n${use}`;
  }

  private class(): string {
    const base = this.random.chance(40) ? this.variable("class") : null;
    const field = this.expression(1);
    const name = this.fresh("C");
    const members =
      base === null
        ? `kept: number; #own = 1; static made = 0; static { ${name}.made = 3; }\nconstructor(v: number) { this.kept = (v + this.#own) % 1000; ${name}.made++; }\nget half(): number { return this.kept / 2; }\ntwice(): number { return (this.kept * 2 + ${name}.made) % 1000; }`
        : `override get half(): number { return super.half + ((${field}) % 10); }\noverride twice(): number { return (super.twice() + 1) % 1000; }`;
    this.declare({ name, kind: "class", writable: false });
    return `class ${name}${base === null ? "" : ` extends ${base}`} {\n${members}\n}`;
  }

  private enumeration(): string {
    const name = this.fresh("Kind");
    const number = this.declare({ name: this.fresh("n"), kind: "number", writable: true });
    return `enum ${name} { A = 1, B, C = A + B }\nlet ${number}: number = ${name}.C + ${name}[${name}.B].length;`;
  }
}
