// Programs of statements as a kind of comparison: batches for the peer, and failures made short.

import type { Failure, Kind, Tally } from "./kind";
import { Peer } from "./peer";
import { readable, type Statement, spellings } from "./statements";
import { type Difference, differenceOf } from "./statements-compare";
import { type Outcome, type Runnable, runHere } from "./statements-run";

/** A program of statements. */
export interface Program {
  seed: number;
  statements: readonly Statement[];
}

/** The reason for a difference that is not a fault here, or null. */
export type Explain = (program: Program, difference: Difference, here: Outcome, there: Outcome) => string | null;

/** How many programs the peer is given at once. */
const BATCH = 100;

export class StatementPrograms implements Kind {
  private readonly peer = new Peer("statements.py");

  constructor(
    private readonly generate: (seed: number) => Program,
    private readonly explain: Explain,
  ) {}

  async compare(seed: number, count: number, tally: Tally): Promise<void> {
    for (let done = 0; done < count; done += BATCH) {
      const size = Math.min(BATCH, count - done);
      const programs = Array.from({ length: size }, (_, k) => this.generate(seed + done + k));
      const asked = this.peer.ask<Outcome>(programs.map(requestOf));
      const here = programs.map((program) => runHere(runnable(program), program.seed));
      const there = await asked;
      for (let k = 0; k < size; k++) await this.judge(programs[k], here[k], there[k], tally);
      tally.programs += size;
    }
  }

  close(): void {
    this.peer.end();
  }

  private async judge(program: Program, here: Outcome, there: Outcome | null, tally: Tally): Promise<void> {
    if (there === null) {
      tally.skipped++;
      return;
    }
    const difference = differenceOf(here, there);
    if (difference === null) return;
    const reason = this.explain(program, difference, here, there);
    if (reason !== null) tally.explained.set(reason, (tally.explained.get(reason) ?? 0) + 1);
    else tally.failures.push(await this.shortened(program, difference));
  }

  /** Leaves out statements as long as the same kind of difference stays. */
  private async shortened(program: Program, difference: Difference): Promise<Failure> {
    let current = program;
    let found = difference;
    for (let again = true; again; ) {
      again = false;
      for (let k = current.statements.length - 1; k >= 0; k--) {
        const shorter = { ...current, statements: current.statements.filter((_, j) => j !== k) };
        const here = runHere(runnable(shorter), shorter.seed);
        const [there] = await this.peer.ask<Outcome>([requestOf(shorter)]);
        const now = there === null ? null : differenceOf(here, there);
        if (there === null || now?.kind !== found.kind || this.explain(shorter, now, here, there) !== null) continue;
        current = shorter;
        found = now;
        again = true;
      }
    }
    return failureOf(current, found);
  }
}

function runnable(program: Program): Runnable[] {
  return program.statements.map((statement) => ({ ...spellings(statement), out: statement.out }));
}

function requestOf(program: Program): object {
  const statements = runnable(program).map(({ python, out }) => ({ python, out }));
  return { seed: program.seed, statements };
}

function failureOf({ seed, statements }: Program, { kind, where, here, there }: Difference): Failure {
  const lines = statements.map((statement) => spellings(statement));
  const calls = statements.map(({ call }) => call).filter((call) => call !== "tensor");
  const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 300)}…` : text);
  const report = [
    `${kind}: ${where}`,
    `  here     ${cut(here)}`,
    `  PyTorch  ${cut(there)}`,
    ...lines.map(({ typescript }) => `  TS  ${readable(typescript)}`),
    ...lines.map(({ python }) => `  Py  ${readable(python)}`),
  ];
  return { seed, cause: `${kind} ${calls.join(" ")}`, report: report.join("\n") };
}
