// `display` and `clearOutput` of cells: any value, or data of a given MIME type, shown now. Knows no front-end: a plain script
// prints text.

import { randomUUID } from "node:crypto";
import { displayHost, type MimeBundle } from "../../../core/display/host";
import { formsOf } from "./forms";

/** Something that was shown and can be replaced. As the value of a cell it shows nothing more. */
export class Shown {
  /** @internal */
  constructor(private readonly show: (value: unknown) => void) {}

  /** Shows `value` in the place of what was there, also while a cell runs synchronously. */
  update(value: unknown): void {
    this.show(value);
  }
}

/** Shows values and data. */
export interface Display {
  /** Shows a value in its richest form, else as text; what is returned can replace it. A form that is promised comes when it is there. */
  (value: unknown): Shown;
  text(text: string): void;
  html(html: string): void;
  markdown(markdown: string): void;
  latex(latex: string): void;
  svg(svg: string): void;
  javascript(code: string): void;
  json(value: unknown): void;
  png(bytes: Uint8Array): void;
  jpeg(bytes: Uint8Array): void;
  gif(bytes: Uint8Array): void;
  pdf(bytes: Uint8Array): void;
  /** Shows data of any MIME type. */
  raw(mime: string, data: string | Uint8Array | object): void;
}

/** Method → MIME type of its argument. */
const mimes = {
  text: "text/plain",
  html: "text/html",
  markdown: "text/markdown",
  latex: "text/latex",
  svg: "image/svg+xml",
  javascript: "text/javascript",
  json: "application/json",
  png: "image/png",
  jpeg: "image/jpeg",
  gif: "image/gif",
  pdf: "application/pdf",
} as const;

/** Shows bundles, each in the place of the one before when there is an `id`. */
function shower(id?: string): (bundle: MimeBundle) => void {
  let shown = false;
  return (bundle) => {
    const host = displayHost();
    if (!host) console.log(bundle["text/plain"]);
    else if (shown && id !== undefined) host.update(bundle, id);
    else host.display(bundle, id);
    shown = true;
  };
}

/** One MIME type, and text for front-ends that draw nothing else. */
function bundleOfData(mime: string, data: unknown): MimeBundle {
  if (data instanceof Uint8Array) {
    const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
    return { [mime]: base64, "text/plain": `<${mime}, ${data.byteLength} bytes>` };
  }
  return { "text/plain": typeof data === "string" ? data : JSON.stringify(data, null, 2), [mime]: data };
}

function showValue(show: (bundle: MimeBundle) => void, value: unknown): void {
  const forms = formsOf(value);
  if (forms instanceof Promise) void forms.then(show);
  else show(forms);
}

function makeDisplay(fixed?: (bundle: MimeBundle) => void): Display {
  const raw = (mime: string, data: unknown): void => (fixed ?? shower())(bundleOfData(mime, data));
  const methods = Object.entries(mimes).map(([name, mime]) => [name, (data: unknown) => raw(mime, data)]);
  const display = (value: unknown): Shown => {
    const show = fixed ?? shower(`cresset-${randomUUID()}`);
    showValue(show, value);
    return new Shown((next) => showValue(show, next));
  };
  return Object.assign(display, { raw }, Object.fromEntries(methods)) as Display;
}

/** Shows a value, or data of a given type: `display(chart)`, `display.html("<b>bold</b>")`. */
export const display: Display = makeDisplay();

/** A display of its own: what it shows replaces what it showed before. */
export function newDisplay(): Display {
  return makeDisplay(shower(`cresset-${randomUUID()}`));
}

/** Takes away what the running cell has shown; with `wait`, only when the cell next shows something, which avoids flicker. */
export function clearOutput(wait = false): void {
  displayHost()?.clear(wait);
}
