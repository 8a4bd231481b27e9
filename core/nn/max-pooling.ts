// Maxima of windows, with or without their positions, and their inverse.

import type { Arguments } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ArgumentError } from "../errors";
import * as pool from "../ops/window/pool";
import * as adaptive from "../ops/window/pool-adaptive";
import * as fractional from "../ops/window/pool-fractional";
import { type Spatial, spread } from "../ops/window/spatial";
import * as unpool from "../ops/window/unpool";
import { type PythonValue, pythonText } from "../tensor/python-text";
import type { Tensor } from "../tensor/tensor";
import { InputModule, settingsText } from "./layer";
import { stateKey } from "./members";

/** What maximum pooling takes by name; `I` tells whether positions come back too. */
export interface MaxPoolOptions<I extends boolean> {
  kernelSize?: Spatial;
  /** Default the kernel's size. */
  stride?: Spatial | null;
  padding?: Spatial;
  dilation?: Spatial;
  /** Whether `[maxima, positions]` is given. Default false. */
  returnIndices?: I;
  ceilMode?: boolean;
}

type MaxPoolArguments<I extends boolean> = Arguments<
  [
    kernelSize: Spatial,
    stride?: Spatial | null,
    padding?: Spatial,
    dilation?: Spatial,
    returnIndices?: I,
    ceilMode?: boolean,
  ],
  MaxPoolOptions<I>
>;

/** Maxima, and with `I` their flat positions in the plane. */
type Pooled<I extends boolean> = I extends true ? [values: Tensor, indices: Tensor] : Tensor;

/** Parameters of all windows, in order. */
const WINDOW = "int|int[] kernelSize, int|int[]? stride=None, int|int[] padding=0";

abstract class MaxPool<I extends boolean> extends InputModule<{ input: Tensor }> {
  /** @internal */
  static readonly [signature] = new Signature(
    `def _MaxPoolNd(${WINDOW}, int|int[] dilation=1, bool returnIndices=False, bool ceilMode=False)`,
  );
  static {
    readsMethods(MaxPool, "def MaxPool.forward(Tensor input)");
  }

  readonly kernelSize: Spatial;
  readonly stride: Spatial;
  readonly padding: Spatial;
  readonly dilation: Spatial;
  readonly returnIndices: boolean;
  readonly ceilMode: boolean;
  protected abstract readonly run: pool.MaxPool;

  constructor(...args: MaxPoolArguments<I>) {
    super();
    const given = MaxPool[signature].complete<MaxPoolOptions<boolean>>(args);
    const { kernelSize, padding, dilation, ceilMode, returnIndices } = given;
    this.kernelSize = kernelSize;
    this.stride = given.stride ?? kernelSize;
    this.padding = padding;
    this.dilation = dilation;
    this.returnIndices = returnIndices;
    this.ceilMode = ceilMode;
  }

  override forward(input: Tensor): Pooled<I> {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    const settings = { stride, padding, dilation, ceilMode };
    const found: Tensor | [Tensor, Tensor] = this.returnIndices
      ? this.run(input, kernelSize, { ...settings, returnIndices: true })
      : this.run(input, kernelSize, settings);
    return found as Pooled<I>;
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return settingsText(Object.entries({ kernelSize, stride, padding, dilation, ceilMode }));
  }
}

/** Maxima of windows of (N, C, L). Options: see MaxPoolOptions. Source: torch.nn.MaxPool1d. */
export class MaxPool1d<I extends boolean = false> extends MaxPool<I> {
  protected override get run(): pool.MaxPool {
    return pool.maxPool1d;
  }
}

/** Maxima of windows of (N, C, H, W). Options: see MaxPoolOptions. Source: torch.nn.MaxPool2d. */
export class MaxPool2d<I extends boolean = false> extends MaxPool<I> {
  protected override get run(): pool.MaxPool {
    return pool.maxPool2d;
  }
}

/** Maxima of windows of (N, C, D, H, W). Options: see MaxPoolOptions. Source: torch.nn.MaxPool3d. */
export class MaxPool3d<I extends boolean = false> extends MaxPool<I> {
  protected override get run(): pool.MaxPool {
    return pool.maxPool3d;
  }
}

/** What adaptive maximum pooling takes by name. */
export interface AdaptiveMaxOptions<I extends boolean> {
  outputSize?: adaptive.OutputSize;
  /** Whether `[maxima, positions]` is given. Default false. */
  returnIndices?: I;
}

type AdaptiveMaxArguments<I extends boolean> = Arguments<
  [outputSize: adaptive.OutputSize, returnIndices?: I],
  AdaptiveMaxOptions<I>
>;

abstract class AdaptiveMaxPool<I extends boolean> extends InputModule<{ input: Tensor }> {
  /** @internal */
  static readonly [signature] = new Signature(
    "def _AdaptiveMaxPoolNd(int|int?[]? outputSize, bool returnIndices=False)",
  );
  static {
    readsMethods(AdaptiveMaxPool, "def AdaptiveMaxPool.forward(Tensor input)");
  }

