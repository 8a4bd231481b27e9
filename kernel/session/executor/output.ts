// Where the executor's output goes: what JavaScript prints and shows becomes frames, in one order. File descriptors 1 and 2 stay
// what they are, pipes for native code and child processes.

import { fstatSync } from "node:fs";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { type MimeBundle, setDisplayHost } from "../../../core/display/host";
import { Shown } from "./display";
import { formsOf, textOf } from "./forms";
import { writeFully } from "../frames";
import { type ExecutorFrame, rawMark } from "../wire";

type Send = (frame: ExecutorFrame) => void;
type Done = (error?: Error | null) => void;

/** `process.stdout` of a cell: a write is on its way before it returns. A character may come in several writes of bytes. */
class FrameStream extends Writable {
  readonly fd: number;
  readonly isTTY = false;
  private readonly decoder = new StringDecoder("utf8");

  constructor(
    private readonly kind: "stdout" | "stderr",
    private readonly send: Send,
  ) {
    super();
    this.fd = kind === "stdout" ? 1 : 2;
  }

  override write(chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean {
    const text = this.textOf(chunk, typeof encoding === "string" ? encoding : "utf8");
    if (text !== "") this.send({ type: "stream", name: this.kind, text });
    const finished = typeof encoding === "function" ? encoding : done;
    if (finished) process.nextTick(finished);
    return true;
  }

  /** Shows the beginning of a character whose rest has not come. */
  settle(): void {
    const text = this.decoder.end();
    if (text !== "") this.send({ type: "stream", name: this.kind, text });
  }

  private textOf(chunk: unknown, encoding: BufferEncoding): string {
    if (typeof chunk !== "string") return this.decoder.write(Buffer.from(chunk as Uint8Array));
    if (encoding !== "utf8" && encoding !== "utf-8") return this.decoder.write(Buffer.from(chunk, encoding));
    return this.decoder.end() + chunk;
  }
}

/** Sends all output of this process through `send`; call the result at the end of a cell, for bytes that wait for others. */
export function captureOutput(send: Send): () => void {
  const streams = (["stdout", "stderr"] as const).map((kind) => {
    const stream = new FrameStream(kind, send);
    Object.defineProperty(process, kind, { value: stream, configurable: true, enumerable: true });
    return stream;
  });
  setDisplayHost({
    display: (bundle, id) => send({ type: "display", bundle, id }),
    update: (bundle, id) => send({ type: "updateDisplay", bundle, id }),
    finish: (id) => send({ type: "finishDisplay", id }),
    clear: (wait) => send({ type: "clearOutput", wait }),
  });
  return () => {
    for (const stream of streams) stream.settle();
  };
}

/**
 * Puts marks into all output: what was written before, by whomever, is shown before what is written after. A descriptor behind which a
 * cell has put a file of its own gets none.
 */
export function marker(send: Send): () => void {
  let count = 0;
  const raw = (["stdout", "stderr"] as const).map((name, i) => ({ name, fd: i + 1, pipe: identityOf(i + 1) }));
  return () => {
    const own = raw.filter(({ fd, pipe }) => pipe !== undefined && identityOf(fd) === pipe);
    send({ type: "mark", mark: ++count, raw: own.map(({ name }) => name) });
    for (const { fd } of own) writeFully(fd, Buffer.from(rawMark(count)));
  };
}

/** What is behind a descriptor; undefined when it is closed. */
function identityOf(fd: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(fd);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

/** How a value is shown as a result; `null` for undefined and for what was shown already. */
export async function bundleOf(value: unknown, display: "rich" | "text"): Promise<MimeBundle | null> {
  if (value === undefined || value instanceof Shown) return null;
  return display === "rich" ? formsOf(value) : { "text/plain": textOf(value) };
}
