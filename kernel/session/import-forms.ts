// `import()` and `import.meta` in compiled JavaScript, cells and the user's own modules alike: as calls of what imports.ts defines,
// since the code runs as CommonJS.

import type * as TS from "typescript";

/** The globals that compiled code uses. */
export const importNames = { call: "__cresset_import__", meta: "__cresset_meta__" } as const;

/** A transformer of JavaScript modules, before they become CommonJS. */
export function importForms(ts: typeof TS): TS.TransformerFactory<TS.SourceFile> {
  const { factory } = ts;
  const require = factory.createIdentifier("require");
  const call = (name: string, args: TS.Expression[]): TS.Expression =>
    factory.createCallExpression(factory.createIdentifier(name), undefined, args);
  const filename = factory.createIdentifier("__filename");
  const noFile = factory.createStrictEquality(
    factory.createTypeOfExpression(filename),
    factory.createStringLiteral("undefined"),
  );
  const file = factory.createConditionalExpression(noFile, undefined, factory.createVoidZero(), undefined, filename);

  return (context) => {
    const visit = (node: TS.Node): TS.Node => {
      const inner = ts.visitEachChild(node, visit, context);
      if (ts.isCallExpression(inner) && inner.expression.kind === ts.SyntaxKind.ImportKeyword)
        return ts.setTextRange(call(importNames.call, [inner.arguments[0], require]), node);
      if (ts.isMetaProperty(inner) && inner.keywordToken === ts.SyntaxKind.ImportKeyword)
        return ts.setTextRange(call(importNames.meta, [file, require]), node);
      return inner;
    };
    return (source) => ts.visitEachChild(source, visit, context);
  };
}

/** The specifiers of the modules that a file imports as it is loaded. */
export function importedModules(ts: typeof TS, file: TS.SourceFile): string[] {
  return file.statements.flatMap((statement) => {
    const from =
      ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement) ? statement.moduleSpecifier : null;
    return from && ts.isStringLiteral(from) ? [from.text] : [];
  });
}
