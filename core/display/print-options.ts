// torch.set_printoptions: how tensors print, in this process.

import { signed } from "../arguments/signed";
import { type PrintProfile, setPrintoptions as set } from "../tensor/print-options";

/**
 * Sets how tensors print; what is left out keeps its value, except `sciMode`, which becomes null again (as in PyTorch). `precision`:
 * digits after the point; `threshold`: the number of elements from which a tensor is summarised; `edgeitems`: elements shown at both ends
 * of a dimension then; `linewidth`: characters per line; `sciMode`: scientific notation always, never, or (null) as the values ask for.
 * `profile` is applied first: "default" (4 digits, 1000 elements, 3 edge items, 80 columns), "short" (2 digits, 2 edge items), "full"
 * (never summarises). Throws ArgumentError for an unknown profile or a negative value. Source: torch.set_printoptions.
 */
export const setPrintoptions = signed(
  "def setPrintoptions(int? precision=None, float? threshold=None, int? edgeitems=None, int? linewidth=None, str? profile=None, bool? sciMode=None)",
  setPrintoptionsTo,
);

function setPrintoptionsTo(
  precision: number | null = null,
  threshold: number | null = null,
  edgeitems: number | null = null,
  linewidth: number | null = null,
  profile: PrintProfile | null = null,
  sciMode: boolean | null = null,
): void {
  set({
    precision: precision ?? undefined,
    threshold: threshold ?? undefined,
    edgeitems: edgeitems ?? undefined,
    linewidth: linewidth ?? undefined,
    profile: profile ?? undefined,
    sciMode,
  });
}
