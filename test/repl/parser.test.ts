// The key parser: nothing is lost, nothing but text becomes text.

import { describe, expect, it } from "vitest";
import { looksPasted, pastedText } from "../../repl/input/burst";
import { chord, type InputEvent } from "../../repl/input/events";
import { KeyParser } from "../../repl/input/parser";

const ESC = "\u001b";

/** Events as short words: text in quotes, keys as chords, pastes in angle brackets. */
function words(events: readonly InputEvent[]): string[] {
  return events.map((event) => {
    if (event.type === "text") return JSON.stringify(event.text);
    return event.type === "paste" ? `<${event.text}>` : chord(event);
  });
}

function parse(...reads: string[]): string[] {
  const parser = new KeyParser();
  const events = reads.flatMap((read) => parser.push(read));
  return words([...events, ...parser.flush()]);
}

describe("several keys in one read", () => {
  it("takes the two line ends of other systems for one Enter", () =>
    expect(parse("1\r\n2\r\n")).toEqual(['"1"', "enter", '"2"', "enter"]));
  it("keeps Enter after text", () => expect(parse("1+1\r")).toEqual(['"1+1"', "enter"]));
  it("keeps each Backspace", () => expect(parse("\x7f\x7f\x7f")).toEqual(["backspace", "backspace", "backspace"]));
  it("tells Backspace from Delete", () => expect(parse(`\x7f${ESC}[3~`)).toEqual(["backspace", "delete"]));
  it("mixes text and arrows", () =>
    expect(parse(`a${ESC}[Db${ESC}OHc`)).toEqual(['"a"', "left", '"b"', "home", '"c"']));
});

describe("keys", () => {
  const table: [string, string][] = [
    ["\r", "enter"],
    ["\n", "ctrl-j"],
    ["\t", "tab"],
    [`${ESC}[Z`, "shift-tab"],
    ["\x03", "ctrl-c"],
    ["\x00", "ctrl-space"],
    ["\x1c", "ctrl-\\"],
    ["\x1f", "ctrl-_"],
    [ESC, "escape"],
    [`${ESC}\r`, "alt-enter"],
    [`${ESC}b`, "alt-b"],
    [`${ESC}\x7f`, "alt-backspace"],
    [`${ESC}[1;5C`, "ctrl-right"],
    [`${ESC}[1;3D`, "alt-left"],
    [`${ESC}${ESC}[D`, "alt-left"],
    [`${ESC}[1;5P`, "ctrl-f1"],
    [`${ESC}OP`, "f1"],
    [`${ESC}[[A`, "f1"],
    [`${ESC}[24;2~`, "shift-f12"],
    [`${ESC}[13;2u`, "shift-enter"],
    [`${ESC}[27;5;13~`, "ctrl-enter"],
    [`${ESC}[97;5u`, "ctrl-a"],
    [`${ESC}[3;5~`, "ctrl-delete"],
  ];
  it.each(table)("%j is %s", (bytes, name) => expect(parse(bytes)).toEqual([name]));
});

describe("what is no key", () => {
  const junk: [string, string][] = [
    ["mouse report", `${ESC}[<0;10;5M`],
    ["old mouse report", `${ESC}[M !!`],
    ["focus", `${ESC}[I${ESC}[O`],
    ["colour reply", `${ESC}]11;rgb:1e1e/1e1e/1e1e${ESC}\\`],
    ["colour reply with BEL", `${ESC}]11;rgb:1e1e/1e1e/1e1e\x07`],
    ["device reply", `${ESC}[?62;22c`],
    ["cursor reply", `${ESC}[12;40R`],
    ["version reply", `${ESC}P>|tmux 3.3a${ESC}\\`],
    ["graphics reply", `${ESC}_Gi=1;OK${ESC}\\`],
    ["unknown final", `${ESC}[99;99x`],
    ["media key", `${ESC}[57358u`],
  ];
  it.each(junk)("drops a %s", (_name, bytes) => expect(parse(bytes)).toEqual([]));
  it.each(junk)("drops a %s in pieces, and the next key answers", (_name, bytes) => {
    expect(parse(...bytes.split(""), "x")).toEqual(['"x"']);
  });
  it("drops a broken sequence and keeps what follows", () => {
    expect(parse(`${ESC}[12\r`)).toEqual(["enter"]);
    expect(parse(`${ESC}[12${ESC}[A`)).toEqual(["up"]);
  });
  it("makes no text of any control character", () => {
    for (let code = 0; code < 32; code++) {
      for (const word of parse(String.fromCharCode(code))) expect(word).not.toMatch(/^"/);
    }
  });
});

describe("paste", () => {
  it("is one event with line feeds", () => {
    expect(parse(`${ESC}[200~a\rb\r\nc${ESC}[201~\r`)).toEqual(["<a\nb\nc>", "enter"]);
  });
  it("survives any cut of the reads", () => {
    const bytes = `${ESC}[200~one\rtwo${ESC}[201~x`;
    for (let cut = 1; cut < bytes.length; cut++) {
      const parser = new KeyParser();
      expect(words([...parser.push(bytes.slice(0, cut)), ...parser.push(bytes.slice(cut))])).toEqual([
        "<one\ntwo>",
        '"x"',
      ]);
    }
  });
  it("can be ended when its end never comes", () => {
    const parser = new KeyParser();
    parser.push(`${ESC}[200~abc`);
    expect(parser.pasting).toBe(true);
    expect(words(parser.endPaste())).toEqual(["<abc>"]);
    expect(words(parser.push("x"))).toEqual(['"x"']);
  });
});

describe("blocks without paste marks", () => {
  it("are told from lines typed ahead", () => {
    expect(looksPasted("1+1\r".repeat(50))).toBe(false);
    expect(looksPasted("function f() {\r  return 1\r}\r")).toBe(true);
    expect(looksPasted("const a = 1\r".repeat(200))).toBe(true);
    expect(looksPasted(`${"x".repeat(1000)}\r`)).toBe(false);
  });
  it("lose their last line end, which is no wish to run them", () => expect(pastedText("a\r  b\r")).toBe("a\n  b"));
});
