// `npm run fuzz -- graph|models|calls|loaders|cells|operators|files [--seed S] [--programs N] [--minutes M]`: random programs run here
// and beside the reference. Ends with status 1 when one differs without a reason.

import { kinds } from "./kinds";
import type { Tally } from "./kind";
import { peerVersion, REFERENCE } from "./peer";

/** How many programs are compared between two looks at the clock. */
const ROUND = 200;
/** How many failures are shown; of one cause only the first. */
const SHOWN = 60;

interface Options {
  kind: string;
  seed: number;
  programs: number;
  minutes: number;
}

function usage(): never {
  const names = Object.keys(kinds).join("|");
  console.error(`npm run fuzz -- ${names} [--seed S] [--programs N] [--minutes M]`);
  process.exit(2);
}

function parse(args: readonly string[]): Options {
  const [kind, ...rest] = args;
  if (!(kind in kinds)) usage();
  const options: Options = { kind, seed: Date.now() % 1_000_000_000, programs: 0, minutes: 0 };
  for (let k = 0; k < rest.length; k += 2) {
    const name = rest[k].replace(/^--/, "");
    const value = Number(rest[k + 1]);
    if ((name !== "seed" && name !== "programs" && name !== "minutes") || !Number.isFinite(value)) usage();
    options[name] = value;
  }
  if (options.programs === 0) options.programs = options.minutes > 0 ? Number.POSITIVE_INFINITY : 1000;
  return options;
}

async function main(): Promise<void> {
  const { kind: name, seed, programs, minutes } = parse(process.argv.slice(2));
  const { make, needsPeer } = kinds[name];
  if (needsPeer) {
    const version = peerVersion();
    if (version === null) {
      console.error("There is no PyTorch to compare with: install the package python3-torch.");
      process.exit(2);
    }
    if (!version.startsWith(`${REFERENCE}.`)) {
      console.log(
        `The reference is PyTorch ${REFERENCE}; what changed up to the ${version} of this machine shows as a difference.`,
      );
    }
  }
  console.log(`${name}, seeds from ${seed}`);
  const kind = await make();
  const tally: Tally = { programs: 0, failures: [], explained: new Map(), skipped: 0 };
  const end = minutes > 0 ? Date.now() + minutes * 60_000 : Number.POSITIVE_INFINITY;
  const causes = new Map<string, number>();
  while (tally.programs < programs && Date.now() < end) {
    const before = tally.failures.length;
    await kind.compare(seed + tally.programs, Math.min(ROUND, programs - tally.programs), tally);
    for (const { seed: failed, cause, report } of tally.failures.slice(before)) {
      const times = causes.get(cause) ?? 0;
      causes.set(cause, times + 1);
      if (times === 0 && causes.size <= SHOWN) console.log(`\nseed ${failed}  ${report}`);
    }
  }
  await kind.close();
  const explained = [...tally.explained].map(([reason, times]) => `  ${times} × ${reason}`);
  console.log(["", "Explained:", ...explained].slice(0, explained.length === 0 ? 0 : undefined).join("\n"));
  const wrong = tally.failures.length;
  const often = [...causes].filter(([, times]) => times > 1).sort((a, b) => b[1] - a[1]);
  for (const [cause, times] of often.slice(0, SHOWN)) console.log(`${times} × ${cause}`);
  console.log(`${tally.programs} programs, ${wrong} wrong (${causes.size} causes), ${tally.skipped} skipped`);
  process.exit(wrong === 0 ? 0 : 1);
}

void main();
