// The names in compiled code that make cells stoppable and let functions see names that are declared again: loop-checks.ts and
// late-names.ts write them, interrupts.ts and evaluate.ts define them.

/** The globals that checked code uses. */
export const checkNames = {
  /** The flag: element 0 is not 0 when the cell is to stop. */
  flag: "__cresset_stop__",
  /** Reading it takes the flag down and gives the error to throw. A getter, because a call would cost a loop its registers. */
  error: "__cresset_stopped__",
  /** Gives a promise that an interrupt rejects in place of one that may never settle. */
  wait: "__cresset_wait__",
  /** The same for each step of what `for await` walks through. */
  steps: "__cresset_steps__",
  /** Throws what it is given again when that is an interrupt. */
  pass: "__cresset_pass__",
  /** Whether a later cell has declared one of the cell's names again: what `movedIn` makes for a cell stands in its place. */
  moved: "__cresset_moved_000000",
} as const;

const check = /if \(__cresset_stop__\[0\] !== 0\)\s*throw __cresset_stopped__;\s*/g;
const passing = /__cresset_pass__\([\w$]+\);\s*/g;
const unnamed = / ?\(__cresset_caught__\)/g;
const reads = /\(__cresset_moved_\w{6} \? exports\.[\w$]+ : ([\w$]+)\)/g;
const writes = /\(__cresset_moved_\w{6} \? (\+\+|--)?exports\.([\w$]+)(\+\+|--| [^\w\s]*= [\s\S]*?)? : (\1\2\3)\)/g;
const waits = /__cresset_(?:wait|steps)__(?=\()/g;

/** The global that tells a cell, by its number in this process, that it has lost a name. As long as `checkNames.moved`. */
export function movedIn(cell: number): string {
  return checkNames.moved.replace("000000", cell.toString(36).padStart(6, "0"));
}

/** The text of a function without the checks, which runs where their names mean nothing: in workers, in browsers. */
function withoutChecks(text: string): string {
  if (!text.includes("__cresset_")) return text;
  return text
    .replace(check, "")
    .replace(passing, "")
    .replace(unnamed, "")
    .replace(waits, "")
    .replace(reads, "$1")
    .replace(writes, "$4");
}

/** Lets functions of cells give their text without the checks. */
export function hideChecks(): void {
  const textOf = Function.prototype.toString;
  // A proxy of a function of Node's own still says that it is one.
  Function.prototype.toString = new Proxy(textOf, {
    apply: (_, self, given) => withoutChecks(Reflect.apply(textOf, self, given)),
  });
}
