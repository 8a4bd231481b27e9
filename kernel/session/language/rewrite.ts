// What tslab's converter does not do itself: edits of a cell's text before it, of its trees during it, and of its output after it.
// Edits before the check keep every position, so that errors point at the text as typed.

import { dirname, posix, relative } from "node:path";
import type * as TS from "typescript";
import { checkNames } from "../check-names";
import { importedModules } from "../import-forms";
import { compiledName } from "./wrapper-names";

type Compiler = typeof TS;

const modulePrefix = "export {};";

/** Parses as a module, so that `await` outside functions is one; positions are those of `source` plus `shift`. */
function parseModule(ts: Compiler, source: string): { file: TS.SourceFile; shift: number } {
  const file = ts.createSourceFile("cell.ts", modulePrefix + source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  return { file, shift: modulePrefix.length };
}

/** Blanks `export` in front of declarations and whole `export { a }` statements: later cells see every name anyway. */
export function blankExports(ts: Compiler, source: string): string {
  if (!/\bexport\b/.test(source)) return source;
  const { file, shift } = parseModule(ts, source);
  let text = source;
  const blank = (start: number, end: number): void => {
    const kept = text.slice(start - shift, end - shift).replace(/[^\r\n]/g, " ");
    text = text.slice(0, start - shift) + kept + text.slice(end - shift);
  };
  for (const statement of file.statements) {
    const start = statement.getStart(file);
    if (start < shift) continue;
    if (ts.isExportDeclaration(statement)) {
      if (!statement.moduleSpecifier) blank(start, statement.end);
      continue;
    }
    const modifiers = ts.canHaveModifiers(statement) ? ts.getModifiers(statement) : undefined;
    const word = modifiers?.find((m) => m.kind === ts.SyntaxKind.ExportKeyword);
    const byDefault = modifiers?.find((m) => m.kind === ts.SyntaxKind.DefaultKeyword);
    // What has no name is nothing without `export default`.
    if (byDefault && !(statement as TS.DeclarationStatement).name) continue;
    if (word) blank(word.getStart(file), (byDefault ?? word).end);
  }
  return text;
}

/** Makes the relative imports of a file, which is checked like a cell, start at the directory of cells. */
export function rebaseImports(ts: Compiler, source: string, file: string, root: string): string {
  const from = relative(root, dirname(file));
  if (from === "") return source;
  const { file: tree, shift } = parseModule(ts, source);
  let text = source;
  for (const statement of [...tree.statements].reverse()) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const { text: path } = statement.moduleSpecifier;
    if (!/^\.{1,2}\//.test(path)) continue;
    const moved = posix.join(from, path);
    const written = JSON.stringify(moved.startsWith(".") ? moved : `./${moved}`);
    const start = statement.moduleSpecifier.getStart(tree) - shift;
    text = text.slice(0, start) + written + text.slice(statement.moduleSpecifier.end - shift);
  }
  return text;
}

/** Whether `await` or `for await` occurs outside functions. */
export function awaitsAtTop(ts: Compiler, source: string): boolean {
  return /\bawait\b/.test(source) && containsAwait(ts, parseModule(ts, source).file);
}

/** Whether `await`, `for await` or `await using` occurs in a node, functions within it aside. */
export function containsAwait(ts: Compiler, node: TS.Node): boolean {
  if (ts.isAwaitExpression(node)) return true;
  if (ts.isForOfStatement(node) && node.awaitModifier) return true;
  if (ts.isVariableDeclarationList(node) && (node.flags & ts.NodeFlags.BlockScoped) === ts.NodeFlags.AwaitUsing)
    return true;
  if (ts.isFunctionLike(node) || ts.isPropertyDeclaration(node) || ts.isClassStaticBlockDeclaration(node)) return false;
  return ts.forEachChild(node, (child) => containsAwait(ts, child)) ?? false;
}

/**
 * A transformer for names of earlier cells inside braces. tslab writes `exports.a` for every name whose declaration lies in an
 * earlier cell; so `{ a }` becomes `{ a: exports.a }` here, and the name of a property that an earlier cell declared, as in
 * `const { rate: r } = options`, becomes a string, which tslab leaves alone.
 */
export function protectProperties(ts: Compiler, checker: TS.TypeChecker, isEarlier: (file: TS.SourceFile) => boolean) {
  return (context: TS.TransformationContext) => {
    const isOfEarlier = (name: TS.Node): boolean =>
      checker.getSymbolAtLocation(name)?.declarations?.some((d) => isEarlier(d.getSourceFile())) ?? false;
    const quoted = (name: TS.Identifier): TS.StringLiteral =>
      ts.setTextRange(ts.factory.createStringLiteral(name.text), name);
    const visit = (node: TS.Node): TS.Node => {
      if (ts.isBindingElement(node) && node.propertyName && ts.isIdentifier(node.propertyName)) {
        const property = isOfEarlier(node.propertyName) ? quoted(node.propertyName) : node.propertyName;
        const name = ts.visitNode(node.name, visit) as TS.BindingName;
        const initial = ts.visitNode(node.initializer, visit) as TS.Expression | undefined;
        return ts.factory.updateBindingElement(node, node.dotDotDotToken, property, name, initial);
      }
      if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && isOfEarlier(node.name)) {
        const value = ts.visitNode(node.initializer, visit) as TS.Expression;
        return ts.factory.updatePropertyAssignment(node, quoted(node.name), value);
      }
      if (!ts.isShorthandPropertyAssignment(node)) return ts.visitEachChild(node, visit, context);
      const symbol = checker.getShorthandAssignmentValueSymbol(node);
      if (!symbol?.declarations?.some((d) => isEarlier(d.getSourceFile()))) return node;
      const value = ts.factory.createPropertyAccessExpression(ts.factory.createIdentifier("exports"), node.name.text);
      const initial = node.objectAssignmentInitializer;
      const given = initial ? ts.factory.createAssignment(value, ts.visitNode(initial, visit) as TS.Expression) : value;
      return ts.setTextRange(ts.factory.createPropertyAssignment(node.name.text, given), node);
    };
    return (file: TS.SourceFile): TS.SourceFile => ts.visitEachChild(file, visit, context);
  };
}

