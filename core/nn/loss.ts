// Loss layers: each calls its function of torch.nn.functional with the settings that it was made with.

import { type Arguments, read } from "../arguments/arguments";
import type { Tensor } from "../tensor/tensor";
import { type CtcOptions, ctcLoss } from "./functional/ctc";
import { cosineSimilarity, pairwiseDistance } from "./functional/distance";
import * as F from "./functional/loss";
import * as C from "./functional/loss-class";
import * as M from "./functional/loss-margin";
import { type Reduction, type ReductionOptions, reductionOf } from "./functional/reduction";
import { snakeCase } from "../tensor/python-text";

import { stateKey } from "./members";
import { Module } from "./module";

const FLAGS = ["sizeAverage", "reduce", "reduction"] as const;
type Flags = [sizeAverage?: boolean | null, reduce?: boolean | null, reduction?: Reduction];

/** An instance of a row's class: takes tensors `A`. */
export interface LossModule<A extends Tensor[]> extends Module {
  forward(...inputs: A): Tensor;
}

/** The row of a loss. */
interface LossRow<A extends Tensor[], O extends object> {
  /** Settings in PyTorch's order. */
  order: readonly (keyof O & string)[];
  /** Settings and their defaults; null stands for a tensor, which becomes a buffer. */
  defaults: { readonly [name: string]: unknown };
  forward(inputs: A, settings: O & { readonly reduction: Reduction }): Tensor;
}

type LossClass<A extends Tensor[], P extends unknown[], O extends object> = new (
  ...args: Arguments<P, O>
) => LossModule<A> & Readonly<Required<Omit<O, "sizeAverage" | "reduce">>>;

/** The class that a row describes. */
function loss<A extends Tensor[], P extends unknown[], O extends object>(row: LossRow<A, O>): LossClass<A, P, O> {
  class Described extends Module {
    constructor(...args: Arguments<P, O>) {
      super();
      const given: ReductionOptions & { [name: string]: unknown } = read<O>(new.target.name, args, row.order);
      for (const [name, value] of Object.entries(row.defaults)) {
        const setting = name in given ? given[name] : value;
        if (value === null) this.registerBuffer(name, setting as Tensor | null);
        else Reflect.set(this, name, setting);
      }
      Reflect.set(this, "reduction", reductionOf(given));
    }

    override forward(this: O & { readonly reduction: Reduction }, ...inputs: A): Tensor {
      return row.forward(inputs, this);
    }

    override [stateKey](property: string): string {
      return snakeCase(property);
    }
  }
  const described: new (...args: Arguments<P, O>) => LossModule<A> = Described;
  return described as LossClass<A, P, O>;
}

type Pair = [input: Tensor, target: Tensor];

/** A loss whose only setting is its reduction. */
function plain(
  forward: (input: Tensor, target: Tensor, options: ReductionOptions) => Tensor,
): LossClass<Pair, Flags, ReductionOptions> {
  return loss<Pair, Flags, ReductionOptions>({
    order: FLAGS,
    defaults: {},
    forward: ([x, y], { reduction }) => forward(x, y, { reduction }),
  });
}

/** The mean of (input − target)². Option: `reduction`. Source: torch.nn.MSELoss. */
export class MSELoss extends plain(F.mseLoss) {}
/** The mean of |input − target|. Option: `reduction`. Source: torch.nn.L1Loss. */
export class L1Loss extends plain(F.l1Loss) {}
/** log(1 + exp(−target · input)), targets ±1. Option: `reduction`. Source: torch.nn.SoftMarginLoss. */
export class SoftMarginLoss extends plain(F.softMarginLoss) {}
/** Margins between target classes and others. Option: `reduction`. Source: torch.nn.MultiLabelMarginLoss. */
export class MultiLabelMarginLoss extends plain(M.multilabelMarginLoss) {}

