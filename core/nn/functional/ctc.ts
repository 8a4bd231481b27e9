// Connectionist temporal classification: the probability of a labelling over all its alignments, by the forward recursion of
// Graves et al. (2006) in logarithms.

import { ArgumentError, CressetError, DTypeError, ShapeError } from "../../errors";
import { signed } from "../../arguments/signed";
import { arange, tensor } from "../../ops/create/create";
import { cat } from "../../ops/create/join";
import { steps } from "../../ops/network/rnn";
import { Category, int64 } from "../../tensor/dtype";
import { requireFloat } from "../../tensor/dtype-checks";
import { Tensor } from "../../tensor/tensor";
import { type Reduction, reductionOf } from "./reduction";

/** Stands for log 0: small enough to vanish, and finite, so that differences of it are no NaN. */
const NEVER = -1e30;

/** What `ctcLoss` takes by name. */
export interface CtcOptions {
  /** The class between labels. Default 0. */
  blank?: number;
  reduction?: Reduction;
  /** Whether infinite losses, and their gradients, count as 0. Default false. */
  zeroInfinity?: boolean;
}

const numbers = (lengths: Tensor | readonly number[]): number[] =>
  lengths instanceof Tensor ? [...lengths.reshape([-1]).raw()].map(Number) : [...lengths];

/** Labels of every sample as rows of numbers; `targets` holds rows, or all labels end to end. */
function rowsOf(targets: Tensor, lengths: readonly number[]): number[][] {
  const all = [...targets.raw()].map(Number);
  let at = 0;
  return lengths.map((length, n) => {
    const start = targets.ndim === 2 ? n * targets.sizes[1] : at;
    at += length;
    return all.slice(start, start + length);
  });
}

/**
 * −log of the probability of `targets` (N, S) or end to end, under logProbs (T, N, C) or (T, C), of which the first
 * `inputLengths` and `targetLengths` count. Options: `blank` (0), `reduction` ("mean": each divided by its target's length
 * first), `zeroInfinity`. Source: torch.nn.functional.ctc_loss.
 */
export const ctcLoss = signed(
  "def ctcLoss(Tensor logProbs, Tensor targets, Tensor|int[] inputLengths, Tensor|int[] targetLengths, int blank=0, str reduction=mean, bool zeroInfinity=False)",
  ctcLossOf,
);

function ctcLossOf(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Tensor | readonly number[],
  targetLengths: Tensor | readonly number[],
  blank = 0,
  reduction: Reduction = "mean",
  zeroInfinity = false,
): Tensor {
  if (inputLengths instanceof Tensor !== targetLengths instanceof Tensor) {
    const words = (lengths: unknown) => (lengths instanceof Tensor ? "Tensor" : "list");
    throw new ArgumentError(
      `ctc_loss() received an invalid combination of arguments - got (Tensor, Tensor, ${words(inputLengths)}, ${words(targetLengths)}, int, int, bool)`,
    );
  }
  const kind = reductionOf({ reduction });
  const logs = logProbs.ndim === 2 ? logProbs.unsqueeze(1) : logProbs;
  const [duration, batch, classes] = logs.sizes;
  if (blank < 0 || blank >= classes) throw new CressetError("blank must be in label range");
  requireFloat("ctc_loss_cpu", logProbs.dtype);
  for (const [name, given] of Object.entries({ input_lengths: inputLengths, target_lengths: targetLengths })) {
    if (given instanceof Tensor && given.dtype.category !== Category.Int)
      throw new DTypeError(`${name} must be integral`);
  }
  if (targets.ndim < 1 || targets.ndim > 2) {
    throw new ShapeError(
      `Expected 1 to 2 dimensions, but got ${targets.ndim}-dimensional tensor for argument #2 'targets' (while checking arguments for ctc_loss_cpu)`,
    );
  }
  const durations = numbers(inputLengths);
  const lengths = numbers(targetLengths);
  if (durations.length !== batch) throw new CressetError("input_lengths must be of size batch_size");
  if (lengths.length !== batch) throw new CressetError("target_lengths must be of size batch_size");
  durations.forEach((length, n) => {
    if (length < 0 || length > duration) {
      throw new CressetError(
        `Expected input_lengths to have value at most ${duration}, but got value ${length} (while checking arguments for ctc_loss_cpu) at ${n}`,
      );
    }
  });
  const longest = Math.max(0, ...lengths);
  if (targets.ndim === 2 && targets.sizes[1] < longest) {
    throw new ShapeError(
      `Expected tensor to have size at least ${longest} at dimension 1, but got size ${targets.sizes[1]} for argument #2 'targets' (while checking arguments for ctc_loss_cpu)`,
    );
  }
  const total = lengths.reduce((sum, length) => sum + length, 0);
  if (targets.ndim === 1 && targets.sizes[0] !== total) {
    throw new ShapeError(
      `Expected tensor to have size ${total} at dimension 0, but got size ${targets.sizes[0]} for argument #2 'targets' (while checking arguments for ctc_loss_cpu)`,
    );
  }
  const losses = likelihoods(logs, rowsOf(targets, lengths), durations, lengths, blank, zeroInfinity);
  const found = zeroInfinity ? losses.where(losses.isinf().logicalNot(), 0) : losses;
  if (kind === "sum") return found.sum();
  if (kind === "none") return logProbs.ndim === 2 ? found.squeeze(0) : found;
  const divisors = tensor(
    lengths.map((length) => Math.max(length, 1)),
    { dtype: logs.dtype },
  );
  return found.div(divisors).mean();
}

