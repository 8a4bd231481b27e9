// Values that change while a cell runs: when their pictures go to the front-end. A training loop is usually synchronous, so no timer
// fires in it; every change looks at the clock itself.

import { randomUUID } from "node:crypto";
import { displayHost, type MimeBundle } from "./host";

/** Milliseconds between two pictures of one value. */
export const UPDATE_INTERVAL = 100;

/** What a live value draws. */
export interface LiveSource {
  /** The picture for a front-end. */
  bundle(): MimeBundle;
  /** What is drawn after the end replaces what was drawn before it, in place of opening a new display. */
  readonly stays?: boolean;
  /** Called once before the last picture. */
  settle?(): void;
  /** In a plain script: called instead of showing an intermediate picture. */
  plainUpdate(): void;
  /** In a plain script: called when nothing more will change. */
  plainFinish(): void;
}

const open = new Set<LiveDisplay>();
let watchingExit = false;

function watchExit(): void {
  if (watchingExit) return;
  watchingExit = true;
  process.once("exit", finishDisplays);
}

/**
 * Draws the last picture of every value still changing and tells the front-end that it is final. Front-ends call it at the end of a
 * cell; it runs by itself when the process ends. A value that changes again afterwards opens a new display, unless its display stays.
 */
export function finishDisplays(): void {
  for (const display of [...open]) display.finish();
}

/** Throttles the pictures of one value, one in `interval` milliseconds, from its first change to finish(). */
export class LiveDisplay {
  private id: string | null = null;
  private drawnAt = Number.NEGATIVE_INFINITY;
  private stale = false;
  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly source: LiveSource,
    private readonly interval = UPDATE_INTERVAL,
  ) {}

  /** Whether a display is open, that is, touched and not finished. */
  get active(): boolean {
    return open.has(this);
  }

  /** Tells that the value changed; draws it unless it was drawn less than `interval` ago. `now` as performance.now(). */
  touch(now = performance.now()): void {
    this.stale = true;
    if (!this.active) {
      open.add(this);
      watchExit();
    }
    if (now - this.drawnAt >= this.interval) this.draw(now);
    else if (this.timer === null) this.drawLater();
  }

  /** Draws now, whatever the clock says. */
  draw(now = performance.now()): void {
    this.drawnAt = now;
    this.stale = false;
    const host = displayHost();
    if (host === null) {
      this.source.plainUpdate();
    } else if (this.id === null) {
      this.id = `cresset-${randomUUID()}`;
      host.display(this.source.bundle(), this.id);
    } else {
      host.update(this.source.bundle(), this.id);
    }
  }

  /** Draws the last picture and closes the display. Does nothing when it is closed. */
  finish(): void {
    if (!this.active) return;
    open.delete(this);
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.source.settle?.();
    const host = displayHost();
    if (host === null) {
      this.source.plainFinish();
    } else {
      this.draw();
      if (this.id !== null) host.finish(this.id);
    }
    this.stale = false;
    if (!this.source.stays) this.id = null;
    this.drawnAt = Number.NEGATIVE_INFINITY;
  }

  /** For loops that await: the last change before a pause is drawn when the interval has passed. Never keeps a process alive. */
  private drawLater(): void {
    this.timer = setTimeout(() => {
      this.timer = null;
      if (this.stale && this.active) this.draw();
    }, this.interval);
    this.timer.unref();
  }
}
