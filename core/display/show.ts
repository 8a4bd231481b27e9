// `show`: whatever can be looked at, shown now. The one file of this room that knows tensors.

import { float32 } from "../tensor/dtype";
import { Tensor } from "../tensor/tensor";
import { type Displayable, type ImageOptions, Images, showValue } from "./image";
import type { ImageSource } from "./pixels";

function imageSource(tensor: Tensor): ImageSource {
  return {
    shape: tensor.sizes,
    dtype: tensor.dtype.name,
    toFloat32: () => tensor.detach().to(float32).raw() as Float32Array,
  };
}

/**
 * Shows a tensor as one or several pictures, [H, W], [C, H, W], [N, H, W] or [N, C, H, W] with C 1, 3 or 4; or any value with a
 * picture of its own (a chart, a module). Works in the middle of a cell; a plain script prints characters.
 * uint8 values are 0 to 255, floats 0 to 1, other ranges are stretched between their extremes.
 * @throws ShapeError when a tensor's shape is none of an image's.
 */
export function show(value: Tensor | Displayable, options: ImageOptions = {}): void {
  showValue(value instanceof Tensor ? new Images(imageSource(value), options) : value);
}
