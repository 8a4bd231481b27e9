// How pickles write texts and numbers, in bytes and, in protocol 0, in lines of text.

import { FormatError } from "../../errors";

/** The longest decimal number that is read: its cost grows with the square of its length. */
const MAX_DIGITS = 10_000;

/** Throws FormatError, which says how the pickle is damaged. */
export function fail(what: string): never {
  throw new FormatError(`the pickle is damaged: ${what}`);
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Text as Python writes it: UTF-8, in which halves of surrogate pairs may stand alone. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    let out = "";
    let from = 0;
    for (let k = 0; k + 2 < bytes.length; k++) {
      if (bytes[k] !== 0xed || bytes[k + 1] < 0xa0 || bytes[k + 1] > 0xbf) continue;
      out += decodePart(bytes.subarray(from, k));
      out += String.fromCharCode(0xd000 | ((bytes[k + 1] & 0x3f) << 6) | (bytes[k + 2] & 0x3f));
      from = k + 3;
      k += 2;
    }
    return out + decodePart(bytes.subarray(from));
  }
}

function decodePart(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return fail("a text is no UTF-8");
  }
}

/** An int as a number where that is exact. */
function exact(value: bigint): number | bigint {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
}

/** A little-endian two's complement number of any length. */
export function longOf(bytes: Uint8Array): number | bigint {
  if (bytes.length === 0) return 0;
  const hex = Buffer.from(bytes).reverse().toString("hex");
  return exact(BigInt.asIntN(bytes.length * 8, BigInt(`0x${hex}`)));
}

/** An int in decimal digits. Throws FormatError for what is none. */
export function decimal(text: string): number | bigint {
  if (text.length > MAX_DIGITS || !/^[+-]?\d+$/.test(text)) fail("an int is no number");
  return exact(BigInt(text));
}

/** Python's escapes in the strings of protocol 0. */
export function unescaped(text: string): string {
  return text.replace(/\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|.)/g, (_, code: string) => {
    if (/^[uUx]./.test(code)) return String.fromCodePoint(Math.min(Number.parseInt(code.slice(1), 16), 0x10ffff));
    return { n: "\n", r: "\r", t: "\t" }[code] ?? code;
  });
}

/** The number of a memo in digits. */
export function memoKey(text: string): number {
  return Number(decimal(text));
}

/** An int, or a boolean, as protocol 0 writes it. */
export function intLine(text: string): unknown {
  // Protocol 0 writes booleans as these two.
  if (text === "00" || text === "01") return text === "01";
  return decimal(text);
}

/** A float as protocol 0 writes it. */
export function floatLine(text: string): number {
  const word = /^([+-]?)(inf|nan)$/i.exec(text.trim());
  if (word !== null) {
    return word[2].toLowerCase() === "nan" ? Number.NaN : word[1] === "-" ? -Infinity : Infinity;
  }
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) fail("a float is no number");
  return value;
}

/** A string of protocol 0, without its quotes. */
export function quotedLine(text: string): string {
  if (!/^(["']).*\1$/s.test(text) || text.length < 2) fail("a string has no quotes");
  return unescaped(text.slice(1, -1));
}
