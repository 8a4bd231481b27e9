// Dropout of torch.nn.functional: elements or whole channels set to 0 in training, by the mask PyTorch draws from the same seed.

import { CressetError } from "../../errors";
import { overloaded, type Signed } from "../../arguments/signed";
import { binary, opOf, register, type Row } from "../../ops/elementwise/define";
import { empty, type Tensor } from "../../tensor/tensor";

/** input · (mask / keep): what remains is scaled up. */
const masked = binary<Row, "keep">({
  node: "MulBackward0",
  parameters: { keep: 1 },
  formula: ({ a, b, keep }) => a.mul(b.div(keep)),
  grad: ({ g, b, keep }) => [g.mul(b.div(keep)), null],
});
register({ masked });

/** What the dropout functions take by name. */
export interface DropoutOptions {
  /** The probability of an element to become 0. Default 0.5. */
  p?: number;
  /** Whether to drop at all. Default true. */
  training?: boolean;
  /** Writes the result over the input. Default false. */
  inplace?: boolean;
}

/** Dropout: input, then `p`, `training`, `inplace`. */
export type Dropout = Signed<
  "f(Tensor input, float p=0.5, bool training=True, bool inplace=False)",
  [input: Tensor, p?: number, training?: boolean, inplace?: boolean],
  Tensor
>;

/** Draws the mask of a dropout: 1 with probability 1 − p. */
function keepMask(sizes: readonly number[], like: Tensor, p: number): Tensor {
  return empty(sizes, like.dtype).bernoulli_(1 - p);
}

/** Throws CressetError, in PyTorch's words, for a probability outside [0, 1]. */
export function checkProbability(p: number): void {
  if (p >= 0 && p <= 1) return;
  throw new CressetError(`dropout probability has to be between 0 and 1, but got ${p}`);
}

type Drop = (input: Tensor, p: number, inplace: boolean) => Tensor;

function dropping(name: string, defaultTraining: boolean, drop: Drop): Dropout {
  const takes = `float p=0.5, bool training=${defaultTraining ? "True" : "False"}, bool inplace=False`;
  const run = (input: Tensor, p = 0.5, training = defaultTraining, inplace = false): Tensor => {
    checkProbability(p);
    if (p === 0 || !training || input.numel() === 0) return input;
    return drop(input, p, inplace);
  };
  return overloaded<Dropout>([`def ${name}(Tensor input, ${takes})`, run]);
}

function scaled(input: Tensor, p: number, mask: () => Tensor, inplace: boolean): Tensor {
  const out = inplace ? input : null;
  if (p === 1) return inplace ? input.mul_(0) : input.mul(0);
  const op = opOf(masked);
  if (op === null) throw new TypeError("dropout has no row");
  return op.apply([input, mask(), 1 - p], out);
}

/** Sets elements to 0 with probability `p` (0.5) and scales the rest by 1 / (1 − p). Options: `training`, `inplace`. Source: torch.nn.functional.dropout. */
export const dropout: Dropout = dropping("dropout", true, (input, p, inplace) =>
  scaled(input, p, () => keepMask(input.sizes, input, p), inplace),
);

/** The sizes of one decision per sample and channel. */
function channelSizes(input: Tensor): number[] {
  return input.sizes.map((n, d) => (d < 2 ? n : 1));
}

/** One decision per channel; `unbatched` dimensions mean that the batch dimension is missing. */
function channelDropout(call: string, unbatched: number, batched: readonly number[]): Dropout {
  return dropping(call, true, (input, p, inplace) => {
    if (input.ndim !== unbatched && !batched.includes(input.ndim)) {
      throw new CressetError(
        `${call}: Expected ${unbatched}D or ${batched[0]}D input, but received a ${input.ndim}D input. Note that ${call} exists to provide channel-wise dropout on inputs with ${batched[0] - 2} spatial dimensions, a channel dimension, and an optional batch dimension.`,
      );
    }
    const x = input.ndim === unbatched && !batched.includes(unbatched) ? input.unsqueeze(0) : input;
    const out = scaled(x, p, () => keepMask(channelSizes(x), x, p), inplace);
    return x === input ? out : out.squeeze(0);
  });
}

/** Drops whole channels of (N, C, L) or (C, L). Options as `dropout`. Source: torch.nn.functional.dropout1d. */
export const dropout1d: Dropout = channelDropout("dropout1d", 2, [3]);
/** Drops whole channels of (N, C, H, W) or (N, C, L). Options as `dropout`. Source: torch.nn.functional.dropout2d. */
export const dropout2d: Dropout = channelDropout("dropout2d", 3, [4, 3, 2, 5]);
/** Drops whole channels of (N, C, D, H, W) or (C, D, H, W). Options as `dropout`. Source: torch.nn.functional.dropout3d. */
export const dropout3d: Dropout = channelDropout("dropout3d", 4, [5]);

/** The value that dropped elements of alpha dropout take, before it is rescaled: −scale · alpha of selu. */
const SATURATION = 1.7580993408473766;

/** Drops to selu's negative saturation and restores mean and variance. */
function alphaDropping(call: string, sizesOf: (input: Tensor) => readonly number[]): Dropout {
  return dropping(call, false, (input, p, inplace) => {
    if (p === 1) return inplace ? input.mul_(0) : input.mul(0);
    const a = 1 / Math.sqrt((SATURATION * SATURATION * p + 1) * (1 - p));
    const mask = keepMask(sizesOf(input), input, p);
    const shift = mask
      .sub(1)
      .mul(SATURATION * a)
      .add(SATURATION * a * p);
    const scale = mask.mul(a);
    return inplace ? input.mul_(scale).add_(shift) : input.mul(scale).add(shift);
  });
}

/** Dropout that keeps the mean and variance of selu networks. Options: `p`, `training` (false), `inplace`. Source: torch.nn.functional.alpha_dropout. */
export const alphaDropout: Dropout = alphaDropping("alphaDropout", (input) => input.sizes);
/** `alphaDropout` of whole channels. Source: torch.nn.functional.feature_alpha_dropout. */
export const featureAlphaDropout: Dropout = alphaDropping("featureAlphaDropout", channelSizes);
