// The call whose arguments are being written: looked for when typing pauses, shown below the cell until the caret leaves the call.

import type { SignatureReply } from "../../kernel/session/protocol";
import type { TextBuffer } from "../editor/buffer";
import { lex } from "../language/lexer";
import type { Paint } from "../view/style";
import { truncate } from "../view/width";

/** Milliseconds without a key. */
const PAUSE = 150;

export interface SignatureHost {
  signature(code: string, offset: number): Promise<SignatureReply>;
  changed(): void;
}

export class SignatureHint {
  private reply: SignatureReply | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly buffer: TextBuffer,
    private readonly host: SignatureHost,
  ) {}

  /** Asks soon: the text or the caret may have changed. */
  look(): void {
    clearTimeout(this.timer);
    if (this.buffer.empty) this.reply = null;
    else this.timer = setTimeout(() => void this.ask(), PAUSE).unref();
  }

  /** Shows nothing until the next key. */
  hide(): void {
    clearTimeout(this.timer);
    this.reply = null;
  }

  /** The signature with its argument marked, and what is written about that. */
  rows(columns: number, limit: number, paint: Paint): string[] {
    const signature = this.reply?.signatures[this.reply.active];
    if (this.reply === null || signature === undefined) return [];
    const { text, parameters } = signature;
    const current = parameters[this.reply.parameter];
    const parts = current
      ? [text.slice(0, current.start), text.slice(current.start, current.end), text.slice(current.end)]
      : [text, "", ""];
    const [before, marked, after] = parts.map((part) => part.replace(/\s+/g, " "));
    const line = `   ${paint("dim", before)}${paint("bold", marked)}${paint("dim", after)}`;
    const about = (current?.documentation || signature.documentation).split("\n")[0];
    const note = about === "" ? [] : [paint("dim", truncate(`   ${about}`, columns))];
    return [truncate(line, columns), ...note].slice(0, Math.max(0, limit));
  }

  private async ask(): Promise<void> {
    const { text, offset } = this.buffer;
    const before = this.reply;
    const isCall = lex(text.slice(0, offset)).open.includes("(");
    const reply = isCall ? await this.host.signature(text, offset) : null;
    // An answer about another text is none.
    if (this.buffer.text !== text || this.buffer.offset !== offset) return;
    this.reply = reply !== null && reply.signatures.length > 0 ? reply : null;
    if (this.reply !== before) this.host.changed();
  }
}
