// tslab's converter, set up as cells need it: strict, with the module resolution of bundlers, types of Node and of the library
// found from any directory, `await` outside functions, and source maps. tslab takes none of these as options, so its
// TypeScript is replaced, in this process only, by a copy with some functions wrapped.

import { basename, dirname, join, parse, resolve } from "node:path";
import type * as TS from "@tslab/typescript-for-tslab";
import type { Converter, Diagnostic } from "tslab/dist/converter";
import { CellFolder, cellFolder } from "./cell-folder";
import { Completions, type Place } from "./completions";
import { isGrammar } from "./diagnostics";
import { findings } from "./findings";
import { importedModules, importForms } from "./import-forms";
import { loopChecks } from "./loop-checks";
import { loadCompiler, type OpenChecker, type OperatorRules } from "./operators/compiler";
import { operatorCalls } from "./operators/emit";
import { operatorRules } from "./operators/rules";
import { bindFile, type Emitting, sourcesOf } from "./internals";
import { Outlines } from "./outlines";
import { hoistedDeclarations, keptModules, namesOf } from "./kept-declarations";
import type { Timed } from "./magics/read";
import { timingTransform } from "./magics/timing-transform";
import { newerLibrary, newerLibraryFile } from "./newer-library";
import { ownModules } from "./prelude-names";
import type { CompleteReply } from "./protocol";
import { awaitsAtTop, bindNames, blankExports, containsAwait, keepDeclarations, protectProperties } from "./rewrite";
import { type LastExpression, lastExpression, withoutName } from "./last-expression";
import type { ConvertedCell, ConvertedModule } from "./wire";
import { renameTaken } from "./wrapper-names";

const dist = resolve(__dirname, "../..");
const compilerPath = require.resolve("@tslab/typescript-for-tslab", {
  paths: [dirname(require.resolve("tslab/package.json"))],
});

const compiler = loadCompiler(compilerPath);
const nodePackage = require.resolve("@types/node/package.json");
const nodeTypes = dirname(dirname(nodePackage));
const fetchTypes = join(dirname(require.resolve("undici-types/package.json", { paths: [nodePackage] })), "index.d.ts");

/** tslab's own TypeScript. */
export const ts: typeof TS = compiler;

export type Conversion = { cell: ConvertedCell } | { diagnostics: Diagnostic[] };

/** Checks and transforms cells; knows nothing between calls but files it has read. */
export interface CellConverter {
  /** What the cells from now on are like. */
  open(options: ConverterOptions): void;
  /** Whether the next cells are held to their types; without, they are to their grammar. */
  check(types: boolean): void;
  /** @param timed statements to take the time of */
  convert(declarations: string, code: string, timed?: readonly Timed[]): Conversion;
  /** @param recent names used lately, the last first */
  complete(declarations: string, code: string, offset: number, recent: readonly string[]): CompleteReply;
  /** Answers a question about a position of a cell from its program; `undefined` when there is no program. */
  about<T>(declarations: string, code: string, offset: number, question: (place: Place) => T): T | undefined;
  inspect(declarations: string, code: string, offset: number): TS.QuickInfo | undefined;
}

/** What a conversion leaves behind beside tslab's own result. */
interface Captured {
  /** Source map of the cell's first pass, and of the second. */
  cellMaps: [string, string];
  names: string[];
  imports: string[];
  /** Declarations that tslab leaves out. */
  hoisted: string;
  modules: ConvertedModule[];
  result?: LastExpression;
  timed: readonly Timed[];
  /** Names that the cell declares for itself only. */
  lost: Set<string>;
}

type HostArguments = [
  files: string[],
  options: TS.CompilerOptions | undefined,
  system: TS.System,
  create: undefined,
  report?: TS.DiagnosticReporter,
  reportStatus?: TS.WatchStatusReporter,
];

/** A transformer of the checked trees of one program, before TypeScript's own. */
type Transform = (program: TS.Program) => TS.TransformerFactory<TS.SourceFile>;

/** Thrown through tslab when its program has to be made again. */
class Incomplete extends Error {}

/** The error about a package that has no types; what is imported from it is `any`. */
const packageWithoutTypes = 7016;

const noWatcher: TS.FileWatcher = { close: () => {} };
const cellFile = "__tslab__.ts";
/** What tslab puts before a cell, so that it is a module. */
const cellPrefix = `export {};${ts.sys.newLine}`;
const declarationsFile = "__prev__.d.ts";

