// Which key an escape sequence stands for. Sequences that are not in these tables mean nothing and are dropped, so a terminal
// that reports mouse, focus, colours or keys we do not know can never put text into the editor.

import type { KeyEvent, KeyName } from "./events";

/** Final letters of `CSI … letter` and `SS3 letter`. */
const LETTERS: { [letter: string]: KeyName } = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  E: "space",
  F: "end",
  H: "home",
  M: "enter",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
};

/** Numbers of `CSI number ~`. */
const NUMBERS: { [number: number]: KeyName } = {
  1: "home",
  2: "insert",
  3: "delete",
  4: "end",
  5: "pageup",
  6: "pagedown",
  7: "home",
  8: "end",
  11: "f1",
  12: "f2",
  13: "f3",
  14: "f4",
  15: "f5",
  17: "f6",
  18: "f7",
  19: "f8",
  20: "f9",
  21: "f10",
  23: "f11",
  24: "f12",
};

/** Code points that `CSI code u` and `CSI 27 ; … ~` report for keys with a name. */
const CODES: { [code: number]: KeyName } = { 9: "tab", 13: "enter", 27: "escape", 32: "space", 127: "backspace" };

/** Makes a key; `modifiers` is the number of the sequence (1 + shift 1 + alt 2 + ctrl 4), 1 when absent. */
export function key(name: string, modifiers = 1): KeyEvent {
  const bits = Math.max(0, modifiers - 1);
  return { type: "key", name, shift: (bits & 1) !== 0, alt: (bits & 2) !== 0, ctrl: (bits & 4) !== 0 };
}

/** The key of `CSI parameters final`, or null when it is not a key. */
export function csiKey(parameters: string, final: string): KeyEvent | null {
  if (!/^[\d;:]*$/.test(parameters)) return null;
  const numbers = parameters.split(";").map((field) => Number.parseInt(field, 10));
  const [first, modifiers = 1, third] = numbers;
  if (final === "~") {
    if (first === 27 && third !== undefined) return codeKey(third, modifiers);
    const name = NUMBERS[first];
    return name === undefined ? null : key(name, modifiers);
  }
  if (final === "u") return codeKey(first, modifiers);
  if (final === "Z") return key("tab", 2);
  const name = final === "M" ? undefined : LETTERS[final];
  // A cursor position report has the form of a modified F3: two numbers. Positions are never asked for with row 1.
  if (name === undefined || (final === "R" && parameters !== "" && first !== 1)) return null;
  return key(name, modifiers);
}

/** The key of `SS3 letter` (application mode and the numeric pad), or null. */
export function ss3Key(letter: string): KeyEvent | null {
  const name = LETTERS[letter];
  return name === undefined ? null : key(name);
}

function codeKey(code: number, modifiers: number): KeyEvent | null {
  const name = CODES[code];
  if (name !== undefined) return key(name, modifiers);
  // Private-use code points are keys such as CapsLock; controls never stand for themselves here.
  if (!(code >= 32 && code < 0xe000)) return null;
  return key(String.fromCodePoint(code).toLowerCase(), modifiers);
}
