// Attention: what each query takes from all keys, of torch.nn.functional.

import { signed } from "../../arguments/signed";
import { ArgumentError, DTypeError, ShapeError } from "../../errors";
import { ones } from "../../ops/create/create";
import { softmax } from "../../ops/reduce/softmax";
import { bool } from "../../tensor/dtype";
import { text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { dropout } from "./dropout";

/** Weights above which nothing passes, from a mask that says what to leave out. */
function additive(mask: Tensor, like: Tensor): Tensor {
  if (mask.dtype !== bool) return mask.to(like.dtype);
  return like.newZeros([...mask.sizes]).maskedFill(mask, Number.NEGATIVE_INFINITY);
}

/** Masks of heads (B · H, L, S) or (L, S), and of keys (B, S), as one to add to the scores; null when there is none. */
export function joinedMask(
  scores: { batch: number; heads: number; queries: number; keys: number; like: Tensor },
  attnMask: Tensor | null,
  keyPaddingMask: Tensor | null,
): Tensor | null {
  const { batch, heads, queries, keys, like } = scores;
  let mask: Tensor | null = null;
  if (attnMask !== null) {
    const shape = attnMask.ndim === 2 ? [queries, keys] : [batch * heads, queries, keys];
    if (attnMask.ndim !== 2 && attnMask.ndim !== 3) {
      throw new ShapeError(`attn_mask's dimension ${attnMask.ndim} is not supported`);
    }
    if (text(attnMask.sizes) !== text(shape)) {
      throw new ShapeError(
        `The shape of the ${attnMask.ndim}D attn_mask is ${attnMask.shape}, but should be (${shape.join(", ")}).`,
      );
    }
    mask = additive(attnMask, like);
    if (mask.ndim === 2) mask = mask.unsqueeze(0);
  }
  if (keyPaddingMask !== null) {
    if (text(keyPaddingMask.sizes) !== text([batch, keys])) {
      throw new ShapeError(`expecting key_padding_mask shape of (${batch}, ${keys}), but got ${keyPaddingMask.shape}`);
    }
    const padding = additive(keyPaddingMask, like)
      .reshape([batch, 1, 1, keys])
      .expand([batch, heads, 1, keys])
      .reshape([batch * heads, 1, keys]);
    mask = mask === null ? padding : mask.add(padding);
  }
  return mask;
}

/**
 * softmax(q · kᵀ / √E + mask) · v for batches of matrices q (N, L, E), k (N, S, E), v (N, S, D), with dropout on the weights.
 * Returns the result (N, L, D) and the weights (N, L, S).
 */
export function attend(
  q: Tensor,
  k: Tensor,
  v: Tensor,
  mask: Tensor | null,
  dropoutP: number,
): [output: Tensor, weights: Tensor] {
  const width = q.sizes[q.ndim - 1];
  const products = q.div(Math.sqrt(width)).bmm(k.transpose(-2, -1));
  const scores = mask === null ? products : products.add(mask);
  const weights = dropout(softmax(scores, -1), dropoutP, dropoutP > 0);
  return [weights.bmm(v), weights];
}

/**
 * softmax(q · kᵀ · scale + mask) · v for q (…, L, E), k (…, S, E), v (…, S, D), with dropout on the weights. Options: `attnMask`,
 * broadcast to (…, L, S): numbers are added to the scores, bools are true where a query may see a key; `dropoutP` (0), also in
 * evaluation; `isCausal` (false): queries see no later keys; `scale` (1 / √E). Throws for a mask beside `isCausal`, and for dtypes
 * that differ. Source: torch.nn.functional.scaled_dot_product_attention of PyTorch 2.
 */
export const scaledDotProductAttention = signed(
  "def scaledDotProductAttention(Tensor query, Tensor key, Tensor value, Tensor? attnMask=None, float dropoutP=0.0, bool isCausal=False, float? scale=None)",
  (
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attnMask: Tensor | null = null,
    dropoutP = 0,
    isCausal = false,
    scale: number | null = null,
  ): Tensor => {
    const operands = { query, key, value };
    if (Object.values(operands).some(({ ndim }) => ndim < 2)) {
      const dims = Object.entries(operands).map(([name, { ndim }]) => `${name}.dim: ${ndim}`);
      throw new ShapeError(
        `Expected query, key, and value to all be  at least 2 dimensional, but got ${dims.join(", ")} instead.`,
      );
    }
    if (key.dtype !== query.dtype || value.dtype !== query.dtype) {
      const dtypes = Object.entries(operands).map(([name, { dtype }]) => `${name}.dtype: ${dtype}`);
      throw new DTypeError(
        `Expected query, key, and value to have the same dtype, but got ${dtypes.join(" ")} instead.`,
      );
    }
    if (isCausal && attnMask !== null) {
      throw new ArgumentError(
        "_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True",
      );
    }
    const [length, width] = query.sizes.slice(-2);
    const seen = isCausal ? ones([length, key.sizes[key.ndim - 2]], { dtype: bool }).tril() : attnMask;
    const mask = seen === null ? null : additive(seen.dtype === bool ? seen.logicalNot() : seen, query);
    // Both sides take a root of the scale, which keeps products of 16 bits in range.
    const root = Math.sqrt(scale ?? 1 / Math.sqrt(width));
    const products = query.mul(root).matmul(key.mul(root).transpose(-2, -1));
    const weights = softmax(mask === null ? products : products.add(mask), -1);
    return dropout(weights, dropoutP, dropoutP > 0).matmul(value);
  },
);

/** Throws unless the argument has the feature size that a layer was made for. */
export function requireWidth(x: Tensor, width: number): void {
  if (x.ndim !== 2 && x.ndim !== 3) {
    throw new ArgumentError(`query should be unbatched 2D or batched 3D tensor but received ${x.ndim}-D query tensor`);
  }
  const found = x.sizes[x.ndim - 1];
  if (found !== width) throw new ShapeError(`was expecting embedding dimension of ${width}, but got ${found}`);
}