/**
 * Replaces the `export { a, b }` that tslab adds to a cell by accessors, registered before anything runs: later cells then read
 * and write the very variables that this cell's functions see, at the price of a plain variable inside the cell.
 * Adds exactly one line at the start. `vars` are the names declared by `var`.
 */
export function bindNames(
  ts: Compiler,
  module: string,
  vars: readonly string[],
): { text: string; names: string[]; imports: string[] } {
  const file = ts.createSourceFile("cell.js", module, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const names: string[] = [];
  const imported = new Set<string>();
  let text = module;
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) for (const name of importedNames(ts, statement)) imported.add(name);
    const clause = ts.isExportDeclaration(statement) && !statement.moduleSpecifier ? statement.exportClause : undefined;
    if (!clause || !ts.isNamedExports(clause)) continue;
    for (const element of clause.elements) names.push(element.name.text);
    text = `${text.slice(0, clause.pos)} {}${text.slice(clause.end)}`;
  }
  const accessors = names.map((name) => {
    const variable = compiledName(name);
    const get = `get ${name}() { return ${variable}; }`;
    // The setter's parameter may not hide the variable that it sets.
    const value = variable === "$value" ? "$given" : "$value";
    return imported.has(variable) ? get : `${get}, set ${name}(${value}) { ${variable} = ${value}; }`;
  });
  const moved = text.includes(checkNames.moved) ? `, "${checkNames.moved}"` : "";
  return {
    text: `__tslab__.bind({ ${accessors.join(", ")} }, ${JSON.stringify(vars)}${moved});\n${text}`,
    names,
    imports: importedModules(ts, file),
  };
}

function importedNames(ts: Compiler, statement: TS.ImportDeclaration): string[] {
  const clause = statement.importClause;
  const names = clause?.name ? [clause.name.text] : [];
  const bindings = clause?.namedBindings;
  if (bindings && ts.isNamespaceImport(bindings)) names.push(bindings.name.text);
  if (bindings && ts.isNamedImports(bindings)) names.push(...bindings.elements.map((e) => e.name.text));
  return names;
}

/**
 * Declarations after a cell that failed part way: those of `after` without the names in `dropped`, and for these the ones that
 * held `before`.
 */
export function keepDeclarations(ts: Compiler, before: string, after: string, dropped: string[]): string {
  const lost = new Set(dropped);
  const pick = (text: string, keep: (name: string) => boolean): string => {
    const file = ts.createSourceFile("declarations.d.ts", text, ts.ScriptTarget.Latest, true);
    const kept: string[] = [];
    for (const statement of file.statements) {
      if (ts.isVariableStatement(statement)) {
        for (const declaration of statement.declarationList.declarations) {
          const word = statement.declarationList.flags & ts.NodeFlags.Const ? "const" : "let";
          if (keep(declaration.name.getText(file))) kept.push(`declare ${word} ${declaration.getText(file)};`);
        }
      } else if (ts.isImportDeclaration(statement)) {
        if (importedNames(ts, statement).some(keep)) kept.push(statement.getText(file));
      } else {
        const name = (statement as TS.Statement & { name?: TS.Node }).name;
        if (keep(name ? name.getText(file) : "")) kept.push(statement.getText(file));
      }
    }
    return kept.map((statement) => `${statement}\n`).join("");
  };
  return pick(after, (name) => !lost.has(name)) + pick(before, (name) => lost.has(name));
}
