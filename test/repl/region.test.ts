// The live region in a real terminal: pastes, long cells, resizing, displays that move; and the scrollback, which is the person's own.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { occurrences, pause, Terminal } from "./terminal";

let terminal: Terminal;
beforeAll(async () => {
  terminal = await Terminal.console();
});
afterAll(() => terminal?.close());

/** Two hundred lines, indented in parts, that only make sense together. */
function block(name: string): string {
  const rows = Array.from({ length: 197 }, (_, index) => `    ${index},`);
  return `const ${name} = [\n  ...[\n${rows.join("\n")}\n  ],\n].length;\n`;
}

describe("a pasted block", () => {
  it("in brackets is one cell, which Enter runs, undo removes and Up recalls", async () => {
    await terminal.fresh();
    terminal.paste(block("first"), "-p");
    const screen = await terminal.shows(/\]\.length;$/m);
    expect(screen).toMatch(/↑ \d+ more/);
    expect(screen.split("\n").length).toBeLessThanOrEqual(39);
    terminal.keys("C-_");
    await terminal.until((now) => /^In \[\d+\]:$/.test(now.trim()));
    terminal.keys("M-_");
    await terminal.shows("].length;");
    terminal.keys("Enter");
    await terminal.result("first", "]: 197");
    terminal.keys("Up", "Up");
    await terminal.shows(/↑ \d+ more/);
  });

  it("without brackets is one cell too, with its own indentation", async () => {
    await terminal.fresh();
    terminal.paste(block("second"));
    const screen = await terminal.shows(/\]\.length;$/m);
    expect(screen).toMatch(/\.\.\.: {5}196,\n +\.\.\.: {3}\],\n +\.\.\.: \]\.length;/);
    expect(screen).not.toContain("Error");
    terminal.keys("Enter");
    await terminal.result("second", "]: 197");
  });

  it("loses the prompts of other consoles", async () => {
    await terminal.fresh();
    terminal.paste(">>> const pasted = 5\n>>> pasted * 5\n25\n", "-p");
    await terminal.shows(/In \[\d+\]: const pasted = 5\n +\.\.\.: pasted \* 5$/m);
    terminal.keys("Enter");
    await terminal.shows("]: 25");
  });
});

describe("the scrollback", () => {
  it("keeps what was there, has every result once, and is never cleared", async () => {
    await terminal.fresh();
    const clears = (): number => terminal.bytes().split("\u001b[2J").length;
    const asked = clears();
    terminal.line("for (let i = 0; i < 300; i++) console.log('line ' + i + '.'); 'after ' + 'them'");
    await terminal.shows("after them");
    for (const columns of [90, 60, 120]) {
      terminal.resize(columns, 40);
      await pause(200);
    }
    await terminal.result("'sized ' + 'again'", "sized again");
    const all = terminal.everything();
    expect(occurrences(all, /^BEFORE$/m)).toBe(1);
    for (const line of [0, 1, 150, 299]) expect(occurrences(all, new RegExp(`^line ${line}\\.$`, "m"))).toBe(1);
    expect(occurrences(all, /'after them'/)).toBe(1);
    expect(occurrences(all, /'sized again'/)).toBe(1);
    expect(clears()).toBe(asked);
    expect(terminal.bytes()).not.toContain("\u001b[3J");
  });

  it("gets nothing of a cell that moves the cursor or clears the screen", async () => {
    await terminal.fresh();
    terminal.line("process.stdout.write('\\x1b[2J\\x1b[3J\\x1b[Hsafe\\x1b[31m red\\x1b[0m\\n')");
    await terminal.shows(/^safe red$/m);
  });
});

describe("displays that move", () => {
  it("are drawn while a synchronous loop runs, and stay once in the scrollback", async () => {
    await terminal.fresh();
    const wait = "const end = Date.now() + 12; while (Date.now() < end) {}";
    terminal.line(`for (const i of torch.tqdm(Array.from({ length: 400 }))) { ${wait} }`);
    const seen = new Set<string>();
    await terminal.until((screen) => {
      const percent = /(\d+)%\|/.exec(screen)?.[1];
      if (percent !== undefined) seen.add(percent);
      return percent === "100" && !screen.includes("Ctrl-C stops");
    });
    expect(seen.size).toBeGreaterThan(3);
    expect(occurrences(terminal.screen(), /%\|/)).toBe(1);
  });

  it("leave the prompt usable and survive a resize", async () => {
    await terminal.fresh();
    terminal.line("const losses = torch.plot()");
    const wait = "const end = Date.now() + 20; while (Date.now() < end) {}";
    terminal.line(`for (let i = 1; i <= 400; i++) { losses.push({ loss: 1 / i }); ${wait} }`);
    await terminal.shows(/── loss/);
    await terminal.shows("Ctrl-C stops");
    terminal.type("typed meanwhile");
    await terminal.shows("typed meanwhile");
    for (const columns of [100, 80, 60, 120]) {
      terminal.resize(columns, 40);
      await pause(150);
    }
    const screen = await terminal.until((now) => /Ctrl-C stops/.test(now) && /typed meanwhile/.test(now));
    expect(occurrences(screen, /typed meanwhile/)).toBe(1);
    expect(occurrences(screen, /Ctrl-C stops/)).toBe(1);
    const after = await terminal.until((now) => !now.includes("Ctrl-C stops") && now.includes("typed meanwhile"));
    expect(occurrences(after, /typed meanwhile/)).toBe(1);
    terminal.keys("C-c");
  });
});

describe("a small terminal", () => {
  it("shows a long cell in its own height, with the cursor", async () => {
    await terminal.fresh();
    terminal.resize(60, 12);
    // A program knows its new size only some moments later.
    await pause(500);
    terminal.paste(block("third"), "-p");
    const screen = await terminal.shows(/\]\.length;$/m);
    expect(screen.split("\n").length).toBeLessThanOrEqual(11);
    terminal.keys("C-Home");
    await terminal.shows(/In \[\d+\]: const third = \[/);
    terminal.keys("C-c");
    await terminal.until((now) => /^In \[\d+\]:$/m.test(now) && !now.includes("third"));
    terminal.resize(120, 40);
    await pause(500);
    expect(occurrences(terminal.everything(), /third/)).toBe(0);
  });
});
