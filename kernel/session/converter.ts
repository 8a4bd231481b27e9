// tslab's converter, set up as cells need it: strict, with the module resolution of bundlers, types of Node and of the library
// found from any directory, `await` outside functions, and source maps. tslab takes none of these as options, so its
// TypeScript is replaced, in this process only, by a copy with three functions wrapped.

import { basename, dirname, join, parse, resolve } from "node:path";
import type * as TS from "@tslab/typescript-for-tslab";
import type { Converter, Diagnostic } from "tslab/dist/converter";
import { Completions } from "./completions";
import { loadCompiler } from "./operators/compiler";
import { operatorCalls } from "./operators/emit";
import { operatorRules } from "./operators/rules";
import { initialDeclarations, ownModules } from "./prelude-names";
import type { CompleteReply } from "./protocol";
import { awaitsAtTop, bindNames, blankExports, expandShorthand } from "./rewrite";
import { type LastExpression, lastExpression } from "./last-expression";
import type { ConvertedCell, ConvertedModule } from "./wire";

const dist = resolve(__dirname, "../..");
const compilerPath = require.resolve("@tslab/typescript-for-tslab", {
  paths: [dirname(require.resolve("tslab/package.json"))],
});

const compiler = loadCompiler(compilerPath);

/** tslab's own TypeScript. */
export const ts: typeof TS = compiler;

export type Conversion = { cell: ConvertedCell } | { diagnostics: Diagnostic[] };

/** Checks and transforms cells; knows nothing between calls but files it has read. */
export interface CellConverter {
  convert(declarations: string, code: string): Conversion;
  complete(declarations: string, code: string, offset: number): CompleteReply;
  inspect(declarations: string, code: string, offset: number): TS.QuickInfo | undefined;
}

/** What a conversion leaves behind beside tslab's own result. */
interface Captured {
  /** Source map of the cell's first pass, and of the second. */
  cellMaps: [string, string];
  names: string[];
  modules: ConvertedModule[];
  result?: LastExpression;
}

type Builder = TS.EmitAndSemanticDiagnosticsBuilderProgram;
type HostArguments = [
  files: string[],
  options: TS.CompilerOptions | undefined,
  system: TS.System,
  create?: TS.CreateProgram<Builder>,
  report?: TS.DiagnosticReporter,
  reportStatus?: TS.WatchStatusReporter,
];

/** A transformer of the checked trees of one program, before TypeScript's own. */
type Transform = (program: TS.Program) => TS.TransformerFactory<TS.SourceFile>;

const noWatcher: TS.FileWatcher = { close: () => {} };
const cellFile = "__tslab__.ts";
const declarationsFile = "__prev__.d.ts";

export interface ConverterOptions {
  /** The directory that relative imports of cells start at. */
  root: string;
  /** Whether later cells need declarations. A program needs none, and TypeScript then forbids less in it. */
  declarations: boolean;
  /** Whether operators and brackets work on tensors. */
  operators: boolean;
}

/** Makes the converter of cells. Takes most of a second. */
export function createCellConverter({ root, declarations, operators }: ConverterOptions): CellConverter {
  const transforms: Transform[] = [expandEarlierShorthand];
  // First of all: it looks for the very nodes that were checked.
  if (operators) transforms.unshift(enableOperators());
  let captured: Captured = { cellMaps: ["", ""], names: [], modules: [] };
  process.chdir(root);
  watchOnlySources();
  const completions = new Completions(ts);
  installCompiler({
    ...ts,
    Completions: completions.services(),
    createWatchCompilerHost: ((...[files, options, ...rest]: HostArguments) => {
      const host = ts.createWatchCompilerHost<Builder>(
        files,
        { ...compilerOptions(options ?? {}), declaration: declarations },
        ...rest,
      );
      const create = host.createProgram;
      host.createProgram = (...given) => captureEmit(create(...given), transforms, () => captured);
      return host;
    }) as typeof ts.createWatchCompilerHost,
    transpileModule: (input, options) => {
      const { text, names } = bindNames(ts, withoutMapComment(input));
      const output = toCommonJs(text, options.compilerOptions);
      captured.cellMaps[1] = output.map;
      captured.names = names;
      return { outputText: output.code };
    },
  });
  const { createConverter } = require("tslab/dist/converter") as { createConverter(): Converter };
  const converter = createConverter();

  const convert = (declarations: string, code: string): Conversion => {
    captured = { cellMaps: ["", ""], names: [], modules: [] };
    const source = blankExports(ts, code);
    const result = converter.convert(declarations, source);
    if (result.diagnostics.length > 0) return { diagnostics: result.diagnostics };
    const cell: ConvertedCell = {
      code: result.output ?? "",
      maps: captured.cellMaps,
      names: captured.names,
      declarations: result.declOutput ?? "",
      lastExpression: result.lastExpressionVar,
      resultType: captured.result?.type,
      hidden: captured.result?.hidden ?? false,
      async: awaitsAtTop(ts, source),
      modules: captured.modules,
    };
    return { cell };
  };
  convert(initialDeclarations, "");
  return {
    convert,
    complete: (declarations, code, offset) =>
      completions.reply(code, offset, converter.complete(declarations, code, offset)),
    inspect: (declarations, code, offset) => converter.inspect(declarations, code, offset),
  };
}

