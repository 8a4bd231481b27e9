// What the keyboard says, after parsing: the only form of input that the rest of the front-end knows.

/** Keys that have a name instead of a character. */
export type KeyName =
  | "enter"
  | "tab"
  | "escape"
  | "backspace"
  | "delete"
  | "insert"
  | "up"
  | "down"
  | "left"
  | "right"
  | "home"
  | "end"
  | "pageup"
  | "pagedown"
  | "space"
  | `f${number}`;

/** One key press with a name or with modifiers; `name` is a KeyName or, under Ctrl or Alt, one lower-case character. */
export interface KeyEvent {
  type: "key";
  name: string;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
}

/** A run of printable characters. */
export interface TextEvent {
  type: "text";
  text: string;
}

/** Text that arrived as one piece and must not be interpreted as keys; line ends are `\n`. */
export interface PasteEvent {
  type: "paste";
  text: string;
}

export type InputEvent = KeyEvent | TextEvent | PasteEvent;

/** A key as a single word for tables: modifiers in the order ctrl, alt, shift, joined with `-`. */
export function chord(key: KeyEvent): string {
  return `${key.ctrl ? "ctrl-" : ""}${key.alt ? "alt-" : ""}${key.shift ? "shift-" : ""}${key.name}`;
}
