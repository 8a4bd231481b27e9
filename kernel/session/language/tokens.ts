// What the words of a cell are, for colours: what each name stands for, which names nobody knows, and which brackets belong together.

import type * as TS from "typescript";
import type { Token, TokenKind, TokensReply } from "../protocol";

const openers = ["(", "[", "{"];
const closers = [")", "]", "}"];

/** @param from where the cell's own text begins in the file */
export function tokensOf(ts: typeof TS, program: TS.Program, file: TS.SourceFile, from: number): TokensReply {
  const checker = program.getTypeChecker();
  const tokens: Token[] = [];
  const brackets: TokensReply["brackets"] = [];
  const open: { text: string; at: number }[] = [];

  const add = (start: number, end: number, kind: TokenKind, unknown = false): void => {
    if (end <= start || start < from) return;
    tokens.push({ start: start - from, end: end - from, kind, ...(unknown && { unknown: true }) });
  };
  const bracket = (text: string, at: number): void => {
    if (at < from) return;
    if (openers.includes(text)) open.push({ text, at });
    else if (closers.includes(text) && open.at(-1)?.text === openers[closers.indexOf(text)])
      brackets.push([(open.pop()?.at ?? 0) - from, at - from]);
  };
  const visit = (node: TS.Node): void => {
    const children = node.getChildren(file);
    if (children.length > 0) {
      for (const child of children) if (!ts.isJSDoc(child)) visit(child);
      return;
    }
    const start = node.getStart(file);
    if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) {
      const { kind, unknown } = nameKind(ts, checker, node);
      add(start, node.end, kind, unknown);
    } else {
      const kind = syntaxKind(ts, node);
      if (kind) add(start, node.end, kind);
      else bracket(file.text.slice(start, node.end), start);
    }
  };
  visit(file);
  return { tokens, brackets };
}

/** The kind of a token that is no name; brackets and signs have none. */
function syntaxKind(ts: typeof TS, { kind }: TS.Node): TokenKind | undefined {
  const { SyntaxKind } = ts;
  if (kind >= SyntaxKind.FirstKeyword && kind <= SyntaxKind.LastKeyword) return "keyword";
  if (kind === SyntaxKind.NumericLiteral || kind === SyntaxKind.BigIntLiteral) return "number";
  if (kind === SyntaxKind.RegularExpressionLiteral) return "regex";
  const isText = kind >= SyntaxKind.FirstTemplateToken && kind <= SyntaxKind.LastTemplateToken;
  return isText || kind === SyntaxKind.StringLiteral ? "string" : undefined;
}

/** What a name stands for, by what it means; an unknown one is a variable or property that nobody declared. */
function nameKind(
  ts: typeof TS,
  checker: TS.TypeChecker,
  node: TS.Identifier | TS.PrivateIdentifier,
): { kind: TokenKind; unknown: boolean } {
  const { parent } = node;
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node;
  let symbol = checker.getSymbolAtLocation(node);
  if (symbol && symbol.flags & ts.SymbolFlags.Alias) symbol = checker.getAliasedSymbol(symbol);
  if (!symbol || isUnknown(checker, symbol)) {
    const isReference = isMember ? !isAny(ts, checker, parent.expression) : isPlainReference(ts, node);
    return { kind: isMember ? "property" : "variable", unknown: isReference };
  }
  const { flags } = symbol;
  const { SymbolFlags } = ts;
  const kinds: [flags: number, kind: TokenKind][] = [
    [SymbolFlags.TypeParameter, "type"],
    [SymbolFlags.Class, "class"],
    [SymbolFlags.Enum, "enum"],
    [SymbolFlags.EnumMember, "enumMember"],
    [SymbolFlags.Method, "method"],
    [SymbolFlags.Function, "function"],
    [SymbolFlags.Accessor | SymbolFlags.Property, "property"],
    [SymbolFlags.Variable, isParameter(ts, symbol) ? "parameter" : "variable"],
    [SymbolFlags.Namespace, "namespace"],
    [SymbolFlags.Type, "type"],
  ];
  const kind = kinds.find(([wanted]) => flags & wanted)?.[1] ?? "variable";
  return { kind, unknown: false };
}

function isParameter(ts: typeof TS, { valueDeclaration }: TS.Symbol): boolean {
  return valueDeclaration !== undefined && ts.isParameter(valueDeclaration);
}

function isUnknown(checker: TS.TypeChecker, symbol: TS.Symbol): boolean {
  return (checker as TS.TypeChecker & { isUnknownSymbol(symbol: TS.Symbol): boolean }).isUnknownSymbol(symbol);
}

function isAny(ts: typeof TS, checker: TS.TypeChecker, of: TS.Expression): boolean {
  return (checker.getTypeAtLocation(of).flags & ts.TypeFlags.Any) !== 0;
}

/** Whether a name must mean something: it is no label, key, or name of what is declared. */
function isPlainReference(ts: typeof TS, node: TS.Node): boolean {
  const { parent } = node;
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent) || ts.isMetaProperty(parent)) return false;
  if (ts.isPropertyAssignment(parent) || ts.isQualifiedName(parent)) return parent.getChildAt(0) !== node;
  return !(parent as TS.NamedDeclaration & { name?: TS.Node }).name || (parent as { name?: TS.Node }).name !== node;
}
