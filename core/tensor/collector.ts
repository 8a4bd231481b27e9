// Node's garbage collector, on demand.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

type Collector = (options?: { type: "minor" }) => void;
let collector: Collector | null = null;

/** Runs the garbage collector now. */
export function collect(type: "minor" | "major"): void {
  // The flag is the process's: another thread may take it back meanwhile.
  while (collector === null) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("typeof gc === 'function' ? gc : null") as Collector | null;
    // Contexts made later need none: V8 would run a script in each to put it there.
    setFlagsFromString("--no-expose-gc");
  }
  // Asked for by name, a full collection of Node 20 leaves old objects where they are; without a name it does not.
  if (type === "minor") collector({ type });
  else collector();
}
