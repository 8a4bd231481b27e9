// The forms in which a value can be shown: its own MIME bundle when it has one, always with text.

import { inspect } from "node:util";
import { displaySymbol, type MimeBundle } from "../../../core/display/host";
import { pass } from "./interrupts";

/** All forms of a value; a promise when the value promises its own. A display method that fails leaves the text, with its error. */
export function formsOf(value: unknown): MimeBundle | Promise<MimeBundle> {
  const failed = (error: unknown): MimeBundle => {
    pass(error);
    return { "text/plain": textOf(value) + noteOf(error) };
  };
  try {
    const own = ownForms(value);
    if (!(own instanceof Promise)) return withText(own, value);
    return own.then((forms: unknown) => withText(forms, value)).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

const layout = { depth: 4, breakLength: 100 };
/** Lines narrower than this are hard to read, and the rest of a line is better folded. */
const narrowest = 40;

/** Breaks texts for this many columns. */
export function setTextWidth(columns: number): void {
  layout.breakLength = Math.max(narrowest, columns);
}

/** Longer texts of lists show fewer elements of each. */
const longest = 20_000;
const elementsShown = [100, 20, 6];

/**
 * The text of a value, as `console.log` prints it; lists of lists are cut where that would be a book. Where its own method for that
 * fails: its fields, with the error.
 */
export function textOf(value: unknown): string {
  try {
    let text = "";
    for (const maxArrayLength of elementsShown) {
      text = inspect(value, { ...layout, maxArrayLength });
      if (text.length <= longest || typeof value === "string") break;
    }
    return text;
  } catch (error) {
    pass(error);
    return inspect(value, { ...layout, customInspect: false }) + noteOf(error);
  }
}

function noteOf(error: unknown): string {
  return `\n(showing this value failed: ${error instanceof Error ? error.message : String(error)})`;
}

function withText(forms: unknown, value: unknown): MimeBundle {
  if (typeof forms !== "object" || forms === null) return { "text/plain": textOf(value) };
  return "text/plain" in forms ? forms : { ...forms, "text/plain": textOf(value) };
}

/** What the value says of itself, which need not be a bundle. */
function ownForms(value: unknown): unknown {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return {};
  const show: unknown = Reflect.get(value, displaySymbol);
  return typeof show === "function" ? show.call(value) : {};
}
