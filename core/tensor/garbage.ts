// When garbage is collected. The collector does not see the memory under tensors, so the backend's counters say when it is due.

import { addon } from "../native";
import { collect } from "./collector";

/** Live bytes above which a pressure signal also runs a full collection; doubles with what survives. */
const FULL_COLLECTION_BYTES = 512 * 2 ** 20;

let fullLimit = FULL_COLLECTION_BYTES;

/** Answers the backend's signal that much was allocated: a minor collection, and a full one when that leaves too much. */
export function relieve(): void {
  collect("minor");
  if (addon.info("memory").live > fullLimit) {
    collect("major");
    fullLimit = Math.max(FULL_COLLECTION_BYTES, 2 * addon.info("memory").live);
  }
}
