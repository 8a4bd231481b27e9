// The text buffer: editing, motion, undo, kill ring.

import { describe, expect, it } from "vitest";
import { TextBuffer } from "../../repl/editor/buffer";

/** The text with `|` at the caret. */
function shown(buffer: TextBuffer): string {
  return `${buffer.text.slice(0, buffer.offset)}|${buffer.text.slice(buffer.offset)}`;
}

/** A buffer with the caret where `|` stands. */
function buffer(text: string): TextBuffer {
  const made = new TextBuffer();
  made.setText(text.replace("|", ""), text.indexOf("|"));
  return made;
}

type Edit = (buffer: TextBuffer) => void;

describe("edits", () => {
  const table: [string, string, Edit, string][] = [
    ["insert", "a|c", (b) => b.insert("b"), "ab|c"],
    ["insert lines", "a|d", (b) => b.insert("b\nc"), "ab\nc|d"],
    ["newline", "a|b", (b) => b.newline("  "), "a\n  |b"],
    ["backspace", "ab|", (b) => b.backspace(), "a|"],
    ["backspace joins lines", "a\n|b", (b) => b.backspace(), "a|b"],
    ["backspace at the start", "|a", (b) => b.backspace(), "|a"],
    ["backspace takes an indentation", "a\n    |b", (b) => b.backspace(), "a\n  |b"],
    ["backspace takes a grapheme", "👍🏽|", (b) => b.backspace(), "|"],
    ["delete", "a|bc", (b) => b.delete(), "a|c"],
    ["delete joins lines", "a|\nb", (b) => b.delete(), "a|b"],
    ["kill to the end", "ab|cd\ne", (b) => b.killLine(), "ab|\ne"],
    ["kill the line end", "ab|\ne", (b) => b.killLine(), "ab|e"],
    ["kill to the start", "ab|cd", (b) => b.killToStart(), "|cd"],
    ["kill a word", "a.bc |", (b) => b.killWordLeft(), "a.|"],
    ["kill a word forwards", "a|.bc d", (b) => b.killWordRight(), "a| d"],
    ["move a line", "a\nb|\nc", (b) => b.moveLine(-1), "b|\na\nc"],
    ["replace", "to.Li|", (b) => b.replace(3, 5, "Linear"), "to.Linear|"],
  ];
  it.each(table)("%s", (_name, before, edit, after) => {
    const edited = buffer(before);
    edit(edited);
    expect(shown(edited)).toBe(after);
  });
});

describe("motion", () => {
  const table: [string, string, Edit, string][] = [
    ["left over a line end", "a\n|b", (b) => b.moveLeft(), "a|\nb"],
    ["right over a grapheme", "|é!", (b) => b.moveRight(), "é|!"],
    ["word left", "foo bar|", (b) => b.moveWordLeft(), "foo |bar"],
    ["word right", "|foo bar", (b) => b.moveWordRight(), "foo| bar"],
    ["home, first the text", "  ab|", (b) => b.moveHome(), "  |ab"],
    ["home, then the margin", "  |ab", (b) => b.moveHome(), "|  ab"],
    [
      "down keeps the column",
      "abcd|\nx\nabcdef",
      (b) => {
        b.moveVertically(1);
        b.moveVertically(1);
      },
      "abcd\nx\nabcd|ef",
    ],
  ];
  it.each(table)("%s", (_name, before, move, after) => {
    const moved = buffer(before);
    move(moved);
    expect(shown(moved)).toBe(after);
  });
  it("tells when there is no line above", () => expect(buffer("a|").moveVertically(-1)).toBe(false));
});

describe("undo", () => {
  it("takes words typed one by one", () => {
    const typed = new TextBuffer();
    for (const char of "ab cd") typed.insert(char);
    typed.undo();
    expect(typed.text).toBe("ab ");
    typed.undo();
    expect(typed.text).toBe("");
    typed.redo();
    typed.redo();
    expect(shown(typed)).toBe("ab cd|");
  });
  it("takes a paste as a whole", () => {
    const pasted = buffer("x|");
    pasted.insert("line\n".repeat(200));
    pasted.undo();
    expect(shown(pasted)).toBe("x|");
  });
  it("forgets redo after an edit", () => {
    const edited = buffer("a|");
    edited.insert("b");
    edited.undo();
    edited.insert("c");
    edited.redo();
    expect(edited.text).toBe("ac");
  });
});

describe("the kill ring", () => {
  it("yanks the last kill and, on demand, the one before", () => {
    const killed = buffer("one two|");
    killed.killWordLeft();
    killed.killToStart();
    killed.yank();
    expect(killed.text).toBe("one ");
    killed.yankPop();
    expect(killed.text).toBe("two");
  });
});
