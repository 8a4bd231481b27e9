// What rules about differences ask of a call and of what came of it.

import type { Value } from "./calls-arguments";
import type { Difference } from "./calls-compare";
import { type Call, type Encoded, type Outcome, runHere } from "./calls-run";

/** What PyTorch says, in the call or in its backward. */
export function told({ error, grads }: Outcome): string {
  return error ?? (typeof grads === "string" ? grads : "");
}

export const someEmpty = (call: Call): boolean => call.tensors.some(({ sizes }) => sizes.includes(0));
export const expanded = (call: Call): boolean => call.tensors.some((spec) => spec.layout?.kind === "expand");
export const has = (call: Call, ...dtypes: string[]): boolean =>
  call.tensors.some(({ dtype }) => dtypes.includes(dtype)) ||
  dtypes.some((dtype) => JSON.stringify(call.args).includes(`"${dtype}"`));
export const half = (call: Call): boolean => has(call, "float16", "bfloat16");
export const isGradient = ({ kind }: Difference): boolean => kind.startsWith("gradient");
export const isValue = ({ kind }: Difference): boolean => kind === "values" || kind.startsWith("gradient: ");
/** Whether an element occurs more than once in an operand. */
export const repeated = (call: Call): boolean =>
  call.tensors.some(({ data }) => new Set(data.map(Number)).size < data.length);

export type Element = number | string | boolean;

export function elements(value: Encoded | undefined | null): Element[] {
  if (Array.isArray(value)) return value.flatMap(elements);
  return typeof value === "object" && value !== null && "tensor" in value ? value.tensor : [];
}

export function gradientElements({ grads }: Outcome): Element[] {
  return Array.isArray(grads) ? grads.flatMap(elements) : [];
}

/** Whether NaN or an infinity is among the elements given. */
export function givenNonFinite(call: Call): boolean {
  const given = call.tensors.flatMap(({ data }) => data);
  return (
    given.some((v) => v === "nan" || v === "inf" || v === "-inf") || JSON.stringify(call.args).includes('"number"')
  );
}

export const givenNaN = (call: Call): boolean => call.tensors.some(({ data }) => data.includes("nan"));

/** Whether NaN or infinities are all that differs: where both sides have finite numbers, they are the same. */
export function differOnlyBesideFinite(here: Outcome, there: Outcome): boolean {
  const both = (of: (outcome: Outcome) => Element[]) => {
    const [a, b] = [of(here), of(there)];
    return (
      a.length === b.length && a.every((v, k) => typeof v === "string" || typeof b[k] === "string" || near(v, b[k]))
    );
  };
  return both(({ value }) => elements(value)) && both(gradientElements);
}

/** How many elements given are NaN. */
export const notNumbers = (call: Call): number =>
  call.tensors.reduce((sum, { data }) => sum + data.filter((v) => v === "nan").length, 0);

/** Whether at most so many elements of gradients differ. */
export function differAtMost(count: number, here: Outcome, there: Outcome): boolean {
  const [a, b] = [gradientElements(here), gradientElements(there)];
  return a.length === b.length && a.filter((v, k) => !near(v, b[k])).length <= count;
}

export function near(a: Element, b: Element, bound = 1e-3): boolean {
  if (a === b) return true;
  return typeof a === "number" && typeof b === "number" && Math.abs(a - b) <= bound * (1 + Math.abs(b));
}

/** Whether gradients differ in nothing but zeros where the other side has none. */
export function zerosForNone({ grads: here }: Outcome, { grads: there }: Outcome): boolean {
  if (!Array.isArray(here) || !Array.isArray(there)) return false;
  return here.every((g, k) => {
    const other = there[k] ?? null;
    const [a, b] = [elements(g), elements(other)];
    if ((g === null) === (other === null)) return a.every((v, j) => near(v, b[j]));
    return (g === null ? b : a).every((v) => v === 0);
  });
}

/** Whether results are the same but for whole numbers after the first: the positions of equal values. */
export function onlyPositionsDiffer(here: Outcome, there: Outcome): boolean {
  const [a, b] = [here.value, there.value];
  if (!Array.isArray(a) || !Array.isArray(b)) {
    return typeof a === "object" && a !== null && !Array.isArray(a) && "tensor" in a && a.dtype === "int64";
  }
  return elements(a[0]).every((v, k) => near(v, elements(b[0])[k], 1e-6));
}

/** Whether the results here are those of the same call in float32, within the rounding of half precision. */
export function asInFloat32(call: Call, here: Outcome): boolean {
  const wide = structuredClone(call);
  for (const spec of wide.tensors) if (/float16$/.test(spec.dtype)) spec.dtype = "float32";
  const exact = runHere(wide);
  const [a, b] = [elements(here.value), elements(exact.value)];
  const [c, d] = [gradientElements(here), gradientElements(exact)];
  const close = (x: readonly Element[], y: readonly Element[]) => {
    const bound = 0.05 * Math.max(1, ...y.map((v) => (typeof v === "number" ? Math.abs(v) : 0)));
    return x.length === y.length && x.every((v, k) => v === y[k] || Math.abs(Number(v) - Number(y[k])) <= bound);
  };
  return close(a, b) && close(c, d);
}

/** The numbers among the arguments, in lists too; flags count as 0 and 1. */
export function numbers(call: Call): number[] {
  const of = (value: Value | undefined): number[] => {
    if (Array.isArray(value)) return value.flatMap(of);
    return typeof value === "number" || typeof value === "boolean" ? [Number(value)] : [];
  };
  return call.args.flatMap(([, value]) => of(value));
}

/** The largest magnitude among finite elements given. */
export function largestGiven(call: Call): number {
  return Math.max(
    0,
    ...call.tensors.flatMap(({ data }) => data.map((v) => Math.abs(Number(v))).filter(Number.isFinite)),
  );
}

/** Whether elements of an operand are all the same. */
export const uniform = (call: Call): boolean =>
  call.tensors.some(({ data }) => data.length > 1 && data.every((v) => Number(v) === Number(data[0])));

/** The largest distance of two finite results or gradients. */
export function distance(here: Outcome, there: Outcome): number {
  const far = (a: readonly Element[], b: readonly Element[]) =>
    a.map((v, k) => (v === b[k] ? 0 : Math.abs(Number(v) - Number(b[k]))));
  return Math.max(
    0,
    ...far(elements(here.value), elements(there.value)),
    ...far(gradientElements(here), gradientElements(there)),
  );
}
