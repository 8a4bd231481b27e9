// The forms in which a value can be shown: its own MIME bundle when it has one, always with text.

import { inspect } from "node:util";
import { displaySymbol, type MimeBundle } from "../../core/display/host";

/** All forms of a value; a promise when the value promises its own. */
export function formsOf(value: unknown): MimeBundle | Promise<MimeBundle> {
  const own = ownForms(value);
  return own instanceof Promise ? own.then((forms: unknown) => withText(forms, value)) : withText(own, value);
}

/** The text of a value, as `console.log` prints it. */
export function textOf(value: unknown): string {
  return inspect(value, { depth: 4, breakLength: 100 });
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
