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

function tryLock() {
  fs.mkdirSync(cache, { recursive: true });
  try {
    fs.writeFileSync(lockPath, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  const holder = readHolder();
  if (holder !== null && !alive(holder)) fs.rmSync(lockPath, { force: true });
  return false;
}

/** The process that holds the lock; null when it has just gone or has not yet written its number. */
function readHolder() {
  try {
    return Number(fs.readFileSync(lockPath, "utf8")) || null;
  } catch {
    return null;
  }
}

function forceUnlock() {
  if (readHolder() === process.pid) fs.rmSync(lockPath, { force: true });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Does the work while no other set-up of this tree works. */
async function withLock(work) {
  for (let told = false; !tryLock(); told = true) {
    if (!told) process.stderr.write(`waiting for another set-up of this folder (process ${readHolder() ?? "?"})\n`);
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
