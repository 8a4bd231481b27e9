// Channels exchanged with pixels, and among groups, of torch.nn.functional.

import { signed } from "../../arguments/signed";
import { relabel } from "../../autograd/record";
import { ShapeError } from "../../errors";
import { text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";

function planes(
  call: string,
  input: Tensor,
  least: number,
): { lead: number[]; channels: number; h: number; w: number } {
  if (input.ndim < least) {
    throw new ShapeError(
      `${call} expects input to have at least ${least} dimensions, but got input with ${input.ndim} dimension(s)`,
    );
  }
  const [channels, h, w] = input.sizes.slice(-3);
  return { lead: input.sizes.slice(0, -3), channels, h, w };
}

/** A view of the input under other sizes, always in new memory. */
function moved(view: Tensor, sizes: readonly number[], node: string): Tensor {
  const out = view.reshape([...sizes]);
  return relabel(out.storage === view.storage ? out.clone() : out, node);
}

/** Channels as finer pixels: (…, C·r², H, W) → (…, C, H·r, W·r). Source: torch.nn.functional.pixel_shuffle. */
export const pixelShuffle = signed("pixelShuffle(Tensor input, int upscaleFactor)", pixelShuffleOf);

function pixelShuffleOf(input: Tensor, r: number): Tensor {
  const { lead, channels, h, w } = planes("pixel_shuffle", input, 3);
  if (r <= 0) throw new ShapeError(`pixel_shuffle expects a positive upscale_factor, but got ${r}`);
  if (channels % (r * r) !== 0) {
    throw new ShapeError(
      `pixel_shuffle expects its input's 'channel' dimension to be divisible by the square of upscale_factor, but input.size(-3)=${channels} is not divisible by ${r * r}`,
    );
  }
  const c = channels / (r * r);
  const k = lead.length;
  const order = [...lead.keys(), k, k + 3, k + 1, k + 4, k + 2];
  const split = input.reshape([...lead, c, r, r, h, w]).permute(order);
  return moved(split, [...lead, c, h * r, w * r], "PixelShuffleBackward0");
}

/** The inverse of `pixelShuffle`. Source: torch.nn.functional.pixel_unshuffle. */
export const pixelUnshuffle = signed("pixelUnshuffle(Tensor input, int downscaleFactor)", pixelUnshuffleOf);

function pixelUnshuffleOf(input: Tensor, r: number): Tensor {
  const { lead, channels, h, w } = planes("pixel_unshuffle", input, 3);
  if (r <= 0) throw new ShapeError(`pixel_unshuffle expects a positive downscale_factor, but got ${r}`);
  for (const [name, size] of [
    ["height", h],
    ["width", w],
  ] as const) {
    if (size % r !== 0) {
      throw new ShapeError(
        `pixel_unshuffle expects ${name} to be divisible by downscale_factor, but input.size(${name === "height" ? -2 : -1})=${size} is not divisible by ${r}`,
      );
    }
  }
  const k = lead.length;
  const order = [...lead.keys(), k, k + 2, k + 4, k + 1, k + 3];
  const split = input.reshape([...lead, channels, h / r, r, w / r, r]).permute(order);
  return moved(split, [...lead, channels * r * r, h / r, w / r], "PixelUnshuffleBackward0");
}

/** Channels of several groups dealt out in turn, (N, C, …). Source: torch.nn.functional.channel_shuffle. */
export const channelShuffle = signed("channelShuffle(Tensor input, int groups)", channelShuffleOf);

function channelShuffleOf(input: Tensor, g: number): Tensor {
  if (input.ndim < 3) {
    throw new ShapeError(`channel_shuffle expects input with > 2 dims, but got input with sizes ${text(input.sizes)}`);
  }
  const [n, c, ...rest] = input.sizes;
  if (g <= 0) throw new ShapeError(`Number of groups to divide channels in must be positive. Value of groups:${g}`);
  if (c % g !== 0) {
    throw new ShapeError(`Number of channels must be divisible by groups. Got ${c} channels and ${g} groups.`);
  }
  if (input.numel() === 0) return input.clone();
  return moved(input.reshape([n, g, c / g, ...rest]).transpose(1, 2), input.sizes, "ChannelShuffleBackward0");
}
