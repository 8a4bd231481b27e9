// Notebooks in a test suite: one test for each, with the `test` of Vitest or of any runner that is called alike.

import { relative } from "node:path";
import { type CheckOptions, checkNotebook, findNotebooks, problemLines } from "./check";

export interface SuiteOptions extends CheckOptions {
  /** Milliseconds that one notebook may take; default ten minutes. */
  limit?: number;
}

/** How runners declare a test. */
export type DeclareTest = (name: string, run: () => Promise<void>, limit: number) => unknown;

/**
 * Declares a test for every notebook that `path`, a directory or a file, names: it runs and puts out what it keeps. Throws when
 * there is none.
 */
export function testNotebooks(test: DeclareTest, path: string, options: SuiteOptions = {}): void {
  const { limit = 600_000, ...check } = options;
  const files = findNotebooks([path]);
  if (files.length === 0) throw new Error(`There are no notebooks in ${path}`);
  for (const file of files) {
    test(
      relative("", file),
      async () => {
        const { problems } = await checkNotebook(file, check);
        if (problems.length > 0) throw new Error(`${file}:\n${problemLines(problems).join("\n")}`);
      },
      limit,
    );
  }
}
