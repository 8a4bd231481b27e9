// What was typed before: one JSON line per cell in a file that every session appends to, and the walk through it with Up and Down.
// Sessions at the same time do not see each other's cells: the file is read once, at the start.

import { appendFileSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/** One cell as it is kept. */
export interface HistoryEntry {
  code: string;
  /** Milliseconds since 1970. */
  time: number;
  cwd: string;
}

/** More than anybody walks through; older cells stay in the file. */
const LOADED = 20_000;

/** The file of the person's history: under `XDG_STATE_HOME`, by default `~/.local/state`. */
export function historyPath(env: { [name: string]: string | undefined }): string {
  const state = env.XDG_STATE_HOME;
  const base = state?.startsWith("/") ? state : join(homedir(), ".local", "state");
  return join(base, "cresset", "history.jsonl");
}

export class History {
  private readonly codes: string[];
  /** The entry that is shown, `codes.length` for the draft. */
  private at: number;
  private draft = "";
  /** Where Down goes on after a recalled cell was run. */
  private resume: number | null = null;

  /** @param path the file; an empty path keeps history in memory only */
  constructor(private readonly path: string) {
    this.codes = path === "" ? [] : load(path);
    this.at = this.codes.length;
  }

  /** Adds a cell, to the file in one write: lines of several sessions and of a killed one stay whole. */
  add(code: string): void {
    const recalled = this.at < this.codes.length && this.codes[this.at] === code ? this.at : null;
    this.remember(code);
    this.resume = recalled === null ? null : recalled + 1;
    if (this.path === "") return;
    const entry: HistoryEntry = { code, time: Date.now(), cwd: process.cwd() };
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      appendFileSync(this.path, `${JSON.stringify(entry)}\n`, { mode: 0o600 });
    } catch {
      // A read-only home must not stop anybody from working: the history then lasts as long as the session.
    }
  }

  /** Adds text that was thrown away unrun: Up brings it back, the file does not get it. */
  remember(code: string): void {
    if (this.codes[this.codes.length - 1] !== code) this.codes.push(code);
    this.at = this.codes.length;
    this.draft = "";
    this.resume = null;
  }

  /** The cell before the one shown; when text was typed first, the one before that begins with it. Null when there is none. */
  older(current: string): string | null {
    if (this.at === this.codes.length) this.draft = current;
    for (let index = this.at - 1; index >= 0; index--) {
      if (!this.matches(index, current)) continue;
      this.at = index;
      return this.codes[index];
    }
    return null;
  }

  /** The cell after the one shown, at last the draft. Null when there is none. */
  newer(current: string): string | null {
    if (this.at === this.codes.length) {
      if (this.resume === null || current !== "" || this.resume >= this.codes.length - 1) return null;
      this.draft = "";
      this.at = this.resume - 1;
      this.resume = null;
    }
    for (let index = this.at + 1; index < this.codes.length; index++) {
      if (!this.matches(index, current)) continue;
      this.at = index;
      return this.codes[index];
    }
    this.at = this.codes.length;
    return this.draft;
  }

  /** The newest cell before `from` that contains `query`, with its index; null when there is none. */
  search(query: string, from: number = this.codes.length): { code: string; index: number } | null {
    for (let index = Math.min(from, this.codes.length) - 1; index >= 0; index--) {
      if (this.codes[index].includes(query)) return { code: this.codes[index], index };
    }
    return null;
  }

  private matches(index: number, current: string): boolean {
    const code = this.codes[index];
    return code !== current && code.startsWith(this.draft);
  }
}

function load(path: string): string[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return [];
  }
  const codes: string[] = [];
  for (const line of text.split("\n").slice(-LOADED)) {
    const code = parse(line);
    if (code !== null && code !== codes[codes.length - 1]) codes.push(code);
  }
  return codes;
}

/** A line that was cut by a crash or edited by hand is no reason to lose the others. */
function parse(line: string): string | null {
  if (line === "") return null;
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === "object" && entry !== null && "code" in entry && typeof entry.code === "string")
      return entry.code;
  } catch {
    return null;
  }
  return null;
}
