// tslab's converter over TypeScript as it is published. tslab was made for a fork of TypeScript 5.0 with a handful of functions more, and
// takes no options. So its `require` of that fork gets our compiler with these functions, and the program that tslab keeps is made by
// `TslabParts`. All that knows how tslab works inside stands here: names of its files, what it adds to a cell, what it expects of a
// program.
//
// Two parts of tslab's converter are not used. Its errors leave out modules above the folder of cells, so a cell with errors ends its
// conversion by an exception, with the errors as they are. Its conversion of modules knows `.ts` and `.js` only, so modules are
// emitted beside it.

import { dirname } from "node:path";
import type * as TS from "typescript";
import { loadCompiler, type OpenCompiler } from "../operators/compiler";
import { bindFile, type QuickInfoTools } from "./internals";

/** The version of tslab that this file was written for. */
const tslabVersion = "1.0.22";

const tslabPackage = require.resolve("tslab/package.json");

/** TypeScript, opened for operators. */
export const compiler: OpenCompiler = loadCompiler(require.resolve("typescript"));

export const ts: typeof TS = compiler;

const cellName = "__tslab__.ts";
const declarationsName = "__prev__.d.ts";

/** What tslab puts before a cell, so that it is a module. */
export const cellPrefix = `export {};${ts.sys.newLine}`;

/** What tslab puts behind a cell: all its names, for later cells. */
export const namesForLater = /\nexport \{[^{}]*\}$/;

/** Whether a file is a cell. */
export function isCellFile(file: TS.SourceFile): boolean {
  return file.fileName.endsWith(`/${cellName}`);
}

/** Whether a file holds the declarations of earlier cells. */
export function isDeclarationsFile(file: TS.SourceFile): boolean {
  return file.fileName.endsWith(`/${declarationsName}`);
}

/** What tslab's converter is given in place of the compiler's own functions. */
export interface TslabParts {
  /** The options of the program, from those that tslab has. */
  compilerOptions(given: TS.CompilerOptions): TS.CompilerOptions;
  /** How modules are found; whether imports of a file may come to mean something else while the file stays as it is. */
  readonly resolve: NonNullable<TS.CompilerHost["resolveModuleNameLiterals"]>;
  isUnsettled(path: string): boolean;
  /** What packages were found to be, kept from one program to the next. */
  readonly known: TS.ModuleResolutionCache;
  /** Takes notice of each program that is made, before it has a checker. */
  attend(program: TS.Program): void;
  /** What is wrong with a cell and with the modules that it and earlier cells import. */
  findings(program: TS.Program, cell: TS.SourceFile, earlier: TS.SourceFile): readonly TS.Diagnostic[];
  /** Emits a cell that was checked: its JavaScript and its declarations. */
  emit(program: TS.Program, cell: TS.SourceFile, earlier: TS.SourceFile, transformers: TS.CustomTransformers): CellEmit;
  /** Makes CommonJS of a cell's JavaScript. */
  toCommonJs(module: string): string;
  /** Completes at a position of a program. */
  complete(program: TS.Program, file: TS.SourceFile, position: number): TS.CompletionInfo | undefined;
}

/** What TypeScript made of a cell. */
export interface CellEmit {
  code: string;
  declarations: string;
}

/** A cell that passed the check. */
export interface TslabCell extends CellEmit {
  /** The property of `exports` that receives the value of the last expression. */
  lastExpression: string | undefined;
}

/** Thrown through tslab by a cell that has errors. */
class Refused extends Error {
  constructor(readonly found: readonly TS.Diagnostic[]) {
    super("The cell has errors");
  }
}

/** What tslab completes with: the part of the text that is replaced, and names. */
export interface CompletionInfo {
  start: number;
  end: number;
  candidates: string[];
  original: TS.CompletionInfo | undefined;
}

/** tslab's converter as it is; tslab's own types speak of its fork's. */
interface Engine {
  convert(declarations: string, code: string): { output?: string; declOutput?: string; lastExpressionVar?: string };
  complete(declarations: string, code: string, offset: number): CompletionInfo;
  inspect(declarations: string, code: string, offset: number): TS.QuickInfo | undefined;
}

/** tslab's converter, with our compiler. */
export interface TslabConverter {
  convert(declarations: string, code: string): TslabCell | { found: readonly TS.Diagnostic[] };
  complete(declarations: string, code: string, offset: number): CompletionInfo;
  inspect(declarations: string, code: string, offset: number): TS.QuickInfo | undefined;
}

/** Makes tslab's converter. It takes the compiler's working directory for the folder of cells. */
export function createTslabConverter(parts: TslabParts): TslabConverter {
  const { version } = require(tslabPackage) as { version: string };
  if (version !== tslabVersion)
    throw new Error(`Cresset works with tslab ${tslabVersion}, but tslab ${version} is installed: run \`npm ci\``);
  installCompiler(parts);
  const { createConverter } = require("tslab/dist/converter") as { createConverter(): Engine };
  const converter = createConverter();
  return {
    convert(declarations, code) {
      try {
        const { output = "", declOutput = "", lastExpressionVar } = converter.convert(declarations, code);
        return { code: output, declarations: declOutput, lastExpression: lastExpressionVar };
      } catch (error) {
        if (error instanceof Refused) return { found: error.found };
        throw error;
      }
    },
    complete: (declarations, code, offset) => converter.complete(declarations, code, offset),
    inspect: (declarations, code, offset) => converter.inspect(declarations, code, offset),
  };
}

