// The call whose arguments are being written, as rows below the cell.

import type { SignatureReply } from "../../kernel/session/protocol";
import type { Paint } from "../view/style";
import { truncate } from "../view/width";

/** The signature with its argument marked, and what is written about that. */
export function signatureRows(reply: SignatureReply | null, columns: number, limit: number, paint: Paint): string[] {
  const signature = reply?.signatures[reply.active];
  if (!reply || signature === undefined) return [];
  const { text, parameters } = signature;
  const current = parameters[reply.parameter];
  const parts = current
    ? [text.slice(0, current.start), text.slice(current.start, current.end), text.slice(current.end)]
    : [text, "", ""];
  const [before, marked, after] = parts.map((part) => part.replace(/\s+/g, " "));
  const line = `   ${paint("dim", before)}${paint("bold", marked)}${paint("dim", after)}`;
  const about = (current?.documentation || signature.documentation).split("\n")[0];
  const note = about === "" ? [] : [paint("dim", truncate(`   ${about}`, columns))];
  return [truncate(line, columns), ...note].slice(0, Math.max(0, limit));
}
