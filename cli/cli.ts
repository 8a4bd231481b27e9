// The command `cresset`.

import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { type ParseArgsConfig, parseArgs } from "node:util";
import { colorDepth } from "../core/display/ansi";
import { installedKernels, installKernel, interruptModes, type Place, uninstallKernel } from "../kernel/jupyter/spec";
import { kernelSpec } from "../kernel/notebook/language";
import type { Connection } from "../kernel/jupyter/wire";
import { runProgram } from "./program";
import { type Session, startSession } from "../kernel/session/session";

const packageRoot = resolve(__dirname, "../..");

const help = `Usage:
  cresset                           the REPL; when standard input is not a terminal, runs it as one program
  cresset run FILE.ts [ARG…]        checks and runs a program
  cresset -e CODE                   checks and runs CODE, prints its value
  cresset kernel install [--user | --sys-prefix | --prefix DIR] [--name NAME] [--display-name TEXT]
                         [--interrupt-mode message|signal]
  cresset kernel uninstall [--user | --sys-prefix | --prefix DIR] [--name NAME]
  cresset kernel list [--user | --sys-prefix | --prefix DIR]
  cresset kernel run --connection-file FILE
  cresset notebook run FILE.ipynb [--inplace | --output FILE] [--timeout SECONDS] [--param NAME=VALUE …]
  cresset notebook test FILE.ipynb|DIR… [--tolerance NUMBER] [--timeout SECONDS]
  cresset --version | --help

Exit status: 0; 1 for an uncaught error, 2 for a type error or a wrong command line, 13 for a wait without end.
`;

/** Thrown for a command line that cannot be understood. */
class UsageError extends Error {}

/** A real `import()`, which code compiled to CommonJS does not have. */
export type Import = (url: string) => Promise<unknown>;

type Command = (args: string[], importModule: Import) => Promise<number>;

const commands: Record<string, Command> = {
  run: ([file, ...argv]) => {
    if (file === undefined) throw new UsageError("cresset run needs a file");
    return runFile(file, argv);
  },
  "-e": evaluate,
  "--eval": evaluate,
  kernel: (args, importModule) => subcommand("kernel", kernelCommands, args, importModule),
  notebook: (args, importModule) => subcommand("notebook", notebookCommands, args, importModule),
  "--version": async () => print(`${packageVersion()}\n`),
  "-v": async () => print(`${packageVersion()}\n`),
  "--help": async () => print(help),
  "-h": async () => print(help),
};

const place = {
  user: { type: "boolean" },
  "sys-prefix": { type: "boolean" },
  prefix: { type: "string" },
} as const;
const name = { type: "string", default: kernelSpec.name } as const;

const kernelCommands: Record<string, Command> = {
  install: async (args) => {
    const values = options(args, {
      ...place,
      name,
      "display-name": { type: "string", default: kernelSpec.display_name },
      "interrupt-mode": { type: "string", default: interruptModes[0] },
    });
    const interruptMode = interruptModes.find((mode) => mode === values["interrupt-mode"]);
    if (!interruptMode) throw new UsageError(`--interrupt-mode is one of ${interruptModes.join(", ")}`);
    const folder = await installKernel({
      place: placeOf(values) ?? "user",
      name: values.name,
      displayName: values["display-name"],
      argv: [process.execPath, join(packageRoot, "scripts/cresset.js"), "kernel", "run"],
      interruptMode,
    });
    return print(`Installed the kernel "${values.name}" in ${folder}\n`);
  },
  uninstall: async (args) => {
    const values = options(args, { ...place, name });
    return print(`Removed ${uninstallKernel(placeOf(values) ?? "user", values.name)}\n`);
  },
  list: async (args) => {
    const kernels = installedKernels(placeOf(options(args, place)));
    if (kernels.length === 0) return print("No kernel is installed; `cresset kernel install` installs one\n");
    const width = Math.max(...kernels.map((kernel) => kernel.name.length));
    return print(kernels.map((kernel) => `${kernel.name.padEnd(width)}  ${kernel.folder}\n`).join(""));
  },
  run: async (args) => {
    const values = options(args, { "connection-file": { type: "string" } });
    const file = values["connection-file"];
    if (file === undefined) throw new UsageError("cresset kernel run needs --connection-file FILE");
    const connection = JSON.parse(readFileSync(file, "utf8")) as Connection;
    // Its processes start while this one loads the sockets.
    const session = startSession();
    const { runKernel } = await import("../kernel/jupyter/kernel");
    return runKernel(session, connection, packageVersion());
  },
};

