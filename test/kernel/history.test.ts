// The history that both front-ends share: a file per session, a line per cell.

import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { historyFolder, HistoryStore } from "../../kernel/session/history";

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "cresset-history-")), "history");
});
afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

test("tells of each cell when, where and how it ran", () => {
  const store = new HistoryStore(folder);
  const since = Date.now();
  const entry = store.add("1 +\n1");
  store.finish(store.add("fails"), { status: "error", duration: 12.4 });
  store.finish(entry, { status: "ok", duration: 3, output: "2" });
  const [first, second] = new HistoryStore(folder).newest(10);
  expect(first).toMatchObject({ session: 1, line: 1, code: "1 +\n1", cwd: process.cwd(), status: "ok", duration: 3 });
  expect(first.time).toBeGreaterThanOrEqual(since);
  expect(first.output).toBeUndefined();
  expect(second).toMatchObject({ line: 2, code: "fails", status: "error", duration: 12 });
  expect(store.own[0].output).toBe("2");
});

test("numbers sessions in the order of their first cells, and keeps those apart that run at the same time", () => {
  const stores = [new HistoryStore(folder), new HistoryStore(folder), new HistoryStore(folder)];
  stores[1].add("b");
  stores[0].add("a");
  stores[1].add("b2");
  expect(stores[2].sessions()).toEqual([2, 1]);
  expect(stores[2].of(1).map(({ code }) => code)).toEqual(["b", "b2"]);
  expect(stores[1].newest(2).map(({ code }) => code)).toEqual(["b", "b2"]);
  expect(stores[2].newest(Number.POSITIVE_INFINITY).map(({ code }) => code)).toEqual(["b", "b2", "a"]);
});

test("reads past broken lines, and shows nothing to others", () => {
  new HistoryStore(folder).add("good");
  const [file] = readdirSync(folder);
  appendFileSync(join(folder, file), '{"line": 2, "code": "cut');
  expect(new HistoryStore(folder).newest(5).map(({ code }) => code)).toEqual(["good"]);
  for (const path of [folder, join(folder, file)]) expect(statSync(path).mode & 0o077).toBe(0);
});

test("keeps the newest five hundred sessions", () => {
  mkdirSync(folder, { recursive: true });
  for (let k = 1; k <= 505; k++) writeFileSync(join(folder, `${k}.jsonl`), "");
  new HistoryStore(folder).add("newest");
  const kept = new HistoryStore(folder).sessions();
  expect([kept.length, kept[0], kept.at(-1)]).toEqual([500, 506, 7]);
});

test("lies in the state directory; one that cannot be written is kept in memory", () => {
  expect(historyFolder({ XDG_STATE_HOME: "/s" })).toBe("/s/cresset/history");
  expect(historyFolder({})).toMatch(/\.local\/state\/cresset\/history$/);
  for (const nowhere of ["", "/dev/null/nothing"]) {
    const store = new HistoryStore(nowhere);
    store.finish(store.add("a"), { status: "ok", duration: 1 });
    expect(store.newest(3).map(({ code }) => code)).toEqual(["a"]);
  }
});
