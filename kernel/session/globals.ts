// The globals that cells have beside those of Node; input.ts defines them.

import type { Magics } from "./magics/calls";

declare global {
  /** What magics become. */
  const $magics: Magics;
  /** Asks for a line of text and waits for it. An empty answer gives `initial`. */
  function prompt(message?: string, initial?: string): string;
  /** Asks for a line of text that is not shown while it is typed, and waits for it. */
  function promptSecret(message?: string): string;
  /** Asks a question and waits for the answer: true for `y` and `yes`. */
  function confirm(message?: string): boolean;
  /** Shows a message and waits for Enter. */
  function alert(message?: string): void;
}
