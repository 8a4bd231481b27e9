// Makes the snapshot of the language process, in a process of its own, at the lowest priority, one at a time. It is tried before it
// is offered: a session never meets one that does not start.

import { fork, spawnSync } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join, resolve } from "node:path";
import {
  isPrivate,
  isWanted,
  languageFlags,
  makeFolder,
  type Manifest,
  noteFailure,
  snapshotFolder,
  snapshotName,
  writeManifest,
} from "./snapshot";
import type { LanguageAnswer, LanguageRequest, ProcessSetup } from "../wire";

const main = join(__dirname, "../language/language.js");
const image = resolve(__dirname, "../../../../scripts/snapshot-image.js");
const folder = snapshotFolder();
const day = 24 * 3600 * 1000;
const unusedFor = 30 * day;
const patience = 120_000;

/** Milliseconds after which a lock holds no more, whoever has it now: its number may be that of another process since. */
const lockTime = 10 * 60_000;
/** How long a lock may be empty: between its making and its writing. */
const emptyTime = 10_000;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether a process may still be at work that has made this lock. */
function isHeld(path: string): boolean {
  const age = Date.now() - statSync(path).mtimeMs;
  const holder = Number.parseInt(readFileSync(path, "utf8"), 10);
  return holder > 0 ? age < lockTime && isAlive(holder) : age < emptyTime;
}

/** Takes the lock, also one that holds no more; false when another process has it. */
function takeLock(path: string): boolean {
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      writeFileSync(path, String(process.pid), { flag: "wx", mode: 0o600 });
      return true;
    } catch {
      if (isHeld(path)) return false;
      rmSync(path, { force: true });
    }
  }
  return false;
}

/** The snapshot in `blob`; the files that went into it. */
function makeSnapshot(blob: string): Manifest["files"] {
  const list = `${blob}.files`;
  const { status } = spawnSync(
    process.execPath,
    [...languageFlags, "--snapshot-blob", blob, "--build-snapshot", image, main, list],
    {
      stdio: "ignore",
    },
  );
  if (status !== 0) throw new Error(`node --build-snapshot ended with ${status}`);
  const files = JSON.parse(readFileSync(list, "utf8")) as Manifest["files"];
  rmSync(list);
  return files;
}

/** Starts a process from the snapshot and converts a cell. */
async function trySnapshot(blob: string): Promise<void> {
  const setup: ProcessSetup = { root: folder, cwd: folder, argv: [""], display: "text", operators: true };
  const cell = { code: "1", from: 0, declarations: "", label: "", sources: [], checks: true };
  const request: LanguageRequest = { id: 1, call: "convert", request: cell };
  const child = fork(main, [JSON.stringify(setup)], {
    execArgv: [...languageFlags, "--snapshot-blob", blob],
    stdio: "ignore",
    cwd: folder,
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), patience);
  const works = await new Promise<boolean>((done) => {
    child.on("message", ({ id, failure }: LanguageAnswer) => {
      if (id === request.id) done(failure === undefined);
    });
    child.once("exit", () => done(false));
    child.once("error", () => done(false));
    child.send(request, () => {});
  });
  clearTimeout(timer);
  child.kill("SIGKILL");
  if (!works) throw new Error("the snapshot does not start");
}

/** Removes manifests that nobody has used for long, and everything that belongs to no manifest. */
function removeOld(): void {
  const names = readdirSync(folder);
  const age = (name: string): number =>
    Date.now() - (statSync(join(folder, name), { throwIfNoEntry: false })?.mtimeMs ?? 0);
  const kept = new Set<string>();
  for (const name of names.filter((name) => name.endsWith(".json"))) {
    if (age(name) > unusedFor) continue;
    kept.add(name);
    const { blob } = JSON.parse(readFileSync(join(folder, name), "utf8")) as Manifest;
    if (blob) kept.add(blob);
  }
  const own = snapshotName();
  for (const name of names) {
    // What another process is making has no manifest yet.
    if (!kept.has(name) && (name.startsWith(own) || age(name) > day)) rmSync(join(folder, name), { force: true });
  }
}

async function build(): Promise<void> {
  const lock = join(folder, "lock");
  if (!isPrivate(makeFolder()) || !takeLock(lock)) return;
  try {
    if (!isWanted()) return;
    const name = `${snapshotName()}-${process.pid}.blob`;
    const blob = join(folder, name);
    try {
      const files = makeSnapshot(blob);
      chmodSync(blob, 0o600);
      await trySnapshot(blob);
      writeManifest({ blob: name, size: statSync(blob).size, files, failures: 0 });
    } catch {
      noteFailure();
    }
    removeOld();
  } finally {
    rmSync(lock, { force: true });
  }
}

setPriority(constants.priority.PRIORITY_LOW);
// A folder that cannot be written is no concern of anyone's.
build().catch(() => {});
