// What magics do when their cell runs: the object `$magics` that read.ts and timing-transform.ts write calls of.

import { homedir } from "node:os";
import type { Payload } from "../protocol";
import type { Results } from "../executor/results";
import { history, load, pathOf, save, UsageError } from "./cells";
import { startClock, stopClock, timeAwaited, timeLoops } from "./clock";
import { shell, shellLines } from "./shell";
import type { Called, Explained, Magics, Values } from "./calls";
import { helpText } from "./table";
import { facts, memory, propertyAsItIs, who, whos } from "./variables";

/** What the executor gives magics to work on. */
export interface MagicHost {
  variables: Record<string, unknown>;
  results: Results;
  payload(payload: Payload): void;
  /** Forgets all variables. */
  reset(): void;
  /** Whether later cells are held to their types. */
  check(on: boolean): void;
  /** The lines of the last error. */
  lastError(): readonly string[];
}

/** Makes the object for one executor. */
export function createMagics(host: MagicHost): Magics {
  const runs: { [N in Called]: (text: string) => unknown } & { [N in keyof Values]: (text: string) => Values[N] } = {
    who: () => print(who(host.variables)),
    whos: () => print(whos(host.variables)),
    mem: () => print(memory(host.variables, host.results.holdings)),
    reset: (text) => reset(host, text),
    load: (text) => host.payload({ source: "set_next_input", text: load(text), replace: true }),
    save: (text) => print(save(host.results.inputs, text)),
    history: (text) => print(history(host.results.inputs, text)),
    cd: changeDirectory,
    pwd: () => process.cwd(),
    env: environment,
    check: (text) => setChecks(host, text),
    tb: () => print(host.lastError().join("\n") || "There was no error yet."),
    magic: () => print(helpText()),
    lsmagic: () => print(helpText()),
  };
  return {
    call: (async (name: Called, text: string) => runs[name](text)) as Magics["call"],
    shell: (command) => shell(command, (word) => Object.hasOwn(host.variables, word)),
    lines: shellLines,
    inspect: (explained, value, path) => {
      const text = explanation(explained, value, path);
      host.payload({ source: "page", data: { "text/plain": text }, start: 0 });
    },
    startClock,
    stopClock,
    timeLoops,
    timeAwaited,
  };
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

function reset(host: MagicHost, text: string): void {
  if (text === "out") {
    host.results.clear();
    return;
  }
  if (text !== "" && text !== "-f") throw new UsageError("Write %reset, %reset -f or %reset out");
  if (text === "-f" || confirm("Forget all variables? They cannot be brought back.")) host.reset();
  else print("Nothing was forgotten.");
}

function setChecks(host: MagicHost, text: string): void {
  if (text !== "on" && text !== "off") throw new UsageError("Write %check on or %check off");
  host.check(text === "on");
  print(text === "on" ? "Cells are held to their types." : "Cells run without a check of their types.");
}

let previous: string | undefined;

function changeDirectory(text: string): void {
  if (text === "-" && previous === undefined) throw new UsageError("There is no directory to go back to");
  const target = text === "-" ? (previous ?? "") : pathOf(text.replace(/^(["'])(.*)\1$/, "$2") || homedir());
  const before = process.cwd();
  process.chdir(target);
  previous = before;
  print(process.cwd());
}

function environment(text: string): Values["env"] {
  if (text === "") return { ...process.env } as Record<string, string>;
  const assigned = /^(\w+)\s*(?:=|\s)\s*(.*)$/.exec(text);
  if (!assigned) return process.env[text];
  const [, name, value] = assigned;
  process.env[name] = value;
  print(`${name}=${value}`);
  return undefined;
}

function explanation(
  { expression, text, place, source, withSource }: Explained,
  value?: () => unknown,
  path: readonly string[] = [],
): string {
  if (text === "" && value === undefined) return `${expression} is not defined`;
  const current = path.reduce(propertyAsItIs, valueNow(value));
  const parts = [text];
  const known = facts(current);
  if (place !== undefined) known.push(`Declared in ${place}`);
  if (known.length > 0) parts.push(known.join("\n"));
  if (withSource)
    parts.push(
      source ?? (typeof current === "function" ? Function.prototype.toString.call(current) : "No source is known."),
    );
  return parts.filter((part) => part !== "").join("\n\n");
}

/** A variable may not have its value yet. */
function valueNow(value: (() => unknown) | undefined): unknown {
  try {
    return value?.();
  } catch {
    return undefined;
  }
}
