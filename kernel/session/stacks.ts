// Stacks in terms of what people typed: every `error.stack` in the executor names cells and TypeScript lines, and the frames of the
// library and of the kernel are left out.

import { SourceMap } from "node:module";
import type { MappedCode } from "./wire";

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
  script: Script;
  line: number;
  column: number;
  function: string;
}

const scripts = new Map<string, Script>();
const framesOf = new WeakMap<object, Frame[]>();
const decoded = new WeakMap<Script, { toSource: SourceMap; toModule: SourceMap; lines: number }>();

/** Makes stacks lead from the script called `name` (its file name or sourceURL) to its source. */
export function addScript(name: string, script: Script): void {
  scripts.set(name, script);
}

/** The user's frames of an error, innermost first. */
export function userFrames(error: Error): Frame[] {
  // Reading the stack formats it, which records its frames.
  void error.stack;
  return framesOf.get(error) ?? [];
}

function maps(script: Script): { toSource: SourceMap; toModule: SourceMap; lines: number } {
  let found = decoded.get(script);
  if (!found) {
    const { code, maps } = script.mapped;
    const [toSource, toModule] = maps.map((text) => new SourceMap(JSON.parse(text)));
    found = { toSource, toModule, lines: code.split("\n").length };
    decoded.set(script, found);
  }
  return found;
}

function locate(script: Script, line: number, column: number): { line: number; column: number } | null {
  const { toSource, toModule, lines } = maps(script);
  const [inCode, inModule, inSource] = script.added;
  // Below the code stands only the call that tslab wraps around it.
  if (line - inCode >= lines) return null;
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

/** Installs the formatter for this process. */
export function mapStacks(): void {
  // Library frames lie between an error and the cell; the default of ten would often cut the cell off.
  Error.stackTraceLimit = 50;
  Error.prepareStackTrace = (error, sites) => {
    const frames: Frame[] = [];
    for (const site of sites) {
      const frame = frameOf(site);
      if (frame) frames.push(frame);
    }
    framesOf.set(error, frames);
    const lines = frames.length > 0 ? frames.map(frameText) : sites.slice(0, 10).map(String);
    return [Error.prototype.toString.call(error), ...lines.map((line) => `    at ${line}`)].join("\n");
  };
}

function frameText(frame: Frame): string {
  const where = `${frame.script.label}:${frame.line + 1}:${frame.column + 1}`;
  return frame.function ? `${frame.function} (${where})` : where;
}
