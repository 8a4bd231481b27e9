// `name?` as the language process sees it: what TypeScript knows, and the cell and the source that declare the name.

import type * as TS from "typescript";
import type { InspectReply } from "../protocol";
import { declarationOf } from "../language/declared";
import type { Explained } from "./calls";
import { findMagic } from "./table";

/** The call that shows it. `sources`: of earlier cells and files, with their labels. */
export function inspectionCall(
  ts: typeof TS,
  expression: string,
  withSource: boolean,
  info: InspectReply & { isValue: boolean },
  sources: readonly (readonly [label: string, source: string])[],
): string {
  const magic = expression.startsWith("%") ? findMagic(expression.replace(/^%+/, "")) : undefined;
  const explained: Explained = { expression, text: info.text, markdown: info.markdown, withSource };
  if (magic) explained.text = `${expression} ${magic.usage}`.trimEnd().concat(`\n\n${magic.help}`);
  const name = /^[\w$]+/.exec(expression)?.[0];
  const declared = name === expression ? declarationOf(ts, name, sources) : undefined;
  if (declared) explained.place = declared.place;
  if (declared && withSource) explained.source = declared.source;
  // Properties are looked up without running getters.
  const path = expression.split(".").slice(1);
  const value = info.found && info.isValue ? `, () => ${name}, ${JSON.stringify(path)}` : "";
  return `$magics.inspect(${JSON.stringify(explained)}${value})`;
}
