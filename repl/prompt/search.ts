// Ctrl-R: finds an earlier cell by a part of it.

import { graphemes } from "../editor/motion";
import type { History } from "../editor/history";
import { chord, type KeyEvent } from "../input/events";
import type { LiveContent } from "../view/layout";
import type { Prompt } from "./prompt";

export interface SearchHost {
  /** Ends the search; with null the cell is as it was before. */
  found(code: string | null): void;
}

export class SearchPrompt implements Prompt {
  private query = "";
  private match: { code: string; index: number } | null = null;
  private failed = false;

  constructor(
    private readonly history: History,
    private readonly host: SearchHost,
  ) {
    history.beginSearch();
  }

  view(): LiveContent["editor"] {
    const first = `${this.failed ? "no match" : "search"} “${this.query}”: `;
    const lines = (this.match?.code ?? "").split("\n");
    const at = this.match?.code.indexOf(this.query) ?? 0;
    const before = (this.match?.code ?? "").slice(0, Math.max(0, at)).split("\n");
    return {
      lines,
      caret: { line: before.length - 1, column: before[before.length - 1].length },
      prompt: { first, next: " ".repeat(first.length) },
      colored: true,
    };
  }

  text(text: string): void {
    this.query += text;
    this.find(this.match === null ? undefined : this.match.index + 1);
  }

  paste(text: string): void {
    this.text(text);
  }

  key(key: KeyEvent): void {
    const name = chord(key);
    if (name === "ctrl-r" || name === "up") this.find(this.match?.index);
    else if (name === "backspace") {
      this.query = graphemes(this.query).slice(0, -1).join("");
      this.find(undefined);
    } else if (name === "escape" || name === "ctrl-c" || name === "ctrl-g") this.host.found(null);
    else this.host.found(this.match?.code ?? null);
  }

  private find(from: number | undefined): void {
    const match = this.query === "" ? null : this.history.search(this.query, from);
    this.failed = match === null && this.query !== "";
    if (match !== null || this.query === "") this.match = match;
  }
}
