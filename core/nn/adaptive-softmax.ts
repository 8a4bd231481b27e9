// An efficient softmax over many classes of very different frequency.

import type { Arguments, Named as NamedOptions } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ArgumentError, CressetError, ShapeError } from "../errors";
import { inspectSymbol } from "../inspect";
import { argmax } from "../ops/reduce/extremes";
import { cat } from "../ops/create/join";
import { logSoftmax } from "../ops/reduce/softmax";
import type { Tensor } from "../tensor/tensor";
import { ModuleList, Sequential } from "./containers";
import { FACTORY, type Factory, type FactoryOptions } from "./factory";
import { InputModule } from "./layer";
import { Linear } from "./linear";

/** The log probability of every target, (N) or (), and the loss, their negative mean; also in this order as an array of two. */
export type ASMOutput = [output: Tensor, loss: Tensor] & { readonly output: Tensor; readonly loss: Tensor };

function asmOutput(output: Tensor, loss: Tensor): ASMOutput {
  const print = () => `_ASMoutput(output=${output.toString()}, loss=${loss.toString()})`;
  return Object.defineProperties([output, loss], {
    output: { value: output },
    loss: { value: loss },
    toString: { value: print },
    [inspectSymbol]: { value: print },
  }) as ASMOutput;
}

interface AdaptiveOptions extends FactoryOptions {
  inFeatures?: number;
  nClasses?: number;
  /** Where each cluster of classes but the first begins, in increasing order. */
  cutoffs?: readonly number[];
  /** How many times narrower each cluster is than the one before. Default 4. */
  divValue?: number;
  /** Whether the first layer has a bias. Default false. */
  headBias?: boolean;
}

type AdaptiveArguments = Arguments<
  [
    inFeatures: number,
    nClasses: number,
    cutoffs: readonly number[],
    divValue?: number,
    headBias?: boolean,
    ...factory: Factory,
  ],
  AdaptiveOptions
>;

/**
 * Adaptive softmax with its loss: frequent classes, which have the low numbers, are in the `head`; rare ones are in clusters of the
 * `tail`, computed only for samples that need them. Options: see AdaptiveOptions. Throws ArgumentError for cutoffs that do not
 * increase between 1 and nClasses - 1. Source: torch.nn.AdaptiveLogSoftmaxWithLoss.
 */
export class AdaptiveLogSoftmaxWithLoss extends InputModule<{ input_: Tensor; target_: Tensor }> {
  /** @internal */
  static readonly [signature] = new Signature(
    `def AdaptiveLogSoftmaxWithLoss(int inFeatures, int nClasses, value cutoffs, float divValue=4.0, bool headBias=False, ${FACTORY})`,
  );
  static {
    readsMethods(
      AdaptiveLogSoftmaxWithLoss,
      "def AdaptiveLogSoftmaxWithLoss.forward(Tensor input_, Tensor target_)",
      "def AdaptiveLogSoftmaxWithLoss.logProb(Tensor input)",
      "def AdaptiveLogSoftmaxWithLoss.predict(Tensor input)",
    );
  }

  readonly inFeatures: number;
  readonly nClasses: number;
  /** The ends of all clusters: those given, and the number of classes. */
  readonly cutoffs: readonly number[];
  readonly divValue: number;
  readonly headBias: boolean;
  readonly shortlistSize: number;
  readonly nClusters: number;
  readonly headSize: number;
  head: Linear;
  tail: ModuleList<Sequential>;

  constructor(...args: AdaptiveArguments);
  constructor(options: NamedOptions<AdaptiveOptions, "inFeatures" | "nClasses" | "cutoffs">);
  constructor(...args: unknown[]) {
    super();
    const given = AdaptiveLogSoftmaxWithLoss[signature].complete<AdaptiveOptions>(args);
    const { inFeatures, nClasses, divValue, headBias, dtype, device } = given;
    const cutoffs = [...given.cutoffs];
    if (cutoffs.length === 0) throw new ArgumentError("min() arg is an empty sequence");
    const increase = cutoffs.every((cutoff, k) => Number.isInteger(cutoff) && cutoff > (k === 0 ? 0 : cutoffs[k - 1]));
    if (!increase || cutoffs[cutoffs.length - 1] > nClasses - 1) {
      throw new ArgumentError(
        "cutoffs should be a sequence of unique, positive integers sorted in an increasing order, where each value is between 1 and n_classes-1",
      );
    }
    this.inFeatures = inFeatures;
    this.nClasses = nClasses;
    this.cutoffs = [...cutoffs, nClasses];
    this.divValue = divValue;
    this.headBias = headBias;
    this.shortlistSize = cutoffs[0];
    this.nClusters = cutoffs.length;
    this.headSize = this.shortlistSize + this.nClusters;
    this.head = new Linear(inFeatures, this.headSize, { bias: headBias, dtype, device });
    this.tail = new ModuleList(
      cutoffs.map((cutoff, k) => {
        const width = Math.floor(inFeatures / divValue ** (k + 1));
        return new Sequential(
          new Linear(inFeatures, width, { bias: false, dtype, device }),
          new Linear(width, this.cutoffs[k + 1] - cutoff, { bias: false, dtype, device }),
        );
      }),
    );
  }

