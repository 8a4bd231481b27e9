// Batch and instance normalisation: layers with running statistics.

import { ArgumentError, ShapeError } from "../errors";
import type { Arguments } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ones, zeros } from "../ops/create/create";
import { int64 } from "../tensor/dtype";
import { Parameter, type Tensor } from "../tensor/tensor";
import { FACTORY, type Factory, type FactoryOptions } from "./factory";
import { batchNorm, instanceNorm } from "./functional/norm";
import { snakeCase } from "../tensor/python-text";
import { settingsText, TensorModule } from "./layer";
import { mayLack, stateKey } from "./members";
import type { Module } from "./module";

/** What batch and instance normalisation take by name. */
export interface NormOptions extends FactoryOptions {
  numFeatures?: number;
  /** Added to variances. Default 1e-5. */
  eps?: number;
  /** How far running statistics follow a batch; null averages all batches. Default 0.1. */
  momentum?: number | null;
  /** Whether there are weight and bias. */
  affine?: boolean;
  /** Whether running statistics are kept. */
  trackRunningStats?: boolean;
}

type NormArguments = Arguments<
  [
    numFeatures: number,
    eps?: number,
    momentum?: number | null,
    affine?: boolean,
    trackRunningStats?: boolean,
    ...factory: Factory,
  ],
  NormOptions
>;

/** What the class of a name takes; `kept` is the default of `affine` and `trackRunningStats`. */
function takes(name: string, kept: "True" | "False"): Signature {
  const flags = `bool affine=${kept}, bool trackRunningStats=${kept}`;
  return new Signature(`def ${name}(int numFeatures, float eps=1e-05, float? momentum=0.1, ${flags}, ${FACTORY})`);
}

/** What batch and instance normalisation share: affine parameters and running statistics. */
export abstract class RunningNorm extends TensorModule {
  readonly numFeatures: number;
  readonly eps: number;
  momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  declare numBatchesTracked: Tensor | null;

  constructor(own: Signature, args: NormArguments) {
    super();
    const { numFeatures, eps, momentum, affine, trackRunningStats, dtype, device } = own.complete<NormOptions>(args);
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    this.registerParameter("weight", affine ? new Parameter(ones([numFeatures], { dtype, device })) : null);
    this.registerParameter("bias", affine ? new Parameter(zeros([numFeatures], { dtype, device })) : null);
    this.registerBuffer("runningMean", trackRunningStats ? zeros([numFeatures], { dtype, device }) : null);
    this.registerBuffer("runningVar", trackRunningStats ? ones([numFeatures], { dtype, device }) : null);
    this.registerBuffer("numBatchesTracked", trackRunningStats ? zeros([], { dtype: int64, device }) : null);
  }

  /** Forgets running statistics. */
  resetRunningStats(): void {
    this.runningMean?.zero_();
    this.runningVar?.fill_(1);
    this.numBatchesTracked?.zero_();
  }

  /** Forgets running statistics, and sets weight and bias to 1 and 0. */
  resetParameters(): void {
    this.resetRunningStats();
    this.weight?.data.fill_(1);
    this.bias?.data.zero_();
  }

  /** Throws ShapeError for an input of another number of dimensions than the layer takes. */
  protected requireDims(_input: Tensor): void {}

  /** @internal Whether running statistics are kept of whole batches. */
  get tracksBatches(): boolean {
    return false;
  }

  /** @internal Forgets the statistics and averages all batches from now on; returns what puts the momentum back. */
  averageAll(): () => void {
    const { momentum } = this;
    this.resetRunningStats();
    this.momentum = null;
    return () => {
      this.momentum = momentum;
    };
  }

  /** Counts a batch and says how far running statistics follow it. */
  protected countBatch(): number {
    if (!this.training || this.numBatchesTracked === null) return this.momentum ?? 0;
    this.numBatchesTracked.add_(1);
    return this.momentum ?? 1 / this.numBatchesTracked.item();
  }

  override [mayLack](key: string): boolean {
    return key === "num_batches_tracked";
  }

  override [stateKey](property: string): string {
    return STATISTICS.has(property) ? snakeCase(property) : property;
  }

  override extraRepr(): string {
    return settingsText([
      ["numFeatures", this.numFeatures, { positional: true }],
      ["eps", this.eps],
      ["momentum", this.momentum],
      ["affine", this.affine],
      ["trackRunningStats", this.trackRunningStats],
    ]);
  }
}

const STATISTICS: ReadonlySet<string> = new Set(["runningMean", "runningVar", "numBatchesTracked"]);

/** Throws ShapeError unless the input has one of the numbers of dimensions. */
function requireDims(input: Tensor, accepted: readonly number[]): void {
  if (accepted.includes(input.ndim)) return;
  throw new ShapeError(`expected ${accepted.map((n) => `${n}D`).join(" or ")} input (got ${input.ndim}D input)`);
}

/** Normalises every channel over the batch; running statistics serve evaluation. */
abstract class BatchNorm extends RunningNorm {
  /** @internal */
  static readonly [signature] = takes("_BatchNorm", "True");
  static {
    readsMethods(BatchNorm, "def _BatchNorm.forward(Tensor input)");
  }

  /** Numbers of dimensions that inputs may have. */
  protected abstract readonly inputDims: readonly number[];

  constructor(args: NormArguments) {
    super(BatchNorm[signature], args);
  }

  override get tracksBatches(): boolean {
    return this.runningMean !== null;
  }

  override forward(input: Tensor): Tensor {
    this.requireDims(input);
    return this.normalise(input);
  }

  protected override requireDims(input: Tensor): void {
    requireDims(input, this.inputDims);
  }

