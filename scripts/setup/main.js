// Which steps each command needs, in order, and the messages when one fails.

const { allDone, forceUnlock, perform, withLock } = require("./steps.js");
const { SetupError } = require("./run.js");
const steps = require("./plan.js");

/** What every command needs that runs cells, in order. */
const compiled = [steps.typescript, steps.library, steps.declarations, steps.compiler];
const build = [steps.packages, steps.system, steps.native, ...compiled, steps.repl];

/** The steps of each mode of `scripts/setup.js`. */
const modes = {
  build,
  start: build,
  test: [
    steps.packages,
    steps.system,
    steps.testTools,
    steps.nodes,
    steps.compilers,
    steps.native,
    steps.nativeTest,
    ...compiled,
    steps.repl,
  ],
  bench: [steps.packages, steps.system, steps.benchTools, steps.native, ...compiled],
};

/** Brings the tree up to date for a mode; ends the process with 1 when that fails. */
async function main(mode) {
  const plan = modes[mode];
  if (plan === undefined) {
    console.error(`usage: node scripts/setup.js ${Object.keys(modes).join("|")}`);
    process.exit(1);
  }
  if (allDone(plan)) return;
  try {
    await withLock(() => perform(plan));
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    forceUnlock();
    console.error(error.message);
    process.exit(1);
  }
}

module.exports = { main };
