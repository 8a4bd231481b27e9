// Pictures in a terminal: two pixels per character, in true colour where the terminal has it, else as characters of growing ink.

import { type ColorDepth, halfBlock, resetColor } from "./ansi";
import type { Picture } from "./png";

/** From dark to bright on a dark ground. */
const RAMP = " .:-=+*#%@";

/** Characters between two pictures of a row. */
const GAP = 1;
/** Pictures narrower than this in characters cannot be recognised; a row holds fewer instead. */
const MIN_WIDTH = 14;

type Rgb = [number, number, number];

/** The mean colour of a rectangle of pixels. */
function mean(
  { width, height, channels, data }: Picture,
  left: number,
  top: number,
  right: number,
  bottom: number,
): Rgb {
  const sums: Rgb = [0, 0, 0];
  const x1 = Math.min(width, Math.max(Math.floor(left) + 1, Math.floor(right)));
  const y1 = Math.min(height, Math.max(Math.floor(top) + 1, Math.floor(bottom)));
  let count = 0;
  for (let y = Math.floor(top); y < y1; y++) {
    for (let x = Math.floor(left); x < x1; x++) {
      for (let c = 0; c < 3; c++) sums[c] += data[(y * width + x) * channels + (channels === 1 ? 0 : c)];
      count += 1;
    }
  }
  return sums.map((sum) => Math.round(sum / Math.max(1, count))) as Rgb;
}

function ink(top: Rgb, bottom: Rgb): string {
  // Weights of luminance (BT.601).
  const light = (color: Rgb) => 0.299 * color[0] + 0.587 * color[1] + 0.114 * color[2];
  return RAMP[Math.round(((light(top) + light(bottom)) / 2 / 255) * (RAMP.length - 1))];
}

/** The lines of one picture, `columns` characters wide. */
function pictureLines(picture: Picture, columns: number, depth: ColorDepth): string[] {
  const cell = picture.width / columns;
  const rows = Math.max(1, Math.round(picture.height / cell / 2));
  const high = picture.height / (rows * 2);
  return Array.from({ length: rows }, (_, row) => {
    const chars = Array.from({ length: columns }, (_, column) => {
      const half = (index: number) =>
        mean(picture, column * cell, index * high, (column + 1) * cell, (index + 1) * high);
      const [top, bottom] = [half(2 * row), half(2 * row + 1)];
      return depth === "true" ? halfBlock(top, bottom) : ink(top, bottom);
    });
    return chars.join("") + (depth === "true" ? resetColor : "");
  });
}

/**
 * Pictures in rows that fit `width` characters, with their titles above them.
 * @param columns pictures per row, where there is room
 */
export function picturesText(
  all: readonly Picture[],
  titles: readonly string[],
  columns: number,
  width: number,
  depth: ColorDepth,
): string {
  const perRow = Math.max(1, Math.min(columns, all.length, Math.floor((width + GAP) / (MIN_WIDTH + GAP))));
  const room = Math.max(1, Math.floor((width + GAP) / perRow) - GAP);
  const cell = Math.min(room, all[0].width);
  const lines: string[] = [];
  for (let start = 0; start < all.length; start += perRow) {
    const row = all.slice(start, start + perRow).map((picture) => pictureLines(picture, cell, depth));
    const captions = row.map((_, i) => titles[start + i] ?? "");
    const pitch = titles.length > 0 ? Math.min(room, Math.max(cell, ...captions.map((text) => text.length))) : cell;
    const pad = " ".repeat(pitch - cell + GAP);
    if (start > 0) lines.push("");
    if (titles.length > 0) {
      lines.push(
        captions
          .map((text) => text.slice(0, pitch).padEnd(pitch))
          .join(" ".repeat(GAP))
          .trimEnd(),
      );
    }
    for (let y = 0; y < row[0].length; y++) lines.push(row.map((picture) => picture[y]).join(pad));
  }
  return lines.join("\n");
}
