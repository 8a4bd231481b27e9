// Sliding blocks of images as columns, and their sum back: `unfold` and `fold` of nn.functional, each the other's derivative.

import { record } from "../../autograd/record";
import { contiguousOf, copyInto, copyOf, fillWith } from "../../dispatch";
import { ArgumentError, ShapeError } from "../../errors";
import { contiguousStrides, text } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { signed } from "../../arguments/signed";
import { type Spatial, spread } from "./spatial";
import { requireFloat } from "../../tensor/dtype-checks";

/** Settings of blocks. */
interface BlockOptions {
  /** Height and width of a block. */
  kernelSize: Spatial;
  /** Distance of a block's elements. */
  dilation: Spatial;
  /** Zeros around the image. */
  padding: Spatial;
  /** Step of the blocks. */
  stride: Spatial;
}

type Pair = readonly [number, number];

interface Blocks {
  image: Pair;
  kernel: Pair;
  dilation: Pair;
  padding: Pair;
  stride: Pair;
  /** Blocks along height and width. */
  count: Pair;
}

function pair(call: string, name: string, value: Spatial): Pair {
  if (Array.isArray(value) && value.length !== 2) {
    throw new ArgumentError(`It is expected ${name} equals to 2, but got size ${value.length}`);
  }
  const [height, width] = spread(
    call,
    name,
    value,
    2,
    (list) => `It is expected ${name} equals to 2, but got size ${list.length}`,
  );
  return [height, width];
}

function readBlocks(call: string, image: Pair, options: BlockOptions): Blocks {
  const kernel = pair(call, "kernel_size", options.kernelSize);
  const dilation = pair(call, "dilation", options.dilation);
  const padding = pair(call, "padding", options.padding);
  const stride = pair(call, "stride", options.stride);
  const named = (name: string, [h, w]: Pair) => `${name}_height: ${h} ${name}_width: ${w}`;
  const positive = (what: string, name: string, value: Pair): void => {
    if (value.some((k) => k <= 0))
      throw new ArgumentError(`${what} should be greater than zero, but got ${named(name, value)}`);
  };
  positive("kernel size", "kernel", kernel);
  positive("dilation", "dilation", dilation);
  if (padding.some((k) => k < 0))
    throw new ArgumentError(`padding should be non-negative, but got ${named("pad", padding)}`);
  positive("stride", "stride", stride);
  const along = (d: 0 | 1) =>
    Math.floor((image[d] + 2 * padding[d] - dilation[d] * (kernel[d] - 1) - 1) / stride[d]) + 1;
  return { image, kernel, dilation, padding, stride, count: [along(0), along(1)] };
}

const tuple = (values: Pair): string => `(${values.join(", ")})`;

/** The padded image seen as (N, C, kernel height, kernel width, blocks down, blocks across): elements repeat. */
function blocksOf(padded: Tensor, { kernel, dilation, stride, count }: Blocks): Tensor {
  const [n, c, h, w] = padded.strides;
  const sizes = [padded.sizes[0], padded.sizes[1], ...kernel, ...count];
  return padded.alias(sizes, [n, c, h * dilation[0], w * dilation[1], h * stride[0], w * stride[1]], padded.offset);
}

/** An image of zeros with its padding, and the part inside the padding. */
function paddedImage(lead: readonly number[], blocks: Blocks, like: Tensor): { padded: Tensor; inside: Tensor } {
  const { image, padding } = blocks;
  const padded = empty([...lead, image[0] + 2 * padding[0], image[1] + 2 * padding[1]], like.dtype);
  fillWith(padded, 0);
  const { strides } = padded;
  const start = padding[0] * strides[strides.length - 2] + padding[1];
  return { padded, inside: padded.alias([...lead, ...image], strides, start) };
}

/** (N, C, H, W) to (N, C · kernel, blocks). */
function toColumns(x: Tensor, blocks: Blocks): Tensor {
  const [n, c] = x.sizes;
  const { padded, inside } = paddedImage([n, c], blocks, x);
  if (x._numel > 0) copyInto(inside, x);
  const columns = copyOf(blocksOf(padded, blocks));
  const sizes = [n, c * blocks.kernel[0] * blocks.kernel[1], blocks.count[0] * blocks.count[1]];
  const out = columns.alias(sizes, contiguousStrides(sizes), 0);
  record("Im2ColBackward0", [x], [out], ([g]) => [fromColumns(g as Tensor, blocks)]);
  return out;
}

