// `torch.cuda` with its mixed precision, `torch.cuda.amp`.

import { float16 } from "../tensor/dtype";
import { autocastOn } from "./autocast";
import { customBackwardOn, customForwardOn } from "./custom";
import { GradScaler } from "./grad-scaler";

export * from "../cuda";

export const amp = {
  /** As `torch.autocast("cuda", …)`. Source: torch.cuda.amp.autocast. */
  autocast: autocastOn("cuda", float16),
  GradScaler,
  /** For the `forward` of a function of one's own; with `castInputs` it runs outside of autocast. Source: torch.cuda.amp.custom_fwd. */
  customFwd: customForwardOn("cuda"),
  /** For its `backward`, which runs as its `forward` did. Source: torch.cuda.amp.custom_bwd. */
  customBwd: customBackwardOn("cuda"),
};
