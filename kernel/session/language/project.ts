// The project that a session lies in: what its `tsconfig.json` says of checks, of how imports are found and of syntax holds in cells and
// in the modules that they import.

import { statSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import type * as TS from "typescript";

/** The options of a project that hold in a session. Others are about files that a build writes, or would make cells fit for no session. */
const held = [
  "strict",
  "noImplicitAny",
  "noImplicitThis",
  "noImplicitReturns",
  "noImplicitOverride",
  "noUncheckedIndexedAccess",
  "noPropertyAccessFromIndexSignature",
  "strictNullChecks",
  "strictFunctionTypes",
  "strictBindCallApply",
  "strictPropertyInitialization",
  "strictBuiltinIteratorReturn",
  "useUnknownInCatchVariables",
  "exactOptionalPropertyTypes",
  "checkJs",
  "jsx",
  "jsxFactory",
  "jsxFragmentFactory",
  "jsxImportSource",
  "experimentalDecorators",
  "emitDecoratorMetadata",
  "useDefineForClassFields",
  "customConditions",
  "moduleSuffixes",
  "allowArbitraryExtensions",
  "rootDirs",
] as const;

export class Project {
  private file: string | undefined;
  private date = 0;
  private root = "";
  private own: TS.CompilerOptions = {};
  private paths: TS.MapLike<string[]> = {};

  constructor(private readonly ts: typeof TS) {}

  /** Takes the project of a folder: of the nearest `tsconfig.json` there or above. */
  open(root: string): void {
    this.root = root;
    this.date = 0;
    this.own = {};
    this.paths = {};
    this.file = this.ts.findConfigFile(root, this.ts.sys.fileExists);
    this.refresh();
  }

  /** Reads the file again when it has changed. */
  refresh(): void {
    const date = this.file === undefined ? 0 : (statSync(this.file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
    if (date === this.date) return;
    this.date = date;
    this.paths = {};
    this.own = date === 0 || this.file === undefined ? {} : this.read(this.file);
  }

  /** The options of a session with what the project says laid over them. */
  over(options: TS.CompilerOptions): TS.CompilerOptions {
    return { ...options, ...this.own, paths: { ...this.paths, ...options.paths } };
  }

  /** What a person calls a file. */
  nameOf(path: string): string {
    return relative(this.root, path);
  }

  private read(file: string): TS.CompilerOptions {
    const { ts } = this;
    // Its own list of files is of no use here, and may be long to make.
    const host: TS.ParseConfigHost = { ...ts.sys, readDirectory: () => [] };
    const { config } = ts.readConfigFile(file, ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config ?? {}, host, dirname(file), undefined, file);
    const own = Object.fromEntries(
      held.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
    );
    const { baseUrl } = options;
    const base = baseUrl ?? dirname(file);
    const absolute = (targets: string[]): string[] => targets.map((target) => resolve(base, target));
    for (const [pattern, targets] of Object.entries(options.paths ?? {})) this.paths[pattern] = absolute(targets);
    if (baseUrl !== undefined) this.paths["*"] ??= absolute(["*"]);
    return own;
  }
}
