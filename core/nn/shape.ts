// Layers that only rearrange.

import { ArgumentError } from "../errors";
import type { Spatial } from "../ops/window/spatial";
import { fold, unfold } from "../ops/window/fold";
import { channelShuffle, pixelShuffle, pixelUnshuffle } from "./functional/shuffle";
import { layer, shown } from "./layer";

/** One dimension from `startDim` (1) to `endDim` (−1). Source: torch.nn.Flatten. */
export class Flatten extends layer<[startDim?: number, endDim?: number], { startDim?: number; endDim?: number }>({
  settings: { startDim: shown(1), endDim: shown(-1) },
  forward: (x, { startDim, endDim }) => x.flatten(startDim, endDim),
}) {}

/** One dimension out into several; one size may be −1. Source: torch.nn.Unflatten. */
export class Unflatten extends layer<
  [dim: number, unflattenedSize: readonly number[]],
  { dim?: number; unflattenedSize?: readonly number[] },
  "dim" | "unflattenedSize"
>({
  settings: { dim: shown(), unflattenedSize: shown() },
  prepare: (settings) => {
    if (!Array.isArray(settings.unflattenedSize)) throw new ArgumentError("unflattened_size must be a tuple of ints");
    return settings;
  },
  forward: (x, { dim, unflattenedSize }) => x.unflatten(dim, unflattenedSize),
}) {}

/** Channels as finer pixels: (N, C·r², H, W) → (N, C, H·r, W·r). Source: torch.nn.PixelShuffle. */
export class PixelShuffle extends layer<[upscaleFactor: number], { upscaleFactor?: number }>({
  settings: { upscaleFactor: shown() },
  forward: (x, { upscaleFactor }) => pixelShuffle(x, upscaleFactor),
}) {}

/** The inverse of PixelShuffle. Source: torch.nn.PixelUnshuffle. */
export class PixelUnshuffle extends layer<[downscaleFactor: number], { downscaleFactor?: number }>({
  settings: { downscaleFactor: shown() },
  forward: (x, { downscaleFactor }) => pixelUnshuffle(x, downscaleFactor),
}) {}

/** Channels of several groups dealt out in turn. Source: torch.nn.ChannelShuffle. */
export class ChannelShuffle extends layer<[groups: number], { groups?: number }>({
  settings: { groups: shown() },
  forward: (x, { groups }) => channelShuffle(x, groups),
}) {}

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
  settings: { kernelSize: shown(), dilation: shown(1), padding: shown(0), stride: shown(1) },
  forward: (x, { kernelSize, dilation, padding, stride }) => unfold(x, kernelSize, dilation, padding, stride),
}) {}

/** Columns summed back into an image. Source: torch.nn.Fold. */
export class Fold extends layer<
  [outputSize: Spatial, kernelSize: Spatial, dilation?: Spatial, padding?: Spatial, stride?: Spatial],
  Blocks & { outputSize?: Spatial },
  "outputSize" | "kernelSize"
>({
  settings: { outputSize: shown(), kernelSize: shown(), dilation: shown(1), padding: shown(0), stride: shown(1) },
  forward: (x, { outputSize, kernelSize, dilation, padding, stride }) =>
    fold(x, outputSize, kernelSize, dilation, padding, stride),
}) {}
