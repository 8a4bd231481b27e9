// What a session knows of the cells that ran, and how the next one runs: checked by the language process, then run by the executor.

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { ExecutorProcess } from "./executor-process";
import { deathReason, failure, restarted } from "./failures";
import { Abandoned, type LanguageProcess } from "./language-process";
import { chosen, written } from "./magics/cells";
import { fileProblem, pathFrom } from "./magics/paths";
import { wordsOf } from "./magics/words";
import { initialDeclarations } from "./prelude-names";
import type { CellUsage, SessionError } from "./protocol";
import { ResultTypes } from "./result-types";
import { writeWhole } from "./whole-file";
import type { ConvertReply, ConvertedCell, ConvertedModule, RanCell, RunRequest } from "./wire";

/** A cell that may ask about a name. */
const mayAsk = /\?[ \t]*$|^[ \t]*\?/m;
/** Earlier cells and files that a question about a name looks through. */
const sourcesSearched = 500;

/** How far back names count as used lately. */
const cellsRemembered = 20;
const namesRemembered = 300;
const textSearched = 20_000;

/** What the rest of the session is to its cells. */
export interface CellHost {
  readonly language: LanguageProcess;
  /** The executor for the next cell; one that could not start is started again. */
  livingExecutor(): ExecutorProcess;
  /** Whether the running cell is to stop. */
  readonly interrupted: boolean;
  /** Tells people something that the running cell has to say. */
  tell(text: string): void;
  /** How often somebody wished the session to begin anew. */
  readonly restarts: number;
}

/** Thrown within a cell when another executor has taken the place of the one that its names were of. */
class Outlived extends Error {}

export class Cells {
  /** Declarations of all names that the next cell sees. */
  declarations = initialDeclarations;
  readonly results = new ResultTypes();
  /** The working directory of cells now. */
  cwd: string;
  /** Whether cells are held to their types. */
  checks = true;
  /** The running cell has passed the check, and the executor has it. */
  executing = false;
  /** What the running cell has taken so far, or the last one took. */
  usage: CellUsage | undefined;
  /** Sources of all cells, and how many of them the executor knows. */
  private readonly inputs: [cell: number, source: string][] = [];
  private inputsTold = 0;
  /** What ran lately, with its label. */
  private readonly sources: [label: string, source: string][] = [];
  private lastError: readonly string[] = [];
  /** What the last cell is in TypeScript, when it was Python. */
  suggestion: { code: string; text: string } | undefined;
  /** What ran to its end since the names of now began to be. */
  private ran: RanCell[] = [];
  /** All user modules so far: the language process converts each once, a new executor needs them again. */
  private readonly modules = new Map<string, ConvertedModule>();
  /** The executor has none of the modules yet. */
  private fresh = true;
  /** Grows with each executor: what was found out about the names of one says nothing about the next. */
  private epoch = 0;

  constructor(
    private readonly host: CellHost,
    private readonly startFolder: string,
  ) {
    this.cwd = startFolder;
  }

  /** A new executor knows no names. */
  forget(): void {
    this.epoch++;
    this.declarations = initialDeclarations;
    this.results.clear();
    this.ran = [];
    this.inputsTold = 0;
    this.cwd = this.startFolder;
    this.fresh = true;
  }

  /** Checks and runs one cell. `cell` is its number in `In` and `Out`, or null for one that these do not remember. */
  async run(code: string, label: string, cell: number | null): Promise<SessionError | undefined> {
    if (cell !== null) this.inputs.push([cell, code]);
    const { restarts } = this.host;
    this.usage = undefined;
    try {
      const error = await this.runParts(code, label, cell);
      if (error) this.lastError = error.traceback;
      this.suggestion = error?.suggestion === undefined ? undefined : { code, text: error.suggestion };
      return error;
    } catch (error) {
      if (restarts !== this.host.restarts) return restarted(label);
      if (error instanceof Abandoned) return stopped(label);
      if (error instanceof Outlived) return outlived(label);
      return failure("died", "LanguageProcessError", error instanceof Error ? error.message : String(error));
    } finally {
      this.executing = false;
    }
  }

  /** What ran last, with its label: where the declaration of a name is looked for. */
  recentSources(): [label: string, source: string][] {
    return this.sources.slice(-sourcesSearched);
  }

  /** Names in what ran lately, the last one first. */
  get recentNames(): string[] {
    const words = this.sources
      .slice(-cellsRemembered)
      .flatMap(([, source]) => source.slice(0, textSearched).match(/[\p{ID_Start}_$][\p{ID_Continue}$]*/gu) ?? []);
    return [...new Set(words.reverse())].slice(0, namesRemembered);
  }

  /** A cell is one part, but for magics that change which names exist: what stands below one is checked when it has run. */
  private async runParts(code: string, label: string, cell: number | null): Promise<SessionError | undefined> {
    const sources = mayAsk.test(code) ? this.recentSources() : [];
    for (let from: number | undefined = 0; from !== undefined; ) {
      const { epoch } = this;
      const { restarts } = this.host;
      const before = this.declarations;
      const declarations = before + this.results.for(code);
      const reply: ConvertReply = await this.host.language.call("convert", {
        code,
        from,
        label,
        declarations,
        sources,
        checks: this.checks,
      });
      // The executor died at rest during the check: nothing of the cell has run, and the names are others now.
      const begunAnew = epoch !== this.epoch && restarts === this.host.restarts && from === 0;
      if (begunAnew && !this.host.interrupted) continue;
      this.stillIn(epoch);
      if (!reply.ok) return reply.error;
      if (this.host.interrupted) return stopped(label);
      const begin = from;
      from = reply.next;
      const part = { source: code, label, cell: from === undefined ? cell : null, from: begin };
      const error = await this.execute(part, reply.cell, before);
      if (error) return error;
      const failed =
        (reply.run === undefined ? undefined : await this.runFile(reply.run)) ??
        (reply.export === undefined ? undefined : await this.exportTo(reply.export));
      if (failed) return failed;
    }
    return undefined;
  }

