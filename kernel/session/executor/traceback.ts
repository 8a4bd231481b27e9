// What was thrown, as people see it: message first, then the line of their TypeScript, then the calls that led there.

import { inspect, types } from "node:util";
import { excerpt } from "../excerpt";
import type { SessionError } from "../protocol";
import { type Frame, userFrames } from "./stacks";

const callsShown = 5;
const causesShown = 3;
const errorsShown = 5;

/** Describes a thrown value, which need not be an Error, and whose properties may throw in their turn. */
export function describeError(thrown: unknown): SessionError {
  const [name, message] = isError(thrown) ? [nameOf(thrown), messageOf(thrown)] : ["Uncaught", textOf(thrown)];
  return { kind: "run", name, message, traceback: lines(thrown, 0) };
}

/** The error of a cell that the user stopped; `thrown`, where there is one, tells the place. */
export function interruptError(label: string, thrown?: Error): SessionError {
  const message = `${label} was stopped`;
  const [, ...place] = thrown ? lines(thrown, 0) : [];
  return { kind: "interrupt", name: "Interrupted", message, traceback: [`Interrupted: ${message}`, ...place] };
}

/** What a program that ends while it waits is told, in Node's words; the stack of `place` tells where it waits. */
export function unsettledWait(place: Error): string[] {
  const [, ...where] = lines(place, 0);
  return ["Warning: Detected unsettled top-level await", ...where];
}

function lines(thrown: unknown, depth: number): string[] {
  if (!isError(thrown)) return [`Uncaught ${textOf(thrown)}`];
  const message = messageOf(thrown);
  const title = message ? `${nameOf(thrown)}: ${message}` : nameOf(thrown);
  const [innermost, ...calls] = userFrames(thrown);
  const shown = title.split("\n");
  if (innermost) {
    const source = innermost.script.source();
    shown.push(`${place(innermost)}:`, ...excerpt(source, { line: innermost.line, ...operatorAt(innermost, source) }));
    for (const call of calls.slice(0, callsShown)) shown.push(`${place(call)}: ${lineText(call)}`);
    if (calls.length > callsShown) shown.push(`… and ${calls.length - callsShown} more calls`);
  }
  if (depth < causesShown) shown.push(...causes(thrown, depth + 1));
  return shown;
}

/** What an error says it was caused by, and the errors that one of several stands for. */
function causes(error: Error, depth: number): string[] {
  const shown: string[] = [];
  const add = (word: string, cause: unknown): void => {
    const [first, ...rest] = lines(cause, depth);
    shown.push(`${word} ${first}`, ...rest);
  };
  const several = property(error, "errors");
  if (Array.isArray(several)) {
    for (const [i, each] of several.slice(0, errorsShown).entries()) add(`${i + 1} of ${several.length}:`, each);
    if (several.length > errorsShown) shown.push(`… and ${several.length - errorsShown} more errors`);
  }
  const cause = property(error, "cause");
  if (cause !== undefined) add("Caused by", cause);
  return shown;
}

function isError(thrown: unknown): thrown is Error {
  // Errors of other contexts are native, those of the Web are instances.
  return types.isNativeError(thrown) || (!types.isProxy(thrown) && thrown instanceof Error);
}

/** What an error calls itself; a class of the user's that gives its errors no name of their own names them. */
function nameOf(error: Error): string {
  const prototype: unknown = Object.getPrototypeOf(error);
  const named = [error, prototype].some((each) => each !== null && Object.hasOwn(each as object, "name"));
  const name = named ? property(error, "name") : error.constructor?.name;
  return typeof name === "string" && name !== "" ? name : "Error";
}

function messageOf(error: Error): string {
  const message = property(error, "message");
  return typeof message === "string" ? message : textOf(message);
}

function property(error: Error, name: string): unknown {
  try {
    return Reflect.get(error, name);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string {
  try {
    return inspect(value, { depth: 2 });
  } catch {
    return inspect(value, { depth: 2, customInspect: false });
  }
}

function place(frame: Frame): string {
  const at = `${frame.script.label}, line ${frame.line + 1}`;
  return frame.function ? `${at}, in ${frame.function}` : at;
}

/** The columns of the operator that failed, where that is known. */
function operatorAt({ line, column }: Frame, source: string): { column: number; end: number } | undefined {
  const [found] = /^(?:[-+*/%@&|^<>=!~]+)/.exec((source.split(/\r?\n/)[line] ?? "").slice(column)) ?? [];
  return found === undefined ? undefined : { column, end: column + found.length };
}

function lineText(frame: Frame): string {
  return (frame.script.source().split(/\r?\n/)[frame.line] ?? "").trim();
}
