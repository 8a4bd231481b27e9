// Statements for random programs that declare one name and say what may be read of it: collections, text, objects with accessors,
// namespaces, decorated classes, iterators, what ends with a block.

import type { Random } from "./random";

/** What a form needs of the program that is being written. */
export interface Pen {
  readonly random: Random;
  /** An expression whose value is a number. */
  expression(): string;
  /** A name that the program does not have. */
  fresh(prefix: string): string;
}

/** A statement, and the name that it declares. */
export interface Declared {
  text: string;
  name?: string;
  /** Expressions with a number as their value; `$` stands for another expression. */
  reads?: string[];
  /** Statements that change what was declared. */
  writes?: string[];
}

type Form = (pen: Pen) => Declared;

/** A small number, whatever is computed: safe to convert, to count with and to print. */
const small = (text: string): string => `(Math.trunc(${text}) % 50 || 0)`;

/** Forms that may stand in blocks and functions as well. */
export const forms: readonly Form[] = [
  function map({ expression, fresh }) {
    const name = fresh("map");
    return {
      text: `const ${name} = new Map<string, number>([["a", ${expression()}], ["b", ${expression()}]]);`,
      name,
      reads: [`(${name}.get("a") ?? 1)`, `${name}.size`, `[...${name}.values()].length`, `(${name}.get("c") ?? $)`],
      writes: [
        `${name}.set("c", ${small("$")});`,
        `${name}.delete("b");`,
        `for (const [key, value] of ${name}) ${name}.set(key, (value + key.length) % 1000);`,
      ],
    };
  },
  function set({ expression, fresh }) {
    const name = fresh("set");
    return {
      text: `const ${name} = new Set([${expression()}, ${expression()}].map(Math.trunc));`,
      name,
      reads: [`${name}.size`, `Number(${name}.has($))`, `Math.max(0, ...${name})`],
      writes: [`if (${name}.size < 9) ${name}.add(${small("$")});`, `${name}.clear();`],
    };
  },
  function text({ expression, fresh }) {
    const name = fresh("text");
    const inner = `\${${small(expression())} > 3 ? "big" : \`small \${${small(expression())}}\`}`;
    return {
      text: `let ${name} = \`n=\${${small(expression())}} ${inner} \${"}"} $\`;`,
      name,
      reads: [
        `${name}.length`,
        `Number(/n=(?<n>-?\\d+)/.exec(${name})?.groups?.n ?? 5)`,
        `${name}.replace(/\\d/g, (digit) => digit + digit).length`,
        `String.raw\`\\n\${${name}}\`.length`,
      ],
      writes: [
        `${name} = ${name}.slice(0, 20) + "!";`,
        `${name} += \`\${${small("$")}}\`; ${name} = ${name}.slice(0, 30);`,
      ],
    };
  },
  function tagged({ fresh }) {
    const name = fresh("tag");
    return {
      text: `const ${name} = (parts: TemplateStringsArray, ...values: number[]): number => parts.raw.join("").length + (values[0] ?? 0) % 10;`,
      name,
      reads: [`${name}\`a\\t\${$}b\``, `${name}\`\``],
    };
  },
  function chain({ random, expression, fresh }) {
    const name = fresh("maybe");
    const type = "{ inner?: { call?: (v: number) => number; list?: number[] } } | undefined";
    const value = random.pick([
      `{ inner: { call: (v) => v + 1 } }`,
      `{ inner: { list: [${expression()}] } }`,
      "{}",
      "undefined",
    ]);
    return {
      text: `let ${name} = ${value} as ${type};`,
      name,
      reads: [
        `(${name}?.inner?.call?.($) ?? 3)`,
        `(${name}?.inner?.list?.[0] ?? 4)`,
        `(${name}?.["inner"]?.list?.map((v) => v * 2).length ?? 6)`,
      ],
      writes: [
        `${name} = { inner: { list: [${small("$")}] } };`,
        `Reflect.deleteProperty(${name} ?? {}, "inner");`,
        `${name} ??= {};`,
      ],
    };
  },
  function accessors({ expression, fresh }) {
    const name = fresh("box");
    const hidden = fresh("hidden");
    return {
      text: `let ${hidden} = 1;\nconst ${name} = { base: ${expression()}, get now(): number { return (this.base + ${hidden}) % 1000; }, set now(v: number) { ${hidden} = v % 100; }, ["k" + 1]: 2, method(v = 3) { return () => this.now + v; } };`,
      name,
      reads: [`${name}.now`, `${name}.method($)()`, `${name}.method()()`, `Number("now" in ${name})`],
      writes: [`${name}.now = $;`, `${name}.now++;`, `${name}.base = ${small("$")};`],
    };
  },
  function counter({ expression, fresh }) {
    const name = fresh("counter");
    return {
      text: `const ${name} = (() => { let c = ${small(expression())}; return { up: (by = 1) => (c = (c + by) % 1000), get now() { return c; } }; })();`,
      name,
      reads: [`${name}.up()`, `${name}.now`, `${name}.up($)`],
      writes: [`${name}.up();`, `void ${name}.up(2), ${name}.up(3);`],
    };
  },
  function iterable({ expression, fresh }) {
    const name = fresh("walk");
    return {
      text: `const ${name} = { *[Symbol.iterator](): Generator<number, number, number | undefined> { const sent = yield ${expression()}; yield (sent ?? 1) * 2; return 5; } };`,
      name,
      reads: [
        `[...${name}].length`,
        `((walk) => { walk.next(); return walk.next($).value % 1000; })(${name}[Symbol.iterator]())`,
        `(([, second = 7]) => second)([...${name}])`,
      ],
    };
  },
  function overloads({ fresh }) {
    const name = fresh("over");
    const head = `function ${name}`;
    return {
      text: `${head}(v: number): number;\n${head}(v: string): string;\n${head}(v: number | string): number | string { return typeof v === "number" ? (v * 3) % 1000 : v + "!"; }`,
      name,
      reads: [`${name}($)`, `${name}("ab").length`],
    };
  },
  function generic({ expression, fresh }) {
    const name = fresh("pair");
    const type = fresh("Pair");
    return {
      text: `type ${type}<T extends readonly number[]> = { readonly list: T; n: T["length"] };\nfunction ${name}<const T extends readonly number[]>(list: T): ${type}<T> { return { list, n: list.length } satisfies { list: T; n: number } as ${type}<T>; }\nconsole.log(${name}([1, ${small(expression())}]).n);`,
      name,
      reads: [`${name}([$, 2]).list[0]`, `${name}([]).n`],
    };
  },
  function loopedVar({ expression, fresh }) {
    const name = fresh("late");
    return {
      text: `var ${name}: (() => number)[] = [];\nfor (var ${name}i = 0; ${name}i < 3; ${name}i++) { ${name}.push(() => (${name}i + ${expression()}) % 1000); }`,
      name,
      reads: [`${name}[0]()`, `${name}.map((each) => each()).length`],
    };
  },
  function hoisted({ expression, fresh }) {
    const name = fresh("up");
    return {
      text: `console.log(${name}(${small(expression())}));\nfunction ${name}(v: number, w = v + 1, ...[first = 2]: number[]): number { return arguments.length + ((v + w + first) % 100); }`,
      name,
      reads: [`${name}($)`, `${name}($, 2, 3)`],
    };
  },
  function finals({ expression, fresh }) {
    const name = fresh("last");
    return {
      text: `const ${name} = (v: number): number => { out: try { if (v > 5) break out; if (v < 0) throw new Error("low", { cause: v }); return 1; } catch ({ message, cause: { length = 3 } = {} }: any) { return message.length + length; } finally { if (v % 2 === 0) return ${small(expression())}; } return 2; };`,
      name,
      reads: [`${name}($)`, `${name}(-1)`],
    };
  },
  function bits({ expression, fresh }) {
    const name = fresh("bits");
    return {
      text: `let ${name} = (${small(expression())} << 2) | 1;`,
      name,
      reads: [`(${name} >>> 1)`, `(${name} & ~2)`, `Number(BigInt(${name}) * 3n % 100n)`, `(2 ** (${name} & 3))`],
      writes: [`${name} ^= ${small("$")};`, `${name} >>= 1;`, `${name} = (${name}++, 7);`],
    };
  },
  ({ random, expression, fresh }) => {
    const [name, inner] = [fresh("block"), fresh("x")];
    const way = random.pick([`break ${name};`, `console.log("stays");`]);
    return {
      text: `${name}: { let ${inner} = ${expression()}; if (${inner} > 2) ${way} console.log(String(${inner} % 1000)); }`,
    };
  },
  ({ expression, fresh }) => {
    const [name, label] = [fresh("v"), fresh("turns")];
    return {
      text: `${label}: for (const { a, b: [${name} = 3, ...rest] } of [{ a: 1, b: [${expression()}] }, { a: 2, b: [] }]) { for (const each of [a, ...rest, 4]) { if (each > 3) continue ${label}; switch (String(each)) { case "1": { console.log(String(${name} % 1000)); break; } case "2": let inner = each; console.log(inner); default: continue; } } }`,
    };
  },
  ({ expression, fresh }) => {
    const name = fresh("held");
    const value = `{ v: ${small(expression())}, [Symbol.dispose]() { console.log("end", this.v); } }`;
    return { text: `{ using ${name} = ${value}; console.log(${name}.v); using _${name} = null; }` };
  },
];

