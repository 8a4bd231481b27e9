// Whose arguments are being written: what a front-end explains where the cursor is at no name of its own.

import type * as TS from "typescript";

/** Where the name begins of what the innermost call around `offset` calls. The text may end within the call. */
export function calleeAt(ts: typeof TS, code: string, offset: number): number | undefined {
  const file = ts.createSourceFile("cell.ts", code, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  let found: number | undefined;
  const visit = (node: TS.Node): void => {
    if (offset < node.pos || offset > node.end) return;
    if ((ts.isCallExpression(node) || ts.isNewExpression(node)) && node.arguments) {
      // Behind the bracket that opens, and before the one that closes.
      const isClosed = code[node.end - 1] === ")" && node.end > node.arguments.end;
      if (offset >= node.arguments.pos && (!isClosed || offset < node.end)) found = nameOf(node.expression);
    }
    ts.forEachChild(node, visit);
  };
  const nameOf = (callee: TS.Expression): number | undefined => {
    if (ts.isPropertyAccessExpression(callee)) return callee.name.getStart(file);
    return ts.isIdentifier(callee) ? callee.getStart(file) : undefined;
  };
  visit(file);
  return found;
}
