// Where the executor's output goes: what JavaScript prints and shows becomes frames, in one order. File descriptors 1 and 2 stay
// what they are, pipes for native code and child processes.

import { Writable } from "node:stream";
import { type MimeBundle, setDisplayHost } from "../../core/display/host";
import { Shown } from "./display";
import { formsOf, textOf } from "./forms";
import { writeFully } from "./frames";
import { type ExecutorFrame, rawMark } from "./wire";

type Send = (frame: ExecutorFrame) => void;
type Done = (error?: Error | null) => void;

/** `process.stdout` of a cell: a write is on its way before it returns. */
class FrameStream extends Writable {
  readonly fd: number;
  readonly isTTY = false;

  constructor(
    private readonly kind: "stdout" | "stderr",
    private readonly send: Send,
  ) {
    super();
    this.fd = kind === "stdout" ? 1 : 2;
  }

  override write(chunk: unknown, encoding?: BufferEncoding | Done, done?: Done): boolean {
    const text = typeof chunk === "string" ? chunk : Buffer.from(chunk as Uint8Array).toString("utf8");
    if (text !== "") this.send({ type: "stream", name: this.kind, text });
    const finished = typeof encoding === "function" ? encoding : done;
    if (finished) process.nextTick(finished);
    return true;
  }
}

/** Sends all output of this process through `send`. */
export function captureOutput(send: Send): void {
  for (const kind of ["stdout", "stderr"] as const) {
    const stream = new FrameStream(kind, send);
    Object.defineProperty(process, kind, { value: stream, configurable: true, enumerable: true });
  }
  setDisplayHost({
    display: (bundle, id) => send({ type: "display", bundle, id }),
    update: (bundle, id) => send({ type: "updateDisplay", bundle, id }),
    finish: (id) => send({ type: "finishDisplay", id }),
    clear: (wait) => send({ type: "clearOutput", wait }),
  });
}

/** Puts marks into all output: what was written before, by whomever, is shown before what is written after. */
export function marker(send: Send): () => void {
  let count = 0;
  return () => {
    send({ type: "mark", mark: ++count });
    for (const fd of [1, 2]) writeFully(fd, Buffer.from(rawMark(count)));
  };
}

/** How a value is shown as a result; `null` for undefined and for what was shown already. */
export async function bundleOf(value: unknown, display: "rich" | "text"): Promise<MimeBundle | null> {
  if (value === undefined || value instanceof Shown) return null;
  return display === "rich" ? formsOf(value) : { "text/plain": textOf(value) };
}