/** Forms for the top of a program. */
export const topForms: readonly Form[] = [
  function namespaces({ expression, fresh }) {
    const name = fresh("Space");
    return {
      text: `namespace ${name} { export const base = ${small(expression())}; let own = 1; export function up(v: number): number { own++; return (v + base + own) % 1000; } export namespace Deep { export let k = base + 1; } }`,
      name,
      reads: [`${name}.up($)`, `${name}.Deep.k`, `${name}.base`],
      writes: [`${name}.Deep.k = ${small("$")};`, `${name}.Deep.k++;`],
    };
  },
  function enums({ random, fresh }) {
    const name = fresh("Sort");
    const word = random.pick(["enum", "const enum"]);
    return {
      text: `${word} ${name} { A = 3, B = A << 1, C = -A + 2 }`,
      name,
      reads: [`(${name}.B as number)`, `(${name}.C as number)`, `(${name}.A + $)`],
    };
  },
  function words({ fresh }) {
    const name = fresh("Word");
    return {
      text: `enum ${name} { Low = "low", High = "higher" }`,
      name,
      reads: [`${name}.High.length`, `Object.keys(${name}).length`],
    };
  },
  function decorated({ expression, fresh }) {
    const [name, more] = [fresh("D"), fresh("more")];
    const decorator = `const ${more} = (by: number) => (target: (v: number) => number, { name }: ClassMethodDecoratorContext) => function (this: unknown, v: number): number { return (target.call(this, v) + by + String(name).length) % 1000; };`;
    return {
      text: `${decorator}\nclass ${name} { accessor field = ${small(expression())}; @${more}(2) plus(v: number): number { return v + this.field; } @${more}(3) static whole(v: number): number { return v * 2; } }`,
      name,
      reads: [`new ${name}().plus($)`, `${name}.whole($)`, `new ${name}().field`],
    };
  },
  function privates({ random, expression, fresh }) {
    const name = fresh("P");
    const open = random.pick([`class ${name}`, `const ${name} = class`]);
    return {
      text: `${open} { static #count = 0; #kept; static { this.#count = 2; } constructor(kept: number) { this.#kept = kept % 100; ${name}.#count++; } static has(value: object): boolean { return #kept in value; } get #twice() { return this.#kept * 2; } set kept(v: number) { this.#kept = v % 100; } get kept() { return this.#twice; } static get count() { return ${name}.#count; } *walk() { yield this.#kept; yield* [${small(expression())}]; } async later(): Promise<number> { await null; return this.#kept; } };`,
      name,
      reads: [`new ${name}($).kept`, `${name}.count`, `Number(${name}.has({}))`, `[...new ${name}($).walk()].length`],
    };
  },
  function mixin({ expression, fresh }) {
    const [name, base] = [fresh("M"), fresh("Base")];
    return {
      text: `abstract class ${base}<T> { constructor(protected readonly held: T, public extra = 2) {} abstract size(): number; both(): number { return this.size() + this.extra; } }\nclass ${name} extends ${base}<number[]> { static of = (v: number) => new this([v, ${small(expression())}]); override size(): number { return this.held.length; } override both(): number { const more = () => super.both(); return more() + 1; } }`,
      name,
      reads: [`${name}.of($).both()`, `${name}.of($).size()`],
    };
  },
  function imports({ random, fresh }) {
    const name = fresh("lib");
    const [clause, read] = random.pick([
      [`{ basename as ${name} }`, `${name}("/a/bcd").length`],
      [`* as ${name}`, `${name}.join("a", "..", "b").length`],
      [name, `${name}.extname("a.ts").length`],
    ]);
    return { text: `import ${clause} from "node:path";`, name, reads: [read] };
  },
  function asyncWalk({ expression, fresh }) {
    const [name, walk] = [fresh("sum"), fresh("ticks")];
    return {
      text: `async function* ${walk}(v: number): AsyncGenerator<number> { try { yield await Promise.resolve(v % 100); await null; yield 2; } finally { console.log("walked"); } }\nlet ${name} = 0;\nfor await (const each of ${walk}(${expression()})) { ${name} += each; if (${name} > 60) break; }`,
      name,
      reads: [name],
    };
  },
  function settled({ expression, fresh }) {
    const name = fresh("done");
    return {
      text: `const [{ status: ${name}s }, { value: ${name} = 4 }] = (await Promise.allSettled([Promise.reject(new Error("no")), (async () => { await null; return ${small(expression())}; })()])) as [{ status: string }, { value?: number }];`,
      name,
      reads: [name, `${name}s.length`],
    };
  },
  function hoistedVar({ expression, fresh }) {
    const name = fresh("deep");
    return {
      text: `if (${expression()} > 1) { var ${name}: number | undefined = ${small(expression())}; } else { for (var ${name}k of [1, 2]) console.log(${name}k); }`,
      name,
      reads: [`(${name} ?? 8)`],
      writes: [`${name} = ${small("$")};`],
    };
  },
  function undefinedAtFirst({ fresh }) {
    const name = fresh("later");
    return {
      text: `let ${name}: number | undefined;`,
      name,
      reads: [`(${name} ?? 9)`],
      writes: [`${name} = ${small("$")};`, `${name} ??= 3;`],
    };
  },
  ({ expression, fresh }) => {
    const name = fresh("held");
    const value = `{ v: ${small(expression())}, async [Symbol.asyncDispose]() { await null; console.log("end", this.v); } }`;
    return {
      text: `try { await using ${name} = ${value}; if (${name}.v > 3) throw new Error("over"); console.log(${name}.v); } catch (error) { console.log(String(error)); }`,
    };
  },
];
