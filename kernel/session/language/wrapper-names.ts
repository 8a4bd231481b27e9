// Names that compiled code uses itself, as CommonJS: what the user declares by one of them is called otherwise in what runs. So
// `const __filename = fileURLToPath(import.meta.url)`, which ES modules often begin with, means what it says.

import type * as TS from "typescript";

const taken = /\b(?:exports|require|module|__filename|__dirname)\b/;

/** What a variable of the user's is called in compiled code. */
export function compiledName(name: string): string {
  return taken.exec(name)?.[0] === name ? `__cresset_${name}__` : name;
}

/** What the user called a variable of compiled code. */
export function declaredName(variable: string): string {
  const [, name] = /^__cresset_(\w+)__$/.exec(variable) ?? [];
  return name !== undefined && compiledName(name) === variable ? name : variable;
}

/** A transformer of checked trees, that renames such variables. */
export function renameTaken(ts: typeof TS, checker: TS.TypeChecker): TS.TransformerFactory<TS.SourceFile> {
  const { factory } = ts;

  const isOwn = (symbol: TS.Symbol | undefined, file: TS.Node): boolean => {
    const variable = ts.SymbolFlags.Value | ts.SymbolFlags.Alias;
    const declaration = symbol?.declarations?.[0] as TS.NamedDeclaration | undefined;
    if (!symbol || !declaration || !(symbol.flags & variable) || symbol.flags & ts.SymbolFlags.ClassMember)
      return false;
    // `module` and `exports` of a JavaScript file are declared by what is assigned to them.
    if (!declaration.name || !ts.isIdentifier(declaration.name) || ts.isPropertyAccessExpression(declaration))
      return false;
    // What is exported where it is declared is a property of `exports` already.
    return (
      declaration.getSourceFile() === file && !(ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Export)
    );
  };
  const renamed = (name: TS.Identifier): TS.Identifier =>
    ts.setTextRange(factory.createIdentifier(compiledName(name.text)), name);

  return (context) => (file) => {
    if (!taken.test(file.text)) return file;
    // Another transformer may have made this one of the file that was checked.
    const checked = ts.getOriginalNode(file);
    const isRenamed = (name: TS.Node): name is TS.Identifier =>
      ts.isIdentifier(name) &&
      compiledName(name.text) !== name.text &&
      isOwn(checker.getSymbolAtLocation(name), checked);

    const visit = (node: TS.Node): TS.Node => {
      if (ts.isPropertyAccessExpression(node))
        return factory.updatePropertyAccessExpression(
          node,
          ts.visitNode(node.expression, visit) as TS.Expression,
          node.name,
        );
      if (ts.isShorthandPropertyAssignment(node)) {
        if (compiledName(node.name.text) === node.name.text) return ts.visitEachChild(node, visit, context);
        if (!isOwn(checker.getShorthandAssignmentValueSymbol(node), checked)) return node;
        const initial = node.objectAssignmentInitializer;
        const value = renamed(node.name);
        const given = initial ? factory.createAssignment(value, ts.visitNode(initial, visit) as TS.Expression) : value;
        return ts.setTextRange(factory.createPropertyAssignment(node.name.text, given), node);
      }
      if (ts.isBindingElement(node) && !node.propertyName && !node.dotDotDotToken && isRenamed(node.name)) {
        const property = ts.isObjectBindingPattern(node.parent) ? factory.createIdentifier(node.name.text) : undefined;
        const initial = ts.visitNode(node.initializer, visit) as TS.Expression | undefined;
        return factory.updateBindingElement(node, undefined, property, renamed(node.name), initial);
      }
      if (ts.isImportSpecifier(node) && isRenamed(node.name)) {
        const imported = node.propertyName ?? factory.createIdentifier(node.name.text);
        return factory.updateImportSpecifier(node, node.isTypeOnly, imported, renamed(node.name));
      }
      if (ts.isExportSpecifier(node)) {
        const local = node.propertyName ?? node.name;
        const symbol = checker.getExportSpecifierLocalTargetSymbol(node);
        if (node.parent.parent.moduleSpecifier || compiledName(local.text) === local.text || !isOwn(symbol, checked))
          return node;
        return factory.updateExportSpecifier(node, node.isTypeOnly, renamed(local as TS.Identifier), node.name);
      }
      if (isRenamed(node)) return renamed(node);
      return ts.visitEachChild(node, visit, context);
    };
    return ts.visitEachChild(file, visit, context);
  };
}
