// Steps that cost nothing when their inputs did not change. A stamp holds the fingerprint of a step's inputs and is written only after
// the step succeeded, so an interrupted step is done again. A lock keeps two commands that start together from building twice.

const fs = require("node:fs");
const path = require("node:path");
const { announced } = require("./run.js");

const root = path.resolve(__dirname, "..", "..");
const cache = path.join(root, ".cache", "setup");
const lockPath = path.join(cache, "lock");

/**
 * A step: {
 *   title: what the line says while it runs,
 *   stamp?: path of its stamp,                    default .cache/setup/NAME
 *   fingerprint(): a text that changes when it must run again, or null when there is nothing to do,
 *   outputs?: paths without which it must run again,
 *   run(): the work, a promise
 * }
 */
function stampPath(step) {
  return step.stamp ?? path.join(cache, step.name);
}

function isDone(step) {
  const fingerprint = step.fingerprint();
  if (fingerprint === null) return true;
  if ((step.outputs ?? []).some((output) => !fs.existsSync(path.join(root, output)))) return false;
  try {
    return fs.readFileSync(stampPath(step), "utf8") === fingerprint;
  } catch {
    return false;
  }
}

/** Whether nothing is left to do: the quick way out of every later start. */
function allDone(plan) {
  return plan.every(isDone);
}

/** Runs the steps that are not done, in order. */
async function perform(plan) {
  for (const step of plan) {
    if (isDone(step)) continue;
    fs.rmSync(stampPath(step), { force: true });
    // Taken before the work: an input that changes meanwhile makes the step run again next time.
    const fingerprint = step.fingerprint();
    await announced(step.title, () => step.run());
    fs.mkdirSync(path.dirname(stampPath(step)), { recursive: true });
    fs.writeFileSync(stampPath(step), fingerprint);
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Makes a lock file with our number in it, at once: nobody ever sees it empty. False when there is one. */
function makeLock(file) {
  const own = `${file}.${process.pid}`;
  fs.writeFileSync(own, String(process.pid));
  try {
    fs.linkSync(own, file);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
    return false;
  } finally {
    fs.rmSync(own, { force: true });
  }
}

/** The number in a lock file: 0 when there is none in it, null when there is no file. */
function holderOf(file) {
  try {
    return Number(fs.readFileSync(file, "utf8")) || 0;
  } catch {
    return null;
  }
}

/** Whether a lock was left by a process that has ended. */
function abandoned(file) {
  const holder = holderOf(file);
  return holder !== null && (holder === 0 || !alive(holder));
}

/** Removes an abandoned lock: one process at a time, which looks again, so that nobody takes the next holder's lock for the old one. */
function removeAbandoned() {
  const removing = `${lockPath}-removal`;
  if (!makeLock(removing)) {
    if (abandoned(removing)) fs.rmSync(removing, { force: true });
    return;
  }
  try {
    if (abandoned(lockPath)) fs.rmSync(lockPath, { force: true });
  } finally {
    fs.rmSync(removing, { force: true });
  }
}

function tryLock() {
  fs.mkdirSync(cache, { recursive: true });
  if (makeLock(lockPath)) return true;
  if (abandoned(lockPath)) removeAbandoned();
  return false;
}

function forceUnlock() {
  if (holderOf(lockPath) === process.pid) fs.rmSync(lockPath, { force: true });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Does the work while no other set-up of this tree works. */
async function withLock(work) {
  for (let told = false; !tryLock(); told = true) {
    if (!told)
      process.stderr.write(`waiting for another set-up of this folder (process ${holderOf(lockPath) ?? "?"})\n`);
    await pause(200);
  }
  // A start interrupted by Ctrl-C must not leave the lock to a process that happens to reuse the number.
  process.once("exit", forceUnlock);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));
  try {
    await work();
  } finally {
    forceUnlock();
  }
}

module.exports = { allDone, forceUnlock, isDone, perform, root, withLock };
