// The kinds of comparison that the command knows.

import { CellPrograms } from "./cells";
import { generateGraph } from "./graph";
import { explainGraph } from "./graph-explained";
import type { Kind } from "./kind";
import { StatementPrograms } from "./statements-kind";

interface Entry {
  make(): Kind | Promise<Kind>;
  /** Whether PyTorch is the reference. */
  needsPeer: boolean;
}

export const kinds: Readonly<Record<string, Entry>> = {
  graph: { make: () => new StatementPrograms(generateGraph, explainGraph), needsPeer: true },
  cells: { make: () => new CellPrograms(), needsPeer: false },
};
