// Stacks in terms of what people typed: every `error.stack` in the executor names cells and TypeScript lines, and the frames of the
// library and of the kernel are left out.

import { SourceMap } from "node:module";
import type { MappedCode } from "../wire";

/** A script whose positions lead back to TypeScript. */
export interface Script {
  /** What tracebacks call it: `In [3]`, a file name. */
  label: string;
  source(): string;
  mapped: MappedCode;
  /** Lines that were put in front of the compiled code, of the intermediate module, and of the source, before each was mapped. */
  added: [number, number, number];
}

/** A frame of the user's: line and column count from 0, in the script's source. */
export interface Frame {
  script: Pick<Script, "label" | "source">;
  line: number;
  column: number;
  function: string;
}

/** What is kept of a script for as long as the process lives: a session has thousands. */
interface Kept extends Omit<Script, "mapped"> {
  maps: MappedCode["maps"];
  lines: number;
}

interface Decoded {
  toSource: SourceMap;
  toModule: SourceMap;
}

const scripts = new Map<string, Kept>();
const framesOf = new WeakMap<object, Frame[]>();
/** Of the scripts that errors named last. */
const decoded = new Map<Kept, Decoded>();
const decodedAtMost = 20;

/** Makes stacks lead from the script called `name` (its file name or sourceURL) to its source. */
export function addScript(name: string, { mapped, ...script }: Script): void {
  scripts.set(name, { ...script, maps: mapped.maps, lines: mapped.code.split("\n").length });
}

/** The user's frames of an error, innermost first. */
export function userFrames(error: Error): Frame[] {
  let text: unknown;
  try {
    // Reading the stack formats it, which records its frames.
    text = error.stack;
  } catch {
    // A stack of the user's own.
  }
  const here = framesOf.get(error) ?? [];
  return typeof text === "string" ? [...writtenFrames(text), ...here] : here;
}

/** Frames of scripts in a stack that was written elsewhere, as by a worker of a loader. */
function writtenFrames(stack: string): Frame[] {
  const frames: Frame[] = [];
  for (const [, name = "", file, line, column] of stack.matchAll(/^ +at (?:(.*) \()?([^()\n]+):(\d+):(\d+)\)?$/gm)) {
    const script = scripts.get(file);
    const at = script && locate(script, Number(line) - 1, Number(column) - 1);
    if (at) frames.push({ script, ...at, function: name });
  }
  return frames;
}

function decode(script: Kept): Decoded {
  let found = decoded.get(script);
  if (!found) {
    const [toSource, toModule] = script.maps.map((text) => new SourceMap(JSON.parse(text)));
    found = { toSource, toModule };
    decoded.set(script, found);
    for (const oldest of decoded.keys()) if (decoded.size > decodedAtMost) decoded.delete(oldest);
  }
  return found;
}

function locate(script: Kept, line: number, column: number): { line: number; column: number } | null {
  const { toSource, toModule } = decode(script);
  const [inCode, inModule, inSource] = script.added;
  // Below the code stands only the call that tslab wraps around it.
  if (line - inCode >= script.lines) return null;
  const middle = toModule.findEntry(line - inCode, column);
  if (!("originalLine" in middle)) return null;
  const origin = toSource.findEntry(middle.originalLine - inModule, middle.originalColumn);
  if (!("originalLine" in origin)) return null;
  return { line: origin.originalLine - inSource, column: origin.originalColumn };
}

function frameOf(site: NodeJS.CallSite): Frame | null {
  const script = scripts.get(site.getScriptNameOrSourceURL() ?? "");
  if (!script) return null;
  const at = locate(script, (site.getLineNumber() ?? 1) - 1, (site.getColumnNumber() ?? 1) - 1);
  return at && { script, ...at, function: site.isToplevel() && site.isEval() ? "" : (site.getFunctionName() ?? "") };
}

type Formatter = typeof Error.prepareStackTrace | undefined;

/** Installs the formatter for this process. One of the user's, as `source-map-support` has it, writes stacks; frames are noted all the same. */
export function mapStacks(): void {
  // Library frames lie between an error and the cell; the default of ten would often cut the cell off.
  Error.stackTraceLimit = 50;
  let ofUser: Formatter;
  let before: Formatter;
  const format = (error: Error, sites: NodeJS.CallSite[]): unknown => {
    const frames: Frame[] = [];
    for (const site of sites) {
      const frame = frameOf(site);
      if (frame) frames.push(frame);
    }
    framesOf.set(error, frames);
    if (typeof ofUser === "function") return ofUser(error, sites);
    const lines = frames.length > 0 ? frames.map(frameText) : sites.slice(0, 10).map(String);
    return [titleOf(error), ...lines.map((line) => `    at ${line}`)].join("\n");
  };
  // Who reads the formatter to put it back gets this one, in place of the user's.
  const set = (given: Formatter): void => {
    [ofUser, before] = given === format ? [before, undefined] : [given, ofUser];
  };
  Object.defineProperty(Error, "prepareStackTrace", { get: () => format, set, configurable: true, enumerable: true });
}

function titleOf(error: Error): string {
  try {
    return Error.prototype.toString.call(error);
  } catch {
    // Its name or message cannot be read.
    return "Error";
  }
}

function frameText(frame: Frame): string {
  const where = `${frame.script.label}:${frame.line + 1}:${frame.column + 1}`;
  return frame.function ? `${frame.function} (${where})` : where;
}
