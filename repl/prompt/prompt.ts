// Something that takes keys at the bottom of the screen: the cell being written, a search, an answer to a question of the program.

import type { KeyEvent } from "../input/events";
import type { LiveContent } from "../view/layout";

export interface Prompt {
  /** The rows to draw for it. */
  view(): LiveContent["editor"];
  text(text: string): void;
  /** Text that arrived as one piece, line ends as `\n`. */
  paste(text: string): void;
  /** May give a promise when it takes a moment to know what a key means; keys that follow wait for it. */
  key(key: KeyEvent): unknown;
}
