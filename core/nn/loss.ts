// Loss layers: each calls its function of torch.nn.functional with the settings that it was made with.

import type { Arguments } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import type { Tensor } from "../tensor/tensor";
import { type CtcOptions, ctcLoss } from "./functional/ctc";
import { cosineSimilarity, pairwiseDistance } from "./functional/distance";
import * as F from "./functional/loss";
import * as C from "./functional/loss-class";
import * as M from "./functional/loss-margin";
import { type Reduction, type ReductionOptions, reductionOf } from "./functional/reduction";
import { snakeCase } from "../tensor/python-text";

import { stateKey } from "./members";
import { InputModule } from "./layer";

const FLAGS = "bool? sizeAverage=None, bool? reduce=None, str reduction='mean'";
type Flags = [sizeAverage?: boolean | null, reduce?: boolean | null, reduction?: Reduction];

/** An instance of a row's class: takes tensors `A`, by name `N`. */
export interface LossModule<A extends Tensor[], N extends string> extends InputModule<{ [K in N]: Tensor }> {
  forward(...inputs: A): Tensor;
}

/** The row of a loss. */
interface LossRow<A extends Tensor[], O extends object, N extends string> {
  /** The constructor's parameters with their defaults, which are the settings; tensors among them become buffers. */
  takes: `def ${string}`;
  /** The names of the tensors that a call takes, in order. Default: input and target. */
  inputs?: readonly N[];
  forward(inputs: A, settings: O & { readonly reduction: Reduction }): Tensor;
}

type LossClass<A extends Tensor[], P extends unknown[], O extends object, N extends string> = new (
  ...args: Arguments<P, O>
) => LossModule<A, N> & Readonly<Required<Omit<O, "sizeAverage" | "reduce">>>;

/** The class that a row describes. */
function loss<A extends Tensor[], P extends unknown[], O extends object, N extends string = "input" | "target">(
  row: LossRow<A, O, N>,
): LossClass<A, P, O, N> {
  const takes = new Signature(row.takes);
  class Described extends InputModule<{ [K in N]: Tensor }> {
    /** @internal */
    static readonly [signature] = takes;

    constructor(...args: Arguments<P, O>) {
      super();
      const { sizeAverage, reduce, ...given } = takes.complete<ReductionOptions & { [name: string]: unknown }>(args);
      for (const { name, declared } of takes.parameters) {
        if (!(name in given)) continue;
        if (declared === "Tensor?") this.registerBuffer(name, given[name] as Tensor | null);
        else Reflect.set(this, name, given[name]);
      }
      if ("reduction" in given)
        Reflect.set(this, "reduction", reductionOf({ sizeAverage, reduce, reduction: given.reduction }));
    }

    override forward(this: O & { readonly reduction: Reduction }, ...inputs: A): Tensor {
      return row.forward(inputs, this);
    }

    override [stateKey](property: string): string {
      return snakeCase(property);
    }
  }
  const inputs: readonly string[] = row.inputs ?? ["input", "target"];
  readsMethods(Described, `def ${takes.name}.forward(${inputs.map((name) => `Tensor ${name}`).join(", ")})`);
  const described: new (...args: Arguments<P, O>) => LossModule<A, N> = Described;
  return described as LossClass<A, P, O, N>;
}

type Pair = [input: Tensor, target: Tensor];

/** A loss whose only setting is its reduction. */
function plain(
  name: string,
  forward: (input: Tensor, target: Tensor, options: ReductionOptions) => Tensor,
): LossClass<Pair, Flags, ReductionOptions, "input" | "target"> {
  return loss<Pair, Flags, ReductionOptions>({
    takes: `def ${name}(${FLAGS})`,
    forward: ([x, y], { reduction }) => forward(x, y, { reduction }),
  });
}

