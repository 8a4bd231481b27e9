// Types of `Out`, `_` and the like, as declarations for the check. They are written only for a cell that mentions such a name: a
// thousand types would make every check slower. Being global declarations, they end with the check that they were made for.

/** Names of results as they occur in code. */
const mention = /(?<![\w$.])(?:_{1,3}|_\d+|Out|In)(?![\w$])/;
const numbered = /(?<![\w$.])(?:_|Out\[\s*)(\d+)/g;
const assigned = /(?<![\w$.])_\s*=(?![=>])/;
/** A completion offers the newest results; longer menus help nobody. */
const offered = 20;

/** How their declarations begin, which no later cell is to see. */
export const resultsOpening = "declare global { // Out";

export class ResultTypes {
  private readonly types = new Map<number, string>();
  /** A cell has assigned to `_`, which then holds whatever was assigned: it is checked no more until the results are cleared. */
  private taken = false;

  add(cell: number, type: string): void {
    // The order of the map is the order in which cells ran.
    this.types.delete(cell);
    this.types.set(cell, type);
  }

  clear(): void {
    this.types.clear();
    this.taken = false;
  }

  /** Declarations for a cell that is to run. */
  for(code: string): string {
    if (!mention.test(code)) return "";
    this.taken ||= assigned.test(code);
    return this.declare([...code.matchAll(numbered)].map((match) => Number(match[1])));
  }

  /** Declarations for a text that is still being written. */
  forCompletion(code: string): string {
    const newest = [...this.types.keys()].slice(-offered);
    return /[_OI]/.test(code)
      ? this.declare([...newest, ...[...code.matchAll(numbered)].map((m) => Number(m[1]))])
      : "";
  }

  private declare(mentioned: number[]): string {
    const cells = [...new Set(mentioned)].filter((cell) => this.types.has(cell));
    const last = [...this.types.keys()].slice(-3).reverse();
    const typeOf = (cell: number | undefined): string =>
      cell === undefined ? "undefined" : (this.types.get(cell) ?? "unknown");
    const lines = ["__", "___"].map((name, place) => `let ${name}: ${typeOf(last[place + 1])};`);
    lines.push(`let _: ${this.taken ? "any" : typeOf(last[0])};`);
    for (const cell of cells) lines.push(`const _${cell}: ${typeOf(cell)};`);
    const members = cells.map((cell) => `${cell}: ${typeOf(cell)};`).join(" ");
    // A number that is not written out may mean any of them.
    lines.push(`const Out: { [cell: number]: unknown; ${members} };`, "const In: readonly string[];");
    return `${resultsOpening}\n${lines.join("\n")}\n}\n`;
  }
}
