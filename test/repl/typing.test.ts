// Typing in the prompt: what a key costs in a long cell, and what an answer that comes late may do.

import { expect, test } from "vitest";
import { HistoryStore } from "../../kernel/session/history";
import type { CompleteReply } from "../../kernel/session/protocol";
import { History } from "../../repl/editor/history";
import { type CellHost, CellPrompt } from "../../repl/prompt/cell";
import { layout } from "../../repl/view/layout";
import { createPaint } from "../../repl/view/style";

const never = <T>(): Promise<T> => new Promise<T>(() => {});
const nothing = (): void => {};

function prompt(complete: CellHost["complete"] = never): CellPrompt {
  const host: CellHost = {
    nextCell: 1,
    isComplete: never,
    complete,
    signature: never,
    tokens: never,
    submit: nothing,
    inspect: nothing,
    interrupt: () => false,
    restart: nothing,
    search: nothing,
    clearScreen: nothing,
    suspend: nothing,
    exit: nothing,
    changed: nothing,
  };
  return new CellPrompt(host, new History(new HistoryStore("")));
}

const key = (name: string) => ({ type: "key", name, ctrl: false, alt: false, shift: false }) as const;

test("a key in a cell of 2,000 lines takes 3 ms at most", () => {
  const cell = prompt();
  const lines = Array.from({ length: 2000 }, (_, k) => `const value${k} = f(${k}, "text", \`\${${k}}\`); // line`);
  cell.paste(lines.join("\n"));
  const paint = createPaint({});
  const draw = (): unknown =>
    layout({ docks: () => [], menu: () => [], tail: "", queue: [], editor: cell.view(), status: "" }, 100, 40, paint);
  draw();
  for (let k = 0; k < 1000; k++) cell.key(key("up"));
  const presses = [
    () => cell.text("x"),
    () => cell.text("("),
    () => cell.key(key("backspace")),
    () => cell.key(key("left")),
    () => cell.key(key("down")),
  ];
  const taken = Array.from({ length: 100 }, (_, k) => {
    const before = process.cpuUsage();
    presses[k % presses.length]();
    draw();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }).sort((a, b) => a - b);
  // Of the process's own time, so that other work of the machine does not count; the slowest meet the collector.
  expect(taken[80]).toBeLessThan(3);
});

test("a completion is never older than the text", async () => {
  const answers: ((reply: CompleteReply) => void)[] = [];
  const cell = prompt(() => new Promise((resolve) => answers.push(resolve)));
  const asked = async (typed: string, ...then: (() => void)[]): Promise<string> => {
    cell.buffer.setText("");
    cell.closeMenu();
    cell.text(typed);
    cell.tab();
    for (const each of then) each();
    answers.at(-1)?.({
      start: 0,
      end: typed.length,
      completions: ["torch", "total"].map((text) => ({ text, kind: "const" })),
    } as CompleteReply);
    await Promise.resolve();
    await Promise.resolve();
    return `${cell.buffer.text} ${cell.menu?.size ?? 0}`;
  };
  expect(await asked("to")).toBe("to 2");
  expect(await asked("to", () => cell.text("r"))).toBe("torch 0");
  expect(await asked("to", () => cell.key(key("backspace")))).toBe("t 0");
  expect(await asked("to", () => cell.text("."))).toBe("to. 0");
  expect(await asked("to", () => cell.text(" + 1"))).toBe("to + 1 0");
  expect(await asked("to", () => cell.buffer.setText("other"))).toBe("other 0");
  expect(await asked("to", () => cell.key(key("escape")))).toBe("to 0");
});
