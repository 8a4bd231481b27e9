// Colours for pictures of one channel, by matplotlib's names: a few anchors each, straight lines between.

import { ArgumentError } from "../errors";

/** The colour maps known. */
export type ColorMap = "gray" | "gray_r" | "viridis" | "magma" | "coolwarm";

const ANCHORS: Readonly<Record<Exclude<ColorMap, "gray">, readonly number[]>> = {
  gray_r: [0xffffff, 0x000000],
  viridis: [0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725],
  magma: [0x000004, 0x1d1147, 0x51127c, 0x822681, 0xb73779, 0xe75263, 0xfc8961, 0xfec488, 0xfcfdbf],
  coolwarm: [0x3b4cc0, 0x6788ee, 0x9abbff, 0xc9d7f0, 0xedd1c2, 0xf7a889, 0xe26952, 0xb40426],
};

/** 256 RGB triples, or null for plain grey. Throws ArgumentError for an unknown name. */
export function colorTable(name: ColorMap): Uint8Array | null {
  if (name === "gray") return null;
  const anchors = Object.hasOwn(ANCHORS, name) ? ANCHORS[name] : undefined;
  if (anchors === undefined) {
    throw new ArgumentError(`'${name}' is not a known colour map (gray, ${Object.keys(ANCHORS).join(", ")})`);
  }
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const place = (i / 255) * (anchors.length - 1);
    const left = Math.min(Math.floor(place), anchors.length - 2);
    for (let c = 0; c < 3; c++) {
      const shift = 16 - 8 * c;
      const from = (anchors[left] >> shift) & 255;
      const to = (anchors[left + 1] >> shift) & 255;
      table[i * 3 + c] = Math.round(from + (to - from) * (place - left));
    }
  }
  return table;
}
