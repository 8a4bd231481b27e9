// Compares what came of a program here and in PyTorch, and names the kind of the first difference.

import type { Described, Outcome, Seen } from "./statements-run";

/** A difference: its kind, where it shows, and what each side has. */
export interface Difference {
  kind: string;
  where: string;
  here: string;
  there: string;
}

type Element = number | string | boolean;

/** How far elements may be apart, as a part of the largest: sums run in another order on either side. */
const TOLERANCE: Readonly<Record<string, number>> = { float64: 1e-9, float32: 2e-4 };

function sameElements(a: readonly Element[], b: readonly Element[], dtype: string): boolean {
  if (a.length !== b.length) return false;
  const sizes = b.filter((each): each is number => typeof each === "number").map(Math.abs);
  const allowed = (TOLERANCE[dtype] ?? 0) * Math.max(1, ...sizes);
  return a.every((x, k) => {
    const y = b[k];
    return x === y || (typeof x === "number" && typeof y === "number" && Math.abs(x - y) <= allowed);
  });
}

/** Whether both sides cannot be looked at. */
const bothFail = (a: Seen | undefined, b: Seen | undefined): boolean =>
  a !== undefined && b !== undefined && "error" in a && "error" in b;

const isTensor = (seen: Seen | undefined): seen is Described => seen !== undefined && "shape" in seen;

/** The strides that matter: those of dimensions with more than one element. */
function usedStrides({ shape, strides }: Described): string {
  return shape.includes(0) ? "" : strides.filter((_, d) => shape[d] > 1).join();
}

/** Pairs of tensors and gradients that share memory. */
function sharing(variables: Readonly<Record<string, Seen>>): string[] {
  const places: [string, string | number][] = [];
  for (const [name, seen] of Object.entries(variables)) {
    if (!isTensor(seen)) continue;
    if (seen.place !== 0) places.push([name, seen.place]);
    if (seen.gradPlace !== 0) places.push([`${name}.grad`, seen.gradPlace]);
  }
  const pairs: string[] = [];
  for (let i = 0; i < places.length; i++) {
    for (let j = 0; j < i; j++) {
      if (places[i][1] === places[j][1]) pairs.push([places[i][0], places[j][0]].sort().join(" and "));
    }
  }
  return pairs.sort();
}

function tensorDifference(where: string, a: Described, b: Described): Difference | null {
  const told = (kind: string, here: unknown, there: unknown): Difference => ({
    kind,
    where,
    here: JSON.stringify(here),
    there: JSON.stringify(there),
  });
  for (const part of ["dtype", "requiresGrad", "isLeaf", "version"] as const) {
    // What a hook kept was made while backward ran, and is only looked at for its values.
    if (a[part] !== b[part] && !where.startsWith("k")) return told(part, a[part], b[part]);
  }
  if (a.shape.join() !== b.shape.join()) return told("shape", a.shape, b.shape);
  if (!sameElements(a.values, b.values, a.dtype)) return told("values", a.values, b.values);
  if ((a.grad === null) !== (b.grad === null) || !sameElements(a.grad ?? [], b.grad ?? [], a.dtype))
    return told("gradient", a.grad, b.grad);
  return usedStrides(a) === usedStrides(b) ? null : told("strides", a.strides, b.strides);
}

/** The first difference that is one of behaviour; without one, the first among names of nodes. */
export function differenceOf(here: Outcome, there: Outcome): Difference | null {
  for (let k = 0; k < here.errors.length; k++) {
    const [a, b] = [here.errors[k], there.errors[k]];
    if ((a === null) === (b === null)) continue;
    const kind = a === null ? "raises there only" : "raises here only";
    return { kind, where: `statement ${k + 1}`, here: a ?? "no error", there: b ?? "no error" };
  }
  const names = [...new Set([...Object.keys(here.variables), ...Object.keys(there.variables)])].sort();
  for (const name of names) {
    const [a, b] = [here.variables[name], there.variables[name]];
    if (bothFail(a, b)) continue;
    if (isTensor(a) && isTensor(b)) {
      const found = tensorDifference(name, a, b);
      if (found !== null) return found;
    } else if (isTensor(a) !== isTensor(b) || (!isTensor(a) && JSON.stringify(a) !== JSON.stringify(b))) {
      const close =
        a !== undefined &&
        b !== undefined &&
        "number" in a &&
        "number" in b &&
        sameElements([a.number], [b.number], "float32");
      if (!close)
        return { kind: "kind of value", where: name, here: JSON.stringify(a) ?? "", there: JSON.stringify(b) ?? "" };
    }
  }
  const [shared, theirs] = [sharing(here.variables), sharing(there.variables)];
  const only = (x: string[], y: string[]): string => x.filter((pair) => !y.includes(pair)).join(", ");
  if (shared.join() !== theirs.join())
    return { kind: "shared memory", where: "variables", here: only(shared, theirs), there: only(theirs, shared) };
  for (const name of names) {
    const [a, b] = [here.variables[name], there.variables[name]];
    if (isTensor(a) && isTensor(b) && a.node !== b.node)
      return { kind: "node", where: name, here: String(a.node), there: String(b.node) };
  }
  return null;
}