  readonly outputSize: adaptive.OutputSize;
  readonly returnIndices: boolean;
  protected abstract readonly run: adaptive.AdaptiveMaxPool;

  constructor(...args: AdaptiveMaxArguments<I>) {
    super();
    const given = AdaptiveMaxPool[signature].complete<AdaptiveMaxOptions<boolean>>(args);
    this.outputSize = given.outputSize;
    this.returnIndices = given.returnIndices;
  }

  override forward(input: Tensor): Pooled<I> {
    const found: Tensor | [Tensor, Tensor] = this.returnIndices
      ? this.run(input, this.outputSize, true)
      : this.run(input, this.outputSize);
    return found as Pooled<I>;
  }

  override extraRepr(): string {
    return settingsText([["outputSize", this.outputSize]]);
  }
}

/** Maxima of as many windows as the result has places, (N, C, L). Options: `returnIndices` (false). Source: torch.nn.AdaptiveMaxPool1d. */
export class AdaptiveMaxPool1d<I extends boolean = false> extends AdaptiveMaxPool<I> {
  protected override get run(): adaptive.AdaptiveMaxPool {
    return adaptive.adaptiveMaxPool1d;
  }
}

/** Maxima of as many windows as the result has places, (N, C, H, W). Options: `returnIndices` (false). Source: torch.nn.AdaptiveMaxPool2d. */
export class AdaptiveMaxPool2d<I extends boolean = false> extends AdaptiveMaxPool<I> {
  protected override get run(): adaptive.AdaptiveMaxPool {
    return adaptive.adaptiveMaxPool2d;
  }
}

/** Maxima of as many windows as the result has places, (N, C, D, H, W). Options: `returnIndices` (false). Source: torch.nn.AdaptiveMaxPool3d. */
export class AdaptiveMaxPool3d<I extends boolean = false> extends AdaptiveMaxPool<I> {
  protected override get run(): adaptive.AdaptiveMaxPool {
    return adaptive.adaptiveMaxPool3d;
  }
}

/** What fractional maximum pooling takes by name. */
export interface FractionalMaxOptions<I extends boolean> {
  kernelSize?: Spatial;
  outputSize?: Spatial | null;
  /** Shares of the input's sizes, between 0 and 1. */
  outputRatio?: Spatial | null;
  /** Whether `[maxima, positions]` is given. Default false. */
  returnIndices?: I;
  /** Random numbers in [0, 1), (N, C, dimensions), for windows that stay where they are. */
  _randomSamples?: Tensor | null;
}

type FractionalMaxArguments<I extends boolean> = Arguments<
  [
    kernelSize: Spatial,
    outputSize?: Spatial | null,
    outputRatio?: Spatial | null,
    returnIndices?: I,
    _randomSamples?: Tensor | null,
  ],
  FractionalMaxOptions<I>
>;

/** What the class of a name takes. */
function pools(name: string): Signature {
  const sizes = "int|int[] kernelSize, int|int[]? outputSize=None, float|float[]? outputRatio=None";
  return new Signature(`def ${name}(${sizes}, bool returnIndices=False, Tensor? _randomSamples=None)`);
}

abstract class FractionalMaxPool<I extends boolean> extends InputModule<{ input: Tensor }> {
  static {
    readsMethods(FractionalMaxPool, "def FractionalMaxPool.forward(Tensor input)");
  }

  readonly kernelSize: readonly number[];
  readonly outputSize: readonly number[] | null;
  readonly outputRatio: readonly number[] | null;
  readonly returnIndices: boolean;
  declare _randomSamples: Tensor | null;

  constructor(
    own: Signature,
    dims: number,
    private readonly run: fractional.FractionalMaxPool,
    args: readonly unknown[],
  ) {
    super();
    const { name } = own;
    const given = own.complete<FractionalMaxOptions<boolean>>(args);
    const { outputSize, outputRatio } = given;
    const each = (value: Spatial): readonly number[] =>
      typeof value === "number" ? new Array<number>(dims).fill(value) : value;
    this.kernelSize = each(given.kernelSize);
    this.returnIndices = given.returnIndices;
    this.registerBuffer("_randomSamples", given._randomSamples);
    this.outputSize = outputSize === null ? null : each(outputSize);
    this.outputRatio = outputRatio === null ? null : each(outputRatio);
    if (outputSize === null && outputRatio === null) {
      throw new ArgumentError(`${name} requires specifying either an output size, or a pooling ratio`);
    }
    if (outputSize !== null && outputRatio !== null) {
      throw new ArgumentError("only one of output_size and output_ratio may be specified");
    }
    if (this.outputRatio?.some((ratio) => !(ratio > 0 && ratio < 1))) {
      throw new ArgumentError(`output_ratio must be between 0 and 1 (got ${pythonText(outputRatio as PythonValue)})`);
    }
  }

