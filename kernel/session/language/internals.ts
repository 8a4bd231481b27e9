// What the compiler can do but its types leave out.

import type * as TS from "typescript";

interface Internals {
  bindSourceFile(file: TS.SourceFile, options: TS.CompilerOptions): void;
}

export type BoundFile = TS.SourceFile & {
  /** Of a file that is a module. */
  symbol?: TS.Symbol;
  locals?: TS.SymbolTable;
};

/** A file with what its parser found wrong. */
export type ParsedFile = TS.SourceFile & { parseDiagnostics: TS.DiagnosticWithLocation[] };

/** A program that tells what imports mean, and writes declarations even where they cannot express a type. */
export type OpenProgram = Omit<TS.Program, "emit"> & {
  forEachResolvedModule(
    visit: (resolution: TS.ResolvedModuleWithFailedLookupLocations, name: string) => void,
    file: TS.SourceFile,
  ): void;
  emit(
    file: TS.SourceFile | undefined,
    write: TS.WriteFileCallback,
    token: TS.CancellationToken | undefined,
    onlyDeclarations: boolean | undefined,
    transformers: TS.CustomTransformers,
    force: boolean,
  ): TS.EmitResult;
};

/** Parts of the language service. */
export interface QuickInfoTools {
  nullTransformationContext: TS.TransformationContext;
  getTouchingPropertyName(file: TS.SourceFile, position: number): TS.Node;
  getContainerNode(node: TS.Node): TS.Node | undefined;
  getContainingObjectLiteralElement(node: TS.Node): TS.ObjectLiteralElement | undefined;
  getPropertySymbolsFromContextualType(
    element: TS.ObjectLiteralElement,
    checker: TS.TypeChecker,
    type: TS.Type,
    unionSymbolOk: boolean,
  ): TS.Symbol[];
  typeToDisplayParts(checker: TS.TypeChecker, type: TS.Type, container: TS.Node | undefined): TS.SymbolDisplayPart[];
  SymbolDisplay: {
    getSymbolDisplayPartsDocumentationAndSymbolKind(
      checker: TS.TypeChecker,
      symbol: TS.Symbol,
      file: TS.SourceFile,
      container: TS.Node | undefined,
      node: TS.Node,
    ): {
      symbolKind: TS.ScriptElementKind;
      displayParts: TS.SymbolDisplayPart[];
      documentation: TS.SymbolDisplayPart[];
      tags: TS.JSDocTagInfo[] | undefined;
    };
    getSymbolModifiers(checker: TS.TypeChecker, symbol: TS.Symbol): string;
  };
}

/** Completion at a position of a program. */
export interface CompletionTools {
  findPrecedingToken(position: number, file: TS.SourceFile): TS.Node | undefined;
  Completions: {
    getCompletionsAtPosition(
      host: unknown,
      program: TS.Program,
      log: () => void,
      file: TS.SourceFile,
      position: number,
      preferences: TS.UserPreferences,
      triggerCharacter: undefined,
      kind: TS.CompletionTriggerKind,
      token: TS.CancellationToken,
      formatting: undefined,
      includeSymbols: boolean,
    ): TS.CompletionInfo | undefined;
  };
}

/** Gives a file its symbols, as a checker does first; does nothing when it has them. */
export function bindFile(ts: typeof TS, program: TS.Program, file: TS.SourceFile): BoundFile {
  (ts as typeof TS & Internals).bindSourceFile(file, program.getCompilerOptions());
  return file;
}
