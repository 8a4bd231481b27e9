// Lazy modules: layers that learn the number of their inputs from the first batch, and are plain layers from then on.

import type { Arguments } from "../arguments/arguments";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ArgumentError, CressetError, ShapeError } from "../errors";
import { zeros } from "../ops/create/create";
import { int64 } from "../tensor/dtype";
import { Tensor } from "../tensor/tensor";
import { warn } from "../warnings";
import { Conv1d, Conv2d, Conv3d, type ConvFromOutChannels } from "./conv";
import type { ConvLayerOptions, ConvNd } from "./conv-nd";
import {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeFromOutChannels,
  type ConvTransposeLayerOptions,
} from "./conv-transpose";
import { FACTORY, type Factory, type FactoryOptions } from "./factory";
import { addHook, hooksOf } from "./hooks";
import { Linear } from "./linear";
import type { Module } from "./module";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type NormOptions,
  type RunningNorm,
} from "./running-norm";
import { isUninitialized, UninitializedBuffer, UninitializedParameter } from "./uninitialized";

/** What lazy modules have besides what they become. */
interface Lazy {
  /** Whether sizes are still unknown. */
  hasUninitializedParams(): boolean;
  /** Takes sizes from an input and draws values; does nothing when that was done. Every first call does it. */
  initializeParameters(input: Tensor): void;
}

/** The constructor's arguments of an abstract class of modules. */
type AnyArguments = never[];

type LazyClass<M, P extends unknown[], O extends object> = new (...args: Arguments<P, O>) => M & Lazy;

function hasUninitialized(module: Module): boolean {
  return [...module.parameters(false), ...module.buffers(false)].some(isUninitialized);
}

/** Gives all tensors that wait for them the same sizes. */
function materializeAll(module: Module, sizes: readonly number[]): void {
  for (const tensor of [...module.parameters(false), ...module.buffers(false)]) {
    if (isUninitialized(tensor)) tensor.materialize(sizes);
  }
}

/** What a call of a module of one tensor begins with. */
type FirstArgument = [given?: Tensor | { readonly input?: unknown }];

/** The hook before the first forward: the module gets its sizes and becomes what `becomes` makes. */
function becoming(becomes: { readonly prototype: object }): (module: Module & Lazy, args: FirstArgument) => void {
  const hook = (module: Module & Lazy, [given]: FirstArgument): void => {
    const input = given instanceof Tensor ? given : given?.input;
    // Forward says what is wrong with other arguments.
    if (!(input instanceof Tensor)) return;
    module.initializeParameters(input);
    if (module.hasUninitializedParams()) {
      throw new CressetError(`module ${module.constructor.name} has not been fully initialized`);
    }
    const { before } = hooksOf(module);
    before.splice(before.indexOf(hook), 1);
    Object.setPrototypeOf(module, becomes.prototype);
  };
  return hook;
}

const WARNING =
  "Lazy modules are a new feature under heavy development so changes to the API or functionality can happen at any moment.";

type Hooked = ReturnType<typeof becoming>;

function begin(module: Module, hook: Hooked): void {
  warn(WARNING);
  addHook(hooksOf(module).before, hook);
}

interface LazyLinearOptions extends FactoryOptions {
  outFeatures?: number;
  bias?: boolean;
}

/** A Linear layer that takes `inFeatures` from its first input. Options: `bias` (true), `dtype`, `device`. Source: torch.nn.LazyLinear. */
export class LazyLinear extends Linear implements Lazy {
  /** @internal */
  static override readonly [signature] = new Signature(`def LazyLinear(int outFeatures, bool bias=True, ${FACTORY})`);

  constructor(...args: Arguments<[outFeatures: number, bias?: boolean, ...factory: Factory], LazyLinearOptions>) {
    const { outFeatures, bias, dtype, device } = LazyLinear[signature].complete<LazyLinearOptions>(args);
    super(0, 0, { bias: false, dtype, device });
    Object.assign(this, { outFeatures });
    this.weight = new UninitializedParameter({ dtype, device });
    if (bias) this.bias = new UninitializedParameter({ dtype, device });
    begin(this, linearHook);
  }

  override resetParameters(): void {
    if (this.inFeatures !== 0 && !hasUninitialized(this)) super.resetParameters();
  }

  hasUninitializedParams(): boolean {
    return hasUninitialized(this);
  }

  initializeParameters(input: Tensor): void {
    if (!hasUninitialized(this)) return;
    const inFeatures = input.sizes[input.ndim - 1];
    Object.assign(this, { inFeatures });
    (this.weight as UninitializedParameter).materialize([this.outFeatures, inFeatures]);
    materializeAll(this, [this.outFeatures]);
    this.resetParameters();
  }
}

