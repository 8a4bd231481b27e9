// Whether texts may carry colour, by the conventions of terminals (NO_COLOR, FORCE_COLOR, COLORTERM).

const RESET = "\x1b[0m";

/** How many colours a text may use. */
export type ColorDepth = "none" | "basic" | "true";

/**
 * The colours allowed on `stream`: none for NO_COLOR or when it is no terminal (unless FORCE_COLOR says otherwise), true colour when
 * COLORTERM or FORCE_COLOR=3 announce it.
 */
export function colorDepth(stream: { isTTY?: boolean } = process.stdout, env = process.env): ColorDepth {
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return "none";
  const forced = env.FORCE_COLOR;
  if (forced === "0" || forced === "false") return "none";
  if (forced === undefined && (!stream.isTTY || env.TERM === "dumb")) return "none";
  return forced === "3" || /^(truecolor|24bit)$/.test(env.COLORTERM ?? "") ? "true" : "basic";
}

/** `text` in a colour of the basic sixteen, given by its SGR code. */
export function colored(text: string, code: number): string {
  return `\x1b[${code}m${text}${RESET}`;
}

/** An upper half block: `top` and `bottom` are RGB triples. */
export function halfBlock(top: readonly number[], bottom: readonly number[]): string {
  return `\x1b[38;2;${top.join(";")};48;2;${bottom.join(";")}m▀`;
}

/** Ends the colours of a line. */
export const resetColor = RESET;
