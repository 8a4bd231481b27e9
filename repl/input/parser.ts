// Turns what the terminal sends into keys, text and pastes. One read may hold many keys, half a key, or replies that are no keys at
// all: every CSI, SS3, OSC, DCS, APC, PM and SOS sequence is consumed whole, known or not. Knows nothing of time: the reader decides
// when a lone ESC has waited long enough.

import type { InputEvent } from "./events";
import { csiKey, key, ss3Key } from "./sequences";

const ESC = "\u001b";
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;

/** Longest sequence that is waited for; what is longer is garbage and dropped, so that no byte can silence the keyboard. */
const LONGEST_CSI = 64;
const LONGEST_STRING = 65536;

/** Control characters with a key of their own. */
const CONTROLS: { [char: string]: string } = { "\r": "enter", "\t": "tab", "\b": "backspace", "\u007f": "backspace" };

/** What was recognised at one place: how many characters it took, and the event if it means something. */
interface Step {
  taken: number;
  event: InputEvent | null;
}

export class KeyParser {
  private rest = "";
  private pasted: string | null = null;

  /** True while an unfinished sequence is held back; call `flush` when nothing more comes. */
  get pending(): boolean {
    return this.rest !== "";
  }

  /** How many characters are held back: one or two may be keys of their own, more is the begin of a sequence. */
  get held(): number {
    return this.rest.length;
  }

  /** True between the start and the end of a bracketed paste. */
  get pasting(): boolean {
    return this.pasted !== null;
  }

  /** Takes what one read returned and gives the events that are complete. */
  push(chunk: string): InputEvent[] {
    const input = this.rest + chunk;
    this.rest = "";
    const events: InputEvent[] = [];
    let at = 0;
    while (at < input.length) {
      const step = this.pasted === null ? this.step(input, at) : this.paste(input, at);
      if (step === null) {
        this.rest = input.slice(at);
        break;
      }
      at += step.taken;
      if (step.event !== null) events.push(step.event);
    }
    return events;
  }

  /** Gives what an unfinished sequence means by itself: a lone ESC is the Escape key, ESC with a character is Alt. */
  flush(): InputEvent[] {
    const rest = this.rest;
    this.rest = "";
    if (this.pasted !== null) {
      this.rest = rest;
      return [];
    }
    if (rest === ESC) return [key("escape")];
    if (rest === `${ESC}${ESC}`) return [key("escape"), key("escape")];
    if (rest === `${ESC}[` || rest === `${ESC}O` || rest === `${ESC}]` || rest === `${ESC}P` || rest === `${ESC}_`)
      return [key(rest[1].toLowerCase(), 3)];
    return [];
  }

  /** Ends a bracketed paste whose end marker never came, and gives what it held. */
  endPaste(): InputEvent[] {
    if (this.pasted === null) return [];
    const text = normalize(this.pasted + this.rest);
    this.pasted = null;
    this.rest = "";
    return text === "" ? [] : [{ type: "paste", text }];
  }

  private paste(input: string, at: number): Step | null {
    const end = input.indexOf(PASTE_END, at);
    if (end >= 0) {
      const text = normalize(this.pasted + input.slice(at, end));
      this.pasted = null;
      return { taken: end - at + PASTE_END.length, event: { type: "paste", text } };
    }
    // The end marker may be cut in two by the read.
    const marker = input.lastIndexOf(ESC);
    const cut = marker >= at && PASTE_END.startsWith(input.slice(marker)) ? marker : input.length;
    this.pasted += input.slice(at, cut);
    return cut === at ? null : { taken: cut - at, event: null };
  }

  private step(input: string, at: number): Step | null {
    const char = input[at];
    if (char === ESC) return this.escape(input, at);
    if (char >= " " && char !== "\u007f" && !(char >= "\u0080" && char < "\u00a0")) return text(input, at);
    // Lines of other systems, typed by a program, end in both.
    const taken = char === "\r" && input[at + 1] === "\n" ? 2 : 1;
    return { taken, event: control(char) };
  }

