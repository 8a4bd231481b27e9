// What was run in this kernel and in those before it, for history_request. Each kernel writes a file of its own in one folder, a line
// per cell, so kernels that run at the same time never write to the same file.

import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import type { Content } from "./wire";

interface Entry {
  session: number;
  line: number;
  source: string;
  /** The text of the cell's value, known for cells of this kernel. */
  output: string | null;
}

/** Kernels whose cells are kept. */
const keptSessions = 500;
/** Entries of a request that does not say how many. */
const manyEntries = 1000;

/** The folder of a person's history: under `XDG_STATE_HOME`, by default `~/.local/state`. */
export function historyFolder(env: NodeJS.ProcessEnv): string {
  const state = env.XDG_STATE_HOME;
  return join(state && isAbsolute(state) ? state : join(homedir(), ".local", "state"), "cresset", "kernel-history");
}

/** History never fails: where the folder cannot be read or written, there is that of this kernel only. */
export class History {
  private readonly own: Entry[] = [];
  /** The number of this kernel, taken when its first cell is run or somebody asks. */
  private session: number | null = null;

  constructor(private readonly folder: string) {}

  add(line: number, source: string): void {
    const session = this.number();
    this.own.push({ session, line, source, output: null });
    attempt(() => appendFileSync(this.fileOf(session), `${JSON.stringify([line, source])}\n`));
  }

  /** The value of the cell that was added last. */
  addOutput(text: string): void {
    const last = this.own.at(-1);
    if (last) last.output = text;
  }

  /** What a history_request asks for: the last `n`, lines of a session, or what matches a pattern with `*`, `?` and `[…]`. */
  find(request: Content): unknown[] {
    const withOutput = request.output === true;
    return this.select(request).map(({ session, line, source, output }) => [
      session,
      line,
      withOutput ? [source, output] : source,
    ]);
  }

  private select(request: Content): Entry[] {
    const { hist_access_type: type, n, pattern, unique } = request;
    if (type === "range") return this.range(request);
    const last = typeof n === "number" && n > 0 ? Math.floor(n) : manyEntries;
    if (type !== "search") return this.newest(last);
    const glob = globPattern(typeof pattern === "string" ? pattern : "*");
    const matching = this.newest(Number.POSITIVE_INFINITY).filter(({ source }) => glob.test(source));
    // Of equal cells the newest stays.
    const kept = unique === true ? [...new Map(matching.map((entry) => [entry.source, entry])).values()] : matching;
    return kept.sort((a, b) => a.session - b.session || a.line - b.line).slice(-last);
  }

  /** `session` 0 is this kernel, -1 the one before; `stop` is one past the last line. */
  private range({ session: asked, start, stop }: Content): Entry[] {
    const number = typeof asked === "number" ? asked : 0;
    const session = number > 0 ? number : this.number() + number;
    const from = typeof start === "number" ? start : 0;
    const to = typeof stop === "number" ? stop : Number.POSITIVE_INFINITY;
    return this.entriesOf(session).filter(({ line }) => line >= from && line < to);
  }

  private newest(count: number): Entry[] {
    const current = this.number();
    const parts: Entry[][] = [];
    let found = 0;
    for (const session of [current, ...this.sessions().filter((other) => other !== current)]) {
      if (found >= count) break;
      const entries = this.entriesOf(session);
      parts.push(entries);
      found += entries.length;
    }
    const all = parts.reverse().flat();
    return Number.isFinite(count) ? all.slice(-count) : all;
  }

  private entriesOf(session: number): Entry[] {
    if (session === this.session) return this.own;
    const lines = attempt(() => readFileSync(this.fileOf(session), "utf8").split("\n")) ?? [];
    return lines.flatMap((text) => {
      const parsed: unknown = attempt(() => JSON.parse(text));
      if (!Array.isArray(parsed) || typeof parsed[0] !== "number" || typeof parsed[1] !== "string") return [];
      return [{ session, line: parsed[0], source: parsed[1], output: null }];
    });
  }

  /** Numbers of all kernels with a file, newest first. */
  private sessions(): number[] {
    const files = attempt(() => readdirSync(this.folder)) ?? [];
    const numbers = files.flatMap((file) => (/^\d+\.jsonl$/.test(file) ? [Number.parseInt(file, 10)] : []));
    return numbers.sort((a, b) => b - a);
  }

  private number(): number {
    this.session ??= this.take();
    return this.session;
  }

  /** Makes the file of the next number, which is ours when nobody else made it first; removes those of long ago. */
  private take(): number {
    attempt(() => mkdirSync(this.folder, { recursive: true, mode: 0o700 }));
    const sessions = this.sessions();
    for (const old of sessions.slice(keptSessions - 1)) attempt(() => rmSync(this.fileOf(old)));
    for (let session = (sessions[0] ?? 0) + 1; ; session++) {
      try {
        writeFileSync(this.fileOf(session), "", { flag: "wx", mode: 0o600 });
        return session;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") return session;
      }
    }
  }

  private fileOf(session: number): string {
    return join(this.folder, `${session}.jsonl`);
  }
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
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