export interface ConverterOptions {
  /** The folder that relative imports of cells start at, absolute. */
  root: string;
  /** Whether later cells need declarations. A program needs none, and TypeScript then forbids less in it. */
  declarations: boolean;
  /** Whether operators and brackets work on tensors. */
  operators: boolean;
}

/** Makes a converter, for the cells that open() describes later. Takes most of a second. */
export function createCellConverter(): CellConverter {
  let captured: Captured = {
    cellMaps: ["", ""],
    names: [],
    imports: [],
    hoisted: "",
    modules: [],
    timed: [],
    lost: new Set(),
  };
  let checks = true;
  let opened: ConverterOptions = { root: cellFolder, declarations: true, operators: true };
  const { rules, operators } = operatorsOnTensors();
  // Operators first of all: that transform looks for the very nodes that were checked.
  const always = [protectEarlierProperties, renameTakenNames];
  const folder = new CellFolder(ts, ts.sys);
  const dataRead = new Map<string, string>();
  const outlines = new Outlines(ts, `${nodeTypes}/node/`, [fetchTypes]);
  prepareSystem(outlines);
  const completions = new Completions(ts, folder.files);
  installCompiler({
    ...ts,
    Completions: completions.services(),
    createWatchCompilerHost: ((...[files, options, ...rest]: HostArguments) => {
      const host = ts.createWatchCompilerHost<TS.BuilderProgram>(files, compilerOptions(options ?? {}), ...rest);
      host.resolveModuleNameLiterals = folder.resolve;
      host.hasInvalidatedResolutions = (path) => folder.isUnsettled(path);
      host.createProgram = (names, given, ...others) => {
        const builder = ts.createAbstractBuilder(names, { ...given, declaration: opened.declarations }, ...others);
        outlines.attend(builder.getProgram());
        const transforms = opened.operators ? [operators, ...always] : always;
        return adaptBuilder(builder, folder, transforms, () => captured, dataRead);
      };
      return host;
    }) as unknown as typeof ts.createWatchCompilerHost,
    getPreEmitDiagnosticsOfFiles: (program, files) => {
      const isPrompt = (file: TS.SourceFile): boolean => opened.declarations && file.fileName.endsWith(cellFile);
      const found = findings(ts, withoutDeclarationRules(program), files, isPrompt);
      if (outlines.lacking) throw new Incomplete();
      const told = found.filter((d) => d.code !== packageWithoutTypes && (checks || isGrammar(d.code)));
      return told.map((d) => (d.file ? { ...d, file: folder.beside(d.file) } : d));
    },
    transpileModule: (input, options) => {
      const { text, names, imports } = bindNames(ts, withoutMapComment(input));
      const output = toCommonJs(text, options.compilerOptions, true);
      captured.cellMaps[1] = output.map;
      captured.names = names;
      captured.imports = imports;
      return { outputText: output.code };
    },
  });
  const { createConverter } = require("tslab/dist/converter") as { createConverter(): Converter };
  const converter = createConverter();

  /** Asks until the program has all that the answer depends on. */
  const settled = <T>(ask: () => T): T => {
    for (;;) {
      try {
        const answer = ask();
        if (!outlines.lacking) return answer;
      } catch (error) {
        if (!(error instanceof Incomplete)) throw error;
      }
      outlines.complete();
    }
  };
  const convert = (declarations: string, code: string, timed: readonly Timed[] = []): Conversion => {
    captured = { cellMaps: ["", ""], names: [], imports: [], hoisted: "", modules: [], timed, lost: new Set() };
    const source = blankExports(ts, code);
    const result = settled(() => converter.convert(declarations, source));
    if (result.diagnostics.length > 0) return { diagnostics: result.diagnostics };
    const declared = (result.declOutput ?? "") + captured.hoisted;
    const cell: ConvertedCell = {
      code: result.output ?? "",
      maps: captured.cellMaps,
      names: captured.names,
      declarations: withoutNames(declarations, declared + keptModules(ts, declarations, declared), captured.lost),
      lastExpression: result.lastExpressionVar,
      resultType: captured.result?.type,
      hidden: captured.result?.hidden ?? false,
      async: awaitsAtTop(ts, source),
      imports: captured.imports,
      modules: captured.modules,
    };
    return { cell };
  };
  const open = (options: ConverterOptions): void => {
    opened = options;
    folder.root = options.root;
    compiler.operatorRules = options.operators ? rules : undefined;
  };
  open(opened);
  return {
    open,
    check: (types) => {
      checks = types;
    },
    convert,
    complete: (declarations, code, offset, recent) =>
      settled(() => completions.reply(code, offset, converter.complete(declarations, code, offset), recent)),
    about: (declarations, code, offset, question) =>
      settled(() => completions.about(() => converter.complete(declarations, code, offset), question)),
    inspect: (declarations, code, offset) => settled(() => converter.inspect(declarations, code, offset)),
  };
}