/** Squares within `beta` (1) of the target, lines beyond. Option: `reduction`. Source: torch.nn.SmoothL1Loss. */
export class SmoothL1Loss extends loss<Pair, [...flags: Flags, beta?: number], F.SmoothL1Options>({
  order: [...FLAGS, "beta"],
  defaults: { beta: 1 },
  forward: ([x, y], { reduction, beta }) => F.smoothL1Loss(x, y, { reduction, beta }),
}) {}

/** Half squares within `delta` (1) of the target, lines beyond. Option: `reduction`. Source: torch.nn.HuberLoss. */
export class HuberLoss extends loss<Pair, [reduction?: Reduction, delta?: number], F.HuberOptions>({
  order: ["reduction", "delta"],
  defaults: { delta: 1 },
  forward: ([x, y], { reduction, delta }) => F.huberLoss(x, y, { reduction, delta }),
}) {}

/** Binary cross entropy of probabilities. Options: `weight`, `reduction`. Source: torch.nn.BCELoss. */
export class BCELoss extends loss<Pair, [weight?: Tensor | null, ...flags: Flags], F.BinaryOptions>({
  order: ["weight", ...FLAGS],
  defaults: { weight: null },
  forward: ([x, y], { reduction, weight }) => F.binaryCrossEntropy(x, y, { reduction, weight }),
}) {}

/** Binary cross entropy of logits. Options: `weight`, `reduction`, `posWeight`. Source: torch.nn.BCEWithLogitsLoss. */
export class BCEWithLogitsLoss extends loss<
  Pair,
  [weight?: Tensor | null, ...flags: Flags, posWeight?: Tensor | null],
  F.LogitsOptions
>({
  order: ["weight", ...FLAGS, "posWeight"],
  defaults: { weight: null, posWeight: null },
  forward: ([x, y], { reduction, weight, posWeight }) =>
    F.binaryCrossEntropyWithLogits(x, y, { reduction, weight, posWeight }),
}) {}

type NllArguments = [
  weight?: Tensor | null,
  sizeAverage?: boolean | null,
  ignoreIndex?: number,
  reduce?: boolean | null,
  reduction?: Reduction,
];

/** Minus the log-probability of the target class. Options: `weight`, `ignoreIndex` (−100), `reduction`. Source: torch.nn.NLLLoss. */
export class NLLLoss extends loss<Pair, NllArguments, C.NllOptions>({
  order: ["weight", "sizeAverage", "ignoreIndex", "reduce", "reduction"],
  defaults: { weight: null, ignoreIndex: -100 },
  forward: ([x, y], { reduction, weight, ignoreIndex }) => C.nllLoss(x, y, { reduction, weight, ignoreIndex }),
}) {}

/**
 * Cross entropy of logits against classes or probabilities. Options: `weight`, `ignoreIndex` (−100), `reduction`,
 * `labelSmoothing` (0). Source: torch.nn.CrossEntropyLoss.
 */
export class CrossEntropyLoss extends loss<
  Pair,
  [...nll: NllArguments, labelSmoothing?: number],
  C.CrossEntropyOptions
>({
  order: ["weight", "sizeAverage", "ignoreIndex", "reduce", "reduction", "labelSmoothing"],
  defaults: { weight: null, ignoreIndex: -100, labelSmoothing: 0 },
  forward: ([x, y], { reduction, weight, ignoreIndex, labelSmoothing }) =>
    C.crossEntropy(x, y, { reduction, weight, ignoreIndex, labelSmoothing }),
}) {}

/** target · (log target − input). Options: `reduction` (also "batchmean"), `logTarget`. Source: torch.nn.KLDivLoss. */
export class KLDivLoss extends Module {
  readonly reduction: Reduction | "batchmean";
  readonly logTarget: boolean;

