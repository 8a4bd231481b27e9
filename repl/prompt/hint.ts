// What the session says of the text that is being written, asked for when typing pauses. An answer about another text is none.

import type { TextBuffer } from "../editor/buffer";

/** Milliseconds without a key. */
const PAUSE = 150;

export class Hint<T> {
  /** The answer about the text as it is; null when there is none. */
  private answer: T | null = null;
  private about = "";
  private timer: NodeJS.Timeout | undefined;

  /**
   * @param ask the answer for the text now, or null when nothing is to be asked
   * @param changed called when an answer has come
   */
  constructor(
    private readonly buffer: TextBuffer,
    private readonly ask: (text: string, offset: number) => Promise<T> | null,
    private readonly changed: () => void,
  ) {}

  /** The answer about the text as it is, or about the text before the last keys. */
  get last(): T | null {
    return this.answer;
  }

  /** The answer, if the text has not changed since. */
  get current(): T | null {
    return this.answer !== null && this.buffer.text === this.about ? this.answer : null;
  }

  /** Asks soon: the text or the caret may have changed. */
  look(): void {
    clearTimeout(this.timer);
    if (this.buffer.empty) this.answer = null;
    else this.timer = setTimeout(() => void this.find(), PAUSE).unref();
  }

  /** Forgets the answer until the next key. */
  hide(): void {
    clearTimeout(this.timer);
    this.answer = null;
  }

  private async find(): Promise<void> {
    const { text, offset } = this.buffer;
    const answer = await this.ask(text, offset);
    if (this.buffer.text !== text || this.buffer.offset !== offset) return;
    const isNews = answer !== null || this.answer !== null;
    this.answer = answer;
    this.about = text;
    if (isNews) this.changed();
  }
}
