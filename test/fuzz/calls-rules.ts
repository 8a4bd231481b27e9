// Differences that are PyTorch's: each rule says for a kind of call why it may differ. docs/decisions/fuzz.md tells the reasons.

import type { Difference } from "./calls-compare";
import type { Call, Outcome } from "./calls-run";

interface Rule {
  reason: string;
  covers(call: Call, found: Difference, here: Outcome, there: Outcome): boolean;
}

const halves = (call: Call): boolean =>
  call.tensors.some((spec) => spec.dtype === "float16" || spec.dtype === "bfloat16");

const RULES: readonly Rule[] = [
  {
    reason: "PyTorch has no kernel for half precision on the CPU; here every float has one",
    covers: (call, { kind }, _, { error = "" }) =>
      kind === "raises there only" &&
      halves(call) &&
      /not implemented for '?(Half|BFloat16)|not supported.*(Half|BFloat16)/.test(error),
  },
];

/** Why a difference is no fault of the library's, or null. */
export function explained(call: Call, found: Difference, here: Outcome, there: Outcome): string | null {
  return RULES.find((rule) => rule.covers(call, found, here, there))?.reason ?? null;
}
