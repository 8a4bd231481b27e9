// Parts of feature maps in one size. Source: torchvision/ops/roi_align.py and roi_pool.py, and their kernels.

import { signed } from "../../arguments/signed";
import { ShapeError } from "../../errors";
import { fromTypedArray, fullLike, tensor } from "../../ops/create/create";
import { cat } from "../../ops/create/join";
import { int64 } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";

/** Boxes of each picture (N, 4), or all with the number of their picture in front (K, 5). */
export type Rois = Tensor | readonly Tensor[];

/** Height and width: one number for both, or a pair. */
export type OutputSize = number | readonly [height: number, width: number];

const pairOf = (size: OutputSize): readonly [number, number] => (typeof size === "number" ? [size, size] : size);

/** Boxes with the number of their picture, as numbers. Throws ShapeError for other shapes. */
function rowsOf(boxes: Rois): number[][] {
  if (boxes instanceof Tensor) {
    if (boxes.ndim !== 2 || boxes.sizes[1] !== 5) {
      throw new ShapeError("The boxes tensor shape is not correct as Tensor[K, 5]");
    }
    return boxes.detach().tolist() as number[][];
  }
  if (boxes.some((each) => each.sizes[1] !== 4)) {
    throw new ShapeError("The shape of the tensor in the boxes list is not correct as List[Tensor[L, 4]]");
  }
  const numbered = boxes.map((each, k) => cat([fullLike(each.narrow(1, 0, 1), k), each], 1));
  return cat(numbered).detach().tolist() as number[][];
}

/** What `roiAlign` takes by name. */
export interface RoiAlignOptions {
  /** The size of the feature map over that of the picture. Default 1. */
  spatialScale?: number;
  /** Samples along each side of a result; −1 (default): as many as there are pixels. */
  samplingRatio?: number;
  /** Whether boxes are moved by half a pixel, which is exact. Default false. */
  aligned?: boolean;
}

/**
 * The weights by which `size` inputs along a dimension make `bins` results: samples between inputs, averaged. Rows and columns are
 * sampled independently, so that a box is a product of two such matrices.
 */
function weightsOf(
  out: Float64Array,
  at: number,
  bins: number,
  size: number,
  start: number,
  length: number,
  ratio: number,
) {
  const bin = length / bins;
  const samples = ratio > 0 ? ratio : Math.ceil(length / bins);
  for (let k = 0; k < bins; k++) {
    const row = at + k * size;
    for (let j = 0; j < samples; j++) {
      const place = start + k * bin + ((j + 0.5) * bin) / samples;
      if (place < -1 || place > size) continue;
      const inside = Math.max(place, 0);
      const low = Math.min(Math.trunc(inside), size - 1);
      const high = Math.min(low + 1, size - 1);
      const share = low === size - 1 ? 0 : inside - low;
      out[row + low] += (1 - share) / samples;
      out[row + high] += share / samples;
    }
  }
}

/**
 * Boxes of feature maps (N, channels, height, width), each as (channels, …outputSize) by samples between elements. Options:
 * `spatialScale` (1), `samplingRatio` (−1), `aligned` (false). Throws ShapeError for other boxes. Source: torchvision.ops.roi_align.
 */
export const roiAlign = signed(
  "def roiAlign(Tensor input, value boxes, value outputSize, float spatialScale=1.0, int samplingRatio=-1, bool aligned=False)",
  (
    input: Tensor,
    boxes: Rois,
    outputSize: OutputSize,
    spatialScale = 1,
    samplingRatio = -1,
    aligned = false,
  ): Tensor => {
    const rois = rowsOf(boxes);
    const [rows, columns] = pairOf(outputSize);
    const [, channels, height, width] = input.sizes;
    const count = rois.length;
    if (count === 0) return input.newEmpty([0, channels, rows, columns]);
    const down = new Float64Array(count * rows * height);
    const across = new Float64Array(count * columns * width);
    const offset = aligned ? 0.5 : 0;
    for (const [k, [, left, top, right, bottom]] of rois.entries()) {
      const length = (from: number, to: number) => {
        const side = (to - from) * spatialScale;
        return aligned ? side : Math.max(side, 1);
      };
      weightsOf(down, k * rows * height, rows, height, top * spatialScale - offset, length(top, bottom), samplingRatio);
      weightsOf(
        across,
        k * columns * width,
        columns,
        width,
        left * spatialScale - offset,
        length(left, right),
        samplingRatio,
      );
    }
    const weights = (values: Float64Array, bins: number, size: number) =>
      fromTypedArray(values).view(count, 1, bins, size).to(input.dtype);
    const maps = input.indexSelect(
      0,
      tensor(
        rois.map(([picture]) => picture),
        { dtype: int64 },
      ),
    );
    return weights(down, rows, height)
      .matmul(maps)
      .matmul(weights(across, columns, width).transpose(-1, -2));
  },
);

/**
 * Boxes of feature maps (N, channels, height, width), each as (channels, …outputSize) of the largest elements; 0 where a part has none.
 * `spatialScale`: default 1. Throws ShapeError for other boxes. Source: torchvision.ops.roi_pool.
 */
export const roiPool = signed(
  "def roiPool(Tensor input, value boxes, value outputSize, float spatialScale=1.0)",
  (input: Tensor, boxes: Rois, outputSize: OutputSize, spatialScale = 1): Tensor => {
    const rois = rowsOf(boxes);
    const [rows, columns] = pairOf(outputSize);
    const [, channels, height, width] = input.sizes;
    const values = input.detach().double().contiguous().raw() as Float64Array;
    const shape = [rois.length, channels, rows, columns];
    const places = new BigInt64Array(shape.reduce((product, size) => product * size, 1));
    const found = new Uint8Array(places.length);
    let to = 0;
    for (const [picture, left, top, right, bottom] of rois) {
      const [x0, y0] = [Math.round(left * spatialScale), Math.round(top * spatialScale)];
      const side = (from: number, end: number) => Math.max(Math.round(end * spatialScale) - from + 1, 1);
      const [binX, binY] = [side(x0, right) / columns, side(y0, bottom) / rows];
      const within = (at: number, size: number) => Math.min(Math.max(at, 0), size);
      for (let channel = 0; channel < channels; channel++) {
        const plane = (picture * channels + channel) * height * width;
        for (let row = 0; row < rows; row++) {
          const [y, endY] = [
            within(Math.floor(row * binY) + y0, height),
            within(Math.ceil((row + 1) * binY) + y0, height),
          ];
          for (let column = 0; column < columns; column++, to++) {
            const [x, endX] = [
              within(Math.floor(column * binX) + x0, width),
              within(Math.ceil((column + 1) * binX) + x0, width),
            ];
            let best = -1;
            for (let i = y; i < endY; i++) {
              for (let j = x; j < endX; j++) {
                const at = plane + i * width + j;
                if (best < 0 || values[at] > values[best]) best = at;
              }
            }
            if (best < 0) continue;
            places[to] = BigInt(best);
            found[to] = 1;
          }
        }
      }
    }
    const taken = input.reshape(-1).indexSelect(0, fromTypedArray(places));
    return taken.mul(fromTypedArray(found).to(input.dtype)).view(shape);
  },
);
