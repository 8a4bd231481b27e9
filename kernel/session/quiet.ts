// Memory between cells. Every check leaves a program behind, and Node would let hundreds of megabytes of them gather before it
// collects them; when nobody waits, that costs nothing.

import { getHeapStatistics } from "node:v8";
import { collect } from "../../core/tensor/collector";

/** Milliseconds without a request, after which the next is not expected at once. */
const quiet = 1000;
/** Less garbage than this is not worth the work. */
const worthwhile = 24 * 2 ** 20;
/** More than this is collected also between cells that follow each other at once. */
const tooMuch = 128 * 2 ** 20;

const used = (): number => getHeapStatistics().used_heap_size;

/** Call the result after each piece of work. */
export function collectWhenQuiet(): () => void {
  let least = used();
  const collectBeyond = (grown: number): void => {
    if (used() < least + grown) return;
    collect("major");
    least = used();
  };
  const timer = setTimeout(() => collectBeyond(worthwhile), quiet).unref();
  return () => {
    timer.refresh();
    setImmediate(() => collectBeyond(tooMuch));
  };
}