/** The mean of (input − target)². Option: `reduction`. Source: torch.nn.MSELoss. */
export class MSELoss extends plain("MSELoss", F.mseLoss) {}
/** The mean of |input − target|. Option: `reduction`. Source: torch.nn.L1Loss. */
export class L1Loss extends plain("L1Loss", F.l1Loss) {}
/** log(1 + exp(−target · input)), targets ±1. Option: `reduction`. Source: torch.nn.SoftMarginLoss. */
export class SoftMarginLoss extends plain("SoftMarginLoss", F.softMarginLoss) {}
/** Margins between target classes and others. Option: `reduction`. Source: torch.nn.MultiLabelMarginLoss. */
export class MultiLabelMarginLoss extends plain("MultiLabelMarginLoss", M.multilabelMarginLoss) {}

/** Squares within `beta` (1) of the target, lines beyond. Option: `reduction`. Source: torch.nn.SmoothL1Loss. */
export class SmoothL1Loss extends loss<Pair, [...flags: Flags, beta?: number], F.SmoothL1Options>({
  takes: `def SmoothL1Loss(${FLAGS}, float beta=1.0)`,
  forward: ([x, y], { reduction, beta }) => F.smoothL1Loss(x, y, { reduction, beta }),
}) {}

/** Half squares within `delta` (1) of the target, lines beyond. Option: `reduction`. Source: torch.nn.HuberLoss. */
export class HuberLoss extends loss<Pair, [reduction?: Reduction, delta?: number], F.HuberOptions>({
  takes: "def HuberLoss(str reduction='mean', float delta=1.0)",
  forward: ([x, y], { reduction, delta }) => F.huberLoss(x, y, { reduction, delta }),
}) {}

/** Binary cross entropy of probabilities. Options: `weight`, `reduction`. Source: torch.nn.BCELoss. */
export class BCELoss extends loss<Pair, [weight?: Tensor | null, ...flags: Flags], F.BinaryOptions>({
  takes: `def BCELoss(Tensor? weight=None, ${FLAGS})`,
  forward: ([x, y], { reduction, weight }) => F.binaryCrossEntropy(x, y, { reduction, weight }),
}) {}

/** Binary cross entropy of logits. Options: `weight`, `reduction`, `posWeight`. Source: torch.nn.BCEWithLogitsLoss. */
export class BCEWithLogitsLoss extends loss<
  Pair,
  [weight?: Tensor | null, ...flags: Flags, posWeight?: Tensor | null],
  F.LogitsOptions
>({
  takes: `def BCEWithLogitsLoss(Tensor? weight=None, ${FLAGS}, Tensor? posWeight=None)`,
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
  takes:
    "def NLLLoss(Tensor? weight=None, bool? sizeAverage=None, int ignoreIndex=-100, bool? reduce=None, str reduction='mean')",
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
  takes:
    "def CrossEntropyLoss(Tensor? weight=None, bool? sizeAverage=None, int ignoreIndex=-100, bool? reduce=None, str reduction='mean', float labelSmoothing=0.0)",
  forward: ([x, y], { reduction, weight, ignoreIndex, labelSmoothing }) =>
    C.crossEntropy(x, y, { reduction, weight, ignoreIndex, labelSmoothing }),
}) {}

/** target · (log target − input). Options: `reduction` (also "batchmean"), `logTarget`. Source: torch.nn.KLDivLoss. */
export class KLDivLoss extends InputModule<{ input: Tensor; target: Tensor }> {
  /** @internal */
  static readonly [signature] = new Signature(`def KLDivLoss(${FLAGS}, bool logTarget=False)`);
  static {
    readsMethods(KLDivLoss, "def KLDivLoss.forward(Tensor input, Tensor target)");
  }

  readonly reduction: Reduction | "batchmean";
  readonly logTarget: boolean;

