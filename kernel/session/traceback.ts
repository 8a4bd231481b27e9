// What was thrown, as people see it: message first, then the line of their TypeScript, then the calls that led there.

import { inspect, types } from "node:util";
import { excerpt } from "./excerpt";
import type { SessionError } from "./protocol";
import { type Frame, userFrames } from "./stacks";

const callsShown = 5;
const causesShown = 3;

/** Describes a thrown value, which need not be an Error. */
export function describeError(thrown: unknown): SessionError {
  const error = types.isNativeError(thrown) ? thrown : null;
  const name = error ? error.name || error.constructor.name : "Uncaught";
  const message = error ? error.message : inspect(thrown, { depth: 2 });
  return { kind: "run", name, message, traceback: lines(thrown, 0) };
}

/** The error of a cell that the user stopped; `thrown`, where there is one, tells the place. */
export function interruptError(label: string, thrown?: Error): SessionError {
  const message = `${label} was stopped`;
  const [, ...place] = thrown ? lines(thrown, 0) : [];
  return { kind: "interrupt", name: "Interrupted", message, traceback: [`Interrupted: ${message}`, ...place] };
}

function lines(thrown: unknown, depth: number): string[] {
  if (!types.isNativeError(thrown)) return [`Uncaught ${inspect(thrown, { depth: 2 })}`];
  const title = thrown.message ? `${thrown.name}: ${thrown.message}` : thrown.name;
  const [innermost, ...calls] = userFrames(thrown);
  const shown = title.split("\n");
  if (innermost) {
    shown.push(`${place(innermost)}:`, ...excerpt(innermost.script.source(), { line: innermost.line }));
    for (const call of calls.slice(0, callsShown)) shown.push(`${place(call)}: ${lineText(call)}`);
    if (calls.length > callsShown) shown.push(`… and ${calls.length - callsShown} more calls`);
  }
  if (thrown.cause !== undefined && depth < causesShown) {
    const [first, ...rest] = lines(thrown.cause, depth + 1);
    shown.push(`Caused by ${first}`, ...rest);
  }
  return shown;
}

function place(frame: Frame): string {
  const at = `${frame.script.label}, line ${frame.line + 1}`;
  return frame.function ? `${at}, in ${frame.function}` : at;
}

function lineText(frame: Frame): string {
  return (frame.script.source().split(/\r?\n/)[frame.line] ?? "").trim();
}
