// torchvision.utils: several images as one tensor.

import { signed } from "../../arguments/signed";
import { cat, stack } from "../../ops/create/join";
import { Tensor } from "../../tensor/tensor";

type Range = readonly [low: number, high: number];

function normalized(image: Tensor, range: Range | null): Tensor {
  const [low, high] = range ?? [image.min().item(), image.max().item()];
  return image
    .clamp(low, high)
    .sub(low)
    .div(Math.max(high - low, 1e-5));
}

/**
 * Images of one size side by side: (N, C, H, W), or a list of (C, H, W), as one tensor (C, height, width); grey ones get three
 * channels. `nrow`: images per row; `padding`: pixels between images, of the value `padValue`; `normalize` moves values to 0…1, from
 * `valueRange` or (null) from the extremes, with `scaleEach` those of every image by itself. Source: torchvision.utils.make_grid.
 */
export const makeGrid = signed(
  "def makeGrid(Tensor|Tensor[] tensor, int nrow=8, int padding=2, bool normalize=False, float[]? valueRange=None, bool scaleEach=False, float padValue=0.0)",
  makeGridOf,
);

function makeGridOf(
  images: Tensor | readonly Tensor[],
  nrow = 8,
  padding = 2,
  normalize = false,
  valueRange: Range | null = null,
  scaleEach = false,
  padValue = 0,
): Tensor {
  let all = images instanceof Tensor ? images : stack(images);
  if (all.ndim === 2) all = all.unsqueeze(0);
  if (all.ndim === 3) all = all.unsqueeze(0);
  if (all.sizes[1] === 1) all = cat([all, all, all], 1);
  if (normalize) {
    all = scaleEach ? stack([...all].map((image) => normalized(image, valueRange))) : normalized(all, valueRange);
  }
  return all.sizes[0] === 1 ? all.squeeze(0) : arranged(all, nrow, padding, padValue);
}

function arranged(all: Tensor, nrow: number, padding: number, padValue: number): Tensor {
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
