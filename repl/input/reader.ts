// Reads the terminal in raw mode and hands out events. Owns everything about time: how long a lone ESC waits for the rest of a
// sequence, when a pasted block is over, and that lines typed before raw mode was on end with `\n`.

import { StringDecoder } from "node:string_decoder";
import { looksPasted, pastedText } from "./burst";
import type { InputEvent } from "./events";
import { KeyParser } from "./parser";

/** The part of `process.stdin` that is used. */
export interface RawInput {
  setRawMode(raw: boolean): unknown;
  on(event: "data", listener: (chunk: Buffer) => void): unknown;
  off(event: "data", listener: (chunk: Buffer) => void): unknown;
  resume(): unknown;
  pause(): unknown;
}

/** Milliseconds. Over a network a sequence may come in pieces. */
const ESCAPE_WAIT = process.env.SSH_TTY === undefined ? 40 : 120;
const SEQUENCE_WAIT = 500;
const BLOCK_WAIT = 30;
const PASTE_WAIT = 3000;
const TYPED_AHEAD = 60;

export class InputReader {
  private readonly parser = new KeyParser();
  private decoder = new StringDecoder("utf8");
  private timer: NodeJS.Timeout | undefined;
  private block = "";
  /** What comes was typed before raw mode was on. */
  private ahead = false;
  private readonly onData = (chunk: Buffer): void => this.data(this.decoder.write(chunk));

  constructor(
    private readonly input: RawInput,
    private readonly listener: (event: InputEvent) => void,
  ) {}

  /** Turns raw mode on and starts reading. */
  start(): void {
    this.input.setRawMode(true);
    this.input.on("data", this.onData);
    this.input.resume();
    this.ahead = true;
    // Reads come between timers and immediates: however long the first frame takes, what was waiting is read before this ends.
    setTimeout(() => setImmediate(() => this.notAhead()), TYPED_AHEAD);
  }

  /** Gives the terminal back as it was. */
  stop(): void {
    clearTimeout(this.timer);
    this.input.off("data", this.onData);
    this.input.pause();
    this.input.setRawMode(false);
    this.decoder = new StringDecoder("utf8");
  }

  private data(read: string): void {
    clearTimeout(this.timer);
    const chunk = this.ahead ? read.replaceAll("\n", "\r") : read;
    if (this.block !== "" || (!this.parser.pending && !this.parser.pasting && looksPasted(chunk))) {
      this.block += chunk;
      this.timer = setTimeout(() => this.endBlock(), BLOCK_WAIT);
      return;
    }
    this.emit(this.parser.push(chunk));
    if (this.parser.pasting) this.timer = setTimeout(() => this.emit(this.parser.endPaste()), PASTE_WAIT);
    else if (this.parser.pending) {
      const wait = this.parser.held <= 2 ? ESCAPE_WAIT : SEQUENCE_WAIT;
      this.timer = setTimeout(() => this.emit(this.parser.flush()), wait);
    }
  }

  private notAhead(): void {
    this.ahead = false;
  }

  private endBlock(): void {
    const text = pastedText(this.block);
    this.block = "";
    this.emit([{ type: "paste", text }]);
  }

  private emit(events: InputEvent[]): void {
    for (const event of events) this.listener(event);
  }
}
