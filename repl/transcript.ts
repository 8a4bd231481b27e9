// What goes to the scrollback, in order: echoed cells, output, results, errors, finished displays. Text of results is never
// changed; colours and prompts stand around it.

import type { SessionError } from "../kernel/session/protocol";
import { paintCell } from "./view/code";
import type { Paint } from "./view/style";
import { StreamText } from "./view/stream";
import { harmless } from "./view/width";

export class Transcript {
  private committed: string[] = [];
  private readonly stream = new StreamText();

  constructor(private readonly paint: Paint) {}

  /** The unfinished line of output. */
  get tail(): string {
    return this.stream.tail;
  }

  /** Takes what is to be moved to the scrollback since the last call. */
  take(): string {
    const text = this.committed.join("");
    this.committed = [];
    return text;
  }

  /** A cell as it begins to run. */
  cell(code: string, cell: number): void {
    this.block(paintCell(code, cell, this.paint));
  }

  /** Output of a program. */
  output(text: string): void {
    const lines = this.stream.push(text);
    if (lines !== "") this.committed.push(lines);
  }

  /** The value of a cell. Several lines begin below the prompt, so that columns stay aligned. */
  result(text: string, cell: number): void {
    const prompt = this.paint("output", `Out[${cell}]:`);
    this.block(text.includes("\n") ? `${prompt}\n${text}` : `${prompt} ${text}`);
  }

  /** A display that changes no more, or documentation. */
  text(text: string): void {
    this.block(text);
  }

  /** An error: message first, then where. */
  error(error: SessionError): void {
    const title =
      error.kind === "interrupt" || error.kind === "died" ? error.message : `${error.name}: ${error.message}`;
    const [head, ...more] = harmless(title).split("\n");
    const lines = error.traceback.flatMap((line) => harmless(line).split("\n"));
    // Some tracebacks begin or end with the message itself.
    const rest = lines.filter((line) => line !== head && line !== error.message);
    const painted = rest.map((line) =>
      /^\s*(?:❱|>|-->)/.test(line) || /^[\s|]*[~^]+/.test(line) ? line : this.paint("dim", line),
    );
    this.block([this.paint("error", head), ...more, ...painted].join("\n"));
  }

  /** Something that the console itself has to say. */
  notice(text: string): void {
    this.block(this.paint("warning", text));
  }

  /** The end of a cell: its last line is finished and an empty line follows. */
  end(): void {
    this.committed.push(this.stream.flush(), "\n");
  }

  private block(text: string): void {
    this.committed.push(this.stream.flush(), `${text}\n`);
  }
}
