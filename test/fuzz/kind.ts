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
