// When frames are drawn: at once after a quiet moment, so that a key is echoed without delay, and at most 60 times a second under
// load; not at all while the terminal is being resized.

/** Milliseconds. */
const INTERVAL = 16;
const RESIZE_WAIT = 50;

export class FrameScheduler {
  private last = 0;
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private resizing: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly draw: () => void) {}

  /** Asks for a frame; many calls before it give one. */
  request(): void {
    if (this.stopped || this.resizing !== undefined || this.timer !== undefined || this.immediate !== undefined) return;
    const wait = this.last + INTERVAL - performance.now();
    if (wait <= 0) this.immediate = setImmediate(() => this.now());
    else this.timer = setTimeout(() => this.now(), wait);
  }

  /** Draws a frame now. */
  now(): void {
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
    this.timer = undefined;
    this.immediate = undefined;
    if (this.stopped || this.resizing !== undefined) return;
    this.draw();
    this.last = performance.now();
  }

  /** Draws nothing until the size has been quiet for a moment, then calls `ready` and draws. */
  hold(ready: () => void): void {
    clearTimeout(this.resizing);
    this.resizing = setTimeout(() => {
      this.resizing = undefined;
      if (this.stopped) return;
      ready();
      this.now();
    }, RESIZE_WAIT);
  }

  /** Draws nothing any more. */
  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.resizing);
    clearImmediate(this.immediate);
  }
}