  /** Draws new values. */
  resetParameters(): void {
    this.head.resetParameters();
    for (const projection of this.tail) for (const part of projection) (part as Linear).resetParameters();
  }

  /** Input (N, inFeatures) with targets (N), or (inFeatures) with a target (). */
  override forward(input_: Tensor, target_: Tensor): ASMOutput {
    requireTarget(input_, target_);
    const single = target_.ndim === 0;
    const input = single ? input_.unsqueeze(0) : input_;
    const target = single ? target_.unsqueeze(0) : target_;
    const classes = target.tolist() as number[];
    let output = input.newZeros([classes.length]);
    const columns = target.clone();
    let used = 0;
    this.cutoffs.forEach((end, k) => {
      const start = k === 0 ? 0 : this.cutoffs[k - 1];
      const rows = classes.flatMap((own, row) => (own >= start && own < end ? [row] : []));
      used += rows.length;
      if (rows.length === 0 || k === 0) return;
      const index = target.newTensor(rows);
      const within = target.indexSelect(0, index).sub(start);
      const own = logSoftmax(this.tail.at(k - 1)(input.indexSelect(0, index)), 1);
      columns.indexFill_(0, index, this.shortlistSize + k - 1);
      output = output.indexCopy(0, index, own.gather(1, within.unsqueeze(1)).squeeze(1));
    });
    if (used !== classes.length) {
      throw new CressetError(
        `Target values should be in [0, ${this.nClasses - 1}], but values in range [${Math.min(...classes)}, ${Math.max(...classes)}] were found. `,
      );
    }
    const chosen = logSoftmax(this.head(input), 1).gather(1, columns.unsqueeze(1));
    const total = output.add(chosen.squeeze(1));
    const loss = total.neg().mean();
    return asmOutput(single ? total.squeeze(0) : total, loss);
  }

  /** The log probabilities of all classes, (N, nClasses), from `head`'s results. */
  private full(input: Tensor, fromHead: Tensor): Tensor {
    const { shortlistSize } = this;
    const head = logSoftmax(fromHead, 1);
    const clusters = [...this.tail].map((projection, k) =>
      logSoftmax(projection(input), 1).add(head.select(1, shortlistSize + k).unsqueeze(1)),
    );
    return cat([head.narrow(1, 0, shortlistSize), ...clusters], 1);
  }

  /** The log probabilities of all classes for (N, inFeatures): (N, nClasses). */
  logProb(input: Tensor): Tensor {
    return this.full(input, this.head(input));
  }

  /** The most probable class of each sample of (N, inFeatures): (N). Computes clusters only for samples that need them. */
  predict(input: Tensor): Tensor {
    const fromHead = this.head(input);
    const output = argmax(fromHead, 1);
    const rare = (output.tolist() as number[]).flatMap((own, row) => (own >= this.shortlistSize ? [row] : []));
    if (rare.length === 0) return output;
    const index = output.newTensor(rare);
    const full = this.full(input.indexSelect(0, index), fromHead.indexSelect(0, index));
    return output.indexCopy(0, index, argmax(full, 1));
  }
}

/** Throws for an input and a target that do not belong together. */
function requireTarget(input: Tensor, target: Tensor): void {
  if (target.ndim > 1) throw new ShapeError("0D or 1D target tensor expected, multi-target not supported");
  if (target.ndim === 1 && input.sizes[0] !== target.sizes[0]) {
    throw new ShapeError("Input and target should have the same size in the batch dimension.");
  }
  const dims = target.ndim + 1;
  if (input.ndim === dims) return;
  throw new ShapeError(
    `('${target.ndim}D target tensor expects ${dims}D input tensors, but found inputs with size', ${input.shape})`,
  );
}
