// Compares what came of a program of statements here and in PyTorch, and names the kind of the first difference.

import type { Difference, Verdict } from "./kind";
import type { Outcome, Seen, SeenTensor } from "./statements-run";

/** How far elements may be apart, as a part of the largest: sums run in another order on either side. */
const TOLERANCE: Readonly<Record<string, number>> = { float64: 1e-9, float32: 2e-5 };

/**
 * How much of what lies between PyTorch's own results is allowed besides, at most in the tensor: between float32 and float64, and in
 * float32, once something differs, among runs that round otherwise. What is badly conditioned differs more.
 */
const WIDENING: Readonly<Record<string, number>> = { float64: 1e-6, float32: 2 };

/** Elements that PyTorch's own precisions put so far apart, as a part of the largest, are rounding errors. */
const NOISE = 1e-3;

type State = Map<string, Seen>;

const isTensor = (seen: Seen | undefined): seen is SeenTensor => Array.isArray(seen);

const numbers = (values: readonly unknown[]): number[] =>
  values.filter((value): value is number => typeof value === "number");

const largestOf = (values: readonly unknown[]): number => Math.max(0, ...numbers(values).map(Math.abs));

/** How far PyTorch's results put the elements of a tensor apart when the program has ended: null where only some of them are finite. */
type Apart = readonly (number | null)[];

function apartOf(x: SeenTensor, others: readonly (Seen | undefined)[]): Apart | null {
  const lists = others.map((other) => (isTensor(other) ? other[7] : []));
  if (lists.some((list) => list.length !== x[7].length)) return null;
  return x[7].map((first, k) => {
    const all = [first, ...lists.map((list) => list[k])];
    if (all.every((each) => typeof each === "boolean")) return all.every((each) => each === first) ? 0 : 1;
    const finite = numbers(all);
    if (finite.length === all.length) return Math.max(...finite) - Math.min(...finite);
    return finite.length === 0 ? 0 : null;
  });
}

/** Whether an element has either sign among several looks at a tensor. */
function eitherSign(looks: readonly (Seen | undefined)[]): boolean {
  const lists = looks.filter(isTensor).map((x) => x[7].map(Number));
  return lists.some((list) => list.some((x, k) => x > 0 && lists.some((other) => other[k] < 0)));
}

/** PyTorch's rounding errors in a program, by the name of what they are seen in. */
class Noise {
  private readonly apart = new Map<string, Apart>();
  /** The largest error in a tensor that counts. */
  private readonly largest = new Map<string, number>();
  /** Whether an element somewhere is of either sign: then it may be 0 as well, and what is divided by it not finite. */
  isAroundZero = false;

  /**
   * `others` put elements apart, and `rounded` tell which are around zero. With `choices`, positions and truth values are put apart as well: a
   * rounding error may decide which element is the largest.
   */
  constructor(
    exact: State,
    others: readonly State[],
    rounded: readonly State[],
    private readonly choices: boolean,
  ) {
    for (const [name, x] of exact) {
      if (!isTensor(x)) continue;
      this.isAroundZero ||= eitherSign(rounded.map((other) => other.get(name)));
      const apart = apartOf(
        x,
        others.map((other) => other.get(name)),
      );
      if (apart === null) continue;
      this.apart.set(name, apart);
      const bound = NOISE * Math.max(1, largestOf(x[7]));
      this.largest.set(name, Math.max(0, ...apart.map((error) => (error !== null && error <= bound ? error : 0))));
    }
  }

  /** The error of an element that leaves nothing to compare: null, or more than the rest can have. */
  of(name: string, element: number): number | null {
    const apart = this.apart.get(name)?.[element];
    return apart === undefined ? 0 : apart;
  }

  /** Whether elements of a dtype may be so far apart that nothing is left to compare. */
  mayPutApart(dtype: string): boolean {
    return this.choices || dtype.startsWith("float");
  }

  around(name: string): number {
    return this.largest.get(name) ?? 0;
  }
}

/** Whether elements agree. */
function sameElements(
  name: string,
  a: readonly unknown[],
  b: readonly unknown[],
  dtype: string,
  noise: Noise,
): boolean {
  if (a.length !== b.length) return false;
  const largest = Math.max(1, largestOf(b));
  const allowed = (TOLERANCE[dtype] ?? 0) * largest + (WIDENING[dtype] ?? 0) * noise.around(name);
  return a.every((x, k) => {
    const y = b[k];
    if (x === y) return true;
    const apart = noise.of(name, k);
    // Where PyTorch's results disagree about what is finite, or by more than rounding errors may matter, none is right.
    if (apart === null || (apart > NOISE * largest && noise.mayPutApart(dtype))) return true;
    if (typeof x !== "number") return noise.isAroundZero && typeof y === "number";
    return typeof y === "number" && Math.abs(x - y) <= allowed;
  });
}

/** The strides that matter: those of dimensions with more than one element. */
function usedStrides([shape, strides]: SeenTensor): string {
  return shape.includes(0) ? "" : strides.filter((_, d) => shape[d] > 1).join();
}

