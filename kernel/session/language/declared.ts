// Where a name was declared: the cell or file, and the statement as it was typed.

import type * as TS from "typescript";
import { declaredNames } from "../magics/timing-transform";
import type { InspectReply } from "../protocol";

/** `place` is what tracebacks call the cell. */
export interface Declared {
  place: string;
  source: string;
}

/** The name of which one letter, or the end, is at a position; empty for a property, which no statement declares. */
export function nameAt(code: string, offset: number): string {
  const start = /(?<!\.)(?<![\w$])[\w$]*$/.exec(code.slice(0, offset))?.[0];
  return start === undefined ? "" : start + (/^[\w$]*/.exec(code.slice(offset))?.[0] ?? "");
}

/** The newest statement that declares `name`. */
export function declarationOf(
  ts: typeof TS,
  name: string,
  sources: readonly (readonly [label: string, source: string])[],
): Declared | undefined {
  if (name === "") return undefined;
  for (let i = sources.length - 1; i >= 0; i--) {
    const [place, text] = sources[i];
    if (!text.includes(name)) continue;
    const file = ts.createSourceFile("cell.ts", text, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
    const found = file.statements.find((statement) => declaredNames(ts, statement).includes(name));
    if (found) return { place, source: text.slice(found.getStart(file), found.end) };
  }
  return undefined;
}

/** An explanation that ends with the source. */
export function withDeclaration(reply: InspectReply, declared: Declared | undefined): InspectReply {
  if (!declared) return reply;
  const { place, source } = declared;
  return {
    ...reply,
    text: `${reply.text}\n\nDeclared in ${place}\n\n${source}`,
    markdown: `${reply.markdown}\n\nDeclared in ${place}\n\n\`\`\`typescript\n${source}\n\`\`\``,
  };
}