/** The file names that tslab takes the output of a cell by. */
const outputs = { code: "outDir/__tslab__.js", declarations: "outDir/__tslab__.d.ts" } as const;

type HostArguments = [
  files: string[],
  options: TS.CompilerOptions | undefined,
  system: TS.System,
  create: undefined,
  report?: TS.DiagnosticReporter,
  reportStatus?: TS.WatchStatusReporter,
];

/** Answers tslab's `require` of its fork. */
function installCompiler(parts: TslabParts): void {
  const forTslab = {
    ...ts,
    getNullTransformationContext: () => (ts as typeof TS & QuickInfoTools).nullTransformationContext,
    // The options name the types.
    getDefaultTypeRoots: () => [],
    getQuickInfoAtPosition: quickInfo,
    Completions: {
      getCompletionsAtPositionForTslab: (
        _: unknown,
        program: TS.Program,
        _log: unknown,
        file: TS.SourceFile,
        position: number,
      ) => parts.complete(program, file, position),
    },
    getPreEmitDiagnosticsOfFiles: (program: TS.Program, [cell]: TS.SourceFile[]) => {
      const found = parts.findings(program, cell, earlierOf(program, cell));
      if (found.length > 0) throw new Refused(found);
      return found;
    },
    transpileModule: (input: string) => ({ outputText: parts.toCommonJs(input) }),
    createWatchCompilerHost: (...[files, options, ...rest]: HostArguments) => {
      const given = parts.compilerOptions(options ?? {});
      const host = ts.createWatchCompilerHost<TS.BuilderProgram>(files, given, ...rest);
      host.resolveModuleNameLiterals = parts.resolve;
      host.getModuleResolutionCache = () => parts.known;
      host.hasInvalidatedResolutions = (path) => parts.isUnsettled(path);
      host.createProgram = (names, _, ...others) => {
        const builder = ts.createAbstractBuilder(names, parts.compilerOptions(options ?? {}), ...others);
        parts.attend(builder.getProgram());
        return adaptBuilder(builder, parts);
      };
      return host;
    },
  };
  const fork = require.resolve("@tslab/typescript-for-tslab", { paths: [dirname(tslabPackage)] });
  const stand: Partial<NodeModule> = { id: fork, filename: fork, loaded: true, exports: forTslab };
  require.cache[fork] = stand as NodeModule;
}

/** An explanation as plain text. */
export const printQuickInfo = (require("tslab/dist/inspect") as { printQuickInfo(info: TS.QuickInfo): string })
  .printQuickInfo;

/** The declarations of earlier cells, which lie beside a cell. */
function earlierOf(program: TS.Program, cell: TS.SourceFile): TS.SourceFile {
  return program.getSourceFile(cell.fileName.replace(cellName, declarationsName)) as TS.SourceFile;
}

/** A builder as tslab uses it, without the state that builders keep of every file. */
function adaptBuilder(builder: TS.BuilderProgram, parts: TslabParts): TS.BuilderProgram {
  const { getSourceFile } = builder;
  const program = builder.getProgram();
  // To tslab a cell depends on itself only.
  builder.getAllDependencies = (file) => [file.fileName];
  builder.getSourceFile = (path) => {
    const file = getSourceFile(path);
    // tslab reads names off a file that no checker may have seen yet.
    const bound = file && bindFile(ts, program, file);
    if (bound?.locals && isCellFile(bound)) nameForLater(bound.locals);
    return bound;
  };
  builder.emit = (cell, write, _token, _onlyDeclarations, transformers = {}) => {
    if (cell && write) {
      const made = parts.emit(program, cell, earlierOf(program, cell), transformers);
      write(outputs.code, made.code, false);
      write(outputs.declarations, made.declarations, false);
    }
    return { emitSkipped: false, diagnostics: [] };
  };
  return builder;
}