  constructor(
    ...args: Arguments<
      [sizeAverage?: boolean | null, reduce?: boolean | null, reduction?: Reduction | "batchmean", logTarget?: boolean],
      F.KlOptions
    >
  ) {
    super();
    const { reduction, logTarget = false, ...flags } = read<F.KlOptions>("KLDivLoss", args, [...FLAGS, "logTarget"]);
    this.reduction = reduction === "batchmean" ? reduction : reductionOf({ ...flags, reduction });
    this.logTarget = logTarget;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}

/** The likelihood loss of a Poisson distribution. Options: `logInput`, `full`, `eps`, `reduction`. Source: torch.nn.PoissonNLLLoss. */
export class PoissonNLLLoss extends loss<
  Pair,
  [
    logInput?: boolean,
    full?: boolean,
    sizeAverage?: boolean | null,
    eps?: number,
    reduce?: boolean | null,
    reduction?: Reduction,
  ],
  F.PoissonOptions
>({
  order: ["logInput", "full", "sizeAverage", "eps", "reduce", "reduction"],
  defaults: { logInput: true, full: false, eps: 1e-8 },
  forward: ([x, y], { reduction, logInput, full, eps }) => F.poissonNllLoss(x, y, { reduction, logInput, full, eps }),
}) {}

/** The likelihood loss of normal distributions. Options: `full`, `eps`, `reduction`. Source: torch.nn.GaussianNLLLoss. */
export class GaussianNLLLoss extends loss<[input: Tensor, target: Tensor, variance: Tensor], [], F.GaussianOptions>({
  order: ["full", "eps", "reduction"],
  defaults: { full: false, eps: 1e-6 },
  forward: ([x, y, variance], { reduction, full, eps }) => F.gaussianNllLoss(x, y, variance, { reduction, full, eps }),
}) {}

type MarginArguments = [margin?: number, ...flags: Flags];

/** x for targets 1, max(0, margin − x) for −1. Options: `margin` (1), `reduction`. Source: torch.nn.HingeEmbeddingLoss. */
export class HingeEmbeddingLoss extends loss<Pair, MarginArguments, M.MarginOptions>({
  order: ["margin", ...FLAGS],
  defaults: { margin: 1 },
  forward: ([x, y], { reduction, margin }) => M.hingeEmbeddingLoss(x, y, { reduction, margin }),
}) {}

type Triple = [input1: Tensor, input2: Tensor, target: Tensor];

/** 1 − cos for targets 1, max(0, cos − margin) for −1. Options: `margin` (0), `reduction`. Source: torch.nn.CosineEmbeddingLoss. */
export class CosineEmbeddingLoss extends loss<Triple, MarginArguments, M.MarginOptions>({
  order: ["margin", ...FLAGS],
  defaults: { margin: 0 },
  forward: ([x1, x2, y], { reduction, margin }) => M.cosineEmbeddingLoss(x1, x2, y, { reduction, margin }),
}) {}

/** max(0, −target · (x1 − x2) + margin). Options: `margin` (0), `reduction`. Source: torch.nn.MarginRankingLoss. */
export class MarginRankingLoss extends loss<Triple, MarginArguments, M.MarginOptions>({
  order: ["margin", ...FLAGS],
  defaults: { margin: 0 },
  forward: ([x1, x2, y], { reduction, margin }) => M.marginRankingLoss(x1, x2, y, { reduction, margin }),
}) {}

/** max(0, |a − p| − |a − n| + margin). Options: `margin` (1), `p`, `eps`, `swap`, `reduction`. Source: torch.nn.TripletMarginLoss. */
export class TripletMarginLoss extends loss<
  [anchor: Tensor, positive: Tensor, negative: Tensor],
  [margin?: number, p?: number, eps?: number, swap?: boolean, ...flags: Flags],
  M.TripletOptions
>({
  order: ["margin", "p", "eps", "swap", ...FLAGS],
  defaults: { margin: 1, p: 2, eps: 1e-6, swap: false },
  forward: ([a, p, n], settings) =>
    M.tripletMarginLoss(a, p, n, {
      margin: settings.margin,
      p: settings.p,
      eps: settings.eps,
      swap: settings.swap,
      reduction: settings.reduction,
    }),
}) {}

/** `TripletMarginLoss` with any distance. Options: `distanceFunction`, `margin`, `swap`, `reduction`. Source: torch.nn.TripletMarginWithDistanceLoss. */
export class TripletMarginWithDistanceLoss extends Module {
  private readonly options: M.TripletDistanceOptions;

