// Rows and the screen: what is drawn fits, what is written is harmless.

import { describe, expect, it } from "vitest";
import { lexLine, startState } from "../../repl/language/lexer";
import { Screen } from "../../repl/terminal/screen";
import { CodeLayout } from "../../repl/view/code";
import { Docks } from "../../repl/view/docks";
import { layout, type LiveContent } from "../../repl/view/layout";
import { Menu } from "../../repl/view/menu";
import { StreamText } from "../../repl/view/stream";
import { createPaint } from "../../repl/view/style";
import { harmless, truncate, width } from "../../repl/view/width";

const plain = createPaint({ NO_COLOR: "1" });
const colored = createPaint({});

function content(change: Partial<LiveContent> = {}): LiveContent {
  return {
    docks: () => [],
    menu: () => [],
    tail: "",
    queue: [],
    editor: {
      lines: ["1+1"],
      caret: { line: 0, column: 3 },
      prompt: { first: "In [1]: ", next: "   ...: " },
      colored: true,
    },
    status: "",
    ...change,
  };
}

describe("code rows", () => {
  const prompt = { first: "In [1]: ", next: "   ...: " };
  it("fold at the width and keep the caret inside", () => {
    const line = "x".repeat(50);
    for (let column = 0; column <= line.length; column++) {
      const code = new CodeLayout([line], { line: 0, column }, prompt, 20);
      const { caret } = code;
      for (const row of code.rows(0, code.height, plain)) expect(width(row)).toBeLessThanOrEqual(20);
      expect(caret.x).toBeLessThanOrEqual(20);
      expect(caret.y * 12 + caret.x - 8).toBe(column);
    }
  });
  it("count wide characters as two columns", () => {
    const { caret } = new CodeLayout(["你好"], { line: 0, column: 2 }, prompt, 40);
    expect(caret.x).toBe(12);
  });
  it("contain the text between the colours", () => {
    const code = "const f = (x: number) => `a` + x // why";
    const rows = new CodeLayout([code], { line: 0, column: 0 }, prompt, 80).rows(0, 1, colored);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is removed
    expect(rows[0].replace(/\u001b\[[\d;]*m/g, "")).toBe(`In [1]: ${code}`);
  });
});

describe("a long cell", () => {
  const lines = Array.from({ length: 2000 }, (_, k) =>
    k === 3 ? "const t = `" : k === 5 ? "` + /a/.source;" : `  f(${k}, 'text');`,
  );
  const long = content({ editor: { ...content().editor, lines, caret: { line: 1500, column: 2 } } });
  it("paints what is seen, with what stands above in mind", () => {
    let painted = 0;
    const counting = (style: Parameters<typeof colored>[0], text: string): string => {
      painted++;
      return colored(style, text);
    };
    const { model } = layout(long, 80, 40, counting);
    expect(model.editor).toHaveLength(40);
    expect(painted).toBeLessThan(1000);
    const top = new CodeLayout(lines, { line: 0, column: 0 }, { first: "", next: "" }, 80);
    expect(top.rows(4, 6, colored)).toEqual([
      colored("string", lines[4]),
      `${colored("string", "`")} + ${colored("regex", "/a/")}.source;`,
    ]);
    expect(top.rows(1998, 2000, plain)).toEqual(lines.slice(1998));
  });
  it("reads a line again only when it has changed", () => {
    const state = startState();
    expect(lexLine("f(`a", state)).toBe(lexLine("f(`a", state));
    expect(lexLine("f(`a", state).next).toBe(lexLine("g(`a", state).next);
    expect(lexLine("b`)", lexLine("f(`a", state).next).next).toBe(lexLine("f()", state).next);
  });
});

describe("layout", () => {
  const tall: LiveContent = content({
    docks: (_columns, limit) => Array.from({ length: 28 }, (_, index) => `dock ${index}`).slice(0, limit),
    menu: (_columns, limit) => Array.from({ length: 10 }, (_, index) => `menu ${index}`).slice(0, limit),
    tail: "tail",
    queue: ["a", "b", "c", "d", "e"],
    editor: { ...content().editor, lines: Array.from({ length: 100 }, () => "x"), caret: { line: 70, column: 1 } },
    status: "busy",
  });
  it("never exceeds the room, and keeps the caret in the editor", () => {
    for (let rows = 3; rows < 60; rows++) {
      const { model, caret } = layout(tall, 80, rows - 2, plain);
      const all = Object.values(model).flat();
      expect(all.length).toBeLessThanOrEqual(rows - 2);
      const above = model.docks.length + model.tail.length + model.queue.length;
      expect(caret.y).toBeGreaterThanOrEqual(above);
      expect(caret.y).toBeLessThan(above + model.editor.length);
    }
  });
  it("tells what is above and below", () => {
    const { model } = layout(content({ editor: tall.editor }), 80, 22, plain);
    expect(model.editor).toHaveLength(22);
    expect(model.editor[0]).toMatch(/↑ \d+ more/);
    expect(model.editor[21]).toMatch(/↓ \d+ more/);
  });
});

describe("the screen", () => {
  function screen(columns = 80, rows = 24): { screen: Screen; written: () => string } {
    let out = "";
    const made = new Screen({
      columns,
      rows,
      write: (text) => {
        out += text;
      },
    });
    return {
      screen: made,
      written: () => {
        const text = out;
        out = "";
        return text;
      },
    };
  }
  it("writes only what changed", () => {
    const { screen: made, written } = screen();
    const rows = Array.from({ length: 20 }, (_, index) => `row ${index} ${"x".repeat(60)}`);
    made.paint({ rows, caret: { x: 0, y: 0 } });
    written();
    made.paint({ rows, caret: { x: 0, y: 0 } });
    expect(written()).toBe("");
    made.paint({ rows: rows.map((row, index) => (index === 7 ? "other" : row)), caret: { x: 1, y: 7 } });
    const bytes = written();
    expect(bytes).toContain("other");
    expect(bytes.length).toBeLessThan(100);
  });
  it("never clears the terminal, and never draws more rows than it has room for", () => {
    const { screen: made, written } = screen(80, 10);
    for (let count = 0; count < 40; count++) {
      made.paint({ rows: Array.from({ length: count }, (_, row) => `${row}`), caret: { x: 0, y: count } }, "done\n");
      made.resized();
    }
    made.close();
    const bytes = written();
    expect(bytes).not.toContain("\u001b[2J");
    expect(bytes).not.toContain("\u001b[3J");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: motions are what is looked for
    for (const [, up] of bytes.matchAll(/\u001b\[(\d+)A/g)) expect(Number(up)).toBeLessThanOrEqual(8);
  });
});

describe("text for the terminal", () => {
  it("keeps colours and drops what moves the cursor", () => {
    expect(harmless("\u001b[31mred\u001b[0m\u001b[2J\u001b[3J\u001b[H\u001b]0;title\u0007\u0007x\ty")).toBe(
      "\u001b[31mred\u001b[0mx\ty",
    );
    expect(harmless("plain é 你 👍")).toBe("plain é 你 👍");
  });
  it("cuts by columns and closes colours", () => {
    expect(truncate("abcdef", 4)).toBe("abc…\u001b[0m");
    expect(width(truncate("\u001b[31m你好你好\u001b[0m", 5))).toBeLessThanOrEqual(5);
    expect(truncate("abc", 3)).toBe("abc");
  });
});

describe("streams", () => {
  it("commits whole lines and keeps the rest", () => {
    const stream = new StreamText();
    expect(stream.push("a\nb")).toBe("a\n");
    expect(stream.tail).toBe("b");
    expect(stream.push("c\n")).toBe("bc\n");
    expect(stream.flush()).toBe("");
  });
  it("writes a line anew after a carriage return", () => {
    const stream = new StreamText();
    expect(stream.push("10%\r20%\r")).toBe("");
    expect(stream.tail).toBe("20%");
    expect(stream.push("30%\n")).toBe("30%\n");
  });
});

describe("docks", () => {
  it("show each display once and give it back when it is finished", () => {
    const docks = new Docks();
    docks.set("bar", 1, "10%");
    docks.set("chart", 1, "a\nb");
    docks.set("bar", 1, "20%");
    expect(docks.rows(80, 10)).toEqual(["20%", "a", "b"]);
    expect(docks.rows(80, 2)).toEqual(["a", "b"]);
    expect(docks.rows(80, 1)).toEqual(["a"]);
    expect(docks.finish("bar")).toBe("20%");
    expect(docks.finish("bar")).toBeNull();
    expect(docks.finishCell(1)).toEqual(["a\nb"]);
    expect(docks.rows(80, 10)).toEqual([]);
  });
});

describe("the completion menu", () => {
  const completions = ["Linear", "LSTM", "Li"].map((text) => ({ text, kind: "class", type: `typeof ${text}` }));
  it("narrows, wraps and tells its choice", () => {
    const menu = new Menu({ start: 0, end: 1, completions }, "L", "");
    expect(menu.size).toBe(3);
    menu.move(-1);
    expect(menu.choice?.text).toBe("Li");
    expect(menu.narrow("Lin")).toBe(true);
    expect(menu.choice?.text).toBe("Linear");
    expect(menu.narrow("Lin(")).toBe(false);
  });
  it("has at most ten rows of the width given", () => {
    const many = Array.from({ length: 100 }, (_, index) => ({
      text: `name${index}`,
      kind: "method",
      type: "x".repeat(200),
    }));
    const rows = new Menu({ start: 0, end: 0, completions: many }, "", "").rows(40, 20, plain);
    expect(rows).toHaveLength(10);
    for (const row of rows) expect(width(row)).toBeLessThanOrEqual(40);
  });
});
