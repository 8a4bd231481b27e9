// What everybody hears, on a socket whose readers may be slow. Messages wait here, in order, until every reader has room; when too many
// wait, the session is held, and a cell that prints waits in its turn, so memory stays bounded and nothing is lost. A reader that takes
// nothing for a long time does not stop others for ever: it is then taken for dead, and misses what it has no room for.

import { setTimeout as sleep } from "node:timers/promises";
import { XPublisher } from "zeromq";

type Frames = (Buffer | string)[];

/** Messages for which each reader has room, beside those that its own end takes. */
const room = 500;
/** Bytes that wait before the session is held, and those with which it goes on. */
const most = 1 << 24;
const few = 1 << 22;
/** Milliseconds between messages once a reader is taken for dead, since nobody waits for the living either. */
const pace = 5;
const retryAfter = 2;
/** How long messages may still take to leave at the end. */
const farewell = 1000;

export class Broadcast {
  readonly socket = new XPublisher({
    sendHighWaterMark: room,
    linger: farewell,
    noDrop: true,
    verbosity: "allSubsUnsubs",
  });
  private readonly waiting: Frames[] = [];
  private bytes = 0;
  private limit = most;
  private held = false;
  private sending: Promise<void> | null = null;
  private closed = false;
  /** What still waits will not be sent. */
  private gone = false;
  private readers = 0;
  /** Whether some reader is taken for dead. */
  private lossy = false;

  /**
   * @param hold tells the session to stop producing, or to go on
   * @param complain is told of a message that could not be sent; those that wait behind it are sent all the same
   * @param patience milliseconds without room after which one of several readers is taken for dead; the default is long, because a
   * reader's end tells only now and then that it reads
   */
  constructor(
    private readonly hold: (held: boolean) => void,
    private readonly complain: (error: unknown) => void,
    private readonly patience = 60_000,
  ) {}

  /** Counts readers, until the socket is closed. */
  async watch(): Promise<void> {
    for await (const [subscription] of this.socket) {
      this.readers += subscription[0] === 1 ? 1 : -1;
      if (this.lossy) this.setLossy(false);
    }
  }

  /** Does nothing after close(): a cell may end while the kernel does. */
  send(frames: Frames): void {
    if (this.closed) return;
    this.waiting.push(frames);
    this.bytes += size(frames);
    if (this.bytes > this.limit && !this.held) this.setHeld(true);
    this.sending ??= this.drain();
  }

  /** Lets the session go on although much waits: a cell that is being stopped must come to its end. */
  release(): void {
    this.limit = this.bytes + most;
    if (this.held) this.setHeld(false);
  }

  /** Takes nothing more; resolves when all that was given has been handed to the socket, or nobody has had room for it. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.race([this.sending, sleep(farewell, undefined, { ref: false })]);
    this.gone = true;
  }

  private setHeld(held: boolean): void {
    this.held = held;
    this.hold(held);
  }

  private setLossy(lossy: boolean): void {
    this.lossy = lossy;
    this.socket.noDrop = !lossy;
  }

  private async drain(): Promise<void> {
    for (let at = 0; at < this.waiting.length && !this.gone; at++) {
      try {
        await this.deliver(this.waiting[at]);
      } catch (error) {
        this.complain(error);
      }
      this.bytes -= size(this.waiting[at]);
      if (this.bytes < few) {
        this.limit = most;
        if (this.held) this.setHeld(false);
      }
      // Lets go of what has been sent without moving the rest each time.
      if (at === 255) at -= this.waiting.splice(0, 256).length;
    }
    this.waiting.length = 0;
    this.sending = null;
  }

  private async deliver(frames: Frames): Promise<void> {
    const since = performance.now();
    while (!this.gone && !(await this.offer(frames))) {
      if (this.readers > 1 && performance.now() - since > this.patience) this.setLossy(true);
      else await sleep(retryAfter);
    }
    if (this.lossy) await sleep(pace);
  }

  /** False when some reader has no room; nobody has got the message then. */
  private async offer(frames: Frames): Promise<boolean> {
    try {
      await this.socket.send(frames);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
      if (this.gone) return true;
      throw error;
    }
  }
}

function size(frames: Frames): number {
  return frames.reduce((sum, frame) => sum + frame.length, 0);
}
