// What TypeScript finds wrong, as people need it: what cannot be parsed alone, since what is then wrong with types is only a
// consequence; and for a call with too few or too many arguments, what it takes.

import type * as TS from "@tslab/typescript-for-tslab";
import type { ParsedFile } from "./internals";

type Compiler = typeof TS;

/** The errors about a number of arguments. */
const wrongCount = [2554, 2555];

/** What tslab puts behind a cell. */
const namesForLater = /\nexport \{[^{}]*\}$/;

/** All that is wrong in `files`, in order. */
export function findings(ts: Compiler, program: TS.Program, files: TS.SourceFile[]): readonly TS.Diagnostic[] {
  const unparsed = files.flatMap((file) => program.getSyntacticDiagnostics(file));
  if (unparsed.length > 0) return ts.sortAndDeduplicateDiagnostics(unparsed.flatMap((told) => ofItsOwn(ts, told)));
  const found = ts.getPreEmitDiagnosticsOfFiles(program, files);
  return found.map((told) =>
    wrongCount.includes(told.code) ? withSignature(ts, program.getTypeChecker(), told) : told,
  );
}

/** The parser's errors about a text without tslab's addition, which it would take for a part of what is not finished. */
function ofItsOwn(ts: Compiler, told: TS.DiagnosticWithLocation): readonly TS.DiagnosticWithLocation[] {
  const { fileName, text } = told.file;
  const own = ts.createSourceFile(fileName, text.replace(namesForLater, ""), ts.ScriptTarget.Latest);
  const { parseDiagnostics } = own as ParsedFile;
  return parseDiagnostics.length > 0 ? parseDiagnostics : [told];
}

function withSignature(ts: Compiler, checker: TS.TypeChecker, told: TS.Diagnostic): TS.Diagnostic {
  const text = ts.flattenDiagnosticMessageText(told.messageText, "\n");
  const call = callAt(ts, told, Number(/got (\d+)/.exec(text)?.[1]));
  if (!call) return told;
  const callee = checker.getTypeAtLocation(call.expression);
  const kind = ts.isNewExpression(call) ? ts.SignatureKind.Construct : ts.SignatureKind.Call;
  const signatures = checker.getSignaturesOfType(callee, kind);
  const signature = checker.getResolvedSignature(call);
  // Of several, the compiler resolves to a mixture.
  if (signatures.length !== 1 || !signature || signature.parameters.length === 0) return told;
  const flags = ts.TypeFormatFlags.UseAliasDefinedOutsideCurrentScope;
  const whole = checker.signatureToString(signature, call, flags);
  const result = `: ${checker.typeToString(signature.getReturnType(), call, flags)}`;
  const parameters = whole.endsWith(result) ? whole.slice(0, -result.length) : whole;
  // A module is called as its `forward` is, which is what its class declares.
  const isModule = callee.getProperty("forward") && ts.isCallExpression(call);
  const reason = `${isModule ? "Its forward" : "It"} takes ${parameters}`;
  const next = [{ messageText: reason, category: told.category, code: told.code }];
  return { ...told, messageText: { messageText: text, category: told.category, code: told.code, next } };
}

/** The innermost call with `count` arguments around what an error is about. */
function callAt(
  ts: Compiler,
  { file, start = 0, length = 0 }: TS.Diagnostic,
  count: number,
): TS.CallExpression | TS.NewExpression | undefined {
  let found: TS.CallExpression | TS.NewExpression | undefined;
  const visit = (node: TS.Node): void => {
    if (node.pos > start || start + length > node.end) return;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && (node.arguments?.length ?? 0) === count)
      found = node;
    ts.forEachChild(node, visit);
  };
  if (file) visit(file);
  return found;
}
