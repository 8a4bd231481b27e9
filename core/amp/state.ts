// Which regions of autocast are open, by device, and the weights that they have cast already.

import { Scoped } from "../scoped";
import { bfloat16, type DType, float16 } from "../tensor/dtype";
import type { Tensor } from "../tensor/tensor";

/** Devices that autocast knows. */
export type AutocastDevice = "cpu" | "cuda";

/** How operations of a device are cast. */
export interface AutocastMode {
  readonly enabled: boolean;
  /** What the operations that lose little compute in. */
  readonly dtype: DType;
}

/** The modes outside of every region, with PyTorch's dtypes. */
export const modes: Readonly<Record<AutocastDevice, Scoped<AutocastMode>>> = {
  cpu: new Scoped<AutocastMode>({ enabled: false, dtype: bfloat16 }),
  cuda: new Scoped<AutocastMode>({ enabled: false, dtype: float16 }),
};

/** Whether weights are cast once in a region. */
export const caching = new Scoped(true);

/** A weight in another dtype, with the version of the weight and whether gradients pass. */
interface CastWeight {
  readonly cast: Tensor;
  readonly version: number;
}

const casts = new Map<Tensor, CastWeight>();

/** Forgets the weights that open regions have cast. Source: torch.clear_autocast_cache. */
export function clearAutocastCache(): void {
  casts.clear();
}

/** A leaf that requires grad is cast once: its copies in a graph share one node, as its gradients are summed once. */
const isWeight = (x: Tensor): boolean => x.requiresGrad && x.isLeaf && x._view === null;

/** `x` in another dtype; a weight's cast is kept until the outermost region ends, unless the weight is written meanwhile. */
export function castOnce(x: Tensor, dtype: DType): Tensor {
  if (!caching.value || !isWeight(x)) return x.to(dtype);
  const { version } = x.storage;
  const known = casts.get(x);
  // A cast that was made without recording gives no gradient; it is made anew where one is wanted.
  if (known !== undefined && known.version === version && known.cast.dtype === dtype && known.cast.requiresGrad)
    return known.cast;
  const cast = x.to(dtype);
  casts.set(x, { cast, version });
  return cast;
}
