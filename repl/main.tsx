// The terminal front-end's entry: joins keyboard, console, layout and screen, and sees to it that the terminal is left as it was
// found. Bundled on its own; of the session it knows the interface only.

import type { Session } from "../kernel/session/session";
import { Console } from "./console";
import { History } from "./editor/history";
import { InputReader } from "./input/reader";
import { abilities } from "./terminal/abilities";
import { TerminalModes } from "./terminal/modes";
import { FrameScheduler } from "./terminal/scheduler";
import { type Frame, Screen } from "./terminal/screen";
import { FrameRenderer } from "./view/frame";
import { layout } from "./view/layout";
import { createPaint } from "./view/style";

/** Signals that end the process, with the exit code that tells so. */
const SIGNALS = { SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * Runs the console on this process's terminal until it is left.
 * @param session started or still starting; closed on the way out
 * @returns the exit code of the process
 */
export function main(session: Session): Promise<number> {
  return new Promise((resolve) => {
    const paint = createPaint(process.env);
    const screen = new Screen(process.stdout);
    const renderer = new FrameRenderer();
    let over = false;

    const frame = (): Frame => {
      try {
        const { model, caret } = layout(console.content, screen.columns, screen.room, paint);
        return { rows: renderer.render(model, screen.columns), caret };
      } catch (error) {
        // What cannot be drawn is still there: text, cells and variables.
        console.trouble(error);
        return { rows: [`In [${console.nextCell}]:`], caret: null };
      }
    };
    const frames: FrameScheduler = new FrameScheduler(() => screen.paint(frame(), console.transcript.take()));
    const console: Console = new Console(session, new History(session.history), paint, {
      requestFrame: () => frames.request(),
      clearScreen: () => screen.clear(),
      suspend: () => modes.suspend(),
      exit: (code) => finish(code),
    });
    const reader: InputReader = new InputReader(process.stdin, (event) => console.input(event));
    const modes: TerminalModes = new TerminalModes({
      startInput: () => reader.start(),
      stopInput: () => reader.stop(),
      closeScreen: () => screen.close(),
      openScreen: () => screen.open(),
      repaint: () => frames.request(),
    });

    const tellTerminal = (): void => session.terminal(abilities(process.env, process.stdout));
    const onResize = (): void => {
      tellTerminal();
      frames.hold(() => screen.resized());
    };
    const onSignal = (signal: keyof typeof SIGNALS): void => finish(SIGNALS[signal]);
    const signals = Object.keys(SIGNALS) as (keyof typeof SIGNALS)[];
    // In raw mode Ctrl-C is a key; as a signal, from elsewhere, it means the same.
    const onInterrupt = (): void => console.input({ type: "key", name: "c", ctrl: true, alt: false, shift: false });
    // A mistake of the console's own must not take a person's variables along.
    const onTrouble = (error: unknown): void => console.trouble(error);
    const onGone = (): void => finish(SIGNALS.SIGHUP);

    const finish = (code: number): void => {
      if (over) return;
      over = true;
      frames.now();
      frames.stop();
      process.stdout.off("resize", onResize);
      for (const signal of signals) process.off(signal, onSignal);
      process.off("SIGINT", onInterrupt);
      process.off("uncaughtException", onTrouble);
      process.off("unhandledRejection", onTrouble);
      process.stdout.off("error", onGone);
      modes.dispose();
      renderer.close();
      const done = (): void => resolve(code);
      session.close().then(done, done);
    };

    process.stdout.on("resize", onResize);
    for (const signal of signals) process.on(signal, onSignal);
    process.on("SIGINT", onInterrupt);
    process.on("uncaughtException", onTrouble);
    process.on("unhandledRejection", onTrouble);
    process.stdout.on("error", onGone);
    modes.enter();
    screen.open();
    frames.now();
    tellTerminal();
  });
}