function withoutNames(before: string, after: string, lost: Set<string>): string {
  return lost.size === 0 ? after : keepDeclarations(ts, before, after, [...lost]);
}

/**
 * Later cells see declarations of this one, but nobody publishes these: what a declaration cannot express, such as private members
 * of a class expression or the name of a type that its module keeps to itself, is no error.
 */
function withoutDeclarationRules(program: TS.Program): TS.Program {
  return Object.create(program, { getDeclarationDiagnostics: { value: () => [] } }) as TS.Program;
}

function installCompiler(compiler: typeof ts): void {
  const loaded = require.cache[compilerPath];
  if (loaded) loaded.exports = compiler;
}

/** Whether a file may be a module of the user's own, which includes JSON that is imported. */
function isOfUser(path: string): boolean {
  return !/\.d\.ts$|\/node_modules\/|\/(?:package|tsconfig)\.json$/.test(path);
}

/** Only the user's own modules can change while a session lives; watching every declaration file costs time for nothing. */
function prepareSystem(outlines: Outlines): void {
  const { sys } = ts;
  const { watchFile: watch, readFile: read } = sys;
  sys.watchFile = (path, callback, interval, options) => {
    if (watch && isOfUser(path)) return watch(path, callback, interval, options);
    outlines.watch(path, () => callback(path, ts.FileWatcherEventKind.Changed));
    return noWatcher;
  };
  sys.watchDirectory = () => noWatcher;
  sys.getCurrentDirectory = () => cellFolder;
  sys.readFile = (path, encoding) => {
    const text = read(path, encoding);
    if (text === undefined) return undefined;
    return path.endsWith(`/${newerLibraryFile}`) ? text + newerLibrary : outlines.text(path, text);
  };
}

function compilerOptions(given: TS.CompilerOptions): TS.CompilerOptions {
  const { noImplicitUseStrict: _, ...options } = given;
  const paths = Object.entries(ownModules).map(([name, file]) => [name, [join(dist, `${file}.d.ts`)]]);
  return {
    ...options,
    strict: true,
    checkJs: false,
    lib: ["lib.es2023.d.ts"],
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    typeRoots: [nodeTypes],
    types: ["node"],
    paths: Object.fromEntries(paths),
    pathsBasePath: dist,
    // Modules may lie outside the directory of cells.
    rootDir: parse(dist).root,
    sourceMap: true,
    allowImportingTsExtensions: true,
    moduleDetection: ts.ModuleDetectionKind.Force,
    disableTopLevelAwait: false,
  };
}

/** Operators on tensors: the rules for the checker, and the transformer that makes them run. */
function operatorsOnTensors(): { rules: OperatorRules; operators: Transform } {
  const rules = operatorRules(compiler, join(dist, "core/tensor/tensor.d.ts"));
  const creation = join(dist, "core/ops/create/create.d.ts");
  const transform: Transform = (program) =>
    operatorCalls(compiler, program.getTypeChecker() as OpenChecker, rules, creation);
  return { rules, operators: transform };
}

/** Variables with names that compiled code needs. */
const renameTakenNames: Transform = (program) => renameTaken(ts, program.getTypeChecker());

/** Names of properties that an earlier cell declared, and shorthand properties that name something of one. */
const protectEarlierProperties: Transform = (program) =>
  protectProperties(ts, program.getTypeChecker(), (from) => from.fileName.endsWith(declarationsFile));

/**
 * A builder as tslab uses it, without the state that builders keep of every file. Keeps the source maps that tslab drops, and
 * converts the user's modules wherever they lie.
 */
