// What TypeScript knows of a name, as Markdown: the signature, the documentation, then its tags as a list.

import type * as TS from "typescript";

const textOf = (parts: readonly TS.SymbolDisplayPart[] | undefined): string =>
  (parts ?? []).map(({ text }) => text).join("");

/** A quick info as Markdown. */
export function explanation({ displayParts, documentation, tags }: TS.QuickInfo): string {
  const signature = `\`\`\`typescript\n${textOf(displayParts)}\n\`\`\``;
  const list = (tags ?? []).map((tag) => `- *@${tag.name}* ${textOf(tag.text)}`.trimEnd()).join("\n");
  return [signature, textOf(documentation), list].filter((part) => part !== "").join("\n\n");
}
