// `torch.cpu` with its mixed precision, `torch.cpu.amp`.

import { bfloat16 } from "../tensor/dtype";
import { autocastOn } from "./autocast";
import { customBackwardOn, customForwardOn } from "./custom";
import { GradScaler } from "./grad-scaler";

export * from "../cpu";

export const amp = {
  /** As `torch.autocast("cpu", …)`. Source: torch.cpu.amp.autocast. */
  autocast: autocastOn("cpu", bfloat16),
  GradScaler,
  /** For the `forward` of a function of one's own; with `castInputs` it runs outside of autocast. Source: torch.cuda.amp.custom_fwd. */
  customFwd: customForwardOn("cpu"),
  /** For its `backward`, which runs as its `forward` did. Source: torch.cuda.amp.custom_bwd. */
  customBwd: customBackwardOn("cpu"),
};