/** The loss of every sample; where there is none, infinity with the gradient NaN, or 0 when infinities do not count. */
function likelihoods(
  logs: Tensor,
  rows: readonly number[][],
  durations: readonly number[],
  lengths: readonly number[],
  blank: number,
  zeroInfinity: boolean,
): Tensor {
  const [duration, batch] = logs.sizes;
  const width = 2 * Math.max(0, ...lengths) + 1;
  // Labels with blanks around them, and where two labels may follow each other without one.
  const labels = rows.map((row) =>
    Array.from({ length: width }, (_, s) => (s % 2 === 1 ? (row[s >> 1] ?? blank) : blank)),
  );
  const skips = labels.map((row) => row.map((label, s) => s >= 2 && label !== blank && label !== row[s - 2]));
  const at = tensor(labels, { dtype: int64 });
  const maySkip = tensor(skips);
  const never = logs.detach().newFull([batch, width + 2], NEVER);
  const ends = tensor(durations).unsqueeze(1);

  const scores = steps(logs).map((row) => row.gather(1, at));
  const starts = arange(width).unsqueeze(0).lt(2);
  let alpha = scores[0].where(starts, NEVER);
  for (let t = 1; t < duration; t++) {
    const stay = alpha;
    const step = shifted(alpha, never, 1);
    const skip = shifted(alpha, never, 2).where(maySkip, NEVER);
    const top = stay.maximum(step).maximum(skip).detach();
    const sum = stay.sub(top).exp().add(step.sub(top).exp()).add(skip.sub(top).exp());
    alpha = sum.log().add(top).add(scores[t]).where(ends.gt(t), alpha);
  }
  const last = tensor(lengths.map((length) => [2 * length]));
  const final = alpha.gather(1, last);
  const label = alpha.gather(1, last.sub(1).clampMin(0)).where(last.gt(0), NEVER);
  const top = final.maximum(label).detach();
  const total = final.sub(top).exp().add(label.sub(top).exp()).log().add(top).squeeze(1);
  const possible = total.gt(NEVER / 2);
  const zero = normalisation(logs, ends);
  // −log |0| is infinite, and its derivative no number; where the loss is finite, nothing of it may reach the gradient.
  const none = zeroInfinity ? Number.POSITIVE_INFINITY : zero.where(possible.logicalNot(), 1).abs().log().neg();
  return total.neg().add(zero).where(possible, none);
}

/** Values moved up along the second dimension. */
function shifted(alpha: Tensor, never: Tensor, by: number): Tensor {
  const kept = alpha.narrow(1, 0, Math.max(0, alpha.sizes[1] - by));
  return cat([never.narrow(1, 0, Math.min(by, alpha.sizes[1])), kept], 1);
}

/**
 * Zero, with the gradient exp(logProbs): PyTorch's gradient counts on log-probabilities that a softmax normalises, so that it is
 * already the softmax's.
 */
function normalisation(logs: Tensor, ends: Tensor): Tensor {
  const [duration] = logs.sizes;
  const counted = arange(duration).unsqueeze(0).lt(ends).t().unsqueeze(2);
  const sums = logs.exp().where(counted, 0).sum([0, 2]);
  return sums.sub(sums.detach());
}
