// Which keys edit, the same everywhere that text is typed: the keys of Emacs and readline, and those of every other editor.

import type { TextBuffer } from "../editor/buffer";

type Edit = (buffer: TextBuffer) => void;

const EDITS: { [chord: string]: Edit } = {
  left: (buffer) => buffer.moveLeft(),
  right: (buffer) => buffer.moveRight(),
  "ctrl-b": (buffer) => buffer.moveLeft(),
  "ctrl-f": (buffer) => buffer.moveRight(),
  "ctrl-left": (buffer) => buffer.moveWordLeft(),
  "ctrl-right": (buffer) => buffer.moveWordRight(),
  "alt-left": (buffer) => buffer.moveWordLeft(),
  "alt-right": (buffer) => buffer.moveWordRight(),
  "alt-b": (buffer) => buffer.moveWordLeft(),
  "alt-f": (buffer) => buffer.moveWordRight(),
  home: (buffer) => buffer.moveHome(),
  end: (buffer) => buffer.moveEnd(),
  "ctrl-a": (buffer) => buffer.moveHome(),
  "ctrl-e": (buffer) => buffer.moveEnd(),
  "ctrl-home": (buffer) => buffer.moveStart(),
  "ctrl-end": (buffer) => buffer.moveLast(),
  backspace: (buffer) => buffer.backspace(),
  "shift-backspace": (buffer) => buffer.backspace(),
  delete: (buffer) => buffer.delete(),
  "ctrl-h": (buffer) => buffer.backspace(),
  "ctrl-k": (buffer) => buffer.killLine(),
  "ctrl-u": (buffer) => buffer.killToStart(),
  "ctrl-w": (buffer) => buffer.killWordLeft(),
  "ctrl-backspace": (buffer) => buffer.killWordLeft(),
  "alt-backspace": (buffer) => buffer.killWordLeft(),
  "alt-d": (buffer) => buffer.killWordRight(),
  "ctrl-delete": (buffer) => buffer.killWordRight(),
  "ctrl-y": (buffer) => buffer.yank(),
  "alt-y": (buffer) => buffer.yankPop(),
  "ctrl-_": (buffer) => buffer.undo(),
  "alt-_": (buffer) => buffer.redo(),
  "ctrl-shift-z": (buffer) => buffer.redo(),
  "ctrl-shift-_": (buffer) => buffer.redo(),
  "alt-up": (buffer) => buffer.moveLine(-1),
  "alt-down": (buffer) => buffer.moveLine(1),
};

/** Applies an editing key; false when the key edits nothing. */
export function edit(buffer: TextBuffer, chord: string): boolean {
  const command = Object.hasOwn(EDITS, chord) ? EDITS[chord] : undefined;
  if (command === undefined) return false;
  command(buffer);
  return true;
}
