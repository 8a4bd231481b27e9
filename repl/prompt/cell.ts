// The cell being written: what Enter, Tab, the arrows and the control keys do with it.

import type { HistoryEntry } from "../../kernel/session/history";
import type { CompleteReply, IsCompleteReply, SignatureReply, TokensReply } from "../../kernel/session/protocol";
import { askedName } from "../../kernel/session/magics/syntax";
import { INDENT, TextBuffer } from "../editor/buffer";
import type { History } from "../editor/history";
import { chord, type KeyEvent } from "../input/events";
import { indentAfter, judge } from "../language/complete";
import { lex } from "../language/lexer";
import { stripPrompts } from "../language/paste";
import { prompts } from "../view/code";
import type { LiveContent } from "../view/layout";
import { Menu } from "../view/menu";
import { Hint } from "./hint";
import { edit } from "./keymap";
import { marksOf } from "./marks";
import type { Prompt } from "./prompt";

/** What a cell needs of the console around it. */
export interface CellHost {
  /** The number of the cell being written. */
  readonly nextCell: number;
  /** Null when no answer is to be expected soon. */
  isComplete(code: string): Promise<IsCompleteReply | null>;
  complete(code: string, offset: number): Promise<CompleteReply>;
  signature(code: string, offset: number): Promise<SignatureReply>;
  tokens(code: string): Promise<TokensReply>;
  /** @param entry the cell in the history */
  submit(code: string, entry: HistoryEntry): void;
  /** Shows what is known about an expression; `code` is what was typed. */
  inspect(code: string, expression: string, entry: HistoryEntry): void;
  /** Stops what runs; false when nothing does. */
  interrupt(): boolean;
  restart(): void;
  search(): void;
  clearScreen(): void;
  suspend(): void;
  exit(): void;
  /** Draws again, after something changed that no key caused. */
  changed(): void;
}

const EXIT = /^\s*\.?(exit|quit)(?:\(\))?\s*;?\s*$/;
/** A person's own variable of that name. */
const DECLARES_EXIT = /\b(?:let|const|var|function|class|import)\b[^;=]*?\b(exit|quit)\b/g;
const CLOSER = /^[)\]}]/;

/** Keys that go through the history. */
const BROWSING: ReadonlySet<string> = new Set(["up", "down", "ctrl-p", "ctrl-n"]);

/** Only a promise is looked at: keys that follow wait for it. */
type Command = (cell: CellPrompt) => unknown;

const COMMANDS: { [chord: string]: Command } = {
  enter: (cell) => cell.enter(),
  "alt-enter": (cell) => cell.newline(),
  "shift-enter": (cell) => cell.newline(),
  "ctrl-enter": (cell) => cell.newline(),
  "ctrl-j": (cell) => cell.newline(),
  tab: (cell) => cell.tab(),
  "shift-tab": (cell) => cell.shiftTab(),
  escape: (cell) => cell.closeMenu(),
  up: (cell) => cell.up(),
  down: (cell) => cell.down(),
  "ctrl-p": (cell) => cell.up(),
  "ctrl-n": (cell) => cell.down(),
  pageup: (cell) => cell.page(-1),
  pagedown: (cell) => cell.page(1),
  space: (cell) => cell.text(" "),
  "shift-space": (cell) => cell.text(" "),
  "ctrl-c": (cell) => cell.cancel(),
  "ctrl-d": (cell) => cell.endOfFile(),
  "ctrl-l": (cell) => cell.host.clearScreen(),
  "ctrl-r": (cell) => cell.host.search(),
  "ctrl-z": (cell) => cell.host.suspend(),
  "ctrl-\\": (cell) => cell.host.restart(),
};

export class CellPrompt implements Prompt {
  readonly buffer = new TextBuffer();
  menu: Menu | null = null;
  /** The call around the caret, and what the words are, once they are known. */
  readonly signature: Hint<SignatureReply>;
  private readonly words: Hint<TokensReply>;
  private asked = 0;
  private suggestion: string | null = null;
  /** The text came from the history by the last key: the arrows go on in the history, not within the text. */
  private browsing = false;
  /** Of the words that leave, those that are variables. */
  private readonly declared = new Set<string>();

  constructor(
    readonly host: CellHost,
    private readonly history: History,
  ) {
    const isCall = (text: string, offset: number): boolean => lex(text.slice(0, offset)).open.includes("(");
    const signature = (text: string, offset: number) => (isCall(text, offset) ? host.signature(text, offset) : null);
    this.signature = new Hint(this.buffer, signature, () => host.changed());
    this.words = new Hint(
      this.buffer,
      (text) => host.tokens(text),
      () => host.changed(),
    );
  }

  view(): LiveContent["editor"] {
    const { lines, caret } = this.buffer;
    const words = this.words.current;
    const marks = words === null ? undefined : marksOf(words, this.buffer);
    return { lines, caret, prompt: prompts(this.host.nextCell), colored: true, marks };
  }

  text(text: string): void {
    this.browsing = false;
    const before = this.buffer.before;
    if (CLOSER.test(text) && before !== "" && before.trim() === "") this.buffer.backspace();
    this.buffer.insert(text);
    this.narrow();
    this.look();
  }

  paste(text: string): void {
    this.browsing = false;
    this.menu = null;
    this.buffer.insert(stripPrompts(text.replace(/\n+$/, "")));
    this.look();
  }

  key(key: KeyEvent): unknown {
    const name = chord(key);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (!BROWSING.has(name)) this.browsing = false;
    const decision = command?.(this);
    if (name === "right" && this.suggested !== null) this.takeSuggestion();
    else if (command === undefined && edit(this.buffer, name)) this.narrow();
    if (name !== "escape") this.look();
    return decision;
  }