function installCompiler(compiler: typeof ts): void {
  const loaded = require.cache[compilerPath];
  if (loaded) loaded.exports = compiler;
}

/** Only the user's own modules can change while a session lives; watching every declaration file costs time for nothing. */
function watchOnlySources(): void {
  const watch = ts.sys.watchFile;
  ts.sys.watchFile = (path, callback, interval, options) =>
    watch && !path.endsWith(".d.ts") && !path.endsWith(".json") && !path.includes("/node_modules/")
      ? watch(path, callback, interval, options)
      : noWatcher;
  ts.sys.watchDirectory = () => noWatcher;
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
    typeRoots: [dirname(dirname(require.resolve("@types/node/package.json")))],
    types: ["node"],
    paths: Object.fromEntries(paths),
    pathsBasePath: dist,
    // Modules may lie outside the directory of cells.
    rootDir: parse(dist).root,
    sourceMap: true,
    disableTopLevelAwait: false,
  };
}

/** Teaches the checker operators on tensors; the transformer that makes them run. */
function enableOperators(): Transform {
  const rules = operatorRules(compiler, join(dist, "core/tensor/tensor.d.ts"));
  compiler.operatorRules = rules;
  const creation = join(dist, "core/ops/create.d.ts");
  return (program) => operatorCalls(compiler, program.getTypeChecker(), rules, creation);
}

/** Shorthand properties that name something of an earlier cell. */
const expandEarlierShorthand: Transform = (program) =>
  expandShorthand(ts, program.getTypeChecker(), (from) => from.fileName.endsWith(declarationsFile));

/** Keeps the source maps that tslab drops, and converts the user's modules wherever they lie. */
function captureEmit(builder: Builder, transforms: Transform[], captured: () => Captured): Builder {
  const emit = builder.emit.bind(builder);
  builder.emit = (file, write, token, onlyDeclarations, transformers) => {
    const isCell = file?.fileName.endsWith(cellFile) ?? false;
    if (isCell && file) captured().result = lastExpression(ts, builder.getProgram().getTypeChecker(), file);
    let map = "";
    const capture: TS.WriteFileCallback = (path, text, ...rest) => {
      if (path.endsWith(".map")) {
        map = text;
        if (isCell) captured().cellMaps[0] = text;
      } else if (isCell) {
        // tslab expects its output as if the root of all sources were that of cells.
        write?.(`outDir/${basename(path)}`, text, ...rest);
      } else if (file && path.endsWith(".js")) {
        captured().modules.push(convertModule(file.fileName, text, map));
      }
    };
    const before = transforms.map((transform) => transform(builder.getProgram()));
    return emit(file, capture, token, onlyDeclarations, { ...transformers, before });
  };
  return builder;
}

function convertModule(source: string, module: string, map: string): ConvertedModule {
  const output = toCommonJs(withoutMapComment(module), { target: ts.ScriptTarget.ES2022, esModuleInterop: true });
  return { path: source.replace(/\.tsx?$/, ".js"), source, code: output.code, maps: [map, output.map] };
}

function toCommonJs(text: string, options?: TS.CompilerOptions): { code: string; map: string } {
  const compilerOptions = { ...options, module: ts.ModuleKind.CommonJS, sourceMap: true };
  const output = ts.transpileModule(text, { fileName: "cell.js", compilerOptions });
  return { code: withoutMapComment(output.outputText), map: output.sourceMapText ?? "" };
}

function withoutMapComment(code: string): string {
  return code.replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
}
