// The table of groups: what `--group` may name, and where the project keeps its own goldens.

import { join } from "node:path";
import type { Group } from "./cases";
import { projectRoot } from "./library";
import { checkpoints } from "./checkpoints";
import { ops } from "./ops";
import { print } from "./print";
import { rng } from "./rng";
import { train } from "./train";
import { fastTransformers } from "./transformers";
import { vision } from "./vision";

/** Every group of goldens, by name. */
export const groups: { readonly [name: string]: Group } = {
  ops,
  print,
  rng,
  checkpoints,
  train,
  vision,
  fast_transformers: fastTransformers,
};

/** The project's own copy of the goldens. */
export const ownGoldens = join(projectRoot(), "test", "data", "goldens");
