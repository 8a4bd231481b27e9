// What the compiler can do but its types leave out.

import type * as TS from "@tslab/typescript-for-tslab";

interface Internals {
  bindSourceFile(file: TS.SourceFile, options: TS.CompilerOptions): void;
}

export type BoundFile = TS.SourceFile & {
  /** Of a file that is a module. */
  symbol?: TS.Symbol;
  locals?: TS.SymbolTable;
  resolvedModules?: { forEach(visit: (resolution: TS.ResolvedModuleWithFailedLookupLocations) => void): void };
};

/** A file with what its parser found wrong. */
export type ParsedFile = TS.SourceFile & { parseDiagnostics: TS.DiagnosticWithLocation[] };

/** A program that writes declarations even where they cannot express a type. */
export type Emitting = Omit<TS.Program, "emit"> & {
  emit(
    file: TS.SourceFile | undefined,
    write: TS.WriteFileCallback,
    token: TS.CancellationToken | undefined,
    onlyDeclarations: boolean | undefined,
    transformers: TS.CustomTransformers,
    force: boolean,
  ): TS.EmitResult;
};

/** Gives a file its symbols, as a checker does first; does nothing when it has them. */
export function bindFile(ts: typeof TS, program: TS.Program, file: TS.SourceFile): BoundFile {
  (ts as typeof TS & Internals).bindSourceFile(file, program.getCompilerOptions());
  return file;
}

/** A file and the sources that it imports, directly or not, without declaration files. */
export function sourcesOf(program: TS.Program, file: TS.SourceFile): string[] {
  const found = new Set<string>();
  const visit = (source: BoundFile): void => {
    if (source.isDeclarationFile || found.has(source.fileName)) return;
    found.add(source.fileName);
    source.resolvedModules?.forEach(({ resolvedModule }) => {
      const imported = resolvedModule && program.getSourceFile(resolvedModule.resolvedFileName);
      if (imported) visit(imported);
    });
  };
  visit(file);
  return [...found];
}