  private escape(input: string, at: number): Step | null {
    const next = input[at + 1];
    if (next === undefined) return null;
    if (next === "[") return this.csi(input, at);
    if (next === "O") {
      const letter = input[at + 2];
      if (letter === undefined) return null;
      return { taken: letter === ESC ? 2 : 3, event: ss3Key(letter) };
    }
    if (next === "]" || next === "P" || next === "_" || next === "^" || next === "X") return string(input, at);
    if (next === ESC) {
      // ESC before a sequence is Alt on some terminals; ESC ESC alone waits for more.
      if (input[at + 2] === undefined) return null;
      const inner = this.escape(input, at + 1);
      if (inner === null) return null;
      const event = inner.event?.type === "key" ? { ...inner.event, alt: true } : inner.event;
      return { taken: inner.taken + 1, event };
    }
    const inner = control(next);
    if (inner !== null) return { taken: 2, event: inner.type === "key" ? { ...inner, alt: true } : inner };
    if (next < " ") return { taken: 2, event: null };
    const point = String.fromCodePoint(input.codePointAt(at + 1) ?? 0);
    const lower = point.toLowerCase();
    return { taken: 1 + point.length, event: key(lower, lower === point ? 3 : 4) };
  }

  private csi(input: string, at: number): Step | null {
    if (input.startsWith(PASTE_START, at)) {
      this.pasted = "";
      return { taken: PASTE_START.length, event: null };
    }
    // The Linux console sends F1 to F5 as CSI [ letter.
    if (input[at + 2] === "[") {
      const letter = input[at + 3];
      if (letter === undefined) return null;
      return { taken: 4, event: letter >= "A" && letter <= "E" ? key(`f${letter.charCodeAt(0) - 64}`) : null };
    }
    for (let end = at + 2; end < input.length; end++) {
      const char = input[end];
      if (char >= "@" && char <= "~") {
        // An old mouse report carries three bytes after its final letter.
        if (char === "M" && end === at + 2)
          return end + 4 <= input.length ? { taken: end + 4 - at, event: null } : null;
        return { taken: end + 1 - at, event: csiKey(input.slice(at + 2, end), char) };
      }
      // A control or another ESC inside: the sequence is broken, what follows is a new key.
      if (char < " " || char > "~") return { taken: end - at, event: null };
      if (end - at > LONGEST_CSI) return { taken: end - at, event: null };
    }
    return null;
  }
}

/** OSC, DCS, APC, PM, SOS: all up to ST or, for OSC, BEL. */
function string(input: string, at: number): Step | null {
  for (let end = at + 2; end < input.length; end++) {
    const char = input[end];
    if (char === "\u0007") return { taken: end + 1 - at, event: null };
    if (char === ESC) {
      if (input[end + 1] === undefined) return null;
      return { taken: (input[end + 1] === "\\" ? end + 2 : end) - at, event: null };
    }
    // These keys end a string that never will, such as Alt-] or Alt-P typed by a person.
    if (char === "\r" || char === "\u0003") return { taken: end - at, event: null };
    if (end - at > LONGEST_STRING) return { taken: end - at, event: null };
  }
  return null;
}

function text(input: string, at: number): Step {
  let end = at + 1;
  while (end < input.length && input[end] >= " " && input[end] !== "\u007f") {
    if (input[end] >= "\u0080" && input[end] < "\u00a0") break;
    end++;
  }
  return { taken: end - at, event: { type: "text", text: input.slice(at, end) } };
}

function control(char: string): InputEvent | null {
  const name = CONTROLS[char];
  if (name !== undefined) return key(name);
  const code = char.charCodeAt(0);
  if (code === 0) return key("space", 5);
  if (code <= 26) return key(String.fromCharCode(code + 96), 5);
  if (code >= 28 && code < 32) return key(String.fromCharCode(code + 64), 5);
  return null;
}

/** Line ends as `\n`; controls that a paste may carry have no meaning in code. */
export function normalize(pasted: string): string {
  return (
    pasted
      .replace(/\r\n?/g, "\n")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
      .replace(/\u001b\[[0-?]*[ -/]*[@-~]/g, "")
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is removed
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
  );
}
