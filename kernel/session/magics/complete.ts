// What Tab offers in a line that is not TypeScript: names of magics, paths, environment variables.

import { readdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { CompleteReply, Completion } from "../protocol";
import { pathFrom } from "./paths";
import { findMagic, type Magic, magics } from "./table";

const longestList = 500;

/** Undefined where TypeScript is to be asked. `begins`: whether a statement can begin behind this text. */
export function completeMagic(
  code: string,
  offset: number,
  cwd: string,
  begins: (before: string) => boolean,
): CompleteReply | undefined {
  const start = code.lastIndexOf("\n", offset - 1) + 1;
  const line = code.slice(start, offset);
  if (!/^[ \t]*[%!]/.test(line) || !begins(code.slice(0, start))) return undefined;
  const name = /^[ \t]*(%{1,2})(\w*)$/.exec(line);
  if (name) return names(name[1], name[2], offset);
  const magic = /^[ \t]*%(\w+)[ \t]+(.*)$/.exec(line);
  const word = /(?:\\.|[^\s"'=])*$/.exec(line)?.[0] ?? "";
  if (line.trimStart().startsWith("!")) return paths(word.replace(/^!/, ""), offset, cwd);
  const { completes } = (magic && findMagic(magic[1])) ?? ({} as Partial<Magic>);
  if (completes === "path") return paths(word, offset, cwd);
  if (completes === "environment") return environment(word, offset);
  return undefined;
}

function names(sign: string, typed: string, offset: number): CompleteReply {
  const fitting = Object.entries<Magic>(magics).filter(
    ([name, { cell }]) => name.startsWith(typed) && (sign === "%" || cell === true),
  );
  const completions = fitting.map(
    ([name, { usage }]): Completion => ({ text: sign + name, kind: "magic", type: usage }),
  );
  return { start: offset - typed.length - sign.length, end: offset, completions };
}

function paths(word: string, offset: number, cwd: string): CompleteReply {
  const typed = word.endsWith("/") ? "" : basename(word);
  const folder = word.endsWith("/") ? word : dirname(word);
  const place = pathFrom(cwd, folder);
  const before = word.slice(0, word.length - typed.length);
  let found: { name: string; isDirectory(): boolean }[] = [];
  try {
    found = readdirSync(place, { withFileTypes: true });
  } catch {
    // A folder that is not there has nothing to offer.
  }
  const fitting = found.filter(({ name }) => name.startsWith(typed) && (typed !== "" || !name.startsWith(".")));
  const completions = fitting.slice(0, longestList).map((entry): Completion => {
    const directory = entry.isDirectory();
    return {
      text: `${before}${entry.name}${directory ? "/" : ""}`,
      kind: directory ? "directory" : "path",
      type: join(place, entry.name),
    };
  });
  completions.sort((a, b) => (a.text < b.text ? -1 : 1));
  return { start: offset - word.length, end: offset, completions };
}

function environment(word: string, offset: number): CompleteReply {
  const fitting = Object.keys(process.env).filter((name) => name.startsWith(word));
  const completions = fitting
    .sort()
    .map((name): Completion => ({ text: name, kind: "variable", type: process.env[name] }));
  return { start: offset - word.length, end: offset, completions };
}
