// Runs random programs here and in PyTorch at the same time, and makes those smaller that differ.

import type { Difference, Failure, Kind, PyTorchPrograms, Tally, Verdict } from "./kind";
import { Peer } from "./peer";

/** Programs in one batch: enough to keep both sides busy. */
const BATCH = 100;
/** Candidates for a smaller program that are tried at once. */
const CANDIDATES = 6;
/** How many candidates are tried for one failure. */
const TRIES = 400;
/** Characters of a value that are printed: where many elements differ, the first are enough. */
const SHOWN = 400;
/** How many failures are made smaller; those beyond are only counted. */
const SHRUNK = 300;

interface Differing<Program> {
  seed: number;
  program: Program;
  difference: Difference;
}

export class BesidePyTorch<Program, Outcome> implements Kind {
  private readonly peer: Peer;
  private shrunk = 0;

  constructor(private readonly programs: PyTorchPrograms<Program, Outcome>) {
    this.peer = new Peer(programs.script);
  }

  async compare(seed: number, count: number, tally: Tally): Promise<void> {
    const make = (from: number): Program[] =>
      Array.from({ length: Math.min(BATCH, count - from) }, (_, k) => this.programs.generate(seed + from + k));
    const failures: Differing<Program>[] = [];
    let batch = make(0);
    for (let done = 0; batch.length > 0; ) {
      const answers = this.ask(batch);
      const here = batch.map((program) => this.programs.run(program));
      const next = make(done + batch.length);
      const there = await answers;
      for (const [k, program] of batch.entries()) {
        const verdict = await this.verdict(program, here[k], there[k]);
        if (there[k] === null) tally.skipped++;
        if (verdict === null) continue;
        if ("wrong" in verdict) failures.push({ seed: seed + done + k, program, difference: verdict.wrong });
        else tally.explained.set(verdict.explained, (tally.explained.get(verdict.explained) ?? 0) + 1);
      }
      tally.programs += batch.length;
      done += batch.length;
      batch = next;
    }
    for (const failure of failures) tally.failures.push(await this.reported(failure));
  }

  close(): void {
    this.peer.end();
  }

  private ask(programs: readonly Program[]): Promise<(Outcome | null)[]> {
    return this.peer.ask<Outcome>(programs.map((program) => this.programs.request(program)));
  }

  /** Nothing can be said of a program that ended PyTorch's process. */
  private async verdict(program: Program, here: Outcome, there: Outcome | null): Promise<Verdict> {
    if (there === null) return null;
    const { programs } = this;
    const verdict = programs.compare(program, here, there);
    if (verdict === null || !("wrong" in verdict)) return verdict;
    const doubt = programs.doubt?.(program, verdict.wrong) ?? null;
    if (doubt === null) return verdict;
    const [rounded] = await this.peer.ask<Outcome[]>([doubt]);
    return rounded === null ? verdict : (programs.compareRounded?.(program, here, there, rounded) ?? null);
  }

  /** The smallest program found with the same kind of difference. */
  private async smallest(failure: Differing<Program>): Promise<Differing<Program>> {
    let best = failure;
    for (let tried = 0; tried < TRIES; ) {
      const better = await this.smaller(best, () => tried++);
      if (better === null) return best;
      best = better;
    }
    return best;
  }

  private async smaller(failure: Differing<Program>, tried: () => void): Promise<Differing<Program> | null> {
    const candidates = [...this.programs.simpler(failure.program, failure.difference)];
    for (let at = 0; at < candidates.length; at += CANDIDATES) {
      const some = candidates.slice(at, at + CANDIDATES);
      const answers = this.ask(some);
      const here = some.map((program) => this.programs.run(program));
      const there = await answers;
      for (const [k, program] of some.entries()) {
        tried();
        const verdict = await this.verdict(program, here[k], there[k]);
        if (verdict === null || !("wrong" in verdict) || verdict.wrong.kind !== failure.difference.kind) continue;
        return { seed: failure.seed, program, difference: verdict.wrong };
      }
    }
    return null;
  }

  private async reported(failure: Differing<Program>): Promise<Failure> {
    const { seed } = failure;
    if (++this.shrunk > SHRUNK) {
      const { kind } = failure.difference;
      return { seed, cause: `${kind}, not made smaller`, report: `${kind} (one of many, not made smaller)` };
    }
    const { program, difference } = await this.smallest(failure);
    const shown = (value: string): string => (value.length > SHOWN ? `${value.slice(0, SHOWN)} …` : value);
    const { typescript, python } = this.programs.print(program);
    const report = [
      `${difference.kind}: ${difference.where}`,
      `  Py  ${python}`,
      `  TS  ${typescript}`,
      `      PyTorch ${shown(difference.there)}`,
      `      Cresset ${shown(difference.here)}`,
    ];
    return { seed, cause: this.programs.signature(program, difference), report: report.join("\n") };
  }
}
