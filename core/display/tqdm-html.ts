// A progress bar for a notebook: what tqdm.notebook shows with widgets, in HTML.

import { escaped } from "./html";
import type { MeterParts } from "./tqdm-format";

/** How far a bar is: running, at its end, or left before it. */
export type BarState = "running" | "done" | "left";

const STATE_COLOURS: { readonly [state in BarState]: string } = {
  running: "#2196f3",
  done: "#4caf50",
  left: "#f44336",
};

/** Percentage, bar and counts side by side. A bar that was left is red, one without a total is filled. */
export function barHtml({ left, fraction, right }: MeterParts, colour: string | null, state: BarState): string {
  const text = (part: string) => `<span style="white-space:pre">${escaped(part)}</span>`;
  const value = fraction === null ? 1 : Math.round(fraction * 10_000) / 10_000;
  const width = fraction === null ? "2em" : "20em";
  const paint = state === "left" ? STATE_COLOURS.left : (colour ?? STATE_COLOURS[state]);
  const bar = `<progress max="1" value="${value}" style="width:${width};accent-color:${paint}"></progress>`;
  return `<div style="display:flex;align-items:center;gap:0.5em;font-family:monospace">${text(left)}${bar}${text(right)}</div>`;
}
