// Compares the outputs that a notebook keeps with those of another run. Text must be the same but for small differences of numbers,
// pictures must have the same size; times and progress bars tell nothing.

import { isProgressBar, sameLine } from "./numbers";
import type { Output } from "./outputs";
import { pictureSize } from "./pictures";

/** A place where two runs differ. */
export interface Difference {
  /** What differs: `stdout`, `result, text/html`. */
  what: string;
  /** Lines of the stored output behind `- `, of the new one behind `+ `. */
  lines: string[];
}

/** Lines of one output that a difference shows. */
const linesShown = 12;

/** Where `fresh` differs from `stored`; numbers may differ by the relative `tolerance`. */
export function compareOutputs(stored: readonly Output[], fresh: readonly Output[], tolerance: number): Difference[] {
  const [before, after] = [stored, fresh].map(told);
  const differences: Difference[] = [];
  for (let i = 0; i < Math.min(before.length, after.length); i++) {
    const [old, now] = [before[i], after[i]];
    if (kindOf(old) !== kindOf(now)) break;
    differences.push(...compareForms(kindOf(old), formsOf(old), formsOf(now), tolerance));
  }
  const [kindsBefore, kindsAfter] = [before, after].map((outputs) => outputs.map(summary).join(", ") || "nothing");
  if (before.map(kindOf).join() !== after.map(kindOf).join())
    differences.push({ what: "outputs", lines: [`- ${kindsBefore}`, `+ ${kindsAfter}`] });
  return differences;
}

/** Outputs without progress bars in streams; what one stream wrote in pieces is one. */
function told(outputs: readonly Output[]): Output[] {
  const kept: Output[] = [];
  for (const output of outputs) {
    if (output.output_type !== "stream") {
      kept.push(output);
      continue;
    }
    const text = withoutBars(output.text);
    const last = kept.at(-1);
    if (last?.output_type === "stream" && last.name === output.name)
      kept[kept.length - 1] = { ...last, text: last.text + text };
    else if (text !== "") kept.push({ ...output, text });
  }
  return kept;
}

/** A bar is drawn over itself with carriage returns, so its states are lines too. */
function withoutBars(text: string): string {
  if (!isProgressBar(text)) return text;
  return text
    .split(/(?<=[\r\n])/)
    .filter((line) => line.trim() !== "" && !isProgressBar(line))
    .join("");
}

function kindOf(output: Output): string {
  return kinds[output.output_type](output as never);
}

const kinds: { readonly [T in Output["output_type"]]: (output: Extract<Output, { output_type: T }>) => string } = {
  stream: ({ name }) => name,
  display_data: () => "display",
  execute_result: () => "result",
  error: () => "error",
};

function summary(output: Output): string {
  if (output.output_type === "error") return `error (${output.ename})`;
  return "data" in output ? `${kindOf(output)} (${Object.keys(output.data).join(", ")})` : kindOf(output);
}

/** What is compared of an output, by name; the first name is empty where there is one form only. */
function formsOf(output: Output): Map<string, unknown> {
  if (output.output_type === "stream") return new Map([["", output.text]]);
  // Tracebacks hold paths and positions.
  if (output.output_type === "error") return new Map([["", `${output.ename}: ${output.evalue}`]]);
  const forms = Object.entries(output.data);
  // Beside a picture, text is a stand-in for it.
  const pictured = forms.some(([mime]) => mime.startsWith("image/"));
  return new Map(forms.filter(([mime]) => !(pictured && mime === "text/plain")));
}

function compareForms(
  kind: string,
  before: Map<string, unknown>,
  after: Map<string, unknown>,
  tolerance: number,
): Difference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names.flatMap((name): Difference[] => {
    const what = name === "" ? kind : `${kind}, ${name}`;
    if (!before.has(name)) return [{ what, lines: ["+ not among the stored forms"] }];
    if (!after.has(name)) return [{ what, lines: ["- no longer given"] }];
    const [old, now] = [before.get(name), after.get(name)];
    const lines = name.startsWith("image/")
      ? differentLines([pictureSize(name, old)], [pictureSize(name, now)], 0)
      : differentLines(linesOf(old), linesOf(now), tolerance);
    return lines.length > 0 ? [{ what, lines }] : [];
  });
}

function linesOf(value: unknown): string[] {
  const text = typeof value === "string" ? value : (JSON.stringify(value, null, 1) ?? "");
  return text.replace(/\n$/, "").split("\n");
}

/** The lines between the first and the last that differ. */
function differentLines(before: string[], after: string[], tolerance: number): string[] {
  const same = (i: number, j: number): boolean => sameLine(before[i], after[j], tolerance);
  let start = 0;
  while (start < Math.min(before.length, after.length) && same(start, start)) start++;
  let [end, newEnd] = [before.length, after.length];
  while (end > start && newEnd > start && same(end - 1, newEnd - 1)) {
    end--;
    newEnd--;
  }
  return [...marked("- ", before.slice(start, end)), ...marked("+ ", after.slice(start, newEnd))];
}

function marked(sign: string, lines: string[]): string[] {
  const shown = lines.slice(0, linesShown).map((line) => sign + line);
  const more = lines.length - shown.length;
  return more > 0 ? [...shown, `${sign}… and ${more} more lines`] : shown;
}
