// Where characters and words begin and end in one line of text.

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Plain ASCII needs no segmenter: every UTF-16 unit is a grapheme. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/** The graphemes of a text. */
export function graphemes(text: string): string[] {
  if (ASCII.test(text)) return text.split("");
  return Array.from(segmenter.segment(text), (segment) => segment.segment);
}

/** The start of the grapheme that ends at or contains the unit before `column`. */
export function previousGrapheme(line: string, column: number): number {
  if (ASCII.test(line)) return Math.max(0, column - 1);
  let start = 0;
  for (const segment of segmenter.segment(line)) {
    if (segment.index >= column) break;
    start = segment.index;
  }
  return start;
}

/** The end of the grapheme that begins at `column`. */
export function nextGrapheme(line: string, column: number): number {
  if (ASCII.test(line)) return Math.min(line.length, column + 1);
  for (const segment of segmenter.segment(line)) {
    if (segment.index > column) return segment.index;
  }
  return line.length;
}

/** The start of the word at or before `column`: letters, digits, `_` and `$`. */
export function wordStart(line: string, column: number): number {
  const match = /[\p{L}\p{N}\p{M}_$]*[^\p{L}\p{N}\p{M}_$]*$/u.exec(line.slice(0, column));
  return match === null ? 0 : match.index;
}

/** The end of the word at or after `column`. */
export function wordEnd(line: string, column: number): number {
  const match = /^[^\p{L}\p{N}\p{M}_$]*[\p{L}\p{N}\p{M}_$]*/u.exec(line.slice(column));
  return column + (match === null ? 0 : match[0].length);
}
