// What the runner prints: passes per group, per tier and per file, wrong results apart from missing functions.

import type { CaseResult, Outcome } from "./cases";

/** How many cases of a set ended in which way. */
export interface Tally {
  readonly total: number;
  readonly pass: number;
  readonly wrong: number;
  readonly missing: number;
  readonly uncovered: number;
}

/** The results of one group. */
export interface GroupResult {
  readonly group: string;
  readonly seconds: number;
  readonly results: readonly CaseResult[];
}

/** Counts outcomes; `total` leaves out the cases that the naming rule gives no way to write. */
export function tally(results: readonly CaseResult[]): Tally {
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
  const uncovered = count("uncovered");
  return {
    total: results.length - uncovered,
    pass: count("pass"),
    wrong: count("wrong"),
    missing: count("missing"),
    uncovered,
  };
}

function grouped<K>(results: readonly CaseResult[], key: (result: CaseResult) => K): Map<K, CaseResult[]> {
  const sets = new Map<K, CaseResult[]>();
  for (const result of results) {
    const set = sets.get(key(result));
    if (set) set.push(result);
    else sets.set(key(result), [result]);
  }
  return sets;
}

const line = (label: string, { total, pass, wrong, missing, uncovered }: Tally) => {
  const share = total === 0 ? "" : ` (${((100 * pass) / total).toFixed(1)} %)`;
  const apart = uncovered === 0 ? "" : `, ${uncovered} without a spelling`;
  return `${label.padEnd(22)} ${pass} of ${total} pass${share}, ${wrong} wrong, ${missing} missing${apart}`;
};

function missingNames(results: readonly CaseResult[]): string {
  const names = [...grouped(results, (result) => result.detail)].sort((a, b) => b[1].length - a[1].length);
  return names.map(([name, cases]) => (cases.length === 1 ? name : `${name} (${cases.length})`)).join(", ");
}

/** The report of one group as text. */
export function reportGroup({ group, seconds, results }: GroupResult, verbose: boolean): string {
  const lines = [`${line(group, tally(results))}, ${seconds.toFixed(1)} s`];
  const tiers = [...grouped(results, (result) => result.tier)].filter(([tier]) => tier !== undefined);
  for (const [tier, set] of tiers.sort((a, b) => Number(a[0]) - Number(b[0]))) {
    lines.push(line(`  tier ${tier}`, tally(set)));
  }
  const files = [...grouped(results, (result) => result.file)];
  if (files.length <= 12 && tiers.length === 0)
    for (const [file, set] of files) lines.push(line(`  ${file}`, tally(set)));
  const wrong = results.filter((result) => result.outcome === "wrong");
  for (const { file, id, detail } of verbose ? wrong : wrong.slice(0, 20)) {
    const text = verbose ? detail : (detail.split("\n").find((part) => part.trim() !== "") ?? "").slice(0, 160);
    lines.push(`  wrong  ${file} ${id}: ${text}`);
  }
  if (!verbose && wrong.length > 20)
    lines.push(`  … and ${wrong.length - 20} more wrong results (--verbose shows all)`);
  const missing = results.filter((result) => result.outcome === "missing");
  if (missing.length > 0) {
    const names = missingNames(missing);
    lines.push(
      `  missing: ${verbose || names.length <= 700 ? names : `${names.slice(0, 700)} … (--verbose shows all)`}`,
    );
  }
  return lines.join("\n");
}

/** The report as data, for `--json`. */
export function reportJson(groups: readonly GroupResult[]): unknown {
  return groups.map(({ group, seconds, results }) => ({
    group,
    seconds,
    ...tally(results),
    tiers: Object.fromEntries(
      [...grouped(results, (result) => result.tier)].flatMap(([tier, set]) =>
        tier === undefined ? [] : [[tier, tally(set)]],
      ),
    ),
    files: Object.fromEntries([...grouped(results, (result) => result.file)].map(([file, set]) => [file, tally(set)])),
    failures: results.filter(({ outcome }) => outcome === "wrong" || outcome === "missing"),
  }));
}
