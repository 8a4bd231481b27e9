// Memory between cells. Every check leaves a program behind, and Node would let hundreds of megabytes of them gather before it
// collects them; when nobody waits, that costs nothing.

import { collect } from "../../core/tensor/collector";

/** Milliseconds without a request, after which the next is not expected at once. */
const quiet = 1000;
/** Less garbage than this is not worth the work. */
const worthwhile = 24 * 2 ** 20;

/** Call the result after each piece of work. */
export function collectWhenQuiet(): () => void {
  let least = process.memoryUsage().heapUsed;
  const timer = setTimeout(() => {
    if (process.memoryUsage().heapUsed < least + worthwhile) return;
    collect("major");
    least = process.memoryUsage().heapUsed;
  }, quiet).unref();
  return () => void timer.refresh();
}