  constructor(
    ...args: Arguments<
      [sizeAverage?: boolean | null, reduce?: boolean | null, reduction?: Reduction | "batchmean", logTarget?: boolean],
      F.KlOptions
    >
  ) {
    super();
    const { reduction, logTarget, ...flags } = KLDivLoss[signature].complete<F.KlOptions>(args);
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
  F.PoissonOptions,
  "logInput" | "target"
>({
  takes:
    "def PoissonNLLLoss(bool logInput=True, bool full=False, bool? sizeAverage=None, float eps=1e-08, bool? reduce=None, str reduction='mean')",
  inputs: ["logInput", "target"],
  forward: ([x, y], { reduction, logInput, full, eps }) => F.poissonNllLoss(x, y, { reduction, logInput, full, eps }),
}) {}

/** The likelihood loss of normal distributions. Options: `full`, `eps`, `reduction`. Source: torch.nn.GaussianNLLLoss. */
export class GaussianNLLLoss extends loss<
  [input: Tensor, target: Tensor, variance: Tensor],
  [],
  F.GaussianOptions,
  "input" | "target" | "var"
>({
  takes: "def GaussianNLLLoss(*, bool full=False, float eps=1e-06, str reduction='mean')",
  inputs: ["input", "target", "var"],
  forward: ([x, y, variance], { reduction, full, eps }) => F.gaussianNllLoss(x, y, variance, { reduction, full, eps }),
}) {}

type MarginArguments = [margin?: number, ...flags: Flags];

/** x for targets 1, max(0, margin − x) for −1. Options: `margin` (1), `reduction`. Source: torch.nn.HingeEmbeddingLoss. */
export class HingeEmbeddingLoss extends loss<Pair, MarginArguments, M.MarginOptions>({
  takes: `def HingeEmbeddingLoss(float margin=1.0, ${FLAGS})`,
  forward: ([x, y], { reduction, margin }) => M.hingeEmbeddingLoss(x, y, { reduction, margin }),
}) {}

type Triple = [input1: Tensor, input2: Tensor, target: Tensor];

/** 1 − cos for targets 1, max(0, cos − margin) for −1. Options: `margin` (0), `reduction`. Source: torch.nn.CosineEmbeddingLoss. */
export class CosineEmbeddingLoss extends loss<Triple, MarginArguments, M.MarginOptions, "input1" | "input2" | "target">(
  {
    takes: `def CosineEmbeddingLoss(float margin=0.0, ${FLAGS})`,
    inputs: ["input1", "input2", "target"],
    forward: ([x1, x2, y], { reduction, margin }) => M.cosineEmbeddingLoss(x1, x2, y, { reduction, margin }),
  },
) {}

/** max(0, −target · (x1 − x2) + margin). Options: `margin` (0), `reduction`. Source: torch.nn.MarginRankingLoss. */
export class MarginRankingLoss extends loss<Triple, MarginArguments, M.MarginOptions, "input1" | "input2" | "target">({
  takes: `def MarginRankingLoss(float margin=0.0, ${FLAGS})`,
  inputs: ["input1", "input2", "target"],
  forward: ([x1, x2, y], { reduction, margin }) => M.marginRankingLoss(x1, x2, y, { reduction, margin }),
}) {}

/** max(0, |a − p| − |a − n| + margin). Options: `margin` (1), `p`, `eps`, `swap`, `reduction`. Source: torch.nn.TripletMarginLoss. */
export class TripletMarginLoss extends loss<
  [anchor: Tensor, positive: Tensor, negative: Tensor],
  [margin?: number, p?: number, eps?: number, swap?: boolean, ...flags: Flags],
  M.TripletOptions,
  "anchor" | "positive" | "negative"
>({
  takes: `def TripletMarginLoss(float margin=1.0, float p=2.0, float eps=1e-06, bool swap=False, ${FLAGS})`,
  inputs: ["anchor", "positive", "negative"],
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
export class TripletMarginWithDistanceLoss extends InputModule<{
  anchor: Tensor;
  positive: Tensor;
  negative: Tensor;
}> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def TripletMarginWithDistanceLoss(*, function? distanceFunction=None, float margin=1.0, bool swap=False, str reduction='mean')",
  );
  static {
    readsMethods(
      TripletMarginWithDistanceLoss,
      "def TripletMarginWithDistanceLoss.forward(Tensor anchor, Tensor positive, Tensor negative)",
    );
  }

  private readonly options: M.TripletDistanceOptions;

  constructor(...args: Arguments<[], M.TripletDistanceOptions>) {
    super();
    const given = TripletMarginWithDistanceLoss[signature].complete<M.TripletDistanceOptions>(args);
    this.options = { ...given, reduction: reductionOf(given) };
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
  takes: `def MultiMarginLoss(int p=1, float margin=1.0, Tensor? weight=None, ${FLAGS})`,
  forward: ([x, y], { p, margin, weight, reduction }) => M.multiMarginLoss(x, y, { p, margin, weight, reduction }),
}) {}

/** Binary cross entropy of logits, averaged over classes. Options: `weight`, `reduction`. Source: torch.nn.MultiLabelSoftMarginLoss. */
export class MultiLabelSoftMarginLoss extends loss<
  Pair,
  [weight?: Tensor | null, ...flags: Flags],
  M.MultilabelSoftOptions
>({
  takes: `def MultiLabelSoftMarginLoss(Tensor? weight=None, ${FLAGS})`,
  forward: ([x, y], { weight, reduction }) => M.multilabelSoftMarginLoss(x, y, { weight, reduction }),
}) {}

type Two = [x1: Tensor, x2: Tensor];

/** The cosine between vectors along `dim` (1). Option: `eps` (1e-8). Source: torch.nn.CosineSimilarity. */
export class CosineSimilarity extends loss<
  Two,
  [dim?: number, eps?: number],
  { dim?: number; eps?: number },
  "x1" | "x2"
>({
  takes: "def CosineSimilarity(int dim=1, float eps=1e-08)",
  inputs: ["x1", "x2"],
  forward: ([x1, x2], { dim, eps }) => cosineSimilarity(x1, x2, { dim, eps }),
}) {}

/** The p-norm of differences. Options: `p` (2), `eps` (1e-6), `keepdim`. Source: torch.nn.PairwiseDistance. */
export class PairwiseDistance extends loss<
  Two,
  [p?: number, eps?: number, keepdim?: boolean],
  { p?: number; eps?: number; keepdim?: boolean },
  "x1" | "x2"
>({
  takes: "def PairwiseDistance(float p=2.0, float eps=1e-06, bool keepdim=False)",
  inputs: ["x1", "x2"],
  forward: ([x1, x2], { p, eps, keepdim }) => pairwiseDistance(x1, x2, { p, eps, keepdim }),
}) {}

/** A call of CTCLoss by name. */
interface CtcInputs {
  logProbs: Tensor;
  targets: Tensor;
  inputLengths: Tensor | readonly number[];
  targetLengths: Tensor | readonly number[];
}

/** The loss of labellings over all their alignments. Options: `blank` (0), `reduction`, `zeroInfinity`. Source: torch.nn.CTCLoss. */
export class CTCLoss extends InputModule<CtcInputs> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def CTCLoss(int blank=0, str reduction='mean', bool zeroInfinity=False)",
  );
  static {
    readsMethods(
      CTCLoss,
      "def CTCLoss.forward(Tensor logProbs, Tensor targets, Tensor|int[] inputLengths, Tensor|int[] targetLengths)",
    );
  }

  readonly blank: number;
  readonly reduction: Reduction;
  readonly zeroInfinity: boolean;

  constructor(...args: Arguments<[blank?: number, reduction?: Reduction, zeroInfinity?: boolean], CtcOptions>) {
    super();
    const { blank, reduction, zeroInfinity } = CTCLoss[signature].complete<CtcOptions>(args);
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
