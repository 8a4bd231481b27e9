// The start-up snapshot of the language process: where it lies, and whether it still is what a plain start would give. A snapshot
// that is missing, old or broken is no error: the process then starts the plain way, and a new one is made in the background.

import { spawn } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { crc32 } from "node:zlib";

/** What is known of the snapshot of one Node and one copy of Cresset. */
export interface Manifest {
  /** What it is bound to beside the files in it. */
  key: string;
  /** Name of the file beside the manifest; `null` after a failure. */
  blob: string | null;
  /** Bytes of the blob. */
  size: number;
  /** Every file that went into it, with its date and size. */
  files: [path: string, date: number, size: number][];
  /** How often it could not be made or used, since one of the files changed last. */
  failures: number;
}

/**
 * Flags of the language process; a snapshot starts only under those that it was made under. Cells leave much garbage at once. Hashing
 * every name of a snapshot anew, which guards servers against names chosen to collide, is a tenth of the start.
 */
export const languageFlags = ["--max-semi-space-size=8", "--no-rehash-snapshot"];

/** After so many failures no other is made until one of the files has changed. */
const triesAtMost = 3;

const packageRoot = resolve(__dirname, "../../../..");

/** Whether the environment allows snapshots; `CRESSET_SNAPSHOT=0` turns them off. */
function allowed(): boolean {
  return process.env.CRESSET_SNAPSHOT !== "0";
}

/** The folder of snapshots, in the user's folder of caches. */
export function snapshotFolder(): string {
  const { XDG_CACHE_HOME: given = "" } = process.env;
  return join(isAbsolute(given) ? given : join(homedir(), ".cache"), "cresset", "snapshots");
}

function snapshotKey(): string {
  const { execPath, version, arch, versions, env } = process;
  return JSON.stringify([execPath, version, arch, versions.v8, env.NODE_OPTIONS ?? "", languageFlags, packageRoot]);
}

/** What the names of its files begin with. Loading a better hash would take longer than finding that two copies share a name. */
export function snapshotName(): string {
  return crc32(snapshotKey()).toString(16).padStart(8, "0");
}

export function manifestPath(): string {
  return join(snapshotFolder(), `${snapshotName()}.json`);
}

/** The manifest, when it holds for the files as they are now. */
export function currentManifest(): Manifest | null {
  try {
    const manifest = JSON.parse(readFileSync(manifestPath(), "utf8")) as Manifest;
    if (manifest.key !== snapshotKey()) return null;
    const same = manifest.files.every(([path, date, size]) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found?.mtimeMs === date && found.size === size;
    });
    return same ? manifest : null;
  } catch {
    return null;
  }
}

/** Makes the folder of snapshots, which only its owner may enter; its path. Throws when it cannot be made. */
export function makeFolder(): string {
  const folder = snapshotFolder();
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // One that was made with another mode, where it is ours to close.
  if (statSync(folder).uid === process.getuid?.()) chmodSync(folder, 0o700);
  return folder;
}

/** Whether nobody but this person can have written what is at a path, if anything is: a snapshot is code that a session runs. */
export function isPrivate(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return true;
  return (process.getuid === undefined || found.uid === process.getuid()) && (found.mode & 0o022) === 0;
}

/** Replaces the manifest at once, so that no reader sees half of one. Throws when the folder cannot be written. */
export function writeManifest(manifest: Omit<Manifest, "key">): void {
  const temporary = `${manifestPath()}.${process.pid}`;
  makeFolder();
  writeFileSync(temporary, JSON.stringify({ key: snapshotKey(), ...manifest }), { mode: 0o600 });
  renameSync(temporary, manifestPath());
}

/** Path of the snapshot to start from, or `null`. */
export function findSnapshot(): string | null {
  if (!allowed()) return null;
  const manifest = currentManifest();
  if (!manifest?.blob) return null;
  const path = join(snapshotFolder(), manifest.blob);
  if (![snapshotFolder(), manifestPath(), path].every(isPrivate)) return null;
  try {
    if (statSync(path).size !== manifest.size) {
      noteFailure();
      return null;
    }
    // The date tells when it was of use last.
    utimesSync(manifestPath(), new Date(), new Date());
  } catch {}
  return path;
}

/** Remembers that the snapshot could not be made or used. */
export function noteFailure(): void {
  const main = join(__dirname, "../language/language.js");
  try {
    const { mtimeMs, size } = statSync(main);
    const { failures = 0, files = [[main, mtimeMs, size]] }: Partial<Manifest> = currentManifest() ?? {};
    writeManifest({ blob: null, size: 0, files, failures: failures + 1 });
  } catch {}
}

/** Whether making one could be of use: there is none, and it has not failed too often. */
export function isWanted(): boolean {
  if (!allowed()) return false;
  const manifest = currentManifest();
  return manifest === null || (manifest.blob === null && manifest.failures < triesAtMost);
}

/** Starts making a snapshot in a process of its own, which outlives this one. */
export function buildInBackground(): void {
  if (!isWanted()) return;
  const child = spawn(process.execPath, [join(__dirname, "build.js")], {
    cwd: packageRoot,
    detached: true,
    stdio: "ignore",
  });
  child.on("error", () => {});
  child.unref();
}
