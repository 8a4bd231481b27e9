// What is compared of two runs of a loader, how a program is made smaller, and how it reads.

import { snakeCase } from "../../core/tensor/python-text";
import type { Difference, Printed, PyTorchPrograms, Verdict } from "./kind";
import { type Args, type Call, generateLoader, type Program, type Value } from "./loaders";
import { type Outcome, run } from "./loaders-run";

const wrong = (kind: string, where: string, here: unknown, there: unknown): Verdict => ({
  wrong: { kind, where, here: String(here), there: String(there) },
});

/** An error of JavaScript, not of the library or of the program. */
const INTERNAL = /TypeError:|ReferenceError:|NotExported/;

/** Whether two texts of batches differ only in the dtype of columns of whole and other numbers, with roundings to float32. */
function onlyWider(here: string, there: string): boolean {
  const rounded = (text: string) =>
    text
      .replaceAll("torch.float64", "torch.float32")
      .replace(/-?\d+\.\d+/g, (number) => String(Math.fround(Number(number))));
  return rounded(here) === rounded(there);
}

function compare(_: Program, here: Outcome, there: Outcome): Verdict {
  if (here.error !== null && INTERNAL.test(here.error)) return wrong("an internal error", "", here.error, there.error);
  if (here.error !== null && /, beside an? /.test(here.error)) {
    return { explained: "items of several kinds in one batch, of which PyTorch looks at the first" };
  }
  if (here.built !== there.built)
    return wrong("only one makes the loader", "", here.error ?? "made", there.error ?? "made");
  if (!here.built) return null;
  if (here.length !== there.length) return wrong("length", "", here.length, there.length);
  for (const [k, batches] of (there.passes ?? []).entries()) {
    const own = here.passes?.[k] ?? [];
    for (let b = 0; b < Math.max(batches.length, own.length); b++) {
      const [mine, theirs] = [JSON.stringify(own[b]), JSON.stringify(batches[b])];
      if (mine !== theirs && mine !== undefined && theirs !== undefined && onlyWider(mine, theirs)) {
        return {
          explained: "fractions beside whole numbers: JavaScript does not tell 1 from 1.0, by which PyTorch chooses",
        };
      }
      if (mine !== theirs) return wrong("a batch", `pass ${k}, batch ${b}`, mine ?? here.error, theirs ?? there.error);
    }
  }
  if ((here.error === null) !== (there.error === null)) {
    return wrong("only one fails", "", here.error ?? "all batches", there.error ?? "all batches");
  }
  const [mine, theirs] = [JSON.stringify(here.after), JSON.stringify(there.after)];
  // Where a pass has failed, workers may have been asked for more or for less.
  return here.error === null && mine !== theirs ? wrong("streams afterwards", "", mine, theirs) : null;
}

function isCall(value: Value): value is Call {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Smaller values for one argument. */
function* smallerValues(name: string, value: Value): Generator<Value> {
  if (typeof value === "number" && value > 1 && name !== "at") yield value - 1;
  if (Array.isArray(value)) {
    for (let k = 0; k < value.length; k++) {
      yield value.filter((_, at) => at !== k);
      for (const each of smallerValues("", value[k] as Value)) yield value.map((old, at) => (at === k ? each : old));
    }
  }
  if (isCall(value)) yield* smallerCalls(value);
}

/** Arguments that a call can do without. */
const NEEDED: ReadonlySet<string> = new Set([
  "n",
  "item",
  "shard",
  "dataset",
  "datasets",
  "indices",
  "dataSource",
  "sizes",
  "shape",
  "dtype",
  "of",
  "at",
  "name",
  "weights",
  "part",
  "lengths",
]);

function* smallerCalls({ make, args }: Call): Generator<Call> {
  const inner = Object.values(args).flatMap((value) => (Array.isArray(value) ? value : [value]) as Value[]);
  if (make !== "DataLoader" && make !== "BatchSampler")
    yield* inner.filter((value) => isCall(value) && value.make !== "generator") as Call[];
  const isItem = make === "list" || make === "dict" || make === "full" || make === "rand";
  if (isItem) yield { make: "index", args: {} };
  for (const [name, value] of Object.entries(args)) {
    const kept = make === "BatchSampler" || NEEDED.has(name);
    if (!kept || make === "dict")
      yield { make, args: Object.fromEntries(Object.entries(args).filter(([each]) => each !== name)) };
    for (const smaller of smallerValues(name, value)) yield { make, args: { ...args, [name]: smaller } };
  }
}

function* simpler(program: Program): Generator<Program> {
  if (program.passes.length > 1) yield { ...program, passes: [-1] };
  if (program.passes[0] > 0) yield { ...program, passes: [0, ...program.passes.slice(1)] };
  for (const loader of smallerCalls(program.loader)) if (loader.make === "DataLoader") yield { ...program, loader };
}

const FACTORIES: ReadonlySet<string> = new Set(["randomSplit", "range"]);

/** A call in either spelling. */
function written(value: Value, python: boolean): string {
  if (Array.isArray(value)) return `[${value.map((each: Value) => written(each, python)).join(", ")}]`;
  if (!isCall(value)) {
    if (!python || typeof value === "number" || typeof value === "string") return JSON.stringify(value);
    return value === null ? "None" : value ? "True" : "False";
  }
  const { make, args } = value;
  if (make === "generator") return `generators[${args.at}]`;
  if (make === "function") return String(args.name);
  const named = (entries: [string, Value][]) =>
    entries.map(([name, each]) => `${python ? `${snakeCase(name)}=` : `${name}: `}${written(each, python)}`).join(", ");
  const body = named(Object.entries(args as Args));
  if (python) return `${FACTORIES.has(make) ? snakeCase(make) : make}(${body})`;
  const isClass = /^[A-Z]/.test(make);
  return `${isClass ? "new " : ""}${make}(${body === "" ? "" : `{ ${body} }`})`;
}

function print({ seed, generators, loader, passes }: Program): Printed {
  const seeds = generators.length === 0 ? "" : ` generators ${generators.join(", ")};`;
  const left = passes.map((stop) => (stop < 0 ? "all" : `${stop} batches`)).join(", ");
  const text = (python: boolean) => `seed ${seed};${seeds} ${written(loader, python)}; passes: ${left}`;
  return { typescript: text(false), python: text(true) };
}

/** The names of classes and options of a program. */
function signature(program: Program, difference: Difference): string {
  const names = new Set<string>();
  const visit = (value: Value): void => {
    if (Array.isArray(value)) value.forEach(visit);
    else if (isCall(value)) {
      names.add(value.make);
      if (value.make === "DataLoader") for (const name of Object.keys(value.args)) names.add(name);
      Object.values(value.args).forEach(visit);
    }
  };
  visit(program.loader);
  return `${difference.kind}: ${[...names].sort().join(" ")}`;
}

/** Loaders beside PyTorch's. */
export const loaderPrograms: PyTorchPrograms<Program, Outcome> = {
  script: "loaders.py",
  generate: generateLoader,
  request: (program) => program,
  run,
  compare,
  print,
  simpler,
  signature,
};