  /** @internal */
  override [stateKey](property: string): string {
    return property === "_randomSamples" ? "_random_samples" : property;
  }

  override forward(input: Tensor): Pooled<I> {
    const { run, kernelSize, outputSize, outputRatio, _randomSamples } = this;
    const found: Tensor | [Tensor, Tensor] = this.returnIndices
      ? run(input, kernelSize, outputSize, outputRatio, true, _randomSamples)
      : run(input, kernelSize, outputSize, outputRatio, false, _randomSamples);
    return found as Pooled<I>;
  }
}

/** Maxima of windows of (N, C, H, W) at random distances. Options: see FractionalMaxOptions. Source: torch.nn.FractionalMaxPool2d. */
export class FractionalMaxPool2d<I extends boolean = false> extends FractionalMaxPool<I> {
  /** @internal */
  static readonly [signature] = pools("FractionalMaxPool2d");

  constructor(...args: FractionalMaxArguments<I>) {
    super(FractionalMaxPool2d[signature], 2, fractional.fractionalMaxPool2d, args);
  }
}

/** Maxima of windows of (N, C, D, H, W) at random distances. Options: see FractionalMaxOptions. Source: torch.nn.FractionalMaxPool3d. */
export class FractionalMaxPool3d<I extends boolean = false> extends FractionalMaxPool<I> {
  /** @internal */
  static readonly [signature] = pools("FractionalMaxPool3d");

  constructor(...args: FractionalMaxArguments<I>) {
    super(FractionalMaxPool3d[signature], 3, fractional.fractionalMaxPool3d, args);
  }
}

/** Settings of the pooling that is undone. */
interface UnpoolOptions {
  kernelSize?: Spatial;
  /** Default: the size of the windows. */
  stride?: Spatial | null;
  /** Default 0. */
  padding?: Spatial;
}

type UnpoolArguments = Arguments<[kernelSize: Spatial, stride?: Spatial | null, padding?: Spatial], UnpoolOptions>;

/** What the class of a name takes. */
function unpools(name: string): Signature {
  return new Signature(`def ${name}(${WINDOW})`);
}

/** What undoes pooling takes, by name. */
interface UnpoolInputs {
  input: Tensor;
  indices: Tensor;
  outputSize?: readonly number[] | null;
}

/** Settings are one number per spatial dimension, as PyTorch prints them. */
abstract class MaxUnpool extends InputModule<UnpoolInputs> {
  static {
    readsMethods(MaxUnpool, "def MaxUnpool.forward(Tensor input, Tensor indices, int[]? outputSize=None)");
  }

  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  protected abstract readonly run: unpool.MaxUnpool;

  constructor(own: Signature, dims: number, args: UnpoolArguments) {
    super();
    const { kernelSize, stride, padding } = own.complete<UnpoolOptions>(args);
    const call = own.name;
    const each = (name: string, value: Spatial): number[] =>
      spread(call, name, value, dims, (list) => `${call}: ${name} must have ${dims} elements, got ${list.length}`);
    this.kernelSize = each("kernel_size", kernelSize);
    this.stride = each("stride", stride ?? kernelSize);
    this.padding = each("padding", padding);
  }

  /** Maxima and the positions that pooling gave with them; `outputSize` chooses among the sizes they may have come from. */
  override forward(input: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { kernelSize, stride, padding } = this;
    return this.run(input, indices, kernelSize, stride, padding, outputSize);
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding } = this;
    return settingsText(Object.entries({ kernelSize, stride, padding }));
  }
}

/** Puts maxima of (N, C, L) back in their places among zeros. Source: torch.nn.MaxUnpool1d. */
export class MaxUnpool1d extends MaxUnpool {
  /** @internal */
  static readonly [signature] = unpools("MaxUnpool1d");

  protected override get run(): unpool.MaxUnpool {
    return unpool.maxUnpool1d;
  }

  constructor(...args: UnpoolArguments) {
    super(MaxUnpool1d[signature], 1, args);
  }
}

/** Puts maxima of (N, C, H, W) back in their places among zeros. Source: torch.nn.MaxUnpool2d. */
export class MaxUnpool2d extends MaxUnpool {
  /** @internal */
  static readonly [signature] = unpools("MaxUnpool2d");

  protected override get run(): unpool.MaxUnpool {
    return unpool.maxUnpool2d;
  }

  constructor(...args: UnpoolArguments) {
    super(MaxUnpool2d[signature], 2, args);
  }
}

/** Puts maxima of (N, C, D, H, W) back in their places among zeros. Source: torch.nn.MaxUnpool3d. */
export class MaxUnpool3d extends MaxUnpool {
  /** @internal */
  static readonly [signature] = unpools("MaxUnpool3d");

  protected override get run(): unpool.MaxUnpool {
    return unpool.maxUnpool3d;
  }

  constructor(...args: UnpoolArguments) {
    super(MaxUnpool3d[signature], 3, args);
  }
}
