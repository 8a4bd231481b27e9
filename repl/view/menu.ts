// The completion menu: what the session proposed, narrowed by what is typed on, without asking again.

import type { CompleteReply, Completion } from "../../kernel/session/protocol";
import type { Paint } from "./style";
import { truncate, width } from "./width";

const TALLEST = 10;

export class Menu {
  private selected = 0;
  private shown: readonly Completion[];

  /**
   * @param reply what the session proposed
   * @param typed the text between the reply's start and the caret
   * @param rest what stands behind the caret and belongs to the word: a choice replaces it, too
   */
  constructor(
    private readonly reply: CompleteReply,
    typed: string,
    readonly rest: string,
  ) {
    this.shown = narrow(reply.completions, typed);
  }

  /** Offset at which a choice begins. */
  get start(): number {
    return this.reply.start;
  }

  get size(): number {
    return this.shown.length;
  }

  get choice(): Completion | undefined {
    return this.shown[this.selected];
  }

  /** What all proposals begin with. */
  get common(): string {
    const [first, ...others] = this.shown.map((item) => (this.shown.length === 1 ? item.text : nameOf(item)));
    if (first === undefined) return "";
    let length = first.length;
    for (const text of others) while (!text.startsWith(first.slice(0, length))) length--;
    return first.slice(0, length);
  }

  move(step: number): void {
    const count = this.shown.length;
    if (count > 0) this.selected = (this.selected + step + count) % count;
  }

  /** Keeps what fits the text typed so far; false when the menu has nothing more to say. */
  narrow(typed: string): boolean {
    if (!/^[\p{ID_Continue}$#]*$/u.test(typed)) return false;
    const chosen = this.choice;
    this.shown = narrow(this.reply.completions, typed);
    this.selected = Math.max(0, chosen === undefined ? 0 : this.shown.indexOf(chosen));
    return this.shown.length > 0;
  }

  /** At most ten rows: name, kind, type; below them what is written about the choice. */
  rows(columns: number, limit: number, paint: Paint): string[] {
    const height = Math.min(TALLEST, limit, this.shown.length);
    if (height <= 0) return [];
    const top = Math.max(0, Math.min(this.selected - Math.floor(height / 2), this.shown.length - height));
    const page = this.shown.slice(top, top + height);
    const names = Math.min(40, Math.max(...page.map((item) => width(item.text))));
    const kinds = Math.max(...page.map((item) => width(item.kind)));
    const about = this.choice?.documentation?.trim().split("\n")[0] ?? "";
    const note = about !== "" && limit > height ? [paint("dim", truncate(`   ${about}`, columns))] : [];
    const rows = page.map((item, index) => {
      const name = pad(truncate(item.text, names), names);
      const detail = `${pad(item.kind, kinds)}  ${(item.type ?? "").replace(/\s+/g, " ")}`;
      const left = ` ${name} `;
      const right = truncate(` ${detail}`, Math.max(0, columns - width(left) - 1));
      const chosen = top + index === this.selected;
      return ` ${chosen ? paint("selected", left) : left}${paint("dim", right)}`.trimEnd();
    });
    return [...rows, ...note];
  }
}

/** Proposals that begin with the text; without any, those that do so in other case. */
function narrow(items: readonly Completion[], typed: string): readonly Completion[] {
  const exact = items.filter((item) => nameOf(item).startsWith(typed));
  if (exact.length > 0) return exact;
  const lower = typed.toLowerCase();
  return items.filter((item) => nameOf(item).toLowerCase().startsWith(lower));
}

/** What is typed to find a proposal: of an option that begins an object its name. */
function nameOf({ text }: Completion): string {
  return text.replace(/^\{ /, "");
}

function pad(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - width(text)));
}