function tensorDifference(where: string, a: SeenTensor, b: SeenTensor, noise: Noise, run: string): Difference | null {
  const told = (kind: string, here: unknown, there: unknown): Difference => ({
    kind,
    where,
    here: JSON.stringify(here),
    there: JSON.stringify(there),
  });
  const gradient = where.endsWith(".grad") ? "gradient's " : "";
  if (a[2] !== b[2]) return told(`${gradient}dtype`, a[2], b[2]);
  if (a[3] !== b[3]) return told(`${gradient}requiresGrad`, a[3], b[3]);
  if (a[0].join() !== b[0].join()) return told(`${gradient}shape`, a[0], b[0]);
  // What float32 has computed stays as exact as that in another dtype.
  const precision = a[2] === "float64" ? run : a[2];
  if (!sameElements(where, a[7], b[7], precision, noise)) return told(`${gradient}values`, a[7], b[7]);
  if (a[4] !== b[4]) return told("isLeaf", a[4], b[4]);
  // How often an optimizer or a normalisation writes is its own affair; what users write is counted.
  if (run === "float64" && gradient === "" && !where.includes(".") && a[5] !== b[5]) return told("version", a[5], b[5]);
  if (a[9] !== b[9]) return told("same object", a[9], b[9]);
  if (a[8] !== b[8]) return told("shared memory", a[8], b[8]);
  return null;
}

/** Gradients: of leaves, kept by hooks, and given by `autograd.grad`. Whether their elements are repeated in memory is the engine's affair. */
const GRADIENT = /\.grad$|^k\d+$|\[\d+\]$/;

/** What people read of a tensor but no number depends on. */
function detailDifference(name: string, where: string, a: SeenTensor, b: SeenTensor): Difference | null {
  if (GRADIENT.test(name)) return null;
  if (usedStrides(a) !== usedStrides(b))
    return { kind: "strides", where, here: JSON.stringify(a[1]), there: JSON.stringify(b[1]) };
  if (a[6] !== b[6]) return { kind: "node", where, here: String(a[6]), there: String(b[6]) };
  return null;
}

/** Gradients of leaves, and what hooks were given. */
const HELD_GRADIENT = /\.grad$|^k\d+$/;

/** Gradients of PyTorch's that share memory with something else although they do not here. */
function sharedGradient(here: State, there: State): boolean {
  const seen = new Map<string, [string, string]>();
  for (const [name, x] of there) {
    if (!isTensor(x) || x[8] === "") continue;
    const first = seen.get(x[8]);
    if (first === undefined) seen.set(x[8], [name, x[9]]);
    else if ((HELD_GRADIENT.test(name) || HELD_GRADIENT.test(first[0])) && first[1] !== x[9]) {
      const [mine, others] = [here.get(name), here.get(first[0])];
      if (isTensor(mine) && isTensor(others) && mine[8] !== others[8]) return true;
    }
  }
  return false;
}

function apply(state: State, changes: Record<string, Seen>): void {
  for (const [name, seen] of Object.entries(changes)) {
    if (seen === null) state.delete(name);
    else state.set(name, seen);
  }
}

/** What is seen when a program has ended. */
function ended(steps: Outcome[string]): State {
  const state: State = new Map();
  for (const [, changes] of steps) apply(state, changes);
  return state;
}

/**
 * The first difference that is one of behaviour; without one, the first among strides and names of nodes. After a statement that raises on
 * both sides and `ends` the comparison nothing more is compared: how far a backward came before it raised depends on the order of its nodes.
 * `rounded` are outcomes of PyTorch's that were rounded otherwise.
 */
export function compareOutcomes(
  here: Outcome,
  there: Outcome,
  ends: (statement: number) => boolean,
  rounded: readonly Outcome[],
): Verdict {
  let detail: Difference | null = null;
  const [exact, coarse] = [ended(there.float64), ended(there.float32)];
  const others = (dtype: string): State[] =>
    rounded.flatMap((outcome) => (dtype in outcome ? ended(outcome[dtype]) : []));
  const noises: Readonly<Record<string, Noise>> = {
    // Float64 is never excused by what other roundings lead to: equal elements, whose choice matters, would be told apart.
    float64: new Noise(exact, [coarse], others("float64"), false),
    float32: new Noise(exact, [coarse, ...others("float32")], others("float32"), rounded.length > 0),
  };
  for (const [dtype, steps] of Object.entries(there)) {
    const noise = noises[dtype];
    const [mine, theirs]: State[] = [new Map(), new Map()];
    for (const [k, [theirError, theirChanges]] of steps.entries()) {
      const [myError, myChanges] = here[dtype][k];
      const where = (name: string): string => `${name} after statement ${k + 1} in ${dtype}`;
      if ((myError === null) !== (theirError === null)) {
        const kind = myError === null ? "raises in PyTorch only" : "raises here only";
        const difference = { kind, where: `statement ${k + 1} in ${dtype}` };
        return { wrong: { ...difference, here: myError ?? "no error", there: theirError ?? "no error" } };
      }
      if (myError !== null && ends(k)) break;
      apply(mine, myChanges);
      apply(theirs, theirChanges);
      if (sharedGradient(mine, theirs)) return { explained: "a gradient shares a user's memory in PyTorch" };
      for (const name of new Set([...Object.keys(theirChanges), ...Object.keys(myChanges)])) {
        const [a, b] = [mine.get(name), theirs.get(name)];
        const told = (kind: string): Verdict => ({
          wrong: { kind, where: where(name), here: JSON.stringify(a) ?? "none", there: JSON.stringify(b) ?? "none" },
        });
        if (isTensor(a) && isTensor(b)) {
          const found = tensorDifference(name, a, b, noise, dtype);
          if (found !== null) return { wrong: { ...found, where: where(name) } };
          detail ??= detailDifference(name, where(name), a, b);
        } else if (a !== b) {
          if (name.endsWith(".grad")) return told(a === undefined ? "gradient missing" : "gradient unwanted");
          if (!sameElements(name, [a], [b], dtype, noise)) return told("kind of value");
        }
      }
    }
  }
  return detail === null ? null : { wrong: detail };
}
