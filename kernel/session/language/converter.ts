// What a cell becomes: checked and transformed by tslab's converter, which gets what cells need beyond it. That is strictness, the module
// resolution of bundlers, types of Node and of the library found from any directory, `await` outside functions, operators on tensors,
// and source maps.

import { dirname, join, parse, resolve } from "node:path";
import type * as TS from "typescript";
import { CellFolder, cellFolder, libraryTypes } from "./cell-folder";
import { Completions, type Place } from "./completions";
import { type Diagnostic, isGrammar, positioned } from "./diagnostics";
import { findings } from "./findings";
import { hoistedDeclarations, keepsValue, keptModules, varsOf } from "./kept-declarations";
import { convertModule, toCommonJs, withoutMapComment } from "./commonjs";
import type { OpenProgram } from "./internals";
import { lateNames } from "./late-names";
import { Project } from "./project";
import { cellPrefix, compiler, createTslabConverter, isDeclarationsFile, type TslabParts, ts } from "./tslab";
import { directImports, isOfUser, Sources } from "./user-sources";
import { type LastExpression, lastExpression, withoutName, withoutValue } from "./last-expression";
import type { Timed } from "../magics/read";
import { timingTransform } from "../magics/timing-transform";
import type { OpenChecker, OperatorRules } from "../operators/compiler";
import { operatorCalls } from "../operators/emit";
import type { ProgramNames } from "../operators/methods";
import { operatorRules } from "../operators/rules";
import { Outlines } from "./outlines";
import { ownModules } from "../prelude-names";
import type { CompleteReply } from "../protocol";
import { awaitsAtTop, bindNames, blankExports, keepDeclarations, protectProperties } from "./rewrite";
import type { ConvertedCell, ConvertedModule } from "../wire";
import { renameTaken } from "./wrapper-names";

export { ts };

const dist = resolve(__dirname, "../../..");
const nodePackage = require.resolve("@types/node/package.json");
const nodeTypes = dirname(dirname(nodePackage));
const fetchTypes = join(dirname(require.resolve("undici-types/package.json", { paths: [nodePackage] })), "index.d.ts");

export type Conversion = { cell: ConvertedCell } | { diagnostics: Diagnostic[] };

/** Checks and transforms cells; knows nothing between calls but files it has read. */
export interface CellConverter {
  /** What the cells from now on are like. */
  open(options: ConverterOptions): void;
  /** Whether the next cells are held to their types; without, they are to their grammar. */
  check(types: boolean): void;
  /** @param timed statements to take the time of */
  convert(declarations: string, code: string, timed?: readonly Timed[]): Conversion;
  /** Converts a cell that ran before, and looks at what was checked; modules that it imports stay as they are known. */
  examine(declarations: string, code: string, look: (checked: CheckedCell) => void): Conversion;
  /** Converts a module of the user's and all that it imports. */
  modules(path: string): { modules: ConvertedModule[] } | { diagnostics: Diagnostic[] };
  /** @param recent names used lately, the last first */
  complete(declarations: string, code: string, offset: number, recent: readonly string[]): CompleteReply;
  /** Answers a question about a position of a cell from its program; `undefined` when there is no program. */
  about<T>(declarations: string, code: string, offset: number, question: (place: Place) => T): T | undefined;
  inspect(declarations: string, code: string, offset: number): TS.QuickInfo | undefined;
}

/** A cell that passed the check, as the compiler has it. */
export interface CheckedCell {
  program: TS.Program;
  file: TS.SourceFile;
  /** The declarations of earlier cells. */
  earlier: TS.SourceFile;
  /** Whether the value of its last expression is not to be shown. */
  hidden: boolean;
  /** Makes methods of operators on tensors. */
  operators(names: ProgramNames): TS.TransformerFactory<TS.SourceFile>;
}

/** What a conversion leaves behind beside tslab's own result. */
interface Captured {
  /** Source map of the cell's first pass, and of the second. */
  cellMaps: [string, string];
  names: string[];
  imports: string[];
  /** Declarations that tslab leaves out. */
  hoisted: string;
  /** Names that the cell declares by `var`. */
  vars: string[];
  modules: ConvertedModule[];
  /** The files of these. */
  changed: TS.SourceFile[];
  /** Edited modules that stay as they were, with the reason. */
  kept: string[];
  result?: LastExpression;
  timed: readonly Timed[];
  /** Names that the cell declares for itself only. */
  lost: Set<string>;
}

