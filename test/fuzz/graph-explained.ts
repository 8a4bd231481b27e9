// Differences between graphs here and in PyTorch 1.13 that are no fault here, by kind. docs/decisions/fuzz.md gives the reasons.

import type { Explain } from "./statements-kind";

/** Pairs of tensors that share memory there only, all of them gradients. */
const onlyGradients = /^(?:\w+\.grad and \w+\.grad(?:, )?)+$/;

export const explainGraph: Explain = (_program, { kind, here, there }) => {
  if (kind === "node") return "name of a node";
  if (kind === "shared memory" && here === "" && onlyGradients.test(there))
    return "gradients that share memory in PyTorch";
  if (kind === "raises there only" && /INTERNAL ASSERT/.test(there)) return "internal assertion of PyTorch";
  return null;
};
