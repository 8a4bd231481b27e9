// Recognises a paste from a terminal without bracketed paste: many lines in one read. Typed-ahead lines look alike, so the shape
// of the lines decides: indented lines, whose indentation the editor would add to its own, or more than anybody types ahead.

import { normalize } from "./parser";

/** No typist is this far ahead of a program that reads every few milliseconds. */
const BLOCK_LENGTH = 512;

/** True when a read is the begin of a pasted block instead of keys typed quickly. */
export function looksPasted(chunk: string): boolean {
  if (chunk.includes("\u001b")) return false;
  const end = chunk.search(/[\r\n]/);
  if (end < 0 || end === chunk.length - 1) return false;
  if (chunk.length >= BLOCK_LENGTH) return true;
  return /[\r\n][ \t]+\S/.test(chunk);
}

/** The text of a pasted block; its last line end is not a wish to run it. */
export function pastedText(chunks: string): string {
  return normalize(chunks).replace(/\n+$/, "");
}
