// The console in a real terminal: keys, cells, results, errors, history.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { occurrences, pause, Terminal } from "./terminal";

let terminal: Terminal;
beforeAll(async () => {
  terminal = await Terminal.console();
});
afterAll(() => terminal?.close());

/** Throws away what is being typed and empties the screen, so that a test sees only its own output. */
describe("keys", () => {
  it("are never lost: fifty cells in one write give fifty results", async () => {
    terminal.keys(...Array.from({ length: 50 }, () => ["1+1", "Enter"]).flat());
    await terminal.shows("Out[50]: 2");
    expect(occurrences(terminal.everything(), /^Out\[\d+\]: 2$/m)).toBe(50);
  });

  it("empty a line of two hundred characters one by one", async () => {
    await terminal.fresh();
    terminal.type("x".repeat(200));
    await terminal.shows(/x{60}/);
    terminal.keys("-N", "200", "BSpace");
    await terminal.until((screen) => !screen.includes("x"));
    await terminal.result("20+2", "]: 22");
  });

  it("each do their own", async () => {
    await terminal.fresh();
    terminal.type("bcdX");
    terminal.keys("BSpace", "Home", "DC", "End", "Left", "BSpace");
    terminal.type("'");
    terminal.keys("Home");
    terminal.type("'a");
    terminal.keys("C-e", "C-h");
    terminal.type("'");
    await terminal.shows(/In \[\d+\]: 'a''$/m);
  });

  it("that mean nothing harm nothing", async () => {
    await terminal.fresh();
    terminal.type("keep");
    const names = Array.from({ length: 12 }, (_, index) => `F${index + 1}`);
    for (const modifier of ["", "C-", "S-", "M-"]) terminal.keys(...names.map((name) => modifier + name));
    terminal.keys("IC", "C-Space", "C-g", "C-o", "C-t", "C-v", "C-x", "C-]", "C-q", "C-s", "Escape");
    const ESC = "\u001b";
    terminal.paste(`${ESC}[<0;10;5M${ESC}[I${ESC}[O${ESC}]11;rgb:1e1e/1e1e/1e1e${ESC}\\`, "-r");
    terminal.paste(`${ESC}[999;9x${ESC}[12;`, "-r");
    await pause(1000);
    terminal.type("!");
    await terminal.shows(/In \[\d+\]: keep!$/m);
    terminal.keys("C-u");
    await terminal.result("30+3", "]: 33");
  });

  it("go through the history cell by cell, and within a cell once it is changed", async () => {
    await terminal.fresh();
    terminal.line("const early = 1;");
    terminal.line("for (const k of [1]) {");
    terminal.line("early + k;");
    terminal.line("}");
    await terminal.fresh();
    terminal.keys("Up");
    await terminal.shows(/for \(const k of \[1\]\) \{/);
    terminal.keys("Up");
    await terminal.shows(/In \[\d+\]: const early = 1;$/m);
    terminal.keys("Down");
    await terminal.shows(/for \(const k of \[1\]\) \{/);
    terminal.keys("Left", "Up", "Up", "Home");
    terminal.type("/**/");
    await terminal.shows(/\/\*\*\/for \(const k/);
    terminal.keys("C-c");
  });

  it("take the cell that a cell of Python is in TypeScript", async () => {
    for (const key of ["Tab", "Right"]) {
      await terminal.fresh();
      terminal.line("const f = lambda x: x + 1");
      await terminal.shows(/^Tab writes {2}const f = \(x\) => x \+ 1$/m);
      terminal.type("a");
      await terminal.until((screen) => !/^Tab writes {2}/m.test(screen));
      terminal.keys("BSpace");
      await terminal.shows(/^Tab writes {2}/m);
      terminal.keys(key);
      await terminal.shows(/In \[\d+\]: const f = \(x\) => x \+ 1$/m);
      terminal.keys("C-u");
    }
    await terminal.result("30+4", "]: 34");
  });

  it("leave wide characters whole", async () => {
    await terminal.fresh();
    const [start] = terminal.cursor();
    terminal.type("你好👍");
    await terminal.shows("你好👍");
    expect(terminal.cursor()[0]).toBe(start + 6);
    terminal.keys("BSpace", "BSpace");
    await terminal.until((screen) => !screen.includes("好"));
    expect(terminal.cursor()[0]).toBe(start + 2);
  });
});

describe("Enter", () => {
  it("waits while brackets are open, and indents", async () => {
    await terminal.fresh();
    terminal.line("function half(x: number) {");
    terminal.line("return x / 2");
    terminal.line("}");
    const screen = await terminal.shows(/In \[\d+\]:$/m);
    expect(screen).toMatch(/\{\n +\.\.\.: {3}return x \/ 2\n +\.\.\.: \}\n/);
    await terminal.result("half(84)", "]: 42");
    terminal.line("half(");
    terminal.line("16)");
    await terminal.shows("]: 8");
  });

  it("runs a finished line wherever the cursor is", async () => {
    await terminal.fresh();
    terminal.type("40+4");
    terminal.keys("Home", "Enter");
    await terminal.shows("]: 44");
  });

  it("with Alt, like Ctrl-J, always begins a line", async () => {
    await terminal.fresh();
    terminal.type("50+");
    terminal.keys("BSpace", "M-Enter");
    terminal.type("+5");
    terminal.keys("C-j");
    await terminal.shows(/50\n +\.\.\.: \+5\n +\.\.\.:$/m);
    terminal.keys("Enter");
    await terminal.shows("]: 55");
  });

  it("shows an error for what no further text can mend", async () => {
    await terminal.fresh();
    terminal.line("(1 + ]");
    await terminal.shows("SyntaxError");
    await terminal.fresh();
    terminal.line("[1].join('");
    await terminal.shows("SyntaxError");
  });
});

describe("results", () => {
  it("show the last value, unless `;` hides it, and nothing for declarations", async () => {
    await terminal.fresh();
    terminal.line("const shown = 'yes'");
    terminal.line("shown.toUpperCase()");
    await terminal.shows("]: 'YES'");
    terminal.line("'hid' + 'den';");
    terminal.line("'e' + 'nd'");
    await terminal.shows("]: 'end'");
    expect(terminal.screen()).not.toContain("hidden");
    expect(occurrences(terminal.screen(), /Out\[/)).toBe(2);
  });

  it("of several lines begin below the prompt", async () => {
    await terminal.fresh();
    terminal.line("Array.from({length: 60}, (_, i) => i)");
    const screen = await terminal.shows(/\n\]$/m);
    expect(screen).toMatch(/Out\[\d+\]:\n\[\n {2,}0, {2,}1/);
  });

  it("are PyTorch's text", async () => {
    await terminal.fresh();
    await terminal.result("torch.ones(2)", "]: tensor([1., 1.])");
    terminal.line("torch.ones(2, 3)");
    await terminal.shows(/Out\[\d+\]:\ntensor\(\[\[1\., 1\., 1\.\],\n {8}\[1\., 1\., 1\.\]\]\)$/m);
  });

  it("of promises are awaited", async () => {
    await terminal.fresh();
    terminal.line("Promise.resolve(6 * 11)");
    await terminal.shows("]: 66");
  });

  it("follow what the cell printed", async () => {
    await terminal.fresh();
    terminal.line("console.log('printed'); 70 + 7");
    expect(await terminal.shows("]: 77")).toMatch(/'printed'\); 70 \+ 7\nprinted\nOut\[\d+\]: 77/);
  });

  it("let names be declared again", async () => {
    await terminal.fresh();
    terminal.line("const again = 1");
    terminal.line('const again = "x"');
    terminal.line("class Same {}; class Other {}");
    terminal.line("class Same { y = 9 }");
    terminal.line("again + new Same().y");
    const screen = await terminal.shows("]: 'x9'");
    expect(screen).not.toContain("Error");
  });
});

describe("errors", () => {
  it("of types come before anything runs, and Up brings the cell back", async () => {
    await terminal.fresh();
    terminal.line('console.log("SI" + "DE"); const wrong: string = 1');
    const screen = await terminal.shows("TS2322");
    expect(screen).toContain("❱ 1 │");
    expect(screen).toMatch(/^ +│ +~+$/m);
    expect(screen).not.toContain("SIDE");
    terminal.keys("Up");
    await terminal.shows(/In \[\d+\]: console\.log.*wrong: string = 1$/m);
  });

  it("that are thrown show the message, then the line", async () => {
    await terminal.fresh();
    terminal.line("throw new RangeError('too ' + 'far')");
    expect(await terminal.shows("❱")).toMatch(/^RangeError: too far\n.*\n❱ 1 │ throw/m);
  });

  it("keep the console when the program ends itself", async () => {
    await terminal.fresh();
    terminal.line("const lost = 1");
    terminal.type("process.abort()");
    terminal.keys("Enter");
    terminal.type("80+8");
    await terminal.shows("SIGABRT");
    terminal.keys("Enter");
    await terminal.shows("]: 88");
  });
});

describe("Ctrl-C", () => {
  it.each(["while (true) {}", "await null; while (true) {}", "await new Promise(() => {})"])(
    "stops %s and keeps variables",
    async (code) => {
      await terminal.fresh();
      await terminal.result("const keep = 'kept'; keep.length", "]: 4");
      terminal.line(code);
      await terminal.shows("Ctrl-C stops");
      terminal.keys("C-c");
      await terminal.shows("Interrupted");
      terminal.line("keep");
      await terminal.shows("]: 'kept'");
    },
  );

  it("clears the text, which Up brings back, and never leaves", async () => {
    await terminal.fresh();
    terminal.type("half a thought");
    await terminal.shows("half a thought");
    terminal.keys("C-c");
    await terminal.until((screen) => !screen.includes("half a thought"));
    terminal.keys("C-c", "C-c", "Up");
    await terminal.shows("half a thought");
  });
});

describe("completion", () => {
  it("offers the options of the call where an argument begins", async () => {
    await terminal.fresh();
    terminal.type("new nn.Conv2d(3, 8, ");
    terminal.keys("Tab");
    await terminal.shows(/^ +\{ stride: +property +Spatial/m);
    terminal.type("dil");
    await terminal.until((screen) => !screen.includes("{ stride:"));
    terminal.keys("Enter");
    await terminal.shows(/new nn\.Conv2d\(3, 8, \{ dilation: *$/m);
    terminal.keys("C-u");
  });

  it("shows a menu with kinds, narrows it and inserts the choice", async () => {
    await terminal.fresh();
    terminal.type("Math.");
    terminal.keys("Tab");
    await terminal.shows(/^ +acosh +method/m);
    terminal.type("hyp");
    await terminal.until((screen) => !screen.includes("acosh"));
    terminal.keys("Enter");
    await terminal.shows(/Math\.hypot$/m);
    terminal.line("(3, 4)");
    await terminal.shows("]: 5");
  });

  it("replaces the whole word in whose middle it was asked for", async () => {
    await terminal.fresh();
    terminal.type("Math.hyp_old(3, 4)");
    terminal.keys("Home", ...Array(8).fill("Right"), "Tab");
    await terminal.shows(/Math\.hypot\(3, 4\)$/m);
  });

  it("shows the call that is being written, with its argument, and hides it with Escape", async () => {
    await terminal.fresh();
    terminal.type("Math.pow(2, ");
    const screen = await terminal.shows(/^ +pow\(x: number, y: number\): number$/m);
    expect(screen).toMatch(/^ +The exponent value/m);
    terminal.keys("Escape");
    await terminal.until((now) => !now.includes("y: number"));
    terminal.type("3)");
    terminal.keys("Enter");
    await terminal.shows("]: 8");
  });

  it("underlines names that nobody knows, and the brackets at the caret", async () => {
    await terminal.fresh();
    terminal.type("Math.max(nobody, 1)");
    // tmux gives codes of its own, several where one would do.
    const styled = (code: string, text: string): RegExp =>
      new RegExp(`\u001b\\[(?:\\d+;)*${code}m(?:\u001b\\[[\\d;]*m)*${text}`);
    await terminal.until(() => {
      const screen = terminal.screen("-e");
      return (
        styled("4", "nobody").test(screen) && styled("1;4", "\\(").test(screen) && styled("1;4", "\\)").test(screen)
      );
    });
    terminal.keys("C-u");
  });

  it("leaves a variable called quit to its owner", async () => {
    await terminal.fresh();
    await terminal.result("const quit = 5;", "const quit");
    await terminal.result("quit", "]: 5");
  });

  it("inserts a single proposal at once", async () => {
    await terminal.fresh();
    terminal.type("Math.hyp");
    terminal.keys("Tab");
    await terminal.shows(/Math\.hypot$/m);
  });
});

describe("a question mark", () => {
  it("after a name tells its type and what it is for", async () => {
    await terminal.fresh();
    terminal.line("const asked = [1, 2]");
    terminal.line("asked?");
    await terminal.shows(/^const asked: number\[\]$/m);
    terminal.line("torch.matmul?");
    await terminal.shows(/matmul\(.*Tensor/);
    terminal.line("nowhere?");
    await terminal.shows("nowhere is not defined");
  });
});

describe("magics", () => {
  it("print, run commands and give the next cell", async () => {
    await terminal.fresh();
    terminal.line("%time 6 * 7");
    await terminal.shows(/^Wall time: .+\n(?:.*\n)*Out\[\d+\]: 42$/m);
    terminal.line("!echo from the she''ll; exit 4");
    await terminal.shows(/^from the shell\nexit status 4$/m);
    terminal.line("!echo 'loaded' > loaded-cell.ts; echo done");
    await terminal.shows(/^done$/m);
    terminal.line("%load loaded-cell.ts");
    await terminal.shows(/In \[\d+\]: \/\/ %load loaded-cell\.ts\n.*loaded$/m);
    terminal.keys("C-c");
  });

  it("are completed", async () => {
    await terminal.fresh();
    terminal.type("%his");
    terminal.keys("Tab");
    await terminal.shows(/In \[\d+\]: %history$/m);
    terminal.keys("C-c");
  });
});

describe("while a cell runs", () => {
  it("typing works and cells wait for their turn", async () => {
    await terminal.fresh();
    terminal.line("const started = Date.now(); while (Date.now() - started < 3000) {}; 'fi' + 'rst'");
    terminal.line("'sec' + 'ond'");
    await terminal.shows("queued");
    terminal.type("90+");
    await terminal.shows(/In \[\d+\]: 90\+$/m);
    expect(await terminal.shows("second")).toMatch(/'first'[\s\S]*'second'/);
  });

  it("a program can ask, and is answered", async () => {
    await terminal.fresh();
    terminal.line("'<' + prompt('Who are you?') + '>'");
    await terminal.shows(/^Who are you\?/m);
    terminal.line("me");
    await terminal.shows("]: '<me>'");
  });
});
