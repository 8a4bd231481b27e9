// Fetching the files of a data set while a constructor waits: a child process fetches, since only that can be waited for. A file
// has its name only when it is complete and its checksum right.

import { spawnSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CressetError } from "../../errors";

/** A published file and its MD5 sum. */
export type Resource = readonly [name: string, md5: string];

/** Milliseconds without a byte after which a mirror counts as dead. */
const STALL = 30_000;

/** Fetches argv[1] to the file argv[2], and prints its sum by the algorithm argv[3]. Runs in the child. */
const FETCH = `
const { createHash } = require("node:crypto");
const { createWriteStream } = require("node:fs");
const { once } = require("node:events");
(async () => {
  const abort = new AbortController();
  let timer = setTimeout(() => abort.abort(new Error("no answer")), ${STALL});
  const answer = await fetch(process.argv[1], { signal: abort.signal });
  if (!answer.ok) throw new Error("HTTP status " + answer.status);
  const hash = createHash(process.argv[3]);
  const file = createWriteStream(process.argv[2]);
  for await (const part of answer.body) {
    timer.refresh();
    hash.update(part);
    if (!file.write(part)) await once(file, "drain");
  }
  clearTimeout(timer);
  file.end();
  await once(file, "close");
  process.stdout.write(hash.digest("hex"));
})().catch((error) => {
  process.stderr.write(String(error.cause?.message ?? error.message));
  process.exit(1);
});
`;

/** Algorithms as they are written. */
const SUMS = { md5: "MD5", sha256: "SHA-256" } as const;

/** A sum that a file must have: all of it, or how it begins. */
export interface Sum {
  readonly algorithm: "md5" | "sha256";
  readonly starts: string;
}

/** Fetches one file from one address; what went wrong, or null. */
export function fetchFile(url: string, path: string, { algorithm, starts }: Sum): string | null {
  const temporary = `${path}.${process.pid}.part`;
  try {
    const { status, stdout, stderr, error } = spawnSync(process.execPath, ["-e", FETCH, url, temporary, algorithm], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
    if (error !== undefined) return error.message;
    if (status !== 0) return stderr.trim() || "interrupted";
    if (!stdout.startsWith(starts)) return `its ${SUMS[algorithm]} sum is ${stdout}, expected ${starts}`;
    renameSync(temporary, path);
    return null;
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Fetches the resources into a folder, each from the first mirror that has it right, and says so on standard output.
 * Throws CressetError, naming the addresses and where the files belong, when none has.
 */
export function download(folder: string, resources: readonly Resource[], mirrors: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, md5] of resources) {
    const problems: string[] = [];
    const found = mirrors.some((mirror) => {
      const url = `${mirror}${name}`;
      console.log(`Downloading ${url}`);
      const problem = fetchFile(url, join(folder, name), { algorithm: "md5", starts: md5 });
      if (problem !== null) problems.push(`  ${url}: ${problem}`);
      return problem === null;
    });
    if (found) continue;
    throw new CressetError(
      `Error downloading ${name}:\n${problems.join("\n")}\n` +
        `Without a connection, put these files into ${folder}:\n${resources.map(([file]) => `  ${mirrors[0]}${file}`).join("\n")}`,
    );
  }
}
