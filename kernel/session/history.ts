// What was run in this session and in those before it, whichever front-end they had. Each session writes a file of its own in one folder,
// a line of JSON per cell and another when it has ended, so sessions that run at the same time never write to the same file, and a
// killed one loses nothing. History never fails: where the folder cannot be read or written, there is that of this session only.

import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";

/** A cell as it was given to run. */
export interface HistoryEntry {
  /** Sessions are numbered in the order of their first cells. */
  session: number;
  /** Its number in the session. */
  line: number;
  code: string;
  /** Milliseconds since 1970. */
  time: number;
  /** Where the front-end was started. */
  cwd: string;
  /** How it ended, and after how many milliseconds; absent when it has not, or never did. */
  status?: "ok" | "error";
  duration?: number;
  /** The text of its value, in this session only; cut when it is long. */
  output?: string;
}

/** How a cell ended. */
export type HistoryEnd = Pick<HistoryEntry, "status" | "duration" | "output">;

/** Sessions whose cells are kept. */
const sessionsKept = 500;
const longestOutput = 10_000;

/** The folder of a person's history: under `XDG_STATE_HOME`, by default `~/.local/state`. */
export function historyFolder(env: NodeJS.ProcessEnv): string {
  const state = env.XDG_STATE_HOME;
  return join(state && isAbsolute(state) ? state : join(homedir(), ".local", "state"), "cresset", "history");
}

export class HistoryStore {
  /** The cells of this session. */
  readonly own: HistoryEntry[] = [];
  /** The number of this session, taken when its first cell is run or somebody asks. */
  private taken: number | null = null;

  /** @param folder an empty one keeps history in memory only */
  constructor(private readonly folder: string) {}

  /** Adds a cell, before it runs. `line` is its number; by default they are counted. */
  add(code: string, line = (this.own.at(-1)?.line ?? 0) + 1): HistoryEntry {
    const entry: HistoryEntry = { session: this.number, line, code, time: Date.now(), cwd: process.cwd() };
    this.own.push(entry);
    const { session: _, ...written } = entry;
    this.write(written);
    return entry;
  }

  /** Notes how a cell of this session ended. */
  finish(entry: HistoryEntry, { status, duration, output }: HistoryEnd): void {
    Object.assign(entry, { status, duration: duration && Math.round(duration) });
    if (output !== undefined) entry.output = output.slice(0, longestOutput);
    this.write({ line: entry.line, status, duration: entry.duration });
  }

  /** The number of this session. */
  get number(): number {
    this.taken ??= this.take();
    return this.taken;
  }

  /** Numbers of the sessions that have a file, newest first. */
  sessions(): number[] {
    const files = attempt(() => readdirSync(this.folder)) ?? [];
    const numbers = files.flatMap((file) => (/^\d+\.jsonl$/.test(file) ? [Number.parseInt(file, 10)] : []));
    return numbers.sort((a, b) => b - a);
  }

  /** The cells of a session, in order. */
  of(session: number): HistoryEntry[] {
    if (session === this.taken) return this.own;
    const entries: HistoryEntry[] = [];
    for (const text of (attempt(() => readFileSync(this.fileOf(session), "utf8")) ?? "").split("\n")) {
      const line = lineOf(text);
      if (line?.code !== undefined) entries.push({ session, time: 0, cwd: "", ...line, code: line.code });
      else if (line) Object.assign(entries.findLast((entry) => entry.line === line.line) ?? {}, line);
    }
    return entries;
  }

  /** The newest `count` cells of all sessions: those of this one last, before them those of other sessions by number. */
  newest(count: number): HistoryEntry[] {
    const parts: HistoryEntry[][] = [this.own];
    let found = this.own.length;
    for (const session of this.sessions()) {
      if (found >= count) break;
      if (session === this.taken) continue;
      const entries = this.of(session);
      parts.push(entries);
      found += entries.length;
    }
    const all = parts.reverse().flat();
    return Number.isFinite(count) ? all.slice(-count) : all;
  }

  private write(line: object): void {
    if (this.folder !== "")
      attempt(() => appendFileSync(this.fileOf(this.number), `${JSON.stringify(line)}\n`, { mode: 0o600 }));
  }

  /** Makes the file of the next number, which is ours when nobody else made it first; removes those of long ago. */
  private take(): number {
    if (this.folder === "") return 1;
    attempt(() => mkdirSync(this.folder, { recursive: true, mode: 0o700 }));
    const sessions = this.sessions();
    for (const old of sessions.slice(sessionsKept - 1)) attempt(() => rmSync(this.fileOf(old)));
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

type Line = Partial<HistoryEntry> & Pick<HistoryEntry, "line">;

/** A line that was cut by a crash or edited by hand is no reason to lose the others. */
function lineOf(text: string): Line | undefined {
  const parsed: unknown = text === "" ? undefined : attempt(() => JSON.parse(text));
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { line, code, time, cwd, status, duration } = parsed as Partial<Record<keyof HistoryEntry, unknown>>;
  if (typeof line !== "number") return undefined;
  return {
    line,
    ...(typeof code === "string" && { code }),
    ...(typeof time === "number" && { time }),
    ...(typeof cwd === "string" && { cwd }),
    ...((status === "ok" || status === "error") && { status }),
    ...(typeof duration === "number" && { duration }),
  };
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
