// What a group of goldens is, and running its cases: each case either passes, differs, or names a function that the library lacks.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MissingFunction, Mismatch, resetGlobalState } from "./library";

/** One recorded case, ready to run. */
export interface Case {
  readonly id: string;
  /** The file within its group, without extension. */
  readonly file: string;
  /** How basic the operation is: 1, 2 or 3, where the group says so. */
  readonly tier?: number;
  /** Throws Mismatch, MissingFunction or what the library threw; returns when the case passes. */
  run(): void | Promise<void>;
}

/** How one case ended. `uncovered`: the naming rule gives no way to write the case. */
export type Outcome = "pass" | "wrong" | "missing" | "uncovered";

export interface CaseResult {
  readonly id: string;
  readonly file: string;
  readonly tier?: number;
  readonly outcome: Outcome;
  readonly detail: string;
}

/** What the command line chose. */
export interface Options {
  /** The folder that holds the groups' folders. */
  readonly dir: string;
  readonly device: string;
  /** Only cases whose `file id` matches. */
  readonly only?: RegExp;
}

/** A folder of goldens with a format of its own. */
export interface Group {
  readonly name: string;
  cases(options: Options): Iterable<Case>;
}

/** Thrown by a case that cannot be written in the library's language. */
export class Uncovered extends Error {}

/** A whole JSON file of a group. */
export function readJson<T>(options: Options, ...path: string[]): T {
  return JSON.parse(readFileSync(join(options.dir, ...path), "utf8"));
}

/** The names of a group's JSON files, without extension; none when the folder is absent. */
export function jsonFiles(options: Options, group: string): string[] {
  try {
    return readdirSync(join(options.dir, group))
      .filter((name) => name.endsWith(".json"))
      .map((name) => name.slice(0, -".json".length))
      .sort();
  } catch {
    return [];
  }
}

function outcomeOf(error: unknown): { outcome: Outcome; detail: string } {
  if (error instanceof MissingFunction) return { outcome: "missing", detail: error.path };
  if (error instanceof Uncovered) return { outcome: "uncovered", detail: error.message };
  if (error instanceof Mismatch) return { outcome: "wrong", detail: error.message };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { outcome: "wrong", detail: `threw ${text.split("\n").slice(0, 6).join("\n")}` };
}

/** Runs the chosen cases of a group, each from PyTorch's default state. */
export async function runGroup(group: Group, options: Options): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const { id, file, tier, run } of group.cases(options)) {
    if (options.only && !options.only.test(`${file} ${id}`)) continue;
    let ending: { outcome: Outcome; detail: string } = { outcome: "pass", detail: "" };
    resetGlobalState();
    try {
      const pending = run();
      if (pending) await pending;
    } catch (error) {
      ending = outcomeOf(error);
    }
    results.push({ id, file, tier, ...ending });
  }
  resetGlobalState();
  return results;
}
