// What one kind of comparison gives to the command: programs by seed, what differs in them, and how a failure reads.

/** A program that differs, made as short as it goes. */
export interface Failure {
  seed: number;
  /** Equal for failures that probably have one cause. */
  cause: string;
  /** What differs, and the program in both spellings. */
  report: string;
}

/** What came of many programs. */
export interface Tally {
  programs: number;
  failures: Failure[];
  /** Differences with a reason in docs/decisions/fuzz.md, by that reason. */
  explained: Map<string, number>;
  /** Programs that the other side could not finish. */
  skipped: number;
}

export interface Kind {
  /** Compares the programs of `count` seeds from `seed` on. */
  compare(seed: number, count: number, tally: Tally): Promise<void>;
  close(): Promise<void> | void;
}

/** A difference between the libraries: its kind, where it shows, and what each side has. */
export interface Difference {
  kind: string;
  where: string;
  here: string;
  there: string;
}

/** What a comparison found: nothing, a difference, or one with a reason, after which nothing can be compared. */
export type Verdict = { wrong: Difference } | { explained: string } | null;

/** A program in both spellings, as people read it. */
export interface Printed {
  typescript: string;
  python: string;
}

/**
 * Random programs that run here and in PyTorch; `beside-pytorch.ts` does the rest. `Program` is data, copied and cut freely; `Outcome` is
 * what came of it on either side.
 */
export interface PyTorchPrograms<Program, Outcome> {
  /** The Python file of this folder that runs requests: a line of JSON in, a line of JSON out for each. */
  readonly script: string;
  /** The program of a seed: the same on every machine. */
  generate(seed: number): Program;
  /** What PyTorch's side needs to run the program. */
  request(program: Program): object;
  /** Runs the program in this library. */
  run(program: Program): Outcome;
  compare(program: Program, here: Outcome, there: Outcome): Verdict;
  /**
   * What PyTorch is asked before a difference counts: whether the numbers are rounding errors, which its own results move by when it rounds
   * otherwise. Null where the difference is none of numbers.
   */
  doubt?(program: Program, difference: Difference): object | null;
  /** Compares again, with the outcomes of PyTorch's that answer the doubt. */
  compareRounded?(program: Program, here: Outcome, there: Outcome, rounded: readonly Outcome[]): Verdict;
  print(program: Program): Printed;
  /** Smaller programs to try in place of one with this difference, the most promising first. */
  simpler(program: Program, difference: Difference): Iterable<Program>;
  /** What equal causes have in common, of a program that cannot be made smaller. */
  signature(program: Program, difference: Difference): string;
}
