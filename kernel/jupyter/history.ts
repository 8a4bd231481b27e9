// What was run in this kernel, for history_request.

import type { Content } from "./wire";

type Entry = [session: number, line: number, source: string];

export class History {
  private readonly entries: Entry[] = [];

  add(line: number, source: string): void {
    this.entries.push([1, line, source]);
  }

  /** The entries that a request asks for: the last `n`, a range of lines, or those that match a pattern with `*` and `?`. */
  find(request: Content): unknown[] {
    const found = this.select(request);
    if (request.output !== true) return found;
    return found.map(([session, line, source]) => [session, line, [source, null]]);
  }

  private select(request: Content): Entry[] {
    const last = typeof request.n === "number" && request.n > 0 ? request.n : this.entries.length;
    if (request.hist_access_type === "range") {
      const start = typeof request.start === "number" ? request.start : 0;
      const stop = typeof request.stop === "number" ? request.stop : Number.POSITIVE_INFINITY;
      return this.entries.filter(([, line]) => line >= start && line < stop);
    }
    if (request.hist_access_type !== "search") return this.entries.slice(-last);
    const pattern = globPattern(typeof request.pattern === "string" ? request.pattern : "*");
    const matching = this.entries.filter(([, , source]) => pattern.test(source));
    const seen = new Set<string>();
    const kept = request.unique === true ? matching.filter(([, , s]) => !seen.has(s) && seen.add(s)) : matching;
    return kept.slice(-last);
  }
}

function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replace(/\*/g, ".*").replace(/\?/g, ".")}$`, "s");
}