/** A transformer of the checked trees of one program, before TypeScript's own. */
type Transform = (program: TS.Program) => TS.TransformerFactory<TS.SourceFile>;

/** Thrown through tslab when its program has to be made again. */
class Incomplete extends Error {}

/** The error about a package that has no types; what is imported from it is `any`. */
const packageWithoutTypes = 7016;

const noWatcher: TS.FileWatcher = { close: () => {} };

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
  return new Converter();
}

class Converter implements CellConverter {
  private captured = nothingCaptured([]);
  private look: ((checked: CheckedCell) => void) | undefined;
  /** Modules are converted whether they have changed or not. */
  private everything = false;
  private checksTypes = true;
  private opened: ConverterOptions = { root: cellFolder, declarations: true, operators: true };
  private readonly folder = new CellFolder(ts, ts.sys);
  private readonly project = new Project(ts);
  private readonly outlines = new Outlines(ts, `${nodeTypes}/node/`, [fetchTypes]);
  private readonly completions = new Completions(ts, this.folder.files);
  private readonly onTensors = operatorsOnTensors();
  /** The texts of the user's modules as they were when they were last converted, and as they were when one was kept. */
  private readonly converted = new Map<string, string>();
  private readonly keptTexts = new Map<string, string>();
  private readonly tslab;

  constructor() {
    prepareSystem(this.outlines);
    const { folder, outlines, completions } = this;
    const parts: TslabParts = {
      compilerOptions: (given) =>
        this.project.over({ ...compilerOptions(given), declaration: this.opened.declarations }),
      resolve: folder.resolve,
      known: folder.known,
      isUnsettled: (path) => folder.isUnsettled(path),
      attend: (program) => outlines.attend(program),
      findings: (program, cell, earlier) => this.findings(program, cell, earlier),
      emit: (program, cell, earlier, transformers) => {
        const made = this.emitCell(program, cell, transformers);
        const operators = (names: ProgramNames) => this.onTensors.methods(program, names);
        this.look?.({ program, file: cell, earlier, hidden: this.captured.result?.hidden ?? false, operators });
        return made;
      },
      toCommonJs: (module) => this.bound(module),
      complete: (program, file, position) => completions.complete(program, file, position),
    };
    this.tslab = createTslabConverter(parts);
    this.open(this.opened);
  }

  open(options: ConverterOptions): void {
    this.opened = options;
    this.folder.root = options.root;
    this.project.open(options.root);
    compiler.setOperatorRules(options.operators ? this.onTensors.rules : undefined);
  }

  check(types: boolean): void {
    this.checksTypes = types;
  }

  convert(declarations: string, code: string, timed: readonly Timed[] = []): Conversion {
    this.captured = nothingCaptured(timed);
    const { captured } = this;
    this.project.refresh();
    const source = blankExports(ts, code);
    const result = this.settled(() => this.tslab.convert(declarations, source));
    if ("found" in result) return { diagnostics: result.found.flatMap((told) => positioned(told, this.opened.root)) };
    if (!this.look) for (const { fileName, text } of captured.changed) this.converted.set(fileName, text);
    const declared = result.declarations + captured.hoisted;
    const cell: ConvertedCell = {
      code: result.code,
      maps: captured.cellMaps,
      names: captured.names,
      declarations: withoutNames(declarations, declared + keptModules(ts, declarations, declared), captured.lost),
      lastExpression: result.lastExpression,
      resultType: captured.result?.type,
      hidden: captured.result?.hidden ?? false,
      async: awaitsAtTop(ts, source),
      imports: captured.imports,
      modules: captured.modules,
      kept: captured.kept,
    };
    return { cell };
  }

  examine(declarations: string, code: string, look: (checked: CheckedCell) => void): Conversion {
    this.look = look;
    try {
      return this.convert(declarations, code);
    } finally {
      this.look = undefined;
    }
  }

  modules(path: string): { modules: ConvertedModule[] } | { diagnostics: Diagnostic[] } {
    this.everything = true;
    try {
      const result = this.examine("", `import ${JSON.stringify(path)};`, () => {});
      return "cell" in result ? { modules: result.cell.modules } : result;
    } finally {
      this.everything = false;
    }
  }

