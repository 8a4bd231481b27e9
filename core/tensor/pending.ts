// What waits to be computed. Elementwise ops on large tensors may wait for each other (core/chain.ts); whatever reads or writes memory asks
// here first that everything is computed.

let compute: (() => void) | null = null;

/** Computes what waits. Every call of the backend that reads or writes memory comes after this. */
export function computePending(): void {
  if (compute !== null) compute();
}

/** Says what computes what waits now; null when nothing waits. */
export function setPending(pending: (() => void) | null): void {
  compute = pending;
}
