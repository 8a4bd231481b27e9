// The library in the executor, loaded when first asked for: a cell that has not used it yet need not wait for it.

import { join } from "node:path";
import type * as native from "../../../core/native";
import { collect } from "../../../core/tensor/collector";
import type * as prelude from "./prelude";

const path = join(__dirname, "prelude.js");
const nativePath = join(__dirname, "../../../core/native.js");

/** The names that every cell has, with their values. */
export function loadPrelude(): typeof prelude {
  return require(path);
}

/** Collects all garbage now, so that the memory of tensors that nothing holds returns to the pool. */
export function collectGarbage(): void {
  collect("major");
}

/** Counters of the memory under tensors. */
export function memoryStatistics(): native.MemoryStatistics {
  const { addon } = require(nativePath) as typeof native;
  return addon.info("memory");
}