  complete(declarations: string, code: string, offset: number, recent: readonly string[]): CompleteReply {
    return this.settled(() =>
      this.completions.reply(code, offset, this.tslab.complete(declarations, code, offset), recent),
    );
  }

  about<T>(declarations: string, code: string, offset: number, question: (place: Place) => T): T | undefined {
    return this.settled(() => this.completions.about(() => this.tslab.complete(declarations, code, offset), question));
  }

  inspect(declarations: string, code: string, offset: number): TS.QuickInfo | undefined {
    return this.settled(() => this.tslab.inspect(declarations, code, offset));
  }

  /** Asks until the program has all that the answer depends on. */
  private settled<T>(ask: () => T): T {
    const { outlines } = this;
    for (;;) {
      try {
        const answer = ask();
        if (!outlines.lacking) return answer;
      } catch (error) {
        if (!(error instanceof Incomplete)) throw error;
      }
      outlines.complete();
    }
  }

  private isChanged(file: TS.SourceFile): boolean {
    return this.everything || this.converted.get(file.fileName) !== file.text;
  }

  /** What is wrong with a cell and with what it imports. Modules that only earlier cells import are kept as they were when they have errors. */
  private findings(program: TS.Program, cell: TS.SourceFile, earlier: TS.SourceFile): readonly TS.Diagnostic[] {
    const { captured, outlines } = this;
    const check = (files: TS.SourceFile[]): readonly TS.Diagnostic[] => {
      const isPrompt = (file: TS.SourceFile): boolean => this.opened.declarations && file === cell;
      const found = findings(ts, program, files, isPrompt);
      if (outlines.lacking) throw new Incomplete();
      return found.filter(
        (told) =>
          told.code !== packageWithoutTypes &&
          (this.checksTypes || isGrammar(told.code)) &&
          !keepsValue(ts, program.getTypeChecker(), told, earlier),
      );
    };
    const isChanged = (file: TS.SourceFile): boolean => this.isChanged(file);
    const own = new Sources(program, [cell]);
    const concerned = own.changed(isChanged);
    const found = check([cell, ...concerned]);
    if (found.length > 0) return found;
    const all = new Sources(program, [cell, earlier]);
    const others = [...all.changed(isChanged)].filter((file) => !concerned.has(file));
    for (const told of check(others)) if (told.file) this.keep(told.file, told);
    const kept = new Set(others.filter((file) => this.keptTexts.get(file.fileName) === file.text));
    const isKept = (file: TS.SourceFile): boolean =>
      kept.has(file) || all.importsOf(file).some((each) => kept.has(each));
    const isReloaded = (file: TS.SourceFile): boolean =>
      concerned.has(file) || (others.includes(file) && !isKept(file));
    captured.changed = all.files.filter(isReloaded);
    return [];
  }

  /** Notes that an edited module has an error. */
  private keep(file: TS.SourceFile, { messageText, start = 0 }: TS.Diagnostic): void {
    if (this.keptTexts.get(file.fileName) === file.text) return;
    this.keptTexts.set(file.fileName, file.text);
    const line = file.getLineAndCharacterOfPosition(start).line + 1;
    const reason = ts.flattenDiagnosticMessageText(messageText, " ");
    this.captured.kept.push(
      `${this.project.nameOf(file.fileName)} stays as it was: line ${line} has an error. ${reason}`,
    );
  }

  private emitModule(program: TS.Program, file: TS.SourceFile): ConvertedModule {
    const emitted = file.fileName.endsWith(".json")
      ? { code: "", map: "" }
      : emit(program, file, { before: this.transforms(program) });
    return convertModule(file, emitted.code, emitted.map);
  }

  private emitCell(program: TS.Program, cell: TS.SourceFile, transformers: TS.CustomTransformers) {
    const { captured } = this;
    captured.modules = captured.changed.map((file) => this.emitModule(program, file));
    const checker = program.getTypeChecker();
    captured.result = lastExpression(ts, checker, cell);
    captured.hoisted = hoistedDeclarations(ts, checker, cell);
    captured.vars = varsOf(ts, cell);
    const before = this.transforms(program);
    const { timed, lost } = captured;
    if (this.opened.declarations) before.splice(1, 0, lateNames(compiler, checker));
    if (timed.length > 0) before.push(timingTransform(ts, timed, cellPrefix.length, lost));
    before.push(withoutName(ts));
    const after = captured.result ? transformers.after : [withoutValue(ts), ...(transformers.after ?? [])];
    const made = emit(program, cell, { ...transformers, before, after });
    captured.cellMaps[0] = made.map;
    return made;
  }

