// Removes the prompts of other consoles from pasted code.

const PROMPT = /^\s*(?:In \[\d+\]: ?|\.{3,}: ?|>>> |\.\.\. |> )/;
const OUTPUT = /^\s*Out\[\d+\]:/;

/** Code as it was typed where it was copied from: prompts go, and with them the results between them. Else the text unchanged. */
export function stripPrompts(text: string): string {
  const lines = text.split("\n");
  const first = lines.find((line) => line.trim() !== "");
  if (first === undefined || !PROMPT.test(first)) return text;
  const kept = lines.filter(
    (line) => !OUTPUT.test(line) && (PROMPT.test(line) || line.trim() === "" || !hasPrompts(lines)),
  );
  return kept.map((line) => line.replace(PROMPT, "")).join("\n");
}

/** With `>>>` and `In [n]` every line of code has its prompt, so the other lines are output. */
function hasPrompts(lines: readonly string[]): boolean {
  return lines.some((line) => /^\s*(?:In \[\d+\]:|>>> )/.test(line));
}
