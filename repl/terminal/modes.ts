// The modes of the terminal that differ while the front-end runs, and their restoration on every way out, also a crash. What is
// written on the way out is written synchronously: nothing asynchronous runs any more in an `exit` listener.

import { writeSync } from "node:fs";

const ENTER = "\u001b[?2004h";
/** Bracketed paste off, end of a half-written synchronized update, colours off, cursor shown. */
const LEAVE = "\u001b[?2004l\u001b[?2026l\u001b[0m\u001b[?25h";

/** What is needed of the process's terminal. */
export interface ModesHost {
  /** Ends reading and turns raw mode off. */
  stopInput(): void;
  /** Turns raw mode on and reads again. */
  startInput(): void;
  /** Erases the live region. */
  closeScreen(): void;
  /** Begins a new live region on a line of its own. */
  openScreen(): void;
  /** Draws everything anew from the cursor's place. */
  repaint(): void;
}

export class TerminalModes {
  private active = false;
  private readonly onExit = (): void => this.leave();
  private readonly onContinue = (): void => {
    // Stopped by a signal that nobody can catch: the shell has set modes of its own, and written below the live region.
    if (this.active) {
      this.active = false;
      this.host.stopInput();
      this.host.openScreen();
    }
    process.off("SIGTSTP", this.onStop).on("SIGTSTP", this.onStop);
    this.enter();
    this.host.repaint();
  };
  private readonly onStop = (): void => this.suspend();

  constructor(private readonly host: ModesHost) {
    process.on("exit", this.onExit);
    process.on("SIGCONT", this.onContinue);
    process.on("SIGTSTP", this.onStop);
  }

  /** Sets the modes; does nothing when they are set. */
  enter(): void {
    if (this.active) return;
    this.active = true;
    this.host.startInput();
    writeSync(1, ENTER);
  }

  /** Restores the terminal; does nothing when it is restored. */
  leave(): void {
    if (!this.active) return;
    this.active = false;
    try {
      this.host.closeScreen();
      writeSync(1, LEAVE);
      this.host.stopInput();
    } catch {
      // The terminal is gone (SIGHUP): nothing is left to restore.
    }
  }

  /** Ctrl-Z, or the signal that it stands for: gives the terminal to the shell until `fg`. */
  suspend(): void {
    this.leave();
    // Without a listener the signal stops the process.
    process.off("SIGTSTP", this.onStop);
    process.kill(process.pid, "SIGTSTP");
  }

  /** Restores the terminal for good. */
  dispose(): void {
    this.leave();
    process.off("exit", this.onExit);
    process.off("SIGCONT", this.onContinue);
    process.off("SIGTSTP", this.onStop);
  }
}
