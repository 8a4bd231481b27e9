// The command `npm run bench -- [NAME…] [--json FILE] [--device cuda] [--rounds N] [--threads N]`: measures workloads in Cresset and, where
// PyTorch is installed, in PyTorch, alternating, one process per measurement; prints medians, extremes and ratios. The name `session`
// alone measures the start and the cells of a Jupyter kernel instead.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { watched } from "./quiet";
import { benchSession } from "./session";
import { presentSides, runSide, type Side, type SideName, type Timing } from "./sides";
import { median, short } from "./statistics";
import { workloads } from "./workloads";

/** One row of the report, as written to the JSON file; `ratio` is ours over tuned PyTorch, `ratioInstalled` over PyTorch as installed. */
interface Row {
  readonly name: string;
  readonly ms: number;
  readonly min: number;
  readonly max: number;
  readonly torch: number | null;
  readonly torchTuned: number | null;
  readonly ratio: number | null;
  readonly ratioInstalled: number | null;
}

/** How often a disturbed measurement is repeated before it is taken as it is. */
const ATTEMPTS = 3;

let disturbed = 0;

/** What sides lack, as told already. */
const lacking = new Set<string>();

function measureOnce(side: Side, workload: string): Timing | null {
  for (let attempt = 1; ; attempt++) {
    const { result, disturbed: noisy } = watched(() => runSide(side, workload));
    if (typeof result === "string") {
      if (!lacking.has(result)) console.log(result);
      lacking.add(result);
      return null;
    }
    if (noisy && attempt < ATTEMPTS) continue;
    if (noisy) disturbed++;
    return result;
  }
}

function measure(name: string, sides: readonly Side[], rounds: number): Row {
  const timings = new Map<SideName, Timing[]>(sides.map((side) => [side.name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const side of sides) {
      const timing = measureOnce(side, name);
      if (timing !== null) timings.get(side.name)?.push(timing);
    }
  }
  const middle = (side: SideName) => {
    const list = timings.get(side);
    return list === undefined || list.length === 0 ? null : median(list.map(({ ms }) => ms));
  };
  const ours = timings.get("ours") ?? [];
  const ms = median(ours.map((timing) => timing.ms));
  const [torch, torchTuned] = [middle("torch"), middle("torchTuned")];
  return {
    name,
    ms,
    min: Math.min(...ours.map((timing) => timing.min)),
    max: Math.max(...ours.map((timing) => timing.max)),
    torch,
    torchTuned,
    ratio: torchTuned === null ? null : ms / torchTuned,
    ratioInstalled: torch === null ? null : ms / torch,
  };
}

const columns = ["workload", "ms", "min–max", "PyTorch", "tuned", "× installed", "× tuned"];
const widths = [22, 10, 20, 10, 10, 12, 8];
const line = (cells: readonly string[]) =>
  cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("");
const optional = (value: number | null) => (value === null ? "–" : short(value));

function rowText({ name, ms, min, max, torch, torchTuned, ratio, ratioInstalled }: Row): string {
  const cells = [name, short(ms), `${short(min)}–${short(max)}`, optional(torch), optional(torchTuned)];
  return line([...cells, optional(ratioInstalled), optional(ratio)]);
}

function main(): void {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "string" },
      device: { type: "string", default: "cpu" },
      rounds: { type: "string", default: "5" },
      threads: { type: "string", default: "2" },
    },
  });
  if (positionals.length === 1 && positionals[0] === "session") {
    const rows = benchSession(Number(values.rounds));
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
    return;
  }
  const unknown = positionals.filter((name) => !(name in workloads));
  if (unknown.length > 0)
    throw new Error(`unknown workload ${unknown.join(", ")}; known: ${Object.keys(workloads).join(", ")}`);
  const names = positionals.length > 0 ? positionals : Object.keys(workloads);
  const { sides, notes } = presentSides(Number(values.threads), values.device);
  for (const note of notes) console.log(note);
  console.log(line(columns));
  const rows: Row[] = [];
  for (const name of names) {
    rows.push(measure(name, sides, Number(values.rounds)));
    console.log(rowText(rows[rows.length - 1]));
  }
  if (disturbed > 0) console.log(`${disturbed} measurements were disturbed by other processes on this machine`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(rows, null, 2)}\n`);
}

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
