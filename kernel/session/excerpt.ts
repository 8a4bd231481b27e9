// The lines of source that errors show, the same for errors of the check and of the run.

/** Where an excerpt points: line and columns count from 0; `end` is one past the last column marked. */
export interface Mark {
  line: number;
  column?: number;
  end?: number;
}

/** Lines around `mark` with their numbers, the marked one with `❱`, and `~~~` under the columns when they are given. */
export function excerpt(source: string, mark: Mark, around = 2): string[] {
  const lines = source.split(/\r?\n/);
  if (mark.line >= lines.length) return [];
  const first = Math.max(0, mark.line - around);
  const last = Math.min(lines.length - 1, mark.line + around);
  const width = String(last + 1).length;
  const shown: string[] = [];
  for (let i = first; i <= last; i++) {
    const marked = i === mark.line;
    if (!marked && lines[i].trim() === "" && (i === first || i === last)) continue;
    shown.push(`${marked ? "❱" : " "} ${String(i + 1).padStart(width)} │ ${lines[i]}`);
    if (marked && mark.column !== undefined) {
      const end = Math.min(mark.end ?? mark.column + 1, lines[i].length);
      const blank = lines[i].slice(0, mark.column).replace(/[^\t]/g, " ");
      shown.push(`  ${" ".repeat(width)} │ ${blank}${"~".repeat(Math.max(1, end - mark.column))}`);
    }
  }
  return shown;
}
