// When garbage is collected. The collector does not see the memory under tensors, so the backend's counters say when it is due.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { addon } from "../native";

/** Live bytes above which a pressure signal also runs a full collection; doubles with what survives. */
const FULL_COLLECTION_BYTES = 512 * 2 ** 20;

type Collector = (options?: { type: "minor" }) => void;
let collector: Collector | null = null;

/** Runs the garbage collector now; what it frees returns to the pool before this call ends. */
export function collect(type: "minor" | "major"): void {
  if (collector === null) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("gc") as Collector;
  }
  // Asked for by name, a full collection of Node 20 leaves old objects where they are; without a name it does not.
  if (type === "minor") collector({ type });
  else collector();
}

let fullLimit = FULL_COLLECTION_BYTES;

/** Answers the backend's signal that much was allocated: a minor collection, and a full one when that leaves too much. */
export function relieve(): void {
  collect("minor");
  if (addon.info("memory").live > fullLimit) {
    collect("major");
    fullLimit = Math.max(FULL_COLLECTION_BYTES, 2 * addon.info("memory").live);
  }
}
