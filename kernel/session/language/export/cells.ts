// Goes through the cells that ran as they ran, so that each is written as it was checked.

import type { CellConverter, CheckedCell } from "../converter";
import type { Reading } from "../../magics/read";
import { initialDeclarations } from "../../prelude-names";
import { ResultTypes } from "../../result-types";
import type { RanCell } from "../../wire";
import { compiler } from "../tslab";
import { ProgramText } from "./program";

/**
 * The program of cells.
 * @param read a part of a cell as TypeScript has it
 * @param root the folder that relative imports of cells start at
 * @param file the file that is written
 * @throws when a cell is no TypeScript any more, as when a file that it imports is gone
 */
export function programOf(
  converter: CellConverter,
  cells: readonly RanCell[],
  read: (cell: RanCell, declarations: string) => Reading,
  root: string,
  file: string,
): string {
  const sources = cells.map(({ source }) => source);
  const program = new ProgramText(compiler, sources, root, file);
  const results = new ResultTypes();
  let declarations = initialDeclarations;
  for (const part of cells) {
    const reading = read(part, declarations);
    const isInner = reading.next !== undefined || part.program !== undefined;
    const look = (checked: CheckedCell): void =>
      program.add({ ...checked, cell: part.cell, hidden: checked.hidden || isInner });
    const converted = converter.examine(declarations + results.for(reading.text), reading.text, look);
    if (!("cell" in converted)) {
      const [{ messageText }] = converted.diagnostics;
      throw new Error(`A cell can no longer be read: ${messageText}`);
    }
    declarations = converted.cell.declarations;
    const { lastExpression, resultType = "unknown" } = converted.cell;
    if (part.cell !== null && lastExpression) results.add(part.cell, resultType);
  }
  return program.text();
}
