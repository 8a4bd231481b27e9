// Programs of statements as a kind for the comparison: how they run, print and become smaller.

import type { Difference, Printed, PyTorchPrograms, Verdict } from "./kind";
import { readable, type Statement, spellings, variablesOf } from "./statements";
import { compareOutcomes } from "./statements-compare";
import { type Outcome, runHere } from "./statements-run";

/** A program of statements. The seed is that of the library's generator of random numbers as well. */
export interface StatementProgram {
  seed: number;
  statements: Statement[];
  /** In float64 variables are looked at after each so manieth statement (default: each). */
  every?: number;
}

/** Calls that walk a graph. */
const BACKWARD = /^(?:backward|grad)$/;

const DTYPES = ["float64", "float32"];

/** In how many other ways PyTorch rounds where numbers differ. */
const ROUNDINGS = 8;

/** The program without a statement and without those that need its variables. */
function without(program: StatementProgram, at: number): StatementProgram {
  const { statements } = program;
  const gone = new Set(statements[at].out);
  const left = statements.filter((statement, k) => {
    if (k < at) return true;
    if (k === at) return false;
    if (!variablesOf(statement).some((name) => gone.has(name))) return true;
    for (const name of statement.out) gone.add(name);
    return false;
  });
  return { ...program, statements: left };
}

function* simpler(program: StatementProgram, { where }: Difference): Iterable<StatementProgram> {
  const { statements } = program;
  const at = Number(/statement (\d+)/.exec(where)?.[1] ?? statements.length);
  if (at < statements.length) yield { ...program, statements: statements.slice(0, at) };
  for (let k = 0; k < statements.length; k++) yield without(program, k);
  for (const [k, statement] of statements.entries()) {
    if (!statement.noGrad) continue;
    yield { ...program, statements: statements.with(k, { ...statement, noGrad: false }) };
  }
}

/** The reason for a difference that is not a fault here, or null. */
export type Explain = (program: StatementProgram, difference: Difference) => string | null;

/** Programs of statements that `generate` writes. */
export function statementPrograms(
  generate: (seed: number) => StatementProgram,
  explain: Explain = () => null,
): PyTorchPrograms<StatementProgram, Outcome> {
  const request = ({ seed, statements, every = 1 }: StatementProgram): object => ({
    seed,
    every,
    statements: statements.map((statement) => spellings(statement).python),
    dtypes: DTYPES,
  });
  const compare = (program: StatementProgram, here: Outcome, there: Outcome, rounded: readonly Outcome[]): Verdict => {
    const verdict = compareOutcomes(here, there, (k) => BACKWARD.test(program.statements[k].call), rounded);
    if (verdict === null || !("wrong" in verdict)) return verdict;
    const reason = explain(program, verdict.wrong);
    return reason === null ? verdict : { explained: reason };
  };
  return {
    script: "statements.py",
    generate,
    request,
    run: ({ seed, statements, every = 1 }) => runHere(statements.map(spellings), { seed, every, dtypes: DTYPES }),
    compare: (program, here, there) => compare(program, here, there, []),
    doubt: (program, { kind }) => (/values$/.test(kind) ? { ...request(program), shaken: ROUNDINGS } : null),
    compareRounded: compare,
    print({ statements }): Printed {
      const all = statements.map((statement) => spellings(statement));
      return {
        typescript: all.map(({ typescript }) => readable(typescript)).join("; "),
        python: all.map(({ python }) => readable(python)).join("; "),
      };
    },
    simpler,
    signature: ({ statements }, { kind, where, here, there }) =>
      kind === "node"
        ? `node ${here} ${there}`
        : `${kind} ${where.endsWith(".grad") ? "grad" : ""} ${statements
            .filter(({ call }) => call !== "tensor")
            .map(
              ({ call, noGrad, named }) =>
                `${noGrad ? "noGrad " : ""}${call}${named === undefined ? "" : Object.keys(named).join()}`,
            )
            .sort()
            .join(" ")}`,
  };
}
