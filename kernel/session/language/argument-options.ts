// The options that the call around a position takes by name, where an argument begins: `f(x, |)` may go on with an object of options.

import type * as TS from "typescript";
import type { OpenChecker } from "../operators/compiler";
import type { CompletionTools } from "./internals";
import { signatureAt } from "./signature";

/** An option: a property of the object that may stand at the position. */
export interface ArgumentOption {
  name: string;
  symbol: TS.Symbol;
}

/** What is known of the arguments around a position. */
export interface Arguments {
  /** Options that an object beginning here may give. */
  options: ArgumentOption[];
  /** Names of parameters that are given by position before it. */
  given: ReadonlySet<string>;
}

const nothing: Arguments = { options: [], given: new Set() };

/** The options at a position where an argument begins, or within the object that gives them. */
export function argumentsAt(ts: typeof TS, program: TS.Program, file: TS.SourceFile, position: number): Arguments {
  const { findPrecedingToken } = ts as typeof TS & CompletionTools;
  const token = findPrecedingToken(position, file);
  const object = token && ts.findAncestor(token, ts.isObjectLiteralExpression);
  const call = token && callAround(ts, object && object.getStart() < position ? object : token);
  if (!token || !call) return nothing;
  const isStart = !object && beginsArgument(ts, token, call);
  const isKey = object !== undefined && object.parent === call && beginsKey(ts, token, object);
  if (!isStart && !isKey) return nothing;
  const before = (call.arguments ?? []).filter((argument) => argument.end < position && argument !== token);
  const checker = program.getTypeChecker() as OpenChecker;
  const type = checker.getTypeAtLocation(call.expression);
  const kind = ts.isNewExpression(call) ? ts.SignatureKind.Construct : ts.SignatureKind.Call;
  const { signatures } = signatureAt(ts, program, file, position);
  const given = new Set(
    signatures.flatMap(({ parameters }) => parameters.slice(0, before.length).map(({ name }) => name)),
  );
  const found = new Map<string, ArgumentOption>();
  for (const signature of isStart ? checker.getSignaturesOfType(type, kind) : []) {
    for (const symbol of optionsOf(ts, checker, checker.getParameterType(signature, before.length)))
      if (!given.has(symbol.name) && !found.has(symbol.name)) found.set(symbol.name, { name: symbol.name, symbol });
  }
  return { options: [...found.values()], given };
}

function callAround(ts: typeof TS, node: TS.Node): TS.CallExpression | TS.NewExpression | undefined {
  const { parent } = node;
  return parent && (ts.isCallExpression(parent) || ts.isNewExpression(parent)) ? parent : undefined;
}

/** Whether an argument begins behind a token, or is the name that the token is. */
function beginsArgument(ts: typeof TS, token: TS.Node, call: TS.CallExpression | TS.NewExpression): boolean {
  const { kind } = token;
  if (kind === ts.SyntaxKind.OpenParenToken || kind === ts.SyntaxKind.CommaToken) return true;
  return ts.isIdentifier(token) && (call.arguments?.includes(token) ?? false);
}

/** Whether a key of an object begins behind a token, or is the name that the token is. */
function beginsKey(ts: typeof TS, { kind, parent }: TS.Node, object: TS.ObjectLiteralExpression): boolean {
  if (kind === ts.SyntaxKind.OpenBraceToken || kind === ts.SyntaxKind.CommaToken) return parent === object;
  return kind === ts.SyntaxKind.Identifier && ts.isShorthandPropertyAssignment(parent) && parent.parent === object;
}

/** The properties of the objects of options among a type: of no class, list or function, and without methods. */
function optionsOf(ts: typeof TS, checker: TS.TypeChecker, type: TS.Type): TS.Symbol[] {
  if (type.isUnion()) return type.types.flatMap((member) => optionsOf(ts, checker, member));
  const isObject = (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.Intersection)) !== 0;
  const isOther = !isObject || type.isClass() || checker.isArrayLikeType(type) || type.getCallSignatures().length > 0;
  if (isOther || type.getConstructSignatures().length > 0) return [];
  const properties = checker.getPropertiesOfType(type);
  const hasMethod = properties.some(({ flags, name }) => flags & ts.SymbolFlags.Method || name.startsWith("__"));
  return hasMethod ? [] : properties;
}