  /** `%run`: a file as if it were typed; its names stay. */
  private async runFile(text: string): Promise<SessionError | undefined> {
    const [path, ...args] = wordsOf(text);
    if (path === undefined) return failure("check", "UsageError", "Write %run FILE.ts [ARGUMENT…]");
    const file = pathFrom(this.cwd, path);
    let source: string;
    try {
      source = readFileSync(file, "utf8");
    } catch (error) {
      return failure("check", "FileError", fileProblem(file, error));
    }
    const label = basename(file);
    const { epoch } = this;
    const before = this.declarations;
    const { checks } = this;
    const request = { code: source, from: 0, label, declarations: before, sources: [], checks, program: file };
    const reply = await this.host.language.call("convert", request);
    this.stillIn(epoch);
    if (!reply.ok) return reply.error;
    if (this.host.interrupted) return stopped(label);
    return await this.execute({ source, label, cell: null, program: [file, ...args] }, reply.cell, before);
  }

  /** The program of cells that ran, for a file. Rejects when one of them can no longer be read. */
  async exported(file: string, ran: readonly RanCell[] = this.ran): Promise<string> {
    return (await this.host.language.call("export", { cells: [...ran], file })).text;
  }

  /** `%export`: the cells that ran as a program in a file. */
  private async exportTo(text: string): Promise<SessionError | undefined> {
    const inputs: string[] = [];
    for (const { cell, source } of this.ran) if (cell !== null) inputs[cell] = source;
    try {
      const { path, cells } = chosen(inputs, text, { folder: this.cwd, magic: "export", end: inputs.length });
      const all = cells.length === Object.keys(inputs).length;
      const ran = all ? this.ran : this.ran.filter(({ cell }) => cell !== null && cells.includes(cell));
      writeWhole(path, await this.exported(path, ran));
      this.host.tell(`${written(path, cells.length)}\n`);
      return undefined;
    } catch (error) {
      if (error instanceof Abandoned) throw error;
      const { name, message } = error instanceof Error ? error : new Error(String(error));
      return failure("check", name, message);
    }
  }

  private async execute(
    cell: Pick<RunRequest, "source" | "label" | "cell" | "program"> & { from?: number },
    converted: ConvertedCell,
    before: string,
  ): Promise<SessionError | undefined> {
    const executor = this.host.livingExecutor();
    const { epoch } = this;
    const { restarts } = this.host;
    this.sources.push([cell.label, cell.source]);
    if (this.sources.length > 2 * sourcesSearched) this.sources.splice(0, sourcesSearched);
    for (const module of converted.modules) this.modules.set(module.path, module);
    const modules = this.fresh ? [...this.modules.values()] : converted.modules;
    this.fresh = false;
    const inputs = this.inputs.slice(this.inputsTold);
    this.inputsTold = this.inputs.length;
    this.executing = true;
    const done = await executor.run({
      ...cell,
      inputs,
      lastError: this.lastError,
      converted: { ...converted, modules },
    });
    if (!done) {
      const death = await executor.ended;
      if (restarts !== this.host.restarts) return restarted(cell.label);
      const message = `${deathReason(death)} while it ran ${cell.label}; it was started again, and variables are gone`;
      return { ...failure("died", "ExecutorDied", message), exitCode: death.code ?? undefined };
    }
    this.usage = together(this.usage, done.usage);
    this.stillIn(epoch);
    if (done.kept && cell.cell !== null) this.results.add(cell.cell, converted.resultType ?? "unknown");
    const { dropped } = done;
    const { source, from = 0, program } = cell;
    if (!done.error && source.slice(from).trim() !== "")
      this.ran.push({ source, from, cell: cell.cell, program: program?.[0] });
    this.cwd = done.cwd;
    if (done.reset) {
      this.ran = [];
      this.declarations = initialDeclarations;
      this.results.clear();
      return done.error;
    }
    if (dropped.length === 0) {
      this.declarations = converted.declarations;
      return done.error;
    }
    const kept = await this.host.language.call("keep", { before, after: converted.declarations, dropped });
    this.stillIn(epoch);
    this.declarations = kept.declarations;
    return done.error;
  }

  /** Throws when the executor of that time has ended. */
  private stillIn(epoch: number): void {
    if (epoch !== this.epoch) throw new Outlived();
  }
}

/** What two parts of a cell take. */
function together(before: CellUsage | undefined, now: CellUsage): CellUsage {
  if (before === undefined) return now;
  return {
    time: before.time + now.time,
    cpu: before.cpu + now.cpu,
    peakBytes: Math.max(before.peakBytes, now.peakBytes),
    allocatedBytes: before.allocatedBytes + now.allocatedBytes,
  };
}

function stopped(label: string): SessionError {
  return failure("interrupt", "Interrupted", `${label} was stopped before it ran`);
}

function outlived(label: string): SessionError {
  return failure("died", "ExecutorDied", `The executor ended before ${label} did; variables are gone`);
}
