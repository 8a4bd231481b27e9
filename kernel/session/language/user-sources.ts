// The user's own modules as the compiler sees them: which ones files depend on, and which are concerned when some have changed.

import type * as TS from "typescript";
import type { OpenProgram } from "./internals";

/** Whether a file may be a module of the user's own, which includes JSON that is imported. */
export function isOfUser(path: string): boolean {
  return !/\.d\.[cm]?ts$|\/node_modules\/|\/(?:package|tsconfig)\.json$/.test(path);
}

/** The file that `require` takes a module for. */
export function compiledPath(source: string): string {
  return source.replace(/\.([cm]?)tsx?$/, ".$1js");
}

/** The user's modules that a program has of some files, and what each imports of the others. */
export class Sources {
  private readonly imports = new Map<TS.SourceFile, TS.SourceFile[]>();

  constructor(
    private readonly program: TS.Program,
    roots: readonly TS.SourceFile[],
  ) {
    for (const root of roots) this.visit(root);
  }

  /** All modules, each behind what it imports where imports make no circle. */
  get files(): TS.SourceFile[] {
    return [...this.imports.keys()];
  }

  importsOf(file: TS.SourceFile): readonly TS.SourceFile[] {
    return this.imports.get(file) ?? [];
  }

  /** The modules of which `isChanged` is true, and those that import one of them, directly or not. */
  changed(isChanged: (file: TS.SourceFile) => boolean): Set<TS.SourceFile> {
    const found = new Set(this.files.filter(isChanged));
    for (let size = -1; size !== found.size; ) {
      size = found.size;
      for (const [file, imported] of this.imports) if (imported.some((each) => found.has(each))) found.add(file);
    }
    return found;
  }

  private visit(file: TS.SourceFile): TS.SourceFile[] {
    const found: TS.SourceFile[] = [];
    const visitResolved = ({ resolvedModule }: TS.ResolvedModuleWithFailedLookupLocations): void => {
      const imported = resolvedModule && this.program.getSourceFile(resolvedModule.resolvedFileName);
      if (imported && isOfUser(imported.fileName)) found.push(imported);
    };
    (this.program as unknown as OpenProgram).forEachResolvedModule(visitResolved, file);
    for (const each of found) {
      if (this.imports.has(each)) continue;
      // There before its imports are, which may lead back to it.
      this.imports.set(each, []);
      const own = this.visit(each);
      this.imports.delete(each);
      this.imports.set(each, own);
    }
    return found;
  }
}

/** A transformer that gives imports of the user's modules by other names than their paths, as `@/model`, the paths. */
export function directImports(ts: typeof TS, program: TS.Program): TS.TransformerFactory<TS.SourceFile> {
  return (context) => (file) => {
    const { factory } = context;
    const paths = new Map<string, string>();
    const noteResolved = ({ resolvedModule }: TS.ResolvedModuleWithFailedLookupLocations, name: string): void => {
      const path = resolvedModule?.resolvedFileName;
      if (path !== undefined && isOfUser(path) && !/^\.{0,2}(?:\/|$)/.test(name)) paths.set(name, compiledPath(path));
    };
    const checked = ts.getOriginalNode(file) as TS.SourceFile;
    (program as unknown as OpenProgram).forEachResolvedModule(noteResolved, checked);
    if (paths.size === 0) return file;
    const visit = (node: TS.Node): TS.Node => {
      const path = ts.isStringLiteralLike(node) ? paths.get(node.text) : undefined;
      if (path === undefined) return ts.visitEachChild(node, visit, context);
      const { parent } = node;
      const names = ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || isDynamicImport(ts, parent);
      return names ? ts.setTextRange(factory.createStringLiteral(path), node) : node;
    };
    return ts.visitEachChild(file, visit, context);
  };
}

function isDynamicImport(ts: typeof TS, node: TS.Node): boolean {
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
}
