// The arguments of `nn.Module.to`.

import { overloaded } from "../arguments/signed";
import type { ToArguments } from "../ops/create/convert";
import type { Device } from "../tensor/device";
import type { DType } from "../tensor/dtype";
import type { Tensor } from "../tensor/tensor";

/** What `nn.Module.to` is asked for. */
interface Place {
  device: Device | string | null;
  dtype: DType | null;
}

/** Reads the arguments of `nn.Module.to`, null for what is not asked for. */
export const placeOf = overloaded<(...args: ToArguments) => Place>(
  ["to(Dtype dtype, bool nonBlocking=False)", (dtype: DType): Place => ({ device: null, dtype })],
  [
    "to(Device? device=None, Dtype? dtype=None, bool nonBlocking=False)",
    (device: Device | string | null = null, dtype: DType | null = null): Place => ({ device, dtype }),
  ],
  ["to(Tensor tensor, bool nonBlocking=False)", ({ device, dtype }: Tensor): Place => ({ device, dtype })],
);
