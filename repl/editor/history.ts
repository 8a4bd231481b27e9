// The walk through what was typed before, with Up and Down, and the search in it. Sessions at the same time do not see each other's cells
// with Up: what was there at the start is read when it is first needed. A search looks through all.

import type { HistoryEntry, HistoryStore } from "../../kernel/session/history";

/** More than anybody walks through; older cells stay in their files. */
const LOADED = 20_000;

export class History {
  private readonly start = Date.now();
  /** The cells of earlier sessions and of this one; null until Up needs the former. */
  private walked: string[] | null = null;
  /** What was given or thrown away before that. */
  private readonly early: string[] = [];
  /** What a search looks through. */
  private searched: readonly string[] = [];
  /** The entry that is shown; null for the draft. */
  private at: number | null = null;
  private draft = "";
  /** Where Down goes on after a recalled cell was run. */
  private resume: number | null = null;

  constructor(private readonly store: HistoryStore) {}

  /** Adds a cell that is to run. */
  add(code: string): HistoryEntry {
    const recalled = this.at !== null && this.codes[this.at] === code ? this.at : null;
    this.remember(code);
    this.resume = recalled === null ? null : recalled + 1;
    return this.store.add(code);
  }

  /** Notes how a cell ended. */
  finish(entry: HistoryEntry, status: "ok" | "error", duration: number): void {
    this.store.finish(entry, { status, duration });
  }

  /** Adds text that was thrown away unrun: Up brings it back, no later session does. */
  remember(code: string): void {
    const codes = this.walked ?? this.early;
    if (codes[codes.length - 1] !== code) codes.push(code);
    this.at = null;
    this.draft = "";
    this.resume = null;
  }

  /** The cell before the one shown; when text was typed first, the one before that begins with it. Null when there is none. */
  older(current: string): string | null {
    const { codes } = this;
    if (this.at === null) this.draft = current;
    for (let index = (this.at ?? codes.length) - 1; index >= 0; index--) {
      if (!this.matches(codes[index], current)) continue;
      this.at = index;
      return codes[index];
    }
    return null;
  }

  /** The cell after the one shown, at last the draft. Null when there is none. */
  newer(current: string): string | null {
    const { codes } = this;
    if (this.at === null) {
      if (this.resume === null || current !== "" || this.resume >= codes.length - 1) return null;
      this.draft = "";
      this.at = this.resume - 1;
      this.resume = null;
    }
    for (let index = this.at + 1; index < codes.length; index++) {
      if (!this.matches(codes[index], current)) continue;
      this.at = index;
      return codes[index];
    }
    this.at = null;
    return this.draft;
  }

  /** Begins a search, which looks through the cells of all sessions as they are now. */
  beginSearch(): void {
    this.searched = codesOf(this.store.newest(LOADED));
  }

  /** The newest cell before `from` that contains `query`, with its index; null when there is none. */
  search(query: string, from: number = this.searched.length): { code: string; index: number } | null {
    for (let index = Math.min(from, this.searched.length) - 1; index >= 0; index--) {
      if (this.searched[index].includes(query)) return { code: this.searched[index], index };
    }
    return null;
  }

  private get codes(): string[] {
    if (this.walked === null) {
      const own = new Set(this.store.own);
      const earlier = this.store.newest(LOADED).filter((entry) => entry.time <= this.start && !own.has(entry));
      this.walked = [...codesOf(earlier), ...this.early];
    }
    return this.walked;
  }

  private matches(code: string, current: string): boolean {
    return code !== current && code.startsWith(this.draft);
  }
}

/** The texts in the order of their time; a cell that was run several times in a row is one. */
function codesOf(entries: readonly HistoryEntry[]): string[] {
  const sorted = [...entries].sort((a, b) => a.time - b.time);
  return sorted.map(({ code }) => code).filter((code, index, all) => code !== all[index - 1]);
}
