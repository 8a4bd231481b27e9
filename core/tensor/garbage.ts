// When garbage is collected, and when memory that nobody uses goes back to the system. The collector does not see the memory under
// tensors, so the backend's counters say when it is due.

import { addon } from "../native";
import { collect } from "./collector";

/** Growth since the last full collection that calls for the next, unless more than that survived it. */
const FULL_COLLECTION_BYTES = 48 * 2 ** 20;
/** Free memory that lay unused for so many milliseconds is given back. */
const IDLE_MILLISECONDS = 5000;

/** Bytes that the last full collection left, or fewer where some were freed since. */
let survived = 0;

/**
 * Answers the backend's signal that much was allocated: a minor collection, and a full one where what it leaves has doubled since the
 * last full one. Old objects that are dead keep young ones alive, so garbage may outlive any number of minor collections.
 */
export function relieve(): void {
  collect("minor");
  const { live } = addon.info("memory");
  survived = Math.min(survived, live);
  if (live - survived > Math.max(FULL_COLLECTION_BYTES, survived)) {
    collect("major");
    survived = addon.info("memory").live;
  }
  addon.info("ageCache", IDLE_MILLISECONDS);
}

let watching = false;

/** Sees to it that memory is given back also when nothing is allocated any more. Keeps no process alive. */
export function watchIdle(): void {
  if (watching) return;
  watching = true;
  setTimeout(giveBackIdle, IDLE_MILLISECONDS).unref();
}

let liveBefore = 0;

function giveBackIdle(): void {
  watching = false;
  addon.info("ageCache", IDLE_MILLISECONDS / 2);
  const { live, cached } = addon.info("memory");
  if (cached > 0 || live !== liveBefore) watchIdle();
  liveBefore = live;
}
