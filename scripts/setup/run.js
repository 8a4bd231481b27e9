// Running the programs of a step: quiet while they work (one line, with the latest output on a terminal), everything shown when they fail.

const { spawn } = require("node:child_process");

/** A failure with a message for the person who started the command. */
class SetupError extends Error {}

const interactive = process.stderr.isTTY === true;
const MAX_KEPT = 200_000;

/** The command as a person would type it. */
function commandLine(command, args) {
  return [command, ...args].map((part) => (/^[\w./:=@+,-]+$/.test(part) ? part : `'${part}'`)).join(" ");
}

/** Draws the latest line of output behind the title, cut to the width of the terminal. */
function drawProgress(title, output) {
  const lines = output.split(/[\r\n]+/).filter((line) => line.trim() !== "");
  const last = lines.length === 0 ? "" : lines[lines.length - 1].trim();
  const width = Math.max(20, (process.stderr.columns ?? 80) - 1);
  process.stderr.write(`\r\x1b[K${`${title} … ${last}`.slice(0, width)}`);
}

/** Runs one program to its end; resolves to its whole output, rejects with a SetupError that shows it. */
function run(step, command, args, options = {}) {
  const { env, advice = "Fix the cause above and run the command again: finished steps are not repeated." } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    const take = (chunk) => {
      output = (output + chunk).slice(-MAX_KEPT);
      if (interactive) drawProgress(step, output);
    };
    child.stdout.setEncoding("utf8").on("data", take);
    child.stderr.setEncoding("utf8").on("data", take);
    const fail = (reason) => {
      if (interactive) process.stderr.write("\r\x1b[K");
      const shown = output.trimEnd();
      reject(
        new SetupError(
          `\n${shown}${shown === "" ? "" : "\n\n"}Set-up failed: ${step} (${reason}).\n  Command: ${commandLine(command, args)}\n  ${advice}`,
        ),
      );
    };
    child.on("error", (error) => fail(error.code === "ENOENT" ? `${command} was not found` : error.message));
    child.on("close", (code, signal) => {
      if (code === 0) resolve(output);
      else fail(signal === null ? `exit code ${code}` : `ended by ${signal}`);
    });
  });
}

/** Shows one line for a step: its title, and the time it took when it is done. */
async function announced(title, work) {
  const start = process.hrtime.bigint();
  process.stderr.write(interactive ? `${title} …` : `${title} … `);
  const result = await work();
  const seconds = (Number(process.hrtime.bigint() - start) / 1e9).toFixed(1);
  process.stderr.write(interactive ? `\r\x1b[K${title}: ${seconds} s\n` : `${seconds} s\n`);
  return result;
}

module.exports = { SetupError, announced, commandLine, run };
