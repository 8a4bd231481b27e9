// torchvision.utils: several images as one tensor.

import { ArgumentError } from "../errors";
import { cat, stack } from "../ops/create/join";
import { Tensor } from "../tensor/tensor";

/** What `makeGrid` takes by name. */
export interface GridOptions {
  /** Images per row. Default 8. */
  nrow?: number;
  /** Pixels between images. Default 2. */
  padding?: number;
  /** Whether values are moved to 0…1. Default false. */
  normalize?: boolean;
  /** The values that become 0 and 1; default the extremes. */
  valueRange?: readonly [low: number, high: number] | null;
  /** Whether every image is normalized by its own extremes. Default false. */
  scaleEach?: boolean;
  /** The value between images. Default 0. */
  padValue?: number;
}

function normalized(image: Tensor, range: GridOptions["valueRange"]): Tensor {
  const [low, high] = range ?? [image.min().item(), image.max().item()];
  return image
    .clamp(low, high)
    .sub(low)
    .div(Math.max(high - low, 1e-5));
}

/**
 * Images of one size side by side: (N, C, H, W), or a list of (C, H, W), as one tensor (C, height, width); grey ones get three
 * channels. Options: `nrow`, `padding`, `normalize`, `valueRange`, `scaleEach`, `padValue`. Source: torchvision.utils.make_grid.
 */
export function makeGrid(
  images: Tensor | readonly Tensor[],
  nrow: number | GridOptions = {},
  options: GridOptions = {},
): Tensor {
  const given = typeof nrow === "number" ? { ...options, nrow } : nrow;
  if (!(images instanceof Tensor) && !Array.isArray(images)) {
    throw new ArgumentError(`tensor or list of tensors expected, got ${typeof images}`);
  }
  let all = images instanceof Tensor ? images : stack(images);
  if (all.ndim === 2) all = all.unsqueeze(0);
  if (all.ndim === 3) all = all.unsqueeze(0);
  if (all.sizes[1] === 1) all = cat([all, all, all], 1);
  if (given.normalize) {
    const { valueRange, scaleEach } = given;
    all = scaleEach ? stack([...all].map((image) => normalized(image, valueRange))) : normalized(all, valueRange);
  }
  return all.sizes[0] === 1 ? all.squeeze(0) : arranged(all, given);
}

function arranged(all: Tensor, { nrow = 8, padding = 2, padValue = 0 }: GridOptions): Tensor {
  const [count, channels, height, width] = all.sizes;
  const across = Math.min(nrow, count);
  const down = Math.ceil(count / across);
  const grid = all.newFull(
    [channels, (height + padding) * down + padding, (width + padding) * across + padding],
    padValue,
  );
  for (let k = 0; k < count; k++) {
    const top = Math.floor(k / across) * (height + padding) + padding;
    const left = (k % across) * (width + padding) + padding;
    grid.narrow(1, top, height).narrow(2, left, width).copy_(all.select(0, k));
  }
  return grid;
}
