// The kinds of comparison that the command knows.

import { BesidePyTorch } from "./beside-pytorch";
import { callPrograms } from "./calls";
import { CellPrograms } from "./cells";
import { FilePrograms } from "./files";
import { generateGraph } from "./graph";
import { explainGraph, explainNames } from "./graph-explained";
import type { Kind } from "./kind";
import { loaderPrograms } from "./loaders-kind";
import { generateModel } from "./models";
import { OperatorPrograms } from "./operators";
import { statementPrograms } from "./statements-kind";

interface Entry {
  make(): Kind | Promise<Kind>;
  /** Whether PyTorch is the reference. */
  needsPeer: boolean;
}

export const kinds: Readonly<Record<string, Entry>> = {
  graph: { make: () => new BesidePyTorch(statementPrograms(generateGraph, explainGraph)), needsPeer: true },
  models: { make: () => new BesidePyTorch(statementPrograms(generateModel, explainGraph)), needsPeer: true },
  names: { make: () => new BesidePyTorch(statementPrograms(generateGraph, explainNames)), needsPeer: true },
  calls: { make: () => new BesidePyTorch(callPrograms()), needsPeer: true },
  loaders: { make: () => new BesidePyTorch(loaderPrograms), needsPeer: true },
  cells: { make: () => new CellPrograms(), needsPeer: false },
  operators: { make: () => new OperatorPrograms(), needsPeer: false },
  files: { make: () => new FilePrograms(), needsPeer: false },
};
