// Memory between cells. Every check leaves a program behind, and cells leave what they dropped; Node would let hundreds of megabytes
// gather before it collects them, and would keep the pages that were in use once. When nobody waits, collecting costs nothing.

import type * as inspector from "node:inspector";
import { getHeapStatistics } from "node:v8";
import { collect } from "../../core/tensor/collector";

/** Milliseconds without a request, after which the next is not expected at once. */
const quiet = 1000;
/** Less memory than this is not worth the work. */
const worthwhile = 16 * 2 ** 20;
/** More garbage than this is collected also between cells that follow each other at once. */
const tooMuch = 128 * 2 ** 20;
/** A heap in which so much is in use holds what its user keeps, and takes so long to collect that a next cell would feel it. */
const large = 512 * 2 ** 20;

/** Call the result after each piece of work. */
export function collectWhenQuiet(): () => void {
  let least = getHeapStatistics();
  const note = (): void => {
    least = getHeapStatistics();
  };
  const timer = setTimeout(() => {
    const { total_heap_size: held, used_heap_size: used } = getHeapStatistics();
    if (used < large && held > least.total_heap_size + worthwhile) giveBack(note);
  }, quiet).unref();
  return () => {
    timer.refresh();
    setImmediate(() => {
      if (getHeapStatistics().used_heap_size < least.used_heap_size + tooMuch) return;
      collect("major");
      least = { ...least, used_heap_size: getHeapStatistics().used_heap_size };
    });
  };
}

/**
 * Collects all garbage, moves what is left together and gives the rest back to the system: what V8 does when memory is short. Of what
 * Node offers, only the inspector asks for it.
 */
function giveBack(done: () => void): void {
  const { Session } = require("node:inspector") as typeof inspector;
  const session = new Session();
  session.connect();
  session.post("HeapProfiler.collectGarbage", () => {
    done();
    // The collection holds a lock that the end of the session takes.
    setImmediate(() => session.disconnect());
  });
}