const notebookCommands: Record<string, Command> = {
  run: async (args) => {
    const { values, positionals } = parsed(args, {
      inplace: { type: "boolean" },
      output: { type: "string" },
      timeout: { type: "string" },
      param: { type: "string", multiple: true },
    });
    const [file, ...rest] = positionals;
    if (file === undefined || rest.length > 0) throw new UsageError("cresset notebook run needs one file");
    if (values.inplace && values.output !== undefined) throw new UsageError("Give only one of --inplace, --output");
    const { runCommand } = await import("../kernel/notebook/commands");
    const parameters = (values.param ?? []).map((given): [string, string] => {
      const [, name, text] = /^([\p{ID_Start}_$][\p{ID_Continue}$]*)=(.*)$/su.exec(given) ?? [];
      if (name === undefined) throw new UsageError(`--param needs NAME=VALUE, not ${given}`);
      return [name, text];
    });
    return runCommand({
      file,
      output: values.inplace ? file : values.output,
      timeout: milliseconds(values.timeout),
      parameters: new Map(parameters),
    });
  },
  test: async (args) => {
    const { values, positionals } = parsed(args, { tolerance: { type: "string" }, timeout: { type: "string" } });
    if (positionals.length === 0) throw new UsageError("cresset notebook test needs a file or a directory");
    const tolerance = values.tolerance === undefined ? undefined : positive("--tolerance", values.tolerance, true);
    const { testCommand } = await import("../kernel/notebook/commands");
    return testCommand(positionals, { tolerance, timeout: milliseconds(values.timeout) });
  },
};

/** Runs the command line; the exit status. */
export async function main(args: string[], importModule: Import): Promise<number> {
  try {
    const [first, ...rest] = args;
    if (first === undefined) return isTerminal() ? await repl(importModule) : await runPiped();
    const command = Object.hasOwn(commands, first) ? commands[first] : undefined;
    if (command) return await command(rest, importModule);
    if (first.startsWith("-")) throw new UsageError(`Unknown option: ${first}`);
    if (/\.[cm]?[jt]s$/.test(first)) return await runFile(first, rest);
    throw new UsageError(`Unknown command: ${first}`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const usage = error instanceof UsageError;
    process.stderr.write(`cresset: ${message}\n${usage ? "See cresset --help\n" : ""}`);
    return usage ? 2 : 1;
  }
}

function subcommand(
  group: string,
  known: Record<string, Command>,
  [name, ...args]: string[],
  importModule: Import,
): Promise<number> {
  if (name === undefined) throw new UsageError(`cresset ${group} needs a command`);
  if (!Object.hasOwn(known, name)) throw new UsageError(`Unknown command: ${group} ${name}`);
  return known[name](args, importModule);
}

function options<T extends NonNullable<ParseArgsConfig["options"]>>(args: string[], known: T) {
  const { values, positionals } = parsed(args, known);
  if (positionals.length > 0) throw new UsageError(`Unexpected argument: ${positionals[0]}`);
  return values;
}

function parsed<T extends NonNullable<ParseArgsConfig["options"]>>(args: string[], known: T) {
  try {
    return parseArgs({ args, options: known, strict: true, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** The value of `--timeout`, which is in seconds. */
function milliseconds(seconds: string | undefined): number | undefined {
  return seconds === undefined ? undefined : positive("--timeout", seconds, false) * 1000;
}

function positive(option: string, text: string, orZero: boolean): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0 || (value === 0 && !orZero))
    throw new UsageError(`${option} needs a positive number, not ${text}`);
  return value;
}

function placeOf(values: { user?: boolean; "sys-prefix"?: boolean; prefix?: string }): Place | undefined {
  const given = [values.user && "--user", values["sys-prefix"] && "--sys-prefix", values.prefix && "--prefix"].filter(
    Boolean,
  );
  if (given.length > 1) throw new UsageError(`Give only one of ${given.join(", ")}`);
  if (values.prefix !== undefined) return { prefix: resolve(values.prefix) };
  if (values["sys-prefix"]) return "sys-prefix";
  return values.user ? "user" : undefined;
}

function print(message: string): number {
  process.stdout.write(message);
  return 0;
}

function packageVersion(): string {
  return (JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string }).version;
}

async function evaluate([code, ...argv]: string[]): Promise<number> {
  if (code === undefined) throw new UsageError("cresset -e needs CODE");
  return runProgram(code, { file: "[eval]", argv, stdin: "inherit", printResult: true });
}

async function runPiped(): Promise<number> {
  return runProgram(await text(process.stdin), { file: "[stdin]", printResult: true });
}

async function runFile(file: string, argv: string[]): Promise<number> {
  return runProgram(readFileSync(file, "utf8"), { file, argv, stdin: "inherit", printResult: false });
}

function isTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

async function repl(importModule: Import): Promise<number> {
  // The processes of the session write to pipes; their colours reach the terminal all the same.
  const depth = colorDepth();
  if (depth !== "none") process.env.FORCE_COLOR ??= depth === "true" ? "3" : "1";
  const session = startSession({ display: "text" });
  const url = pathToFileURL(join(packageRoot, "dist/repl/main.mjs")).href;
  const { main: start } = (await importModule(url)) as { main(session: Session): Promise<number> };
  return start(session);
}
