// What everybody hears, on a socket whose readers may be slow. Messages wait here, in order, until every reader has room; when too many
// wait, the session is held, and a cell that prints waits in its turn, so memory stays bounded and nothing is lost. A reader that takes
// nothing for a long time does not stop the others: from then on it misses what it has no room for.

import { setTimeout as sleep } from "node:timers/promises";
import type { Publisher } from "zeromq";

type Frames = (Buffer | string)[];

/** Bytes that wait before the session is held, and those with which it goes on. */
const most = 1 << 24;
const few = 1 << 22;
/** Milliseconds without room after which a reader is taken for dead. One that reads is seen to once in some hundreds of messages. */
const patience = 30_000;
/** How long each message waits once a reader is taken for dead: time for the living to read. */
const grace = 20;
const retryAfter = 2;
/** How long messages may still take to leave at the end. */
const farewell = 1000;

export class Broadcast {
  private readonly waiting: Frames[] = [];
  private bytes = 0;
  private held = false;
  private sending: Promise<void> | null = null;
  private closed = false;
  /** Set while some reader is taken for dead. */
  private lossy = false;

  /** @param hold tells the session to stop producing, or to go on */
  constructor(
    private readonly socket: Publisher,
    private readonly hold: (held: boolean) => void,
  ) {}

  /** Does nothing after close(): a cell may end while the kernel does. */
  send(frames: Frames): void {
    if (this.closed) return;
    this.waiting.push(frames);
    this.bytes += size(frames);
    if (this.bytes > most && !this.held) this.setHeld(true);
    this.sending ??= this.drain();
  }

  /** Takes nothing more; resolves when all that was given has been handed to the socket, or nobody has room for it. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.race([this.sending, sleep(farewell, undefined, { ref: false })]);
  }

  private setHeld(held: boolean): void {
    this.held = held;
    this.hold(held);
  }

  private async drain(): Promise<void> {
    for (let at = 0; at < this.waiting.length; at++) {
      await this.deliver(this.waiting[at]);
      this.bytes -= size(this.waiting[at]);
      if (this.held && this.bytes < few) this.setHeld(false);
      // Lets go of what has been sent without moving the rest each time.
      if (at === 255) at -= this.waiting.splice(0, 256).length;
    }
    this.waiting.length = 0;
    this.sending = null;
  }

  private async deliver(frames: Frames): Promise<void> {
    const since = performance.now();
    while (!(await this.offer(frames))) {
      if (performance.now() - since > (this.lossy ? grace : patience)) {
        this.lossy = true;
        this.socket.noDrop = false;
        await this.socket.send(frames);
        this.socket.noDrop = true;
        return;
      }
      await sleep(retryAfter);
    }
    this.lossy = false;
  }

  /** False when some reader has no room; nobody has got the message then. */
  private async offer(frames: Frames): Promise<boolean> {
    try {
      await this.socket.send(frames);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
      throw error;
    }
  }
}

function size(frames: Frames): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}
