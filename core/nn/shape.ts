// Layers that only rearrange.

import { ArgumentError } from "../errors";
import type { Spatial } from "../ops/window/spatial";
import { fold, unfold } from "../ops/window/fold";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "./functional/shuffle";
import { layer } from "./layer";

/** One dimension from `startDim` (1) to `endDim` (−1). Source: torch.nn.Flatten. */
export class Flatten extends layer<[startDim?: number, endDim?: number], { startDim?: number; endDim?: number }>({
  takes: "def Flatten(int startDim=1, int endDim=-1)",
  forward: (x, { startDim, endDim }) => x.flatten(startDim, endDim),
}) {}

/** One dimension out into several; one size may be −1. Source: torch.nn.Unflatten. */
export class Unflatten extends layer<
  [dim: number, unflattenedSize: readonly number[]],
  { dim?: number; unflattenedSize?: readonly number[] },
  "dim" | "unflattenedSize"
>({
  takes: "def Unflatten(int dim, value unflattenedSize)",
  prepare: (settings) => {
    if (!Array.isArray(settings.unflattenedSize)) throw new ArgumentError("unflattened_size must be a tuple of ints");
    return settings;
  },
  forward: (x, { dim, unflattenedSize }) => x.unflatten(dim, unflattenedSize),
}) {}

/** Channels as finer pixels: (N, C·r², H, W) → (N, C, H·r, W·r). Source: torch.nn.PixelShuffle. */
export class PixelShuffle extends layer<[upscaleFactor: number], { upscaleFactor?: number }>({
  takes: "def PixelShuffle(int upscaleFactor)",
  forward: (x, { upscaleFactor }) => pixelShuffle(x, upscaleFactor),
}) {}

/** The inverse of PixelShuffle. Source: torch.nn.PixelUnshuffle. */
export class PixelUnshuffle extends layer<[downscaleFactor: number], { downscaleFactor?: number }>({
  takes: "def PixelUnshuffle(int downscaleFactor)",
  forward: (x, { downscaleFactor }) => pixelUnshuffle(x, downscaleFactor),
}) {}

/** Channels of several groups dealt out in turn. Source: torch.nn.ChannelShuffle. */
export class ChannelShuffle extends layer<[groups: number], { groups?: number }>({
  takes: "def ChannelShuffle(int groups)",
  forward: (x, { groups }) => channelShuffle(x, groups),
}) {}

const BLOCKS = "int|int[] kernelSize, int|int[] dilation=1, int|int[] padding=0, int|int[] stride=1";

interface Blocks {
  kernelSize?: Spatial;
  dilation?: Spatial;
  padding?: Spatial;
  stride?: Spatial;
}

/** Sliding blocks of an image as columns. Source: torch.nn.Unfold. */
export class Unfold extends layer<
  [kernelSize: Spatial, dilation?: Spatial, padding?: Spatial, stride?: Spatial],
  Blocks
>({
  takes: `def Unfold(${BLOCKS})`,
  forward: (x, { kernelSize, dilation, padding, stride }) => unfold(x, kernelSize, dilation, padding, stride),
}) {}

/** Columns summed back into an image. Source: torch.nn.Fold. */
export class Fold extends layer<
  [outputSize: Spatial, kernelSize: Spatial, dilation?: Spatial, padding?: Spatial, stride?: Spatial],
  Blocks & { outputSize?: Spatial },
  "outputSize" | "kernelSize"
>({
  takes: `def Fold(int|int[] outputSize, ${BLOCKS})`,
  forward: (x, { outputSize, kernelSize, dilation, padding, stride }) =>
    fold(x, outputSize, kernelSize, dilation, padding, stride),
}) {}
