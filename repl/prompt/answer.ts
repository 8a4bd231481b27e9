// The answer to a question that a running cell asks (`prompt`, `confirm`, a password).

import { TextBuffer } from "../editor/buffer";
import { graphemes } from "../editor/motion";
import { chord, type KeyEvent } from "../input/events";
import type { LiveContent } from "../view/layout";
import { edit } from "./keymap";
import type { Prompt } from "./prompt";

export interface AnswerHost {
  /** Hands the answer to the program; `shown` is what may stay on the screen. */
  answer(text: string, shown: string): void;
  interrupt(): void;
}

export class AnswerPrompt implements Prompt {
  private readonly buffer = new TextBuffer();

  constructor(
    private readonly question: string,
    private readonly password: boolean,
    private readonly host: AnswerHost,
  ) {}

  view(): LiveContent["editor"] {
    const lines = this.question.split("\n");
    const first = lines[lines.length - 1];
    const { caret } = this.buffer;
    const line = this.buffer.lines[0];
    const hide = (text: string): string => "•".repeat(graphemes(text).length);
    return {
      lines: [this.password ? hide(line) : line],
      caret: this.password ? { line: 0, column: hide(line.slice(0, caret.column)).length } : caret,
      prompt: { first, next: first },
      colored: false,
    };
  }

  text(text: string): void {
    this.buffer.insert(text);
  }

  paste(text: string): void {
    this.buffer.insert(text.replaceAll("\n", " "));
  }

  key(key: KeyEvent): void {
    const name = chord(key);
    if (name === "enter") this.send(this.buffer.text);
    else if (name === "ctrl-c") this.host.interrupt();
    else if (name === "ctrl-d" && this.buffer.empty) this.send("");
    else if (name === "space") this.text(" ");
    else edit(this.buffer, name);
  }

  private send(text: string): void {
    this.host.answer(text, `${this.question}${this.password ? "" : text}`);
  }
}
