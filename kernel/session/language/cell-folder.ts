// Where cells lie for the compiler. tslab fixes the folder of cells when its converter is made, and a converter may be made long
// before it is known which folder it will serve. So cells lie in a folder that does not exist, and what is written relative to it
// is looked for in the folder of the session.

import { basename, join, relative } from "node:path";
import type * as TS from "typescript";
import type { PathHost } from "./completions";

/** The folder of cells as the compiler sees it. */
export const cellFolder = "/.cresset-cells";

/** The library's declarations with their types worked out (scripts/build-declarations.js), laid out as the library is. */
export const libraryTypes = join(__dirname, "../../../declarations/");

type Resolve = NonNullable<TS.CompilerHost["resolveModuleNameLiterals"]>;

function isCell(path: string): boolean {
  return path.startsWith(`${cellFolder}/`);
}

/** Whether a file is of Cresset's own library, or of a package. */
function isInstalled(path: string): boolean {
  return path.startsWith(libraryTypes) || path.includes("/node_modules/");
}

export class CellFolder {
  /** The folder of the session, absolute. */
  root = cellFolder;
  /** What packages were found to be and to import: they stay as they are. */
  readonly known: TS.ModuleResolutionCache;

  constructor(
    private readonly ts: typeof TS,
    private readonly system: TS.System,
  ) {
    this.known = ts.createModuleResolutionCache(cellFolder, (path) => path);
  }

  /** Resolves imports: those of cells as if they lay in the session's folder. */
  readonly resolve: Resolve = (literals, containing, redirected, options) => {
    const from = isCell(containing) ? join(this.root, basename(containing)) : containing;
    const cache = isInstalled(containing) ? this.known : undefined;
    return literals.map(({ text }) => {
      const found = this.ts.resolveModuleName(text, from, options, this.system, cache, redirected);
      if (found.resolvedModule || from === containing || !text.startsWith("../")) return found;
      // The compiler itself writes such a path into declarations, from where it takes cells to lie.
      return this.ts.resolveModuleName(text, containing, options, this.system, undefined, redirected);
    });
  };

  /** The files that a cell may name in an import, for completion. */
  readonly files = (program: TS.Program): PathHost => {
    const { system } = this;
    const real = (path: string): string =>
      `${path}/`.startsWith(`${cellFolder}/`) ? join(this.root, path.slice(cellFolder.length)) : path;
    return {
      getCompilationSettings: () => program.getCompilerOptions(),
      getCurrentDirectory: () => cellFolder,
      fileExists: (path) => system.fileExists(real(path)),
      readFile: (path, encoding) => system.readFile(real(path), encoding),
      directoryExists: (path) => system.directoryExists(real(path)),
      getDirectories: (path) => system.getDirectories(real(path)),
      readDirectory: (path, ...how) => system.readDirectory(real(path), ...how),
    };
  };

  /** Whether imports of a file may come to mean something else while it stays as it is. */
  isUnsettled(path: string): boolean {
    return !path.endsWith(".d.ts") && !isCell(path) && !isInstalled(path);
  }

  /** A file of the session's folder under the name that tslab expects of it: beside the cells. */
  beside(file: TS.SourceFile): TS.SourceFile {
    const path = relative(this.root, file.fileName);
    if (isCell(file.fileName) || path.startsWith("..")) return file;
    return Object.create(file, { fileName: { value: join(cellFolder, path) } }) as TS.SourceFile;
  }

  /** The real path of a name given by beside(). */
  original(path: string): string {
    return isCell(path) ? join(this.root, relative(cellFolder, path)) : path;
  }
}
