// Colours, and the only place that knows escape codes of style. Sixteen-colour codes follow the person's own terminal theme.

import type { TokenKind } from "../language/lexer";

export type Style =
  | TokenKind
  | "prompt"
  | "continuation"
  | "output"
  | "error"
  | "dim"
  | "bold"
  | "selected"
  | "unknown"
  | "bracket"
  | "warning";

const CODES: { [style in Style]: string } = {
  keyword: "35",
  constant: "36",
  type: "33",
  name: "",
  number: "36",
  string: "32",
  regex: "31",
  comment: "2",
  open: "",
  close: "",
  operator: "",
  prompt: "1;32",
  continuation: "32",
  output: "1;31",
  error: "1;31",
  dim: "2",
  bold: "1",
  selected: "7",
  unknown: "4",
  bracket: "1;4",
  warning: "33",
};

/** Paints text; lines keep their own codes, so a line can be cut out of a painted text. */
export type Paint = (style: Style, text: string) => string;

/** With colours, or without when NO_COLOR is set to anything (no-color.org) or the terminal is dumb. */
export function createPaint(env: { [name: string]: string | undefined }): Paint {
  if ((env.NO_COLOR !== undefined && env.NO_COLOR !== "") || env.TERM === "dumb") return (_style, text) => text;
  return (style, text) => {
    const code = CODES[style];
    if (code === "" || text === "") return text;
    return text.replace(/[^\n]+/g, (line) => `\u001b[${code}m${line}\u001b[0m`);
  };
}
