// Stacks of errors in carried functions, told by where the text of the function stands in the user's program.

import type { Place } from "./format";

/** For each name of a compiled script, the place of each of its lines in the program. */
const sources = new Map<string, readonly (Place | null | undefined)[]>();

/** `new Function` puts two lines before its body. */
const LINES_BEFORE = 2;

let named = 0;

/** Drops the places of all scripts so far: nothing that was carried before runs any more. */
export function forgetSources(): void {
  sources.clear();
}

/** A name for a script whose lines, counted from 0, are from these places. */
export function carriedSource(lines: readonly (Place | null | undefined)[]): string {
  const name = `cresset-carried-${++named}.js`;
  sources.set(name, lines);
  return name;
}

/** A stack with the places of the program in place of those of carried scripts. */
export function programStack(stack: string): string {
  return stack.replace(
    /(cresset-carried-\d+\.js):(\d+):(\d+)/g,
    (found, name: string, line: string, column: string) => {
      const place = sources.get(name)?.[Number(line) - 1 - LINES_BEFORE];
      if (place === null || place === undefined) return found;
      return `${place.url}:${place.line}:${Number(column) + place.column - 1}`;
    },
  );
}