const linearHook = becoming(Linear);

/** A lazy class for a class of convolutions. `takes` has the parameters behind the number of input channels. */
function lazyConv<M extends ConvNd, P extends unknown[], O extends ConvLayerOptions>(
  base: new (options: never) => M,
  name: string,
  takes: string,
  transposed: boolean,
): LazyClass<M, P, O> {
  const own = new Signature(`def ${name}(int outChannels, ${takes}, ${FACTORY})`);
  const hook = becoming(base);
  const Base = base as unknown as new (options: object) => ConvNd & { forward(...args: AnyArguments): Tensor };
  class LazyConv extends Base implements Lazy {
    /** @internal */
    static readonly [signature] = own;

    constructor(...args: unknown[]) {
      const given = own.complete<ConvLayerOptions>(args);
      const { outChannels, bias, dtype, device } = given;
      super({ ...given, inChannels: 0, outChannels: 0, bias: false });
      Object.assign(this, { outChannels });
      this.weight = new UninitializedParameter({ dtype, device });
      if (bias) this.bias = new UninitializedParameter({ dtype, device });
      begin(this, hook);
    }

    override resetParameters(): void {
      if (this.inChannels !== 0 && !hasUninitialized(this)) super.resetParameters();
    }

    hasUninitializedParams(): boolean {
      return hasUninitialized(this);
    }

    initializeParameters(input: Tensor): void {
      if (!hasUninitialized(this)) return;
      const { outChannels, groups, kernelSize } = this;
      const batched = kernelSize.length + 2;
      if (input.ndim !== batched && input.ndim !== batched - 1) {
        throw new ShapeError(
          `Expected ${batched - 1}D (unbatched) or ${batched}D (batched) input to ${this.constructor.name}, but got input of size: ${input.shape}`,
        );
      }
      const inChannels = input.sizes[input.ndim === batched ? 1 : 0];
      if (inChannels % groups !== 0) throw new ArgumentError("in_channels must be divisible by groups");
      Object.assign(this, { inChannels });
      const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
      (this.weight as UninitializedParameter).materialize([...channels, ...kernelSize]);
      materializeAll(this, [outChannels]);
      this.resetParameters();
    }
  }
  return LazyConv as unknown as LazyClass<M, P, O>;
}

const CONV =
  "int|int[] kernelSize, int|int[] stride=1, int|int[]|str padding=0, int|int[] dilation=1, int groups=1, bool bias=True, str paddingMode='zeros'";
const TRANSPOSE =
  "int|int[] kernelSize, int|int[] stride=1, int|int[] padding=0, int|int[] outputPadding=0, int groups=1, bool bias=True, int|int[] dilation=1, str paddingMode='zeros'";

type ConvOptions = Omit<ConvLayerOptions, "inChannels">;
type TransposeOptions = Omit<ConvTransposeLayerOptions, "inChannels">;

/** A Conv1d that takes `inChannels` from its first input. Options: see ConvLayerOptions. Source: torch.nn.LazyConv1d. */
export class LazyConv1d extends lazyConv<Conv1d, ConvFromOutChannels, ConvOptions>(Conv1d, "LazyConv1d", CONV, false) {}
/** A Conv2d that takes `inChannels` from its first input. Options: see ConvLayerOptions. Source: torch.nn.LazyConv2d. */
export class LazyConv2d extends lazyConv<Conv2d, ConvFromOutChannels, ConvOptions>(Conv2d, "LazyConv2d", CONV, false) {}
/** A Conv3d that takes `inChannels` from its first input. Options: see ConvLayerOptions. Source: torch.nn.LazyConv3d. */
export class LazyConv3d extends lazyConv<Conv3d, ConvFromOutChannels, ConvOptions>(Conv3d, "LazyConv3d", CONV, false) {}

/** A ConvTranspose1d that takes `inChannels` from its first input. Options: see ConvTransposeLayerOptions. Source: torch.nn.LazyConvTranspose1d. */
export class LazyConvTranspose1d extends lazyConv<ConvTranspose1d, ConvTransposeFromOutChannels, TransposeOptions>(
  ConvTranspose1d,
  "LazyConvTranspose1d",
  TRANSPOSE,
  true,
) {}
/** A ConvTranspose2d that takes `inChannels` from its first input. Options: see ConvTransposeLayerOptions. Source: torch.nn.LazyConvTranspose2d. */
export class LazyConvTranspose2d extends lazyConv<ConvTranspose2d, ConvTransposeFromOutChannels, TransposeOptions>(
  ConvTranspose2d,
  "LazyConvTranspose2d",
  TRANSPOSE,
  true,
) {}
/** A ConvTranspose3d that takes `inChannels` from its first input. Options: see ConvTransposeLayerOptions. Source: torch.nn.LazyConvTranspose3d. */
export class LazyConvTranspose3d extends lazyConv<ConvTranspose3d, ConvTransposeFromOutChannels, TransposeOptions>(
  ConvTranspose3d,
  "LazyConvTranspose3d",
  TRANSPOSE,
  true,
) {}

