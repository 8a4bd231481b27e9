// A program of the cells that ran: their text with operators as methods, without magics, and with what Cresset gives cells imported by
// name. What a cell ends with is printed.

import { statSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import type * as TS from "typescript";
import { declaredNames } from "../../magics/timing-transform";
import type { OpenChecker, OpenCompiler } from "../../operators/compiler";
import type { ProgramNames } from "../../operators/methods";
import { preludeNames } from "../../prelude-names";
import type { CheckedCell } from "../converter";
import type { BoundFile } from "../internals";
import { magicText, withoutMagics } from "./magics";
import { ProgramVariables, renamed } from "./names";
import { Splicer } from "./splice";

/** One cell that passed the check. */
export interface ExportedCell extends CheckedCell {
  /** The number under which its value is kept. */
  cell: number | null;
}

/** Names that the library exports itself, in the order in which they are imported. */
const ofLibrary: readonly string[] = ["nn", "optim", "tqdm", "plot", "show"];
/** Names that are no import of their own. */
const derived: Readonly<Record<string, string>> = { F: "const F = nn.functional;" };

/** What an import may leave out and Node needs. */
const endings = ["", ".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".json", "/index.ts", "/index.js"];

/** What stands for a word that is `const` or `let`: known when all cells are. */
const wordMark = (index: number): string => `\u0000${index}\u0000`;
const anyWordMark = /\0(\d+)\0/g;

interface Part {
  text: string;
  /** What ends with the cell. */
  ends: string[];
  /** The value of the last expression, where it has one, and whether it is printed. */
  value?: { text: string; shown: boolean; cell: number | null };
}

/** Puts a program together, cell by cell. */
export class ProgramText {
  private readonly parts: Part[] = [];
  private readonly variables: ProgramVariables;
  private readonly imports = new Map<string, string>();
  /** Variables of the program that have been declared. */
  private readonly written = new Set<string>();
  /** The names that a declaration gives, by the mark of its word. */
  private readonly words: string[][] = [];
  /** Cells with a value, the last one at the end, and those whose value a later cell looks at. */
  private readonly valued: number[] = [];
  private readonly wanted = new Set<number>();

  /** @param root the folder that relative imports of cells start at; @param target the file that is written */
  constructor(
    private readonly ts: OpenCompiler,
    sources: readonly string[],
    private readonly root: string,
    private readonly target: string,
  ) {
    const words = sources.flatMap((source) => source.match(/[\p{ID_Continue}$]+/gu) ?? []);
    this.variables = new ProgramVariables(new Set(words));
  }

  add(cell: ExportedCell): void {
    const { ts } = this;
    const { program, file, earlier } = cell;
    const checker = program.getTypeChecker() as OpenChecker;
    const own = topsOf(file);
    const before = topsOf(earlier);
    const statements = file.statements.filter(
      (statement) => !ts.isExportDeclaration(statement) || statement.moduleSpecifier,
    );
    const kept = statements.filter((statement) => !this.isKnownImport(statement));
    // Names are declared before anything is written: functions may be used above their declaration.
    const declared = new Map<string, string>();
    for (const statement of kept) {
      const isSimple = ts.isVariableStatement(statement) && this.simpleDeclarations(statement) !== undefined;
      for (const name of this.namesOf(statement).filter((each) => !declared.has(each)))
        declared.set(name, (isSimple ? this.variables.reuse(name) : undefined) ?? this.variables.declare(name));
    }
    const called = (symbol: TS.Symbol, node: TS.Identifier): string | undefined => {
      const isOwn = own.has(symbol);
      if (!isOwn && !before.has(symbol)) return this.resultName(symbol);
      const name = (isOwn ? declared.get(symbol.name) : undefined) ?? this.variables.use(symbol.name);
      if (ts.isClassDeclaration(node.parent) && node.parent.name === node && node.parent.parent === file)
        return undefined;
      const isImport = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
      if (!isImport && ts.findAncestor(node, (each) => ts.isFunctionLike(each) || ts.isClassLike(each)))
        this.variables.capture(symbol.name, name);
      return name;
    };
    const names: ProgramNames = { torch: () => this.variables.use("torch"), operators: () => this.helper("operators") };
    const transformers = [
      cell.operators(names),
      withoutMagics(ts, () => this.helper("spawnSync")),
      renamed(ts, checker, called),
      this.results(),
    ];
    const { transformed } = ts.transform<TS.SourceFile>(file, transformers, program.getCompilerOptions());
    this.write(cell, kept, transformed[0], checker, declared);
  }

  /** The whole program. */
  text(): string {
    const { variables } = this;
    const parts = this.parts.map(({ text, ends, value }) => {
      if (!value) return [text, ...ends].join("\n");
      const { cell, shown } = value;
      const isKept = cell !== null && (this.wanted.has(cell) || ends.length > 0);
      const [name, first] = isKept ? [`out${cell}`, `const out${cell} = ${value.text};`] : [value.text, ""];
      const last = shown ? `console.log(${name});` : isKept ? "" : `${name};`;
      const pieces = isKept ? [text, first, ...ends, last] : [text, last, ...ends];
      return pieces.filter((piece) => piece !== "").join("\n");
    });
    const word = (_: string, index: string): string =>
      this.words[Number(index)].some((name) => variables.assigned.has(name)) ? "let" : "const";
    const body = parts
      .filter((part) => part.trim() !== "")
      .join("\n\n")
      .replace(anyWordMark, word);
    return `${[...this.header(), ""].join("\n")}\n${body}\n`;
  }

  private header(): string[] {
    const { prelude, helpers } = this.variables;
    const isUsed = (name: string): boolean => prelude.has(name) || (name === "nn" && prelude.has("F"));
    const own = ofLibrary.filter(isUsed);
    const others = preludeNames.filter(
      (name) => prelude.has(name) && name !== "torch" && !ofLibrary.includes(name) && !Object.hasOwn(derived, name),
    );
    const lines: [boolean, string][] = [
      [helpers.has("spawnSync"), 'import { spawnSync } from "node:child_process";'],
      [prelude.has("torch"), 'import * as torch from "cresset";'],
      [own.length > 0, `import { ${own.join(", ")} } from "cresset";`],
      [helpers.has("operators"), 'import { operators } from "cresset/operators";'],
      [others.length > 0, `import { ${others.join(", ")} } from "cresset/prelude";`],
      ...Object.entries(derived).map(([name, text]): [boolean, string] => [prelude.has(name), text]),
    ];
    return lines.filter(([isThere]) => isThere).map(([, text]) => text);
  }

  private helper(name: "operators" | "spawnSync"): string {
    this.variables.helpers.add(name);
    return name;
  }

  /** The names that a statement declares at the top of a cell. */
  private namesOf(statement: TS.Statement): string[] {
    const { ts } = this;
    if (!ts.isImportDeclaration(statement)) return [...declaredNames(ts, statement), ...this.hoisted(statement)];
    const clause = statement.importClause;
    const bindings = clause?.namedBindings;
    const named = bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : [];
    const whole = bindings && ts.isNamespaceImport(bindings) ? [bindings.name.text] : [];
    return [...(clause?.name ? [clause.name.text] : []), ...whole, ...named];
  }

  /** What a `var` within blocks declares. */
  private hoisted(statement: TS.Statement): string[] {
    const { ts } = this;
    if (ts.isVariableStatement(statement)) return [];
    const found: string[] = [];
    const visit = (node: TS.Node): void => {
      if (ts.isFunctionLike(node) || ts.isClassLike(node)) return;
      if (ts.isVariableDeclarationList(node) && !(node.flags & ts.NodeFlags.BlockScoped))
        for (const { name } of node.declarations) if (ts.isIdentifier(name)) found.push(name.text);
      ts.forEachChild(node, visit);
    };
    visit(statement);
    return found;
  }

  /** An import that the program has already: of the library's namespace under its name, or one that an earlier cell wrote alike. */
  private isKnownImport(statement: TS.Statement): boolean {
    if (!this.ts.isImportDeclaration(statement)) return false;
    const text = statement
      .getText()
      .replace(/[\s;]+/g, " ")
      .trim();
    if (/^import \* as torch from ["']cresset["']/.test(text) && this.variables.use("torch") === "torch") {
      this.variables.use("torch");
      return true;
    }
    const names = this.namesOf(statement)
      .map((name) => this.variables.use(name))
      .join();
    if (this.imports.get(text) === names) return true;
    this.imports.set(text, this.namesOf(statement).join());
    return false;
  }

  /** `_` and its like: the name of the variable that holds the value. */
  private resultName(symbol: TS.Symbol): string | undefined {
    const isResult = symbol.declarations?.some((declaration) => this.isOfResults(declaration));
    if (!isResult) return undefined;
    const place = /^_{1,3}$/.test(symbol.name) ? this.valued.at(-symbol.name.length) : undefined;
    const cell = place ?? Number(/^_(\d+)$/.exec(symbol.name)?.[1] ?? Number.NaN);
    if (!this.valued.includes(cell)) return undefined;
    this.wanted.add(cell);
    return `out${cell}`;
  }

  private isOfResults(declaration: TS.Declaration): boolean {
    return this.ts.findAncestor(declaration, (node) => this.ts.isModuleBlock(node)) !== undefined;
  }

  /** `Out[3]` as the variable that holds the value. */
  private results(): TS.TransformerFactory<TS.SourceFile> {
    const { ts } = this;
    return (context) => {
      const visit = (node: TS.Node): TS.Node => {
        if (ts.isElementAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Out") {
          const cell = Number(node.argumentExpression.getText?.() ?? Number.NaN);
          if (this.valued.includes(cell)) {
            this.wanted.add(cell);
            return ts.factory.createIdentifier(`out${cell}`);
          }
        }
        return ts.visitEachChild(node, visit, context);
      };
      return (file) => ts.visitEachChild(file, visit, context);
    };
  }

  private write(
    { cell, hidden, file }: ExportedCell,
    statements: readonly TS.Statement[],
    made: TS.SourceFile,
    checker: TS.TypeChecker,
    declared: ReadonlyMap<string, string>,
  ): void {
    const { ts } = this;
    const splicer = new Splicer(ts, file);
    const now = new Map(made.statements.map((statement) => [ts.getOriginalNode(statement), statement]));
    const added = made.statements.filter(
      (statement) => !file.statements.includes(ts.getOriginalNode(statement) as TS.Statement),
    );
    const pieces = added.map((statement) => splicer.print(statement));
    const last = statements.at(-1);
    const part: Part = { text: "", ends: [] };
    for (const statement of statements) {
      const after = now.get(statement) ?? statement;
      const comments = commentsBefore(ts, file, statement);
      const value = statement === last && ts.isExpressionStatement(statement) ? statement.expression : undefined;
      const magic = magicText(ts, statement);
      if (magic !== undefined) pieces.push(comments + magic);
      else if (value && this.hasValue(checker, value)) {
        if (comments.trim() !== "") pieces.push(comments.trimEnd());
        part.value = { text: this.valueText(checker, splicer, value, after), shown: !hidden, cell };
        if (cell !== null) this.valued.push(cell);
      } else {
        const text = this.statementText(splicer, statement, after, declared, part.ends);
        if (text !== "") pieces.push(comments + text + commentBehind(ts, file, statement));
      }
      for (const name of this.namesOf(statement))
        pieces.push(...this.variables.assignments(name, declared.get(name) ?? name));
    }
    part.text = pieces.join("\n").replace(/^\s*\n/, "");
    this.parts.push(part);
  }

  /** Whether an expression has a value to print. */
  private hasValue(checker: TS.TypeChecker, expression: TS.Expression): boolean {
    const type = checker.getTypeAtLocation(expression);
    const name = checker.typeToString(type);
    return !(type.flags & (this.ts.TypeFlags.Void | this.ts.TypeFlags.Undefined)) && name !== "Shown";
  }

  private valueText(checker: TS.TypeChecker, splicer: Splicer, typed: TS.Expression, statement: TS.Statement): string {
    const made = this.ts.isExpressionStatement(statement) ? statement.expression : statement;
    const text = splicer.text(typed, made);
    const isPromise = checker.getPropertyOfType(checker.getTypeAtLocation(typed), "then") !== undefined;
    return isPromise ? `await (${text})` : text;
  }

  private statementText(
    splicer: Splicer,
    statement: TS.Statement,
    made: TS.Statement,
    declared: ReadonlyMap<string, string>,
    ends: string[],
  ): string {
    const { ts } = this;
    if (ts.isEmptyStatement(statement)) return "";
    let text = splicer.text(statement, made);
    const using = ts.isVariableStatement(statement) ? /^(await\s+)?using\b/.exec(text) : null;
    if (using) {
      // The program ends with its last cell, and what a cell uses with that cell. Reading the method enters a mode.
      const names = this.namesOf(statement).map((name) => declared.get(name) ?? name);
      const [symbol, wait] = using[1] ? ["asyncDispose", "await "] : ["dispose", ""];
      ends.unshift(...names.map((name) => `${wait}${name}End.call(${name});`).reverse());
      const methods = names.map((name) => `const ${name}End = ${name}[Symbol.${symbol}];`);
      return [`const${text.slice(using[0].length).replace(/;?$/, ";")}`, ...methods].join("\n");
    }
    const assignments = ts.isVariableStatement(statement)
      ? this.assignments(splicer, statement, made, declared)
      : undefined;
    if (assignments !== undefined) return assignments;
    if (ts.isImportDeclaration(statement) && ts.isStringLiteral(statement.moduleSpecifier))
      text = text.replace(
        statement.moduleSpecifier.getText(),
        JSON.stringify(this.specifier(statement.moduleSpecifier.text)),
      );
    if (
      ts.isVariableStatement(statement) &&
      statement.declarationList.flags & ts.NodeFlags.Const &&
      text.startsWith("const")
    ) {
      const names = this.namesOf(statement).map((name) => declared.get(name) ?? name);
      text = wordMark(this.words.push(names) - 1) + text.slice("const".length);
    }
    const name = ts.isClassDeclaration(statement) ? statement.name?.text : undefined;
    const called = name === undefined ? undefined : declared.get(name);
    // The class keeps its name, which people see where a model is printed.
    if (called !== name && !/^(?:abstract|declare)\b/.test(text)) text = `const ${called} = ${text};`;
    const isOpen = ts.isExpressionStatement(statement) || ts.isVariableStatement(statement);
    return isOpen && !text.endsWith(";") ? `${text};` : text;
  }

  /** The declarations of a statement, when each gives one name a value. */
  private simpleDeclarations({ declarationList }: TS.VariableStatement): readonly TS.VariableDeclaration[] | undefined {
    const { ts } = this;
    const isUsing = (declarationList.flags & ts.NodeFlags.Using) === ts.NodeFlags.Using;
    const isSimple = declarationList.declarations.every(
      ({ name, initializer }) => initializer && ts.isIdentifier(name),
    );
    return isSimple && !isUsing ? declarationList.declarations : undefined;
  }

  /** Assignments in place of declarations, when the program has the variables already. */
  private assignments(
    splicer: Splicer,
    statement: TS.VariableStatement,
    made: TS.Statement,
    declared: ReadonlyMap<string, string>,
  ): string | undefined {
    const { ts } = this;
    const before = this.simpleDeclarations(statement);
    const after = ts.isVariableStatement(made) ? this.simpleDeclarations(made) : undefined;
    const names = this.namesOf(statement).map((name) => declared.get(name) ?? name);
    const isKnown = names.map((name) => this.written.has(name));
    for (const name of names) this.written.add(name);
    if (!before || !after || !isKnown.includes(true)) return undefined;
    const word = statement.declarationList.flags & ts.NodeFlags.Const ? "const" : "let";
    const lines = before.map((declaration, i) => {
      if (!isKnown[i]) return `${word} ${splicer.text(declaration, after[i])};`;
      return `${names[i]} = ${splicer.text(declaration.initializer as TS.Node, after[i].initializer as TS.Node)};`;
    });
    return lines.join("\n");
  }

  /** The specifier of an import, as seen from the file that is written. */
  private specifier(given: string): string {
    if (!/^\.{1,2}\//.test(given)) return given;
    const found = resolve(this.root, given);
    const ending = endings.find((each) => statSync(found + each, { throwIfNoEntry: false })?.isFile()) ?? "";
    const path = relative(dirname(this.target), found + ending)
      .split(sep)
      .join("/");
    return path.startsWith(".") ? path : `./${path}`;
  }
}

function topsOf(file: BoundFile): Set<TS.Symbol> {
  const found = new Set<TS.Symbol>();
  file.locals?.forEach((symbol) => {
    found.add(symbol);
    const { exportSymbol } = symbol as TS.Symbol & { exportSymbol?: TS.Symbol };
    if (exportSymbol) found.add(exportSymbol);
  });
  return found;
}

/** The comment behind a statement, on its line. */
function commentBehind(ts: typeof TS, file: TS.SourceFile, { end }: TS.Statement): string {
  const [first] = ts.getTrailingCommentRanges(file.text, end) ?? [];
  return first ? ` ${file.text.slice(first.pos, first.end)}` : "";
}

/** The comments above a statement, one a line. */
function commentsBefore(ts: typeof TS, file: TS.SourceFile, statement: TS.Statement): string {
  const ranges = ts.getLeadingCommentRanges(file.text, statement.pos) ?? [];
  const text = ranges.map(({ pos, end }) => file.text.slice(pos, end)).join("\n");
  return text === "" ? "" : `${text}\n`;
}
