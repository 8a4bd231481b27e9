// The history: kept over sessions, walked by prefix.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { HistoryStore } from "../../kernel/session/history";
import { History } from "../../repl/editor/history";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cresset-history-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function filled(...codes: string[]): History {
  const history = new History(new HistoryStore(""));
  for (const code of codes) history.add(code);
  return history;
}

describe("history", () => {
  it("is kept over sessions", () => {
    const first = new History(new HistoryStore(folder));
    first.add("a");
    first.add("f(\n1)");
    const second = new History(new HistoryStore(folder));
    expect(second.older("")).toBe("f(\n1)");
    expect(second.older("f(\n1)")).toBe("a");
    expect(second.older("a")).toBeNull();
  });
  it("does not mix sessions of the same time, and finds the cells of both", async () => {
    const first = new History(new HistoryStore(folder));
    await new Promise((resolve) => setTimeout(resolve, 5));
    const second = new History(new HistoryStore(folder));
    second.add("of the second");
    expect(first.older("")).toBeNull();
    first.beginSearch();
    expect(first.search("second")?.code).toBe("of the second");
  });
  it("comes back to the draft", () => {
    const history = filled("one", "two");
    expect(history.older("")).toBe("two");
    expect(history.newer("two")).toBe("");
  });
  it("goes by the prefix that was typed", () => {
    const history = filled("torch.ones(2)", "1+1", "torch.zeros(2)");
    expect(history.older("to")).toBe("torch.zeros(2)");
    expect(history.older("torch.zeros(2)")).toBe("torch.ones(2)");
    expect(history.newer("torch.ones(2)")).toBe("torch.zeros(2)");
    expect(history.newer("torch.zeros(2)")).toBe("to");
  });
  it("goes on after a recalled cell was run", () => {
    const history = filled("one", "two", "three");
    history.older("");
    history.older("three");
    expect(history.older("two")).toBe("one");
    history.add("one");
    expect(history.newer("")).toBe("two");
    expect(history.newer("two")).toBe("three");
  });
  it("finds parts", () => {
    const history = filled("a.matmul(b)", "x", "c.matmul(d)");
    history.beginSearch();
    const found = history.search("matmul");
    expect(found?.code).toBe("c.matmul(d)");
    expect(history.search("matmul", found?.index)?.code).toBe("a.matmul(b)");
  });
});