type LazyNormArguments = [
  eps?: number,
  momentum?: number | null,
  affine?: boolean,
  trackRunningStats?: boolean,
  ...factory: Factory,
];

type LazyNormOptions = Omit<NormOptions, "numFeatures">;

/** A lazy class for a class of normalisations with statistics, of `dims` spatial dimensions. */
function lazyNorm<M extends RunningNorm>(
  base: new (...args: never[]) => M,
  name: string,
): LazyClass<M, LazyNormArguments, LazyNormOptions> {
  const flags = "bool affine=True, bool trackRunningStats=True";
  const own = new Signature(`def ${name}(float eps=1e-05, float? momentum=0.1, ${flags}, ${FACTORY})`);
  const hook = becoming(base);
  const Base = base as unknown as new (options: object) => RunningNorm & { forward(input: Tensor): Tensor };
  class LazyNorm extends Base implements Lazy {
    /** @internal */
    static readonly [signature] = own;

    constructor(...args: unknown[]) {
      const given = own.complete<NormOptions>(args);
      const { affine, trackRunningStats, dtype, device } = given;
      super({ ...given, numFeatures: 0, affine: false, trackRunningStats: false });
      Object.assign(this, { affine, trackRunningStats });
      if (affine) {
        this.weight = new UninitializedParameter({ dtype, device });
        this.bias = new UninitializedParameter({ dtype, device });
      }
      if (trackRunningStats) {
        this.registerBuffer("runningMean", new UninitializedBuffer({ dtype, device }));
        this.registerBuffer("runningVar", new UninitializedBuffer({ dtype, device }));
        this.registerBuffer("numBatchesTracked", zeros([], { dtype: int64, device }));
      }
      begin(this, hook);
    }

    override resetParameters(): void {
      if (this.numFeatures !== 0 && !hasUninitialized(this)) super.resetParameters();
    }

    hasUninitializedParams(): boolean {
      return hasUninitialized(this);
    }

    initializeParameters(input: Tensor): void {
      this.requireDims(input);
      if (!hasUninitialized(this)) return;
      const numFeatures = input.sizes[1];
      Object.assign(this, { numFeatures });
      materializeAll(this, [numFeatures]);
      this.resetParameters();
    }
  }
  return LazyNorm as unknown as LazyClass<M, LazyNormArguments, LazyNormOptions>;
}

/** A BatchNorm1d that takes `numFeatures` from its first input. Options: see NormOptions. Source: torch.nn.LazyBatchNorm1d. */
export class LazyBatchNorm1d extends lazyNorm(BatchNorm1d, "LazyBatchNorm1d") {}
/** A BatchNorm2d that takes `numFeatures` from its first input. Options: see NormOptions. Source: torch.nn.LazyBatchNorm2d. */
export class LazyBatchNorm2d extends lazyNorm(BatchNorm2d, "LazyBatchNorm2d") {}
/** A BatchNorm3d that takes `numFeatures` from its first input. Options: see NormOptions. Source: torch.nn.LazyBatchNorm3d. */
export class LazyBatchNorm3d extends lazyNorm(BatchNorm3d, "LazyBatchNorm3d") {}
/** An InstanceNorm1d that takes `numFeatures` from its first input. Options: see NormOptions; `affine` and `trackRunningStats` true. Source: torch.nn.LazyInstanceNorm1d. */
export class LazyInstanceNorm1d extends lazyNorm(InstanceNorm1d, "LazyInstanceNorm1d") {}
/** An InstanceNorm2d that takes `numFeatures` from its first input. Options: see NormOptions; `affine` and `trackRunningStats` true. Source: torch.nn.LazyInstanceNorm2d. */
export class LazyInstanceNorm2d extends lazyNorm(InstanceNorm2d, "LazyInstanceNorm2d") {}
/** An InstanceNorm3d that takes `numFeatures` from its first input. Options: see NormOptions; `affine` and `trackRunningStats` true. Source: torch.nn.LazyInstanceNorm3d. */
export class LazyInstanceNorm3d extends lazyNorm(InstanceNorm3d, "LazyInstanceNorm3d") {}