/** The names of a cell as later cells know them. Symbols that stand for no name of the user's begin with two underscores. */
export function namesOf(locals: TS.SymbolTable): string[] {
  const keys = [...locals.keys()].filter((key) => !/^(?:__(?!_)|")/.test(key as string));
  return keys.map((key) => ts.unescapeLeadingUnderscores(key));
}

/** tslab exports what it finds here by the names that the compiler has for them. */
function nameForLater(locals: TS.SymbolTable): void {
  const forEach = (visit: (symbol: TS.Symbol | undefined, name: string) => void): void => {
    for (const name of namesOf(locals)) visit(locals.get(ts.escapeLeadingUnderscores(name)), name);
  };
  Object.defineProperty(locals, "forEach", { value: forEach, configurable: true });
}

/** What TypeScript's language service tells of a position, without a language service. */
function quickInfo(
  file: TS.SourceFile,
  checker: TS.TypeChecker,
  _token: TS.CancellationToken,
  position: number,
): TS.QuickInfo | undefined {
  const tools = ts as typeof TS & QuickInfoTools;
  const found = tools.getTouchingPropertyName(file, position);
  if (found === file) return undefined;
  const node = explained(found);
  const symbol = symbolAt(tools, checker, node);
  const textSpan = ts.createTextSpanFromBounds(found.getStart(file), found.end);
  const container = tools.getContainerNode(node);
  if (!symbol || checker.isUnknownSymbol(symbol)) {
    if (!ts.isIdentifier(node) && !ts.isPropertyAccessExpression(node) && node.kind !== ts.SyntaxKind.ThisKeyword)
      return undefined;
    const type = checker.getTypeAtLocation(node);
    return {
      kind: ts.ScriptElementKind.unknown,
      kindModifiers: "",
      textSpan,
      displayParts: tools.typeToDisplayParts(checker, type, container),
      documentation: type.symbol?.getDocumentationComment(checker),
      tags: type.symbol?.getJsDocTags(checker),
    };
  }
  const { SymbolDisplay } = tools;
  const { symbolKind, displayParts, documentation, tags } =
    SymbolDisplay.getSymbolDisplayPartsDocumentationAndSymbolKind(checker, symbol, file, container, node);
  const kindModifiers = SymbolDisplay.getSymbolModifiers(checker, symbol);
  const shown = textOf(displayParts);
  const told = callsOf(checker, symbol, node, shown) ?? constructorOf(checker, symbol, node, shown) ?? displayParts;
  return { kind: symbolKind, kindModifiers, textSpan, displayParts: told, documentation, tags };
}

const textOf = (parts: readonly TS.SymbolDisplayPart[]): string => ts.displayPartsToString([...parts]);

/**
 * What can be called in several ways as functions are shown, by its first way: the whole type of a value would be a list of all. Names that
 * a file keeps to itself are written out in it, other names stand alone.
 */
function callsOf(
  checker: TS.TypeChecker,
  symbol: TS.Symbol,
  node: TS.Node,
  shown: string,
): TS.SymbolDisplayPart[] | undefined {
  const list = /: \{\n {4}\(|(?<=^\(method\) TensorMethods\.\w+)\(/.exec(shown);
  const [first, ...others] = list ? checker.getTypeOfSymbolAtLocation(symbol, node).getCallSignatures() : [];
  if (!list || !first) return undefined;
  const name = shown
    .slice(0, list.index)
    .replace(/^const /, "function ")
    .replace("TensorMethods.", "Tensor.");
  const call = written(checker, first, node);
  const more = others.length > 0 ? ` (+${others.length} ${others.length > 1 ? "overloads" : "overload"})` : "";
  return [{ text: `${name}${call}${more}`, kind: "text" }];
}

/** A call for people: options may stand in place of each parameter that may be left out, and are shown once, at the end. */
function written(checker: TS.TypeChecker, call: TS.Signature, node: TS.Node): string {
  return checker
    .signatureToString(call, node, ts.TypeFormatFlags.NoTruncation)
    .replace(/\bimport\("[^"]*"\)\.| \| \{ [^{}]*; \}| \| (?:Partial<)?[\w.]+Options>?| \| undefined\b/g, "");
}

/** A class with the first way to make its objects. */
function constructorOf(
  checker: TS.TypeChecker,
  symbol: TS.Symbol,
  node: TS.Node,
  shown: string,
): TS.SymbolDisplayPart[] | undefined {
  const name = /^(?:\(alias\) )?(?:class|const) (\w+)/.exec(shown)?.[1];
  const [first] = name ? checker.getTypeOfSymbolAtLocation(symbol, node).getConstructSignatures() : [];
  if (!first) return undefined;
  const call = written(checker, first, node);
  return [{ text: `class ${name}\nnew ${name}${call}`, kind: "text" }];
}

/** The symbol of a name; of a key in an object literal the property that it is for. */
function symbolAt(tools: QuickInfoTools, checker: TS.TypeChecker, node: TS.Node): TS.Symbol | undefined {
  const element = tools.getContainingObjectLiteralElement(node);
  const type = element && checker.getContextualType(element.parent as TS.ObjectLiteralExpression);
  const found = type ? tools.getPropertySymbolsFromContextualType(element, checker, type, false) : [];
  return found.length === 1 ? found[0] : checker.getSymbolAtLocation(node);
}

/** What a token stands for: the class of a `new`, the whole of `import.meta`. */
function explained(node: TS.Node): TS.Node {
  const { parent } = node;
  if (ts.isNewExpression(parent) && node.pos === parent.pos) return parent.expression;
  const isPart = ts.isMetaProperty(parent)
    ? parent.name === node
    : ts.isNamedTupleMember(parent) && node.pos === parent.pos;
  return isPart ? parent : node;
}