  /** @internal Normalises an input whose dimensions were checked. */
  protected normalise(input: Tensor): Tensor {
    const momentum = this.countBatch();
    const { runningMean, runningVar, weight, bias, eps } = this;
    const training = this.training || runningMean === null;
    const tracked = !this.training || this.trackRunningStats;
    return batchNorm(
      input,
      tracked ? runningMean : null,
      tracked ? runningVar : null,
      weight,
      bias,
      training,
      momentum,
      eps,
    );
  }
}

/** Batch normalisation of (N, C) or (N, C, L). Options: see NormOptions. Source: torch.nn.BatchNorm1d. */
export class BatchNorm1d extends BatchNorm {
  protected override get inputDims(): readonly number[] {
    return [2, 3];
  }

  constructor(...args: NormArguments) {
    super(args);
  }
}
/** Batch normalisation of (N, C, H, W). Options: see NormOptions. Source: torch.nn.BatchNorm2d. */
export class BatchNorm2d extends BatchNorm {
  protected override get inputDims(): readonly number[] {
    return [4];
  }

  constructor(...args: NormArguments) {
    super(args);
  }
}
/** Batch normalisation of (N, C, D, H, W). Options: see NormOptions. Source: torch.nn.BatchNorm3d. */
export class BatchNorm3d extends BatchNorm {
  protected override get inputDims(): readonly number[] {
    return [5];
  }

  constructor(...args: NormArguments) {
    super(args);
  }
}

interface SyncOptions extends NormOptions {
  processGroup?: unknown;
}

/**
 * Batch normalisation of (N, C, …) on a CUDA device over the batches of all processes, of which there is one. Options: see
 * NormOptions; `processGroup` is accepted. Throws ArgumentError for an input that is not on a CUDA device. Source:
 * torch.nn.SyncBatchNorm.
 */
export class SyncBatchNorm extends BatchNorm {
  /** @internal */
  static override readonly [signature] = new Signature(
    `def SyncBatchNorm(int numFeatures, float eps=1e-05, float? momentum=0.1, bool affine=True, bool trackRunningStats=True, value processGroup=None, ${FACTORY})`,
  );
  static {
    readsMethods(SyncBatchNorm, "def SyncBatchNorm.forward(Tensor input)");
  }

  protected override readonly inputDims: readonly number[] = [];

  constructor(
    ...args: Arguments<
      [
        numFeatures: number,
        eps?: number,
        momentum?: number | null,
        affine?: boolean,
        trackRunningStats?: boolean,
        processGroup?: unknown,
        ...factory: Factory,
      ],
      SyncOptions
    >
  ) {
    const { processGroup: _, ...given } = SyncBatchNorm[signature].complete<SyncOptions>(args);
    super([given as NormOptions] as unknown as NormArguments);
  }

  override forward(input: Tensor): Tensor {
    if (!input.isCuda) throw new ArgumentError("SyncBatchNorm expected input tensor to be on GPU");
    if (input.ndim < 2) throw new ShapeError(`expected at least 2D input (got ${input.ndim}D input)`);
    return this.normalise(input);
  }

  /**
   * The module with SyncBatchNorm layers, of the same parameters and statistics, in place of all BatchNorm layers. Source:
   * torch.nn.SyncBatchNorm.convert_sync_batchnorm.
   */
  static convertSyncBatchnorm(module: Module, processGroup: unknown = null): Module {
    let out = module;
    if (module instanceof BatchNorm && !(module instanceof SyncBatchNorm)) {
      const { numFeatures, eps, momentum, affine, trackRunningStats } = module;
      const made = new SyncBatchNorm(numFeatures, { eps, momentum, affine, trackRunningStats, processGroup });
      made.weight = module.weight;
      made.bias = module.bias;
      made.runningMean = module.runningMean;
      made.runningVar = module.runningVar;
      made.numBatchesTracked = module.numBatchesTracked;
      made.training = module.training;
      out = made;
    }
    for (const [name, child] of module.namedChildren()) {
      out.addModule(name, SyncBatchNorm.convertSyncBatchnorm(child, processGroup));
    }
    return out;
  }
}

/** Normalises every channel of every sample. */
abstract class InstanceNorm extends RunningNorm {
  /** @internal */
  static readonly [signature] = takes("_InstanceNorm", "False");
  static {
    readsMethods(InstanceNorm, "def _InstanceNorm.forward(Tensor input)");
  }

  constructor(
    private readonly dims: number,
    args: NormArguments,
  ) {
    super(InstanceNorm[signature], args);
  }

  override forward(input: Tensor): Tensor {
    const { dims, runningMean, runningVar, weight, bias, eps } = this;
    this.requireDims(input);
    const batch = input.ndim === dims + 1 ? input.unsqueeze(0) : input;
    const useInput = this.training || !this.trackRunningStats;
    const out = instanceNorm(batch, runningMean, runningVar, weight, bias, useInput, this.momentum ?? 0, eps);
    return batch === input ? out : out.squeeze(0);
  }

  protected override requireDims(input: Tensor): void {
    requireDims(input, [this.dims + 1, this.dims + 2]);
  }
}

/** Instance normalisation of (N, C, L) or (C, L). Options: see NormOptions; `affine` and `trackRunningStats` false. Source: torch.nn.InstanceNorm1d. */
export class InstanceNorm1d extends InstanceNorm {
  constructor(...args: NormArguments) {
    super(1, args);
  }
}
/** Instance normalisation of (N, C, H, W) or (C, H, W). Source: torch.nn.InstanceNorm2d. */
export class InstanceNorm2d extends InstanceNorm {
  constructor(...args: NormArguments) {
    super(2, args);
  }
}
/** Instance normalisation of (N, C, D, H, W) or (C, D, H, W). Source: torch.nn.InstanceNorm3d. */
export class InstanceNorm3d extends InstanceNorm {
  constructor(...args: NormArguments) {
    super(3, args);
  }
}
