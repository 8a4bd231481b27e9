// Lays out a frame with Ink. Ink is asked for whole frames only (its debug mode: each render is written out complete, without escape
// codes that move the cursor); what reaches the terminal is decided by the screen, which knows scrollback, resizing and height.

import { Writable } from "node:stream";
import { type Instance, render } from "ink";
import { Live } from "./live";
import type { LiveModel } from "./model";

/** A stream with the width of the terminal that keeps the last frame. */
class FrameSink extends Writable {
  frame = "";
  constructor(public columns: number) {
    super({ decodeStrings: false });
  }

  override _write(chunk: string | Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.frame = chunk.toString();
    done();
  }
}

export class FrameRenderer {
  private sink: FrameSink | null = null;
  private ink: Instance | null = null;

  /** The rows of a model at a width. */
  render(model: LiveModel, columns: number): string[] {
    if (this.ink === null || this.sink === null || this.sink.columns !== columns) {
      this.close();
      this.sink = new FrameSink(columns);
      this.ink = render(<Live model={model} />, {
        // The sink has all that Ink uses of a terminal's stream: `write`, `columns` and events.
        stdout: this.sink as Writable as NodeJS.WriteStream,
        debug: true,
        exitOnCtrlC: false,
        patchConsole: false,
      });
      // Ink ends when a component throws; the next frame is another one's.
      const { ink } = this;
      ink.waitUntilExit().catch(() => {
        if (this.ink === ink) this.ink = null;
      });
    } else this.ink.rerender(<Live model={model} />);
    return this.sink.frame === "" ? [] : this.sink.frame.split("\n");
  }

  close(): void {
    this.ink?.unmount();
    this.ink = null;
  }
}
