// Jupyter counts cursor positions in code points, JavaScript in UTF-16 units.

/** The UTF-16 offset of a position in code points. */
export function toUnits(text: string, points: number): number {
  let units = 0;
  for (const character of text) {
    if (points-- <= 0) break;
    units += character.length;
  }
  return units;
}

/** The position in code points of a UTF-16 offset. */
export function toPoints(text: string, units: number): number {
  return Array.from(text.slice(0, units)).length;
}
