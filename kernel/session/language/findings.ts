// What TypeScript finds wrong, as people need it: what cannot be parsed alone, since what is then wrong with types is only a
// consequence; and for a call with too few or too many arguments, what it takes.

import type * as TS from "typescript";
import type { ParsedFile } from "./internals";
import { namesForLater } from "./tslab";

type Compiler = typeof TS;

/** The errors about a number of arguments. */
const wrongCount = [2554, 2555, 2575];
/** The error about an argument, and how it speaks of one where everything should be given by name (`Named`, core/arguments/arguments.ts). */
const wrongArgument = 2345;
const byName = /parameter of type 'Named/;
/** How it speaks of a number of arguments where they are in order or all by name, as of a module's call. */
const wrongTuple = /^Argument of type '\[.*' is not assignable to parameter of type '\[/;

/** How long a list of parameters may be to be shown with its types. */
const readable = 120;

/** Errors about what has no type of its own: parameters, and lists that begin empty. At a prompt these are `any`. */
const withoutType = [7005, 7006, 7010, 7011, 7019, 7031, 7034];
/** The errors about a list that begins empty: where its name is declared, and where the name is read before its type is known. */
const [emptyRead, emptyDeclared] = [7005, 7034];
/** Rules of style, which projects may turn on for their files: `override`, a `return` on every way, brackets for keys. */
const aboutStyle = [4111, 4114, 4115, 4116, 7030];
/** Remarks on `??`, `&&`, `||` and `if` that always go the same way: what they compute is clear, and in an experiment they are often meant. */
const alwaysTheSame = [2869, 2871, 2872, 2873, 2881];
/** The errors about what may be null. */
const possiblyNull = [2531, 18047];
/** Properties that may be null, and that people look at when they are there. */
const expectedProperties: ReadonlySet<string> = new Set(["grad", "bias"]);

/**
 * All that is wrong in `files`, in order.
 * @param lenient tells the cells of a prompt, where parameters need no types and a gradient or bias is taken to be there
 */
export function findings(
  ts: Compiler,
  program: TS.Program,
  files: TS.SourceFile[],
  lenient: (file: TS.SourceFile) => boolean,
): readonly TS.Diagnostic[] {
  const unparsed = files.flatMap((file) => program.getSyntacticDiagnostics(file));
  if (unparsed.length > 0) return ts.sortAndDeduplicateDiagnostics(unparsed.flatMap((told) => ofItsOwn(ts, told)));
  const all = ts.sortAndDeduplicateDiagnostics(files.flatMap((file) => program.getSemanticDiagnostics(file)));
  const found = withoutOwnReads(all).filter(({ code, file, start, length }) => {
    if (!file || !lenient(file)) return true;
    if ([withoutType, aboutStyle, alwaysTheSame].some((codes) => codes.includes(code))) return false;
    return !(possiblyNull.includes(code) && isExpected(ts, file, start ?? 0, length ?? 0));
  });
  return found.map((told) => {
    const { code } = told;
    const concerned =
      wrongCount.includes(code) ||
      (code === wrongArgument && (byName.test(messageOf(ts, told)) || wrongTuple.test(messageOf(ts, told))));
    return concerned ? withSignature(ts, program.getTypeChecker(), told) : told;
  });
}

/**
 * Without what only tslab's addition behind a cell is wrong about: that reads every name, also one of a list whose type is not
 * known yet.
 */
function withoutOwnReads(found: readonly TS.Diagnostic[]): readonly TS.Diagnostic[] {
  const isOwn = ({ code, file, start }: TS.Diagnostic): boolean => {
    const added = file ? namesForLater.exec(file.text) : null;
    return code === emptyRead && added !== null && (start ?? 0) >= added.index;
  };
  if (!found.some(isOwn)) return found;
  const rest = found.filter((told) => !isOwn(told));
  const nameOf = ({ file, start = 0, length = 0 }: TS.Diagnostic): string =>
    file?.text.slice(start, start + length) ?? "";
  const read = new Set(rest.filter(({ code }) => code === emptyRead).map(nameOf));
  return rest.filter((told) => told.code !== emptyDeclared || read.has(nameOf(told)));
}

/** Whether an error is about a property that is taken to be there, as `p.grad` in `p.grad.norm()`. */
function isExpected(ts: Compiler, file: TS.SourceFile, start: number, length: number): boolean {
  const found = (node: TS.Node): boolean => {
    if (node.pos > start || node.end < start + length) return false;
    if (ts.isPropertyAccessExpression(node) && node.getStart(file) === start && node.end === start + length)
      return expectedProperties.has(node.name.text);
    return ts.forEachChild(node, (child) => found(child) || undefined) ?? false;
  };
  return found(file);
}

