// The command `npm run goldens -- [--dir DIR] [--group NAME,…] [--device D] [--only PATTERN] [--json FILE] [--verbose]`: runs recorded cases
// against the library and reports passes per group. Exit code 1 when a case gives a wrong result or names a missing function.

import { existsSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { runGroup } from "./cases";
import { groups, ownGoldens } from "./groups";
import { type GroupResult, reportGroup, reportJson, tally } from "./report";

const usage = `npm run goldens -- [options]

  --dir DIR        a folder of goldens (default: the project's own)
  --group NAME,…   ${Object.keys(groups).join(", ")} (default: every one present)
  --device DEVICE  where tensors are made (default: cpu)
  --only PATTERN   only cases whose "file id" matches the regular expression
  --json FILE      writes counts and failures as JSON
  --verbose        shows every difference in full
  --allow-missing  missing functions do not fail the run`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      dir: { type: "string" },
      group: { type: "string", multiple: true },
      device: { type: "string", default: "cpu" },
      only: { type: "string" },
      json: { type: "string" },
      verbose: { type: "boolean", default: false },
      "allow-missing": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return 0;
  }
  const dir = resolve(values.dir ?? ownGoldens);
  const chosen =
    values.group?.flatMap((names) => names.split(",")) ??
    Object.keys(groups).filter((name) => existsSync(join(dir, name)));
  const unknown = chosen.filter((name) => !(name in groups));
  if (unknown.length > 0)
    throw new Error(`unknown group ${unknown.join(", ")}; known: ${Object.keys(groups).join(", ")}`);

  const options = { dir, device: values.device, only: values.only === undefined ? undefined : new RegExp(values.only) };
  const done: GroupResult[] = [];
  for (const name of chosen) {
    const start = performance.now();
    const results = await runGroup(groups[name], options);
    done.push({ group: name, seconds: (performance.now() - start) / 1000, results });
    console.log(reportGroup(done[done.length - 1], values.verbose));
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(reportJson(done), null, 2)}\n`);
  const all = tally(done.flatMap(({ results }) => results));
  if (all.total === 0) throw new Error(`no cases found in ${dir}`);
  return all.wrong > 0 || (all.missing > 0 && !values["allow-missing"]) ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 2;
  },
);