  constructor(options: M.TripletDistanceOptions = {}) {
    super();
    this.options = { ...options, reduction: reductionOf(options) };
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return M.tripletMarginWithDistanceLoss(anchor, positive, negative, this.options);
  }
}

/** Σ max(0, margin − x[y] + x[i])^p / C. Options: `p` (1), `margin` (1), `weight`, `reduction`. Source: torch.nn.MultiMarginLoss. */
export class MultiMarginLoss extends loss<
  Pair,
  [p?: number, margin?: number, weight?: Tensor | null, ...flags: Flags],
  M.MultiMarginOptions
>({
  order: ["p", "margin", "weight", ...FLAGS],
  defaults: { p: 1, margin: 1, weight: null },
  forward: ([x, y], { p, margin, weight, reduction }) => M.multiMarginLoss(x, y, { p, margin, weight, reduction }),
}) {}

/** Binary cross entropy of logits, averaged over classes. Options: `weight`, `reduction`. Source: torch.nn.MultiLabelSoftMarginLoss. */
export class MultiLabelSoftMarginLoss extends loss<
  Pair,
  [weight?: Tensor | null, ...flags: Flags],
  M.MultilabelSoftOptions
>({
  order: ["weight", ...FLAGS],
  defaults: { weight: null },
  forward: ([x, y], { weight, reduction }) => M.multilabelSoftMarginLoss(x, y, { weight, reduction }),
}) {}

type Two = [x1: Tensor, x2: Tensor];

/** The cosine between vectors along `dim` (1). Option: `eps` (1e-8). Source: torch.nn.CosineSimilarity. */
export class CosineSimilarity extends loss<Two, [dim?: number, eps?: number], { dim?: number; eps?: number }>({
  order: ["dim", "eps"],
  defaults: { dim: 1, eps: 1e-8 },
  forward: ([x1, x2], { dim, eps }) => cosineSimilarity(x1, x2, { dim, eps }),
}) {}

/** The p-norm of differences. Options: `p` (2), `eps` (1e-6), `keepdim`. Source: torch.nn.PairwiseDistance. */
export class PairwiseDistance extends loss<
  Two,
  [p?: number, eps?: number, keepdim?: boolean],
  { p?: number; eps?: number; keepdim?: boolean }
>({
  order: ["p", "eps", "keepdim"],
  defaults: { p: 2, eps: 1e-6, keepdim: false },
  forward: ([x1, x2], { p, eps, keepdim }) => pairwiseDistance(x1, x2, { p, eps, keepdim }),
}) {}

/** The loss of labellings over all their alignments. Options: `blank` (0), `reduction`, `zeroInfinity`. Source: torch.nn.CTCLoss. */
export class CTCLoss extends Module {
  readonly blank: number;
  readonly reduction: Reduction;
  readonly zeroInfinity: boolean;

  constructor(...args: Arguments<[blank?: number, reduction?: Reduction, zeroInfinity?: boolean], CtcOptions>) {
    super();
    const {
      blank = 0,
      reduction,
      zeroInfinity = false,
    } = read<CtcOptions>("CTCLoss", args, ["blank", "reduction", "zeroInfinity"]);
    this.blank = blank;
    this.reduction = reductionOf({ reduction });
    this.zeroInfinity = zeroInfinity;
  }

  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
  ): Tensor {
    const { blank, reduction, zeroInfinity } = this;
    return ctcLoss(logProbs, targets, inputLengths, targetLengths, { blank, reduction, zeroInfinity });
  }
}
