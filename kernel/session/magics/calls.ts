// What a cell's magics become: calls of `$magics`. Cells are checked against this; runtime.ts carries it out.

import type { MagicName } from "./table";

/** What a question knows before its cell runs. */
export interface Explained {
  expression: string;
  /** Signature and documentation; empty when TypeScript knows nothing. */
  text: string;
  markdown: string;
  /** The TypeScript that declares it, when asked for. */
  source?: string;
  /** Where it was declared. */
  place?: string;
  withSource: boolean;
}

/** Magics that are calls; the others are taken apart before a cell runs. */
export type Called = Exclude<MagicName, "time" | "timeit" | "run" | "export">;
/** Magics with a value; all others have none. */
export interface Values {
  pwd: string;
  env: string | Record<string, string> | undefined;
}

/** The calls that a cell's magics become. */
export interface Magics {
  call<N extends keyof Values>(name: N, text: string): Promise<Values[N]>;
  call(name: Exclude<Called, keyof Values>, text: string): Promise<void>;
  shell(command: string): Promise<void>;
  lines(command: string): Promise<string[]>;
  /** @param path names of properties, from the value on */
  inspect(explained: Explained, value?: () => unknown, path?: readonly string[]): void;
  startClock(): void;
  stopClock<T>(value?: T): T | undefined;
  timeLoops(options: string, body: () => unknown): void;
  timeAwaited(options: string, body: () => Promise<unknown>): Promise<void>;
}
