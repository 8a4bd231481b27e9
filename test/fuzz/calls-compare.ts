// Compares what came of a call here and in PyTorch, and names the kind of a difference.

import type { Call, Encoded, Outcome } from "./calls-run";

/** A difference: its kind, and what each side has. */
export interface Difference {
  kind: string;
  here: string;
  there: string;
}

/** Relative and absolute tolerances by dtype: sums run in another order on either side. */
const TOLERANCE: { readonly [dtype: string]: readonly [number, number] } = {
  float64: [1e-6, 1e-9],
  float32: [2e-4, 2e-5],
  bfloat16: [4e-2, 2e-2],
  float16: [1e-2, 4e-3],
};

type Element = number | string | boolean;

/** The half types, the coarser first: what went through one is no finer in a wider dtype afterwards. */
const HALVES = ["bfloat16", "float16"];

/** How far elements may be apart: a factor of the tolerances, and the half type that the call computes with. */
interface Looseness {
  widening: number;
  half: string | undefined;
}

function looseness(call: Call): Looseness {
  return { widening: 1, half: HALVES.find((half) => call.tensors.some(({ dtype }) => dtype === half)) };
}

function close(a: Element, b: Element, dtype: string, scale: number, { widening, half }: Looseness): boolean {
  if (a === b) return true;
  if (typeof a !== "number" || typeof b !== "number") return false;
  const [relative, absolute] = TOLERANCE[dtype in TOLERANCE ? (half ?? dtype) : dtype] ?? [0, 0];
  return Math.abs(a - b) <= widening * (absolute + relative * Math.max(Math.abs(b), scale));
}

/** Errors of sums follow the largest element that may have been summed. */
function scaleOf(values: readonly Element[], dtype: string): number {
  if (!(dtype in TOLERANCE)) return 0;
  const sizes = values.filter((v): v is number => typeof v === "number").map(Math.abs);
  return Math.min(Math.max(0, ...sizes), 1e6) * 0.05;
}

function sameElements(a: readonly Element[], b: readonly Element[], dtype: string, loose: Looseness): boolean {
  if (a.length !== b.length) return false;
  const scale = scaleOf(b, dtype);
  return a.every((x, k) => close(x, b[k], dtype, scale, loose));
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

function valueDifference(a: Encoded | undefined, b: Encoded | undefined, loose: Looseness): string | null {
  if (Array.isArray(a) && Array.isArray(b)) {
    if (a.length !== b.length) return "count of results";
    for (let k = 0; k < a.length; k++) {
      const found = valueDifference(a[k], b[k], loose);
      if (found !== null) return found;
    }
    return null;
  }
  if (
    typeof a === "object" &&
    typeof b === "object" &&
    a !== null &&
    b !== null &&
    !Array.isArray(a) &&
    !Array.isArray(b)
  ) {
    if (a.dtype !== b.dtype) return "dtype";
    if (!("tensor" in a) || !("tensor" in b)) return "tensor" in a === "tensor" in b ? null : "kind of result";
    if (a.sizes.join() !== b.sizes.join()) return "shape";
    if (!sameElements(a.tensor, b.tensor, a.dtype, loose)) return "values";
    return a.grad === b.grad ? null : "requiresGrad";
  }
  if (a === b) return null;
  if (typeof a === "number" && typeof b === "number") return close(a, b, "float32", 0, loose) ? null : "values";
  return "kind of result";
}

/** Gradients of half precision have gone through more roundings than values. */
const GRADIENT_WIDENING = 4;

function gradientDifference(here: Outcome, there: Outcome, loose: Looseness): Difference | null {
  const [a, b] = [here.grads ?? null, there.grads ?? null];
  const told = (kind: string): Difference => ({ kind, here: short(a), there: short(b) });
  if (typeof a === "string" || typeof b === "string") {
    if (typeof a === typeof b) return null;
    return told(typeof a === "string" ? "backward raises here only" : "backward raises there only");
  }
  if (a === null || b === null) return a === b ? null : told("gradients on one side");
  for (let k = 0; k < a.length; k++) {
    const kind = valueDifference(a[k], b[k], { ...loose, widening: GRADIENT_WIDENING });
    if (kind !== null) return told(`gradient: ${kind}`);
  }
  return null;
}

/** The first difference between two outcomes, or null. */
export function difference(call: Call, here: Outcome, there: Outcome): Difference | null {
  if (there.skip !== undefined) return null;
  if (here.error !== undefined || there.error !== undefined) {
    if (here.error !== undefined && there.error !== undefined) return null;
    return {
      kind: here.error !== undefined ? "raises here only" : "raises there only",
      here: here.error ?? short(here.value),
      there: there.error ?? short(there.value),
    };
  }
  const loose = looseness(call);
  const kind = valueDifference(here.value, there.value, loose);
  if (kind !== null) return { kind, here: short(here.value), there: short(there.value) };
  const shares = (x: Outcome) => (x.shares ?? []).map(String).sort().join(" ");
  if (shares(here) !== shares(there))
    return { kind: "shared memory", here: short(here.shares), there: short(there.shares) };
  const after = (here.after ?? []).some((x, k) => !sameElements(x, there.after?.[k] ?? [], "bfloat16", loose));
  if (after) return { kind: "changed arguments", here: short(here.after), there: short(there.after) };
  return gradientDifference(here, there, loose);
}

/** Whether an error is JavaScript's own rather than the library's. */
export function foreign(here: Outcome): boolean {
  return /^(TypeError|RangeError|ReferenceError|Error|NativeError)\b/.test(here.error ?? "");
}
