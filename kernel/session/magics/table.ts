// The magics: their names, what follows them, and what help says. Data only, for both processes: the language process reads cells and
// completes by it, the executor runs what it lists.

export interface Magic {
  /** What is written after the name. */
  usage: string;
  help: string;
  /**
   * What follows: a "statement" of TypeScript, checked like any other, or "text". "part" is text, and the magic changes which names
   * exist, so what stands below it is checked when it has run.
   */
  takes: "statement" | "text" | "part";
  /** It may also stand, with `%%`, at the head of a cell and concern all of it. */
  cell?: true;
  /** What Tab offers for its text. */
  completes?: "path" | "environment";
}

export const magics = {
  time: { usage: "statement", help: "runs it and tells wall and processor time", takes: "statement", cell: true },
  timeit: {
    usage: "[-n LOOPS] [-r RUNS] statement",
    help: "runs it many times: mean ± standard deviation and minimum of a loop",
    takes: "statement",
    cell: true,
  },
  who: { usage: "", help: "lists the names of variables", takes: "text" },
  whos: { usage: "", help: "a table of variables: types, shapes, memory", takes: "text" },
  mem: { usage: "", help: "memory of the process and of tensors, and the largest variables", takes: "text" },
  reset: {
    usage: "[-f] | out",
    help: "forgets all variables, after a question unless -f is given; `out`: results only",
    takes: "part",
  },
  run: {
    usage: "FILE.ts [ARGUMENT…]",
    help: "runs a file as if it were typed here: its names stay",
    takes: "part",
    completes: "path",
  },
  load: { usage: "FILE", help: "gives the text of a file as the next cell", takes: "text", completes: "path" },
  save: {
    usage: "[-f] FILE [CELLS]",
    help: "writes cells, such as 1-4 7, to a file; -f replaces one that exists",
    takes: "text",
    completes: "path",
  },
  export: {
    usage: "[-f] FILE [CELLS]",
    help: "writes the cells that ran, or those numbered, as a program without Cresset's syntax; -f replaces a file",
    takes: "part",
    completes: "path",
  },
  history: { usage: "[CELLS]", help: "shows the cells of this session, or those numbered", takes: "text" },
  cd: {
    usage: "[DIRECTORY | -]",
    help: "changes the working directory; - goes back",
    takes: "text",
    completes: "path",
  },
  pwd: { usage: "", help: "the working directory", takes: "text" },
  env: {
    usage: "[NAME[=VALUE]]",
    help: "reads or sets environment variables",
    takes: "text",
    completes: "environment",
  },
  check: {
    usage: "[on | off]",
    help: "whether cells are held to their types; // @check off in a cell frees that one",
    takes: "text",
  },
  tb: { usage: "", help: "shows the last error again", takes: "text" },
  magic: { usage: "", help: "shows this list", takes: "text" },
  lsmagic: { usage: "", help: "shows this list", takes: "text" },
} as const satisfies Record<string, Magic>;

export type MagicName = keyof typeof magics;

/** The magic of this name. */
export function findMagic(name: string): Magic | undefined {
  return Object.hasOwn(magics, name) ? magics[name as MagicName] : undefined;
}

/** The list for people. */
export function helpText(): string {
  const rows = Object.entries<Magic>(magics).map(([name, { usage, help, cell }]): [string, string] => [
    `${cell ? "%, %%" : "%"}${name} ${usage}`.trim(),
    help,
  ]);
  rows.push(["!COMMAND", "runs a command of the shell; its output is shown as it comes"]);
  rows.push(["const lines = !COMMAND", "runs a command and keeps the lines that it prints"]);
  rows.push(["NAME?, NAME??", "explains a name; ?? with the source"]);
  rows.push(["_, __, ___, Out[n], In[n]", "the last three results, the result and the text of cell n"]);
  const width = Math.max(...rows.map(([form]) => form.length));
  return rows.map(([form, help]) => `${form.padEnd(width)}  ${help}`).join("\n");
}

/** The name that was probably meant, or `undefined` when none is like it. */
export function nearestMagic(name: string): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const candidate of Object.keys(magics)) {
    const found = distance(name.toLowerCase(), candidate);
    if (best === undefined || found < best.distance) best = { name: candidate, distance: found };
  }
  return best && best.distance <= Math.max(1, Math.ceil(name.length / 3)) ? best.name : undefined;
}

/** How many letters have to be added, dropped, changed or swapped with their neighbours. */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1][j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(changed, rows[i - 1][j] + 1, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, rows[i - 2][j - 2] + 1);
      row.push(least);
    }
    rows.push(row);
  }
  return rows[a.length][b.length];
}