  private transforms(program: TS.Program): TS.TransformerFactory<TS.SourceFile>[] {
    const { operators } = this.onTensors;
    // Operators first of all: that transform looks for the very nodes that were checked.
    const all = [
      ...(this.opened.operators ? [operators] : []),
      protectEarlierProperties,
      renameTakenNames,
      importsByPath,
    ];
    return all.map((transform) => transform(program));
  }

  /** The second pass over a cell: its names bound for later cells, and CommonJS. */
  private bound(module: string): string {
    const { captured } = this;
    const { text, names, imports } = bindNames(ts, withoutMapComment(module), captured.vars);
    const output = toCommonJs(text, true);
    captured.cellMaps[1] = output.map;
    captured.names = names;
    captured.imports = imports;
    return output.code;
  }
}

function nothingCaptured(timed: readonly Timed[]): Captured {
  return {
    cellMaps: ["", ""],
    names: [],
    imports: [],
    hoisted: "",
    vars: [],
    modules: [],
    changed: [],
    kept: [],
    timed,
    lost: new Set(),
  };
}

function withoutNames(before: string, after: string, lost: Set<string>): string {
  return lost.size === 0 ? after : keepDeclarations(ts, before, after, [...lost]);
}

/** JavaScript, its map and the declarations of a file, even where it has errors. */
function emit(
  program: TS.Program,
  file: TS.SourceFile,
  transformers: TS.CustomTransformers,
): { code: string; map: string; declarations: string } {
  const made = { code: "", map: "", declarations: "" };
  const write: TS.WriteFileCallback = (path, text) => {
    if (path.endsWith(".map")) made.map = text;
    else if (/\.d\.[cm]?ts$/.test(path)) made.declarations = text;
    else made.code = text;
  };
  (program as unknown as OpenProgram).emit(file, write, undefined, false, transformers, true);
  return made;
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
    return text === undefined ? undefined : outlines.text(path, text);
  };
}

/** The libraries of JavaScript that the Node of this process has. */
function libraries(): string[] {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < 22) return ["lib.es2023.d.ts", "lib.es2024.string.d.ts"];
  const since22 = [
    "lib.es2024.d.ts",
    "lib.es2025.iterator.d.ts",
    "lib.es2025.collection.d.ts",
    "lib.esnext.array.d.ts",
  ];
  return major < 24 ? since22 : ["lib.es2025.d.ts", "lib.esnext.array.d.ts", "lib.esnext.disposable.d.ts"];
}

function compilerOptions(given: TS.CompilerOptions): TS.CompilerOptions {
  const { noImplicitUseStrict: _, experimentalDecorators: __, ...options } = given;
  const paths = Object.entries(ownModules).map(([name, file]) => [name, [join(libraryTypes, `${file}.d.ts`)]]);
  return {
    ...options,
    // `using` and decorators become older JavaScript in the second pass: the first finds statements where they were typed.
    target: ts.ScriptTarget.ESNext,
    strict: true,
    checkJs: false,
    lib: libraries(),
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

/** Operators on tensors: the rules for the checker, the transformer that makes them run, and the one that writes them as methods. */
function operatorsOnTensors(): {
  rules: OperatorRules;
  operators: Transform;
  methods(program: TS.Program, names: ProgramNames): TS.TransformerFactory<TS.SourceFile>;
} {
  const rules = operatorRules(compiler, join(libraryTypes, "core/tensor/tensor.d.ts"));
  const creation = join(libraryTypes, "core/ops/create/create.d.ts");
  const methods = (program: TS.Program, names?: ProgramNames) =>
    operatorCalls(compiler, program.getTypeChecker() as OpenChecker, rules, program.getSourceFile(creation), names);
  return { rules, operators: (program) => methods(program), methods };
}

/** Imports that the project's `paths` lead to modules of the user's. */
const importsByPath: Transform = (program) => directImports(ts, program);

/** Variables with names that compiled code needs. */
const renameTakenNames: Transform = (program) => renameTaken(ts, program.getTypeChecker());

/** Names of properties that an earlier cell declared, and shorthand properties that name something of one. */
const protectEarlierProperties: Transform = (program) =>
  protectProperties(ts, program.getTypeChecker(), isDeclarationsFile);
