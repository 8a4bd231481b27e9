// Declarations that tslab leaves out of what later cells see: names that a `var` within a block declares for the whole cell, and
// namespaces and global declarations of cells before the last one.

import type * as TS from "typescript";
import type { BoundFile } from "./internals";
import { resultsOpening } from "../result-types";

type Compiler = typeof TS;

/** Declares what a `var` in a block or a loop declares. */
export function hoistedDeclarations(ts: Compiler, checker: TS.TypeChecker, file: BoundFile): string {
  const flags = ts.TypeFormatFlags.NoTruncation | ts.TypeFormatFlags.UseFullyQualifiedType;
  const made: string[] = [];
  file.locals?.forEach((symbol) => {
    if (!(symbol.flags & ts.SymbolFlags.FunctionScopedVariable)) return;
    const isPlain = (declaration: TS.Node) => ts.findAncestor(declaration, ts.isVariableStatement)?.parent === file;
    if (symbol.declarations?.some(isPlain)) return;
    const type = checker.typeToString(checker.getTypeOfSymbol(symbol), file, flags);
    made.push(`declare let ${ts.symbolName(symbol)}: ${type};\n`);
  });
  return made.join("");
}

/** The names that a cell declares by `var`, wherever it does. */
export function varsOf(ts: Compiler, { locals }: BoundFile): string[] {
  const isVar = ({ flags, valueDeclaration }: TS.Symbol): boolean =>
    Boolean(flags & ts.SymbolFlags.FunctionScopedVariable) && !(flags & ts.SymbolFlags.Function) && !!valueDeclaration;
  return [...(locals?.values() ?? [])].filter(isVar).map((symbol) => ts.symbolName(symbol));
}

/** The error about a variable that is read above its first value. */
const notYetAssigned = 2454;

/** Whether an error is about a `var` that has its value from an earlier cell. */
export function keepsValue(
  ts: Compiler,
  checker: TS.TypeChecker,
  { code, file, start = 0, length = 0 }: TS.Diagnostic,
  earlier: TS.SourceFile,
): boolean {
  if (code !== notYetAssigned || !file) return false;
  const name = ts.escapeLeadingUnderscores(file.text.slice(start, start + length));
  const own = (file as BoundFile).locals?.get(name);
  const { locals, symbol } = earlier as BoundFile;
  const known = symbol?.exports?.get(name) ?? locals?.get(name);
  if (!known || !own || !(own.flags & ts.SymbolFlags.FunctionScopedVariable)) return false;
  return checker.isTypeAssignableTo(checker.getTypeOfSymbol(known), checker.getTypeOfSymbol(own));
}

/**
 * The namespaces of `before` that `after` does not declare anew, and all that cells declared globally or in other modules. The types of
 * results come anew with each check.
 */
export function keptModules(ts: Compiler, before: string, after: string): string {
  if (!/^\s*declare (?:namespace|module|global)\b/m.test(before)) return "";
  const parse = (text: string) => ts.createSourceFile("declarations.d.ts", text, ts.ScriptTarget.Latest, true);
  const file = parse(before);
  const anew = new Set(
    parse(after).statements.map((statement) => (statement as TS.Statement & { name?: TS.Node }).name?.getText()),
  );
  const isOwn = (statement: TS.ModuleDeclaration): boolean =>
    ts.isIdentifier(statement.name) && !(statement.flags & ts.NodeFlags.GlobalAugmentation);
  const isForever = (statement: TS.ModuleDeclaration): boolean =>
    isOwn(statement) ? !anew.has(statement.name.getText(file)) : !statement.getText(file).startsWith(resultsOpening);
  const kept = file.statements.filter((statement) => ts.isModuleDeclaration(statement) && isForever(statement));
  return kept.map((statement) => `${statement.getText(file)}\n`).join("");
}
