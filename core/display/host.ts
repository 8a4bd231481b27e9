// Where values that show themselves over time (charts, progress bars) send their pictures. The library knows no front-end: a
// front-end sets a host; without one, a plain Node script gets text on its terminal.

/** One value in several forms, MIME type → data, as Jupyter's display messages carry them. */
export type MimeBundle = { [mime: string]: unknown };

/** Values with this method give their MIME bundle to a front-end (the convention of Deno's kernel). */
export const displaySymbol: unique symbol = Symbol.for("Jupyter.display") as never;

/** What a front-end does for values that show themselves. */
export interface DisplayHost {
  /** Shows a bundle now, synchronously handed over. With an `id` it can be replaced later. */
  display(bundle: MimeBundle, id?: string): void;
  /** Replaces what was shown under `id`, also while a cell runs synchronously. */
  update(bundle: MimeBundle, id: string): void;
  /** The display of `id` will not change again: a terminal front-end moves it from its live region to the scrollback. */
  finish(id: string): void;
  /** Takes away what the running cell has shown; with `wait`, when it next shows something. A terminal keeps it. */
  clear(wait: boolean): void;
}

/** What the terminal behind a front-end can draw. */
export interface DisplayTerminal {
  columns: number;
  rows: number;
  colors: "none" | "basic" | "true";
  /** Protocols for pictures, the best first; without any, pictures are made of characters. */
  pictures: readonly ("kitty" | "iterm2" | "sixel")[];
}

let current: DisplayHost | null = null;
let terminal: DisplayTerminal | null = null;

/** Sets the host of this process; `null` restores the plain one. */
export function setDisplayHost(host: DisplayHost | null): void {
  current = host;
}

/** The host set by a front-end, or null in a plain script. */
export function displayHost(): DisplayHost | null {
  return current;
}

/** Sets what a front-end's terminal can draw. */
export function setDisplayTerminal(given: DisplayTerminal | null): void {
  terminal = given;
}

/** What the terminal behind the front-end can draw; null where there is none, or nobody knows. */
export function displayTerminal(): DisplayTerminal | null {
  return terminal;
}