function adaptBuilder(
  builder: TS.BuilderProgram,
  folder: CellFolder,
  transforms: Transform[],
  captured: () => Captured,
  read: Map<string, string>,
): TS.BuilderProgram {
  const { getSourceFile } = builder;
  builder.getAllDependencies = (file) => sourcesOf(builder.getProgram(), file);
  builder.getSourceFile = (path) => {
    const file = getSourceFile(path) ?? getSourceFile(folder.original(path));
    // tslab reads names off a file that no checker may have seen yet.
    const bound = file && bindFile(ts, builder.getProgram(), file);
    if (bound?.locals && path.endsWith(cellFile)) nameForLater(bound.locals);
    return bound;
  };
  builder.emit = (file, write, token, onlyDeclarations, transformers) => {
    const isCell = file?.fileName.endsWith(cellFile) ?? false;
    if (isCell && file) {
      const checker = builder.getProgram().getTypeChecker();
      captured().result = lastExpression(ts, checker, file);
      captured().hoisted = hoistedDeclarations(ts, checker, file);
      captured().modules.push(...changedData(builder.getProgram(), file, read));
    }
    let map = "";
    const capture: TS.WriteFileCallback = (path, text, ...rest) => {
      if (path.endsWith(".map")) {
        map = text;
        if (isCell) captured().cellMaps[0] = text;
      } else if (isCell) {
        // tslab expects its output as if the root of all sources were that of cells.
        write?.(`outDir/${basename(path)}`, text, ...rest);
      } else if (file && path.endsWith(".js")) {
        captured().modules.push(convertModule(file, text, map));
      }
    };
    const before = transforms.map((transform) => transform(builder.getProgram()));
    const { timed, lost } = captured();
    if (isCell && timed.length > 0) before.push(timingTransform(ts, timed, cellPrefix.length, lost));
    if (isCell) before.push(withoutName(ts));
    const evenWithErrors = true;
    // tslab's own are about names of earlier cells and the value of a cell, which no module has.
    const all = isCell ? { ...transformers, before } : { before };
    return (builder.getProgram() as Emitting).emit(file, capture, token, onlyDeclarations, all, evenWithErrors);
  };
  return builder;
}

/** tslab exports what it finds here by the names that the compiler has for them. */
function nameForLater(locals: TS.SymbolTable): void {
  const forEach = (visit: (symbol: TS.Symbol | undefined, name: string) => void): void => {
    for (const name of namesOf(ts, locals)) visit(locals.get(ts.escapeLeadingUnderscores(name)), name);
  };
  Object.defineProperty(locals, "forEach", { value: forEach, configurable: true });
}

function convertModule(source: TS.SourceFile, module: string, map: string): ConvertedModule {
  const text = withoutMapComment(module);
  const output = toCommonJs(isCommonJs(source) ? text.replace(emptyExport, "") : text, {
    target: ts.ScriptTarget.ES2022,
    esModuleInterop: true,
  });
  const file = ts.createSourceFile("module.js", module, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  return {
    path: source.fileName.replace(/\.tsx?$/, ".js"),
    source: source.fileName,
    code: output.code,
    maps: [map, output.map],
    imports: importedModules(ts, file),
    waits: containsAwait(ts, file),
  };
}

/** What the compiler adds to a module that exports nothing. */
const emptyExport = /\nexport \{\};\s*$/;

/** A JavaScript file without the syntax of ES modules, for one of which the compiler takes every file. */
function isCommonJs(file: TS.SourceFile): boolean {
  const isModular = (statement: TS.Statement): boolean =>
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isExportAssignment(statement) ||
    (ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword));
  return /\.c?js$/.test(file.fileName) && !file.statements.some(isModular);
}

/**
 * The JSON that a cell or its modules import, where it is not as it was in `read`. `require` reads it itself; it is told like a module,
 * so that it is read again when it was edited.
 */
function changedData(program: TS.Program, cell: TS.SourceFile, read: Map<string, string>): ConvertedModule[] {
  const data = sourcesOf(program, cell).filter((path) => path.endsWith(".json"));
  return data.flatMap((path) => {
    const text = program.getSourceFile(path)?.text ?? "";
    if (read.get(path) === text) return [];
    read.set(path, text);
    return [{ path, source: path, code: "", maps: ["", ""], imports: [], waits: false }];
  });
}

function toCommonJs(
  text: string,
  options: TS.CompilerOptions | undefined,
  isCell = false,
): { code: string; map: string } {
  const compilerOptions = { ...options, module: ts.ModuleKind.CommonJS, sourceMap: true };
  const transformers = { before: [importForms(ts), loopChecks(ts, isCell)] };
  const output = ts.transpileModule(text, { fileName: "cell.js", compilerOptions, transformers });
  return { code: withoutMapComment(output.outputText), map: output.sourceMapText ?? "" };
}

function withoutMapComment(code: string): string {
  return code.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
}
