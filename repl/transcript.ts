// What goes to the scrollback, in order: echoed cells, output, results, errors, finished displays. Text of results is never
// changed; colours and prompts stand around it.

import type { SessionError } from "../kernel/session/protocol";
import { paintCell } from "./view/code";
import type { Paint, Style } from "./view/style";
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

  /** An error: message first, then where; the line at fault and its marks stand out. */
  error(error: SessionError): void {
    const told = error.traceback.length > 0 ? error.traceback : [`${error.name}: ${error.message}`];
    const [title, ...lines] = harmless(told.join("\n")).split("\n");
    const rest = lines.map((line) => this.paint(errorStyle(line, error.name), line));
    this.block([this.paint("error", title), ...rest].join("\n"));
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

function errorStyle(line: string, name: string): Style {
  if (line.startsWith(`${name}: `) || /^ *[│|]? *~+$/.test(line)) return "error";
  return line.startsWith("❱") ? "bold" : "dim";
}
