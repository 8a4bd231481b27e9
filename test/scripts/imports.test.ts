// How the library's files may import each other: without circles, and from later rooms to earlier ones. Imports of types count too.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

const core = resolve(__dirname, "../../core");

/** Folders and files of core/, from the earliest room to the latest; names in one row may not import each other. */
const order: readonly (readonly string[])[] = [
  ["errors", "scoped", "disposable", "inspect", "packed"],
  ["native", "wire", "stop", "warnings"],
  ["tensor"],
  ["arguments", "program"],
  ["chain"],
  ["dispatch", "threads", "version"],
  ["autograd"],
  ["random"],
  ["ops"],
  ["display", "cpu", "cuda"],
  ["nn"],
  ["carry"],
  ["optim", "data"],
  ["amp"],
  ["utils"],
  ["io"],
  ["vision"],
  ["index"],
];

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return filesBelow(path);
    return name.endsWith(".ts") ? [path] : [];
  });
}

/** The files that a file imports, by what it says in `import`, `export … from` and `import(…)`. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(
    /^(?:import|export)\b[^;]*?from "(\.[^"]+)"|^import "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm,
  );
  return [...found].map(([, a, b, c]) => {
    const path = resolve(dirname(file), a ?? b ?? c);
    return existsSync(`${path}.ts`) ? `${path}.ts` : join(path, "index.ts");
  });
}

const files = filesBelow(core);
const imports = new Map(files.map((file) => [file, importsOf(file).filter((path) => path.startsWith(`${core}/`))]));
const short = (file: string): string => relative(core, file);

/** The circles, each as the files on it. */
function circles(): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];
  const visit = (file: string): void => {
    index.set(file, index.size);
    low.set(file, index.get(file) as number);
    stack.push(file);
    for (const next of imports.get(file) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(file, Math.min(low.get(file) as number, low.get(next) as number));
    }
    if (low.get(file) !== index.get(file)) return;
    const members = stack.splice(stack.indexOf(file));
    if (members.length > 1) found.push(members.map(short).sort());
  };
  for (const file of files) if (!index.has(file)) visit(file);
  return found;
}

function roomOf(file: string): number {
  const [first] = short(file).replace(/\.ts$/, "").split("/");
  const room = order.findIndex((names) => names.includes(first));
  if (room < 0) throw new Error(`core/${short(file)} belongs to no room of the order`);
  return room;
}

test("no file imports itself by way of others", () => {
  expect(circles()).toEqual([]);
});

test("rooms import earlier rooms only", () => {
  const backwards = files.flatMap((file) =>
    (imports.get(file) ?? [])
      .filter((target) => roomOf(target) > roomOf(file))
      .map((target) => `${short(file)} imports ${short(target)}`),
  );
  expect(backwards).toEqual([]);
});