/** The parser's errors about a text without tslab's addition, which it would take for a part of what is not finished. */
function ofItsOwn(ts: Compiler, told: TS.DiagnosticWithLocation): readonly TS.DiagnosticWithLocation[] {
  const { fileName, text } = told.file;
  const own = ts.createSourceFile(fileName, text.replace(namesForLater, ""), ts.ScriptTarget.Latest);
  const { parseDiagnostics } = own as ParsedFile;
  return parseDiagnostics.length > 0 ? parseDiagnostics : [told];
}

function messageOf(ts: Compiler, { messageText }: TS.Diagnostic): string {
  return ts.flattenDiagnosticMessageText(messageText, "\n");
}

/** A call with names in one object at its end, beside which there is one with arguments in order. */
function isByName({ parameters }: TS.Signature): boolean {
  return parameters.at(-1)?.name === "options";
}

/** A module's call as its `forward` is declared, when it may also have names: its own signature has both in one. */
function forwardOf(ts: Compiler, checker: TS.TypeChecker, call: TS.CallExpression | TS.NewExpression) {
  const forward = ts.isCallExpression(call) && checker.getTypeAtLocation(call.expression).getProperty("forward");
  return forward ? checker.getTypeOfSymbolAtLocation(forward, call).getCallSignatures()[0] : undefined;
}

function withSignature(ts: Compiler, checker: TS.TypeChecker, told: TS.Diagnostic): TS.Diagnostic {
  const [found] = messageOf(ts, told).split("\n");
  const [, count] = /(?:got|expects) (\d+)/.exec(found) ?? [];
  const call = callAt(ts, told, count === undefined ? undefined : Number(count));
  if (!call) return told;
  const callee = checker.getTypeAtLocation(call.expression);
  const kind = ts.isNewExpression(call) ? ts.SignatureKind.Construct : ts.SignatureKind.Call;
  const all = checker.getSignaturesOfType(callee, kind);
  const signatures = all.filter((signature) => !isByName(signature));
  // Of several, the compiler resolves to a mixture.
  const resolved = all.length === 1 ? checker.getResolvedSignature(call) : signatures[0];
  const forward = wrongTuple.test(found) ? forwardOf(ts, checker, call) : undefined;
  const signature = forward ?? resolved;
  const text = forward ? `Expected ${forward.parameters.length} arguments, but got ${call.arguments?.length}.` : found;
  if (signatures.length !== 1 || !signature || signature.parameters.length === 0) return told;
  const flags = ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
  const whole = checker.signatureToString(signature, call, flags);
  const result = `: ${checker.typeToString(signature.getReturnType(), call, flags)}`;
  const typed = whole.endsWith(result) ? whole.slice(0, -result.length) : whole;
  const parameters = typed.length > readable ? namesOf(ts, checker, signature) : typed;
  // A module is called as its `forward` is, which is what its class declares.
  const isModule = callee.getProperty("forward") && ts.isCallExpression(call);
  const orByName = all.length > 1 || forward ? ", or all of these by name in one object" : "";
  const reason = `${isModule ? "Its forward" : "It"} takes ${parameters}${orByName}`;
  const next = [{ messageText: reason, category: told.category, code: told.code }];
  return { ...told, messageText: { messageText: text, category: told.category, code: told.code, next } };
}

/** The names of parameters, `(a, b?)`. */
function namesOf(ts: Compiler, checker: TS.TypeChecker, signature: TS.Signature): string {
  const { FunctionType } = ts.SyntaxKind;
  const declared = checker.signatureToSignatureDeclaration(signature, FunctionType, undefined, undefined);
  const names = declared?.parameters.map(({ dotDotDotToken, name, questionToken }) => {
    const text = ts.isIdentifier(name) ? name.text : "_";
    return `${dotDotDotToken ? "..." : ""}${text}${questionToken ? "?" : ""}`;
  });
  return `(${names?.join(", ")})`;
}

/** The innermost call, with `count` arguments if that is known, around what an error is about. */
function callAt(
  ts: Compiler,
  { file, start = 0, length = 0 }: TS.Diagnostic,
  count: number | undefined,
): TS.CallExpression | TS.NewExpression | undefined {
  let found: TS.CallExpression | TS.NewExpression | undefined;
  const visit = (node: TS.Node): void => {
    if (node.pos > start || start + length > node.end) return;
    const isCall = ts.isCallExpression(node) || ts.isNewExpression(node);
    // Of `f()()` the error about the outer call is told at `f()`.
    const isCallee = ts.isCallExpression(node.parent) && node.parent.expression === node && node.end === start + length;
    if (isCall && !isCallee && (count === undefined || (node.arguments?.length ?? 0) === count)) found = node;
    ts.forEachChild(node, visit);
  };
  if (file) visit(file);
  return found;
}
