// Tensors as pictures: a PNG, with captions an SVG around PNGs, characters in a terminal.

import { inspectSymbol } from "../inspect";
import { colorDepth } from "./ansi";
import { displayHost, displaySymbol, type MimeBundle } from "./host";
import { escaped } from "./html";
import { picturesText } from "./image-text";
import { gridPicture, type ImageSource, type PixelOptions, pictures } from "./pixels";
import { base64Png, type Picture } from "./png";

/** How pictures are shown. */
export interface ImageOptions extends PixelOptions {
  /** Captions above the pictures, in their order. */
  titles?: readonly string[];
  /** Pictures per row; default 8. */
  columns?: number;
  /** Screen pixels per pixel; default: as many as make a small picture recognisable. */
  scale?: number;
}

const DEFAULT_COLUMNS = 8;
const DEFAULT_TERMINAL = 80;
const GAP = 2;
/** Small pictures are enlarged to about this many pixels, alone or in a grid. */
const TARGET = { alone: 224, grid: 84 };
const CAPTION = { height: 18, gap: 8, font: 12 };

/** One or several pictures to look at. */
export class Images {
  private readonly all: readonly Picture[];
  private readonly titles: readonly string[];
  private readonly columns: number;
  private readonly scale: number;

  /** @throws ShapeError when the shape is none of an image's. */
  constructor(source: ImageSource, options: ImageOptions = {}) {
    this.all = pictures(source, options);
    this.titles = options.titles ?? [];
    this.columns = Math.max(1, options.columns ?? DEFAULT_COLUMNS);
    const target = this.all.length > 1 ? TARGET.grid : TARGET.alone;
    const longest = this.all.length === 0 ? target : Math.max(this.all[0].width, this.all[0].height);
    this.scale = options.scale ?? Math.max(1, Math.floor(target / longest));
  }

  /** The pictures as characters, without colour. */
  toString(): string {
    return this.text("none");
  }

  [inspectSymbol](): string {
    return this.text(colorDepth());
  }

  /** A PNG; with titles an SVG; and the text. */
  [displaySymbol](): MimeBundle {
    const text = { "text/plain": this.text(colorDepth()) };
    if (this.all.length === 0) return text;
    if (this.titles.length > 0) return { "image/svg+xml": this.svg(), ...text };
    const grid = gridPicture(this.all, this.columns, this.scale, GAP);
    return { "image/png": base64Png(grid), ...text };
  }

  private text(depth: ReturnType<typeof colorDepth>): string {
    if (this.all.length === 0) return "(no images)";
    return picturesText(this.all, this.titles, this.columns, process.stdout.columns ?? DEFAULT_TERMINAL, depth);
  }

  private svg(): string {
    const across = Math.min(this.columns, this.all.length);
    const cell = { width: this.all[0].width * this.scale, height: this.all[0].height * this.scale + CAPTION.height };
    const pitch = { x: cell.width + CAPTION.gap, y: cell.height + CAPTION.gap };
    const width = across * pitch.x + CAPTION.gap;
    const height = Math.ceil(this.all.length / across) * pitch.y + CAPTION.gap;
    const cells = this.all.map((picture, i) => {
      const x = CAPTION.gap + (i % across) * pitch.x;
      const y = CAPTION.gap + Math.floor(i / across) * pitch.y;
      const png = base64Png(picture);
      return (
        `<text x="${x + cell.width / 2}" y="${y + CAPTION.font}" text-anchor="middle">${escaped(this.titles[i] ?? "")}</text>` +
        `<image x="${x}" y="${y + CAPTION.height}" width="${cell.width}" height="${cell.height - CAPTION.height}" ` +
        `style="image-rendering:pixelated" href="data:image/png;base64,${png}"/>`
      );
    });
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
      `font-family="sans-serif" font-size="${CAPTION.font}"><rect width="${width}" height="${height}" fill="#ffffff"/>${cells.join("")}</svg>`
    );
  }
}

/** A value that gives its own MIME bundle. */
export interface Displayable {
  [displaySymbol](): MimeBundle;
}

/** Shows a value now, in the middle of a cell too; a plain script prints its text. */
export function showValue(value: Displayable): void {
  const bundle = value[displaySymbol]();
  const host = displayHost();
  if (host !== null) host.display(bundle);
  else process.stdout.write(`${String(bundle["text/plain"])}\n`);
}
