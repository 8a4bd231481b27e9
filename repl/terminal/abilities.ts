// What the terminal can draw, as its environment tells.

import type { Terminal } from "../../kernel/session/protocol";

type Environment = { [name: string]: string | undefined };

/** The size, the colours and the protocols for pictures. A multiplexer passes no pictures on. */
export function abilities(env: Environment, output: { columns?: number; rows?: number }): Terminal {
  const { columns = 80, rows = 24 } = output;
  return { columns, rows, colors: colorsOf(env), pictures: env.TMUX || env.STY ? [] : picturesOf(env) };
}

function colorsOf(env: Environment): Terminal["colors"] {
  if ((env.NO_COLOR !== undefined && env.NO_COLOR !== "") || env.TERM === "dumb") return "none";
  return /^(truecolor|24bit)$/.test(env.COLORTERM ?? "") ? "true" : "basic";
}

function picturesOf(env: Environment): Terminal["pictures"] {
  const { TERM = "", TERM_PROGRAM = "" } = env;
  if (env.KITTY_WINDOW_ID !== undefined || /kitty|ghostty/.test(`${TERM} ${TERM_PROGRAM}`)) return ["kitty"];
  if (TERM_PROGRAM === "WezTerm") return ["kitty", "iterm2", "sixel"];
  if (TERM_PROGRAM === "iTerm.app") return ["iterm2", "sixel"];
  return /^(foot|mlterm|yaft)|sixel/.test(TERM) ? ["sixel"] : [];
}