  private look(): void {
    this.signature.look();
    this.words.look();
  }

  /** Runs the cell when it is finished, else begins a line. */
  enter(): Promise<void> | undefined {
    const code = this.buffer.text;
    if (this.menu !== null) this.accept();
    else if (this.leaves(code)) this.host.exit();
    else if (code.trim() !== "") return this.run(code);
    return undefined;
  }

  /** Text for the next cell; what is being written stays, and Up then brings the text. */
  offer(text: string): void {
    if (this.buffer.empty) this.buffer.setText(text.trimEnd());
    else this.history.remember(text.trimEnd());
  }

  /** Proposes a text for an empty prompt, which Tab or the right arrow takes; null for none. */
  suggest(text: string | null): void {
    this.suggestion = text;
  }

  /** The text that a key takes now. */
  get suggested(): string | null {
    return this.buffer.empty ? this.suggestion : null;
  }

  private takeSuggestion(): void {
    if (this.suggestion !== null) this.buffer.setText(this.suggestion);
    this.suggestion = null;
  }

  private leaves(code: string): boolean {
    const word = EXIT.exec(code)?.[1];
    return word !== undefined && !this.declared.has(word);
  }

  newline(): void {
    this.menu = null;
    const before = this.buffer.text.slice(0, this.buffer.offset);
    this.buffer.newline(indentAfter(before));
  }

  tab(): void {
    if (this.menu !== null) this.accept();
    else if (this.suggested !== null) this.takeSuggestion();
    else if (this.buffer.before.trim() === "") this.buffer.insert(INDENT);
    else void this.complete();
  }

  shiftTab(): void {
    if (this.menu !== null) this.menu.move(-1);
    else if (/^ +$/.test(this.buffer.before)) this.buffer.backspace();
  }

  closeMenu(): void {
    this.menu = null;
    this.signature.hide();
    this.asked++;
  }

  up(): void {
    if (this.menu !== null) this.menu.move(-1);
    else if (this.browsing || !this.buffer.moveVertically(-1)) this.recall(this.history.older(this.buffer.text));
  }

  down(): void {
    if (this.menu !== null) this.menu.move(1);
    else if (this.browsing || !this.buffer.moveVertically(1)) this.recall(this.history.newer(this.buffer.text));
  }

  page(step: -1 | 1): void {
    if (this.menu !== null) this.menu.move(step * 9);
    else if (step < 0) this.buffer.moveStart();
    else this.buffer.moveLast();
  }

  /** Ctrl-C: stops what runs; at rest it throws the text away, and Up brings it back. It never leaves. */
  cancel(): void {
    this.closeMenu();
    if (this.host.interrupt() || this.buffer.empty) return;
    this.history.remember(this.buffer.text);
    this.buffer.reset();
  }

  /** Ctrl-D: leaves from an empty prompt, else deletes a character. */
  endOfFile(): void {
    if (this.buffer.empty) this.host.exit();
    else this.buffer.delete();
  }

  private recall(code: string | null): void {
    if (code === null) return;
    this.closeMenu();
    this.buffer.setText(code);
    this.browsing = true;
  }

  private run(code: string): Promise<void> | undefined {
    const name = askedName(code.trim());
    if (name) {
      this.host.inspect(code, name, this.leave(code));
      return undefined;
    }
    const after = this.buffer.lines.slice(this.buffer.caret.line + 1);
    const judgement = after.every((line) => line.trim() === "") ? judge(code) : "unfinished";
    if (judgement === "open") return this.ask(code);
    if (judgement === "hopeless") this.submit(code);
    else this.newline();
    return undefined;
  }

  private async ask(code: string): Promise<void> {
    const reply = await this.host.isComplete(code);
    // Enter on an empty line is a decision: what is wrong then shows as an error.
    const decided = this.buffer.lines.length > 1 && this.buffer.before.trim() === "";
    if (reply?.status === "incomplete" && !decided) this.buffer.newline(reply.indent);
    else this.submit(code);
  }

  private submit(code: string): void {
    const given = code.trimEnd();
    this.host.submit(given, this.leave(given));
  }

  /** Keeps what was typed and begins anew. */
  private leave(code: string): HistoryEntry {
    for (const [, word] of code.matchAll(DECLARES_EXIT)) this.declared.add(word);
    this.closeMenu();
    this.buffer.reset();
    return this.history.add(code);
  }

  private async complete(): Promise<void> {
    const id = ++this.asked;
    const code = this.buffer.text;
    const { offset } = this.buffer;
    const reply = await this.host.complete(code, offset);
    // What was typed on meanwhile narrows the answer; any other change makes it stale.
    const now = this.buffer.text.slice(0, this.buffer.offset);
    if (id !== this.asked || !now.startsWith(code.slice(0, offset))) return;
    const menu = new Menu(reply, now.slice(reply.start), code.slice(offset, reply.end));
    if (menu.size === 1) this.insertChoice(menu);
    else if (menu.size > 1) {
      if (menu.common.length > now.length - reply.start) this.buffer.replace(reply.start, now.length, menu.common);
      this.menu = menu;
    }
    this.host.changed();
  }

  private accept(): void {
    if (this.menu !== null) this.insertChoice(this.menu);
    this.menu = null;
  }

  private insertChoice(menu: Menu): void {
    if (menu.choice === undefined) return;
    const { offset, text } = this.buffer;
    const rest = text.startsWith(menu.rest, offset) ? menu.rest.length : 0;
    this.buffer.replace(menu.start, offset + rest, menu.choice.text);
  }

  private narrow(): void {
    if (this.menu === null) return;
    const { offset } = this.buffer;
    const typed = this.buffer.text.slice(this.menu.start, offset);
    if (offset < this.menu.start || !this.menu.narrow(typed)) this.menu = null;
  }
}
