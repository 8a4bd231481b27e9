// The session's history as history_request asks for it.

import type { HistoryEntry, HistoryStore } from "../session/history";
import type { Content } from "./wire";

/** Entries of a request that does not say how many. */
const manyEntries = 1000;

/** What a history_request asks for: the last `n`, lines of a session, or what matches a pattern with `*`, `?` and `[…]`. */
export function findHistory(store: HistoryStore, request: Content): unknown[] {
  const withOutput = request.output === true;
  return select(store, request).map(({ session, line, code, output }) => [
    session,
    line,
    withOutput ? [code, output ?? null] : code,
  ]);
}

function select(store: HistoryStore, request: Content): HistoryEntry[] {
  const { hist_access_type: type, n, pattern, unique } = request;
  if (type === "range") return range(store, request);
  const last = typeof n === "number" && n > 0 ? Math.floor(n) : manyEntries;
  if (type !== "search") return store.newest(last);
  const glob = globPattern(typeof pattern === "string" ? pattern : "*");
  const matching = store.newest(Number.POSITIVE_INFINITY).filter(({ code }) => glob.test(code));
  // Of equal cells the newest stays.
  const kept = unique === true ? [...new Map(matching.map((entry) => [entry.code, entry])).values()] : matching;
  return kept.sort((a, b) => a.session - b.session || a.line - b.line).slice(-last);
}

/** `session` 0 is this kernel, -1 the session before; `stop` is one past the last line. */
function range(store: HistoryStore, { session: asked, start, stop }: Content): HistoryEntry[] {
  const number = typeof asked === "number" ? asked : 0;
  const session = number > 0 ? number : store.number + number;
  const from = typeof start === "number" ? start : 0;
  const to = typeof stop === "number" ? stop : Number.POSITIVE_INFINITY;
  return store.of(session).filter(({ line }) => line >= from && line < to);
}

function globPattern(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+^${}()|\\]/g, "\\$&")
    .replace(/\*/g, ".*")
    .replace(/\?/g, ".");
  try {
    return new RegExp(`^${escaped}$`, "s");
  } catch {
    // A bracket that is never closed stands for itself.
    return new RegExp(`^${escaped.replace(/[[\]]/g, "\\$&")}$`, "s");
  }
}
