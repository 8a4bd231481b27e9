// The executor's output comes through three pipes: frames, and what native code and child processes write to stdout and stderr.
// This puts it in one order: marks, written to all three, are passed by none before it has come to the others.

import { anyMark, type ExecutorFrame, startOfMark } from "./wire";

type RawName = "stdout" | "stderr";

/** What has come through a raw pipe, up to here: texts and marks. */
interface Raw {
  readonly name: RawName;
  readonly items: (string | number)[];
  /** The start of a mark whose rest has not come yet. */
  start: string;
}

export class Arrivals {
  private frames: ExecutorFrame[] = [];
  private readonly raws: readonly Raw[] = (["stdout", "stderr"] as const).map((name) => ({
    name,
    items: [],
    start: "",
  }));

  /** @param take gets the frames in order, several at a time where several came; raw text comes as stream frames */
  constructor(private readonly take: (frames: ExecutorFrame[]) => void) {}

  framesCame(frames: ExecutorFrame[]): void {
    this.frames = this.frames.length === 0 ? frames : [...this.frames, ...frames];
    this.flow();
  }

  rawCame(name: RawName, text: string): void {
    const raw = this.raw(name);
    const parts = (raw.start + text).split(anyMark);
    const last = parts[parts.length - 1];
    const partial = last.search(startOfMark);
    raw.start = partial < 0 ? "" : last.slice(partial);
    parts[parts.length - 1] = last.slice(0, last.length - raw.start.length);
    parts.forEach((part, i) => {
      if (i % 2 === 1) raw.items.push(Number(part));
      else if (part !== "") raw.items.push(part);
    });
    // What was printed before a child process wrote is in the other pipe by now.
    setImmediate(() => this.flow());
  }

  /** Nothing more comes through a pipe that was closed. */
  rawEnded(name: RawName): void {
    this.raw(name).items.push(Number.POSITIVE_INFINITY);
    this.flow();
  }

  private raw(name: RawName): Raw {
    return this.raws[name === "stdout" ? 0 : 1];
  }

  private flow(): void {
    for (;;) {
      const at = this.frames.findIndex((frame) => frame.type === "mark");
      const [before, after] = at < 0 ? [this.frames, []] : [this.frames.slice(0, at), this.frames.slice(at)];
      this.frames = after;
      if (before.length > 0) this.take(before);
      for (const raw of this.raws) this.flowRaw(raw);
      const [next] = this.frames;
      if (next?.type !== "mark") return;
      // A termination may strike between the marks; the next ones then stand for those that are missing.
      const marked = this.raws.filter(({ name }) => next.raw.includes(name));
      if (!marked.every(({ items }) => Number(items[0]) >= next.mark)) return;
      this.frames = this.frames.slice(1);
      for (const { items } of this.raws) if (items[0] === next.mark) items.shift();
    }
  }

  private flowRaw({ name, items }: Raw): void {
    while (typeof items[0] === "string") this.take([{ type: "stream", name, text: items.shift() as string }]);
  }
}
