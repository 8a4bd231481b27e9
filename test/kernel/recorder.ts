// A real session, from the compiled kernel, whose events are kept for a test to look at.

import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { EvaluateReply, SessionEvent } from "../../kernel/session/protocol";
import type { Session, SessionOptions } from "../../kernel/session/session";

const root = resolve(__dirname, "../..");

/** The launcher of the command. */
export const launcher = resolve(root, "scripts/cresset.js");

const { startSession } = createRequire(__filename)(resolve(root, "dist/kernel/session/session.js")) as {
  startSession(options?: SessionOptions): Session;
};

type Of<T extends SessionEvent["type"]> = Extract<SessionEvent, { type: T }>;

export interface Outcome extends EvaluateReply {
  /** text/plain of the result, `undefined` when there was none. */
  result: unknown;
  stdout: string;
  stderr: string;
  events: SessionEvent[];
}

export class Recorder {
  readonly session: Session;
  readonly events: SessionEvent[] = [];
  /** Cells run so far. */
  count = 0;
  private waiting: { accepts(event: SessionEvent): boolean; resolve(): void }[] = [];

  constructor(options?: SessionOptions) {
    this.session = startSession(options);
    this.session.on((event) => {
      this.events.push(event);
      for (const waiter of this.waiting.filter((w) => w.accepts(event))) waiter.resolve();
    });
  }

  /** Resolves with the next event of this type that `accepts`. */
  next<T extends SessionEvent["type"]>(type: T, accepts: (event: Of<T>) => boolean = () => true): Promise<void> {
    return new Promise((resolve) => {
      const waiter = {
        accepts: (event: SessionEvent) => event.type === type && accepts(event as Of<T>),
        resolve: () => {
          this.waiting = this.waiting.filter((w) => w !== waiter);
          resolve();
        },
      };
      this.waiting.push(waiter);
    });
  }

  async run(code: string): Promise<Outcome> {
    const from = this.events.length;
    const reply = await this.session.evaluate(code, ++this.count);
    const events = this.events.slice(from);
    const of = <T extends SessionEvent["type"]>(type: T) => events.filter((e): e is Of<T> => e.type === type);
    const stream = (name: string): string =>
      of("stream")
        .filter((e) => e.name === name)
        .map((e) => e.text)
        .join("");
    const result = of("result")[0]?.bundle["text/plain"];
    return { ...reply, result, stdout: stream("stdout"), stderr: stream("stderr"), events };
  }
}