/** (N, C · kernel, blocks) summed to (N, C, H, W). */
function fromColumns(columns: Tensor, blocks: Blocks): Tensor {
  const { kernel, count } = blocks;
  const lead = [columns.sizes[0], columns.sizes[1] / (kernel[0] * kernel[1])];
  const { padded, inside } = paddedImage(lead, blocks, columns);
  const target = blocksOf(padded, blocks);
  const source = contiguousOf(columns.detach());
  const parts = source.alias(target.sizes, contiguousStrides(target.sizes), source.offset);
  // One tap of the kernel at a time touches every element at most once.
  for (let i = 0; i < kernel[0] && parts._numel > 0; i++) {
    for (let j = 0; j < kernel[1]; j++) {
      const tap = (t: Tensor): Tensor => {
        const [n, c, h, w, y, x] = t.strides;
        return t.alias([...lead, ...count], [n, c, y, x], t.offset + i * h + j * w);
      };
      tap(target).add_(tap(parts));
    }
  }
  const out = copyOf(inside);
  record("Col2ImBackward0", [columns], [out], ([g]) => [toColumns(g as Tensor, blocks)]);
  return out;
}

/**
 * Sliding blocks of an image (N, C, H, W) or (C, H, W) as columns (N, C · kernel height · kernel width, blocks). Options:
 * `dilation` (1), `padding` (0), `stride` (1). Throws ShapeError when no block fits. Source: F.unfold.
 */
export const unfold = signed(
  "def unfold(Tensor input, int|int[] kernelSize, int|int[] dilation=1, int|int[] padding=0, int|int[] stride=1)",
  unfoldOf,
);

function unfoldOf(
  input: Tensor,
  kernelSize: Spatial,
  dilation: Spatial = 1,
  padding: Spatial = 0,
  stride: Spatial = 1,
): Tensor {
  if ((input.ndim !== 3 && input.ndim !== 4) || input.sizes.slice(input.ndim - 3).includes(0)) {
    throw new ShapeError(
      `Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: ${text(input.sizes)}`,
    );
  }
  requireFloat("im2col_out_cpu", input.dtype);
  const image: Pair = [input.sizes[input.ndim - 2], input.sizes[input.ndim - 1]];
  const blocks = readBlocks("unfold", image, { kernelSize, dilation, padding, stride });
  if (blocks.count.some((n) => n < 1)) {
    throw new ShapeError(
      `Given input with spatial size ${tuple(image)}, kernel_size=${tuple(blocks.kernel)}, dilation=${tuple(blocks.dilation)}, padding=${tuple(blocks.padding)}, calculated shape of the array of sliding blocks as ${tuple(blocks.count)}, but its components must be at least one.`,
    );
  }
  return input.ndim === 3 ? toColumns(input.unsqueeze(0), blocks).squeeze(0) : toColumns(input, blocks);
}

/**
 * Columns (N, C · kernel height · kernel width, blocks), or without the batch, summed into images (N, C, H, W). Options:
 * `dilation` (1), `padding` (0), `stride` (1). Throws ShapeError for sizes that do not fit. Source: F.fold.
 */
export const fold = signed(
  "def fold(Tensor input, int|int[] outputSize, int|int[] kernelSize, int|int[] dilation=1, int|int[] padding=0, int|int[] stride=1)",
  foldOf,
);

function foldOf(
  input: Tensor,
  size: Spatial,
  kernelSize: Spatial,
  distances: Spatial = 1,
  sides: Spatial = 0,
  steps: Spatial = 1,
): Tensor {
  if (typeof size !== "number" && size.length !== 2) {
    throw new ArgumentError(`It is expected output_size equals to 2, but got size ${size.length}`);
  }
  const image = pair("fold", "output_size", size);
  const blocks = readBlocks("fold", image, { kernelSize, dilation: distances, padding: sides, stride: steps });
  if ((input.ndim !== 2 && input.ndim !== 3) || input.sizes.slice(input.ndim - 2).includes(0)) {
    throw new ShapeError(
      `Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: ${text(input.sizes)}`,
    );
  }
  requireFloat("col2im_out_cpu", input.dtype);
  const { kernel, dilation, padding, stride, count } = blocks;
  const [rows, columns] = input.sizes.slice(-2);
  const given = `kernel_size=${tuple(kernel)}`;
  if (rows % (kernel[0] * kernel[1]) !== 0) {
    throw new ShapeError(
      `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and ${given}.`,
    );
  }
  if (columns !== count[0] * count[1] || count.some((n) => n < 1)) {
    throw new ShapeError(
      `Given output_size=${tuple(image)}, ${given}, dilation=${tuple(dilation)}, padding=${tuple(padding)}, stride=${tuple(stride)}, expected size of input's dimension 2 to match the calculated number of sliding blocks ${count[0]} * ${count[1]} = ${count[0] * count[1]}, but got input.size(2)=${columns}.`,
    );
  }
  return input.ndim === 2 ? fromColumns(input.unsqueeze(0), blocks).squeeze(0) : fromColumns(input, blocks);
}
