// A front-end that remembers what it was told.

import { type DisplayHost, type MimeBundle, setDisplayHost } from "../../core/display/host";

export interface Told {
  kind: "display" | "update" | "finish" | "clear";
  id?: string;
  bundle?: MimeBundle;
}

/** Sets a host that records; `end()` restores the plain one. */
export function recorder(): { told: Told[]; end(): void } {
  const told: Told[] = [];
  const host: DisplayHost = {
    display: (bundle, id) => told.push({ kind: "display", bundle, id }),
    update: (bundle, id) => told.push({ kind: "update", bundle, id }),
    finish: (id) => told.push({ kind: "finish", id }),
    clear: () => told.push({ kind: "clear" }),
  };
  setDisplayHost(host);
  return { told, end: () => setDisplayHost(null) };
}

/** Blocks like a training step. */
export function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}
