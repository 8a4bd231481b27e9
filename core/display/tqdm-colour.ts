// The colour of a progress bar: a name of the basic eight, or `#00ff00`.

import { warn } from "../warnings";
import { colored, resetColor } from "./ansi";

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];
/** The SGR code of black; the others follow. */
const FIRST_CODE = 30;
const HEX = /^#[0-9a-f]{6}$/i;

/** A colour that can be shown, or null; says which ones can when it is another. Source: tqdm's Bar.colour. */
export function knownColour(colour: string | null | undefined): string | null {
  if (colour === null || colour === undefined || colour === "") return null;
  if (HEX.test(colour) || NAMES.includes(colour.toLowerCase())) return colour.toLowerCase();
  const choices = NAMES.map((name) => name.toUpperCase()).join(", ");
  warn(`Unknown colour (${colour}); valid choices: [hex (#00ff00), ${choices}]`);
  return null;
}

/** Text in a known colour, for a terminal. */
export function inColour(text: string, colour: string): string {
  if (!HEX.test(colour)) return colored(text, FIRST_CODE + NAMES.indexOf(colour));
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  return `\x1b[38;2;${parts.join(";")}m${text}${resetColor}`;
}
