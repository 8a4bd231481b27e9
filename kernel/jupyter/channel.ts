// A socket with a queue in front: zeromq fails a send that starts before the last one has ended, and after some hundreds within
// one turn of the event loop, so messages wait here and leave one by one, in order.

type Frames = (Buffer | string)[];

interface SendingSocket {
  send(frames: Frames): Promise<void>;
}

export class Channel {
  private readonly waiting: Frames[] = [];
  private sending: Promise<void> | null = null;
  private closed = false;

  /** @param complain is told of a message that could not be sent; those that wait behind it are sent all the same */
  constructor(
    private readonly socket: SendingSocket,
    private readonly complain: (error: unknown) => void,
  ) {}

  /** Does nothing after close(): a cell may end while the kernel does. */
  send(frames: Frames): void {
    if (this.closed) return;
    this.waiting.push(frames);
    this.sending ??= this.drain();
  }

  /** Takes nothing more; resolves when all that was given has been handed to the socket. */
  async close(): Promise<void> {
    this.closed = true;
    await this.sending;
  }

  private async drain(): Promise<void> {
    for (let at = 0; at < this.waiting.length; at++) {
      try {
        await this.socket.send(this.waiting[at]);
      } catch (error) {
        if (!this.closed) this.complain(error);
      }
      // Lets go of what has been sent without moving the rest each time.
      if (at === 1023) at -= this.waiting.splice(0, 1024).length;
    }
    this.waiting.length = 0;
    this.sending = null;
  }
}
