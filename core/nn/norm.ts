// Normalisation layers without statistics of their own. Batch and instance normalisation: running-norm.ts.

import { record } from "../autograd/record";
import { ArgumentError, ShapeError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ones, tensor, zeros } from "../ops/create/create";
import type { DType } from "../tensor/dtype";
import { Parameter, type Tensor } from "../tensor/tensor";
import { FACTORY, type Factory, type FactoryOptions } from "./factory";
import { groupNorm, layerNorm, localResponseNorm, rmsNorm } from "./functional/norm";
import { float, layer, settingsText, TensorModule, unnamed } from "./layer";

interface LayerNormOptions extends FactoryOptions {
  normalizedShape?: number | readonly number[];
  eps?: number;
  elementwiseAffine?: boolean;
}

/** Normalises over the last dimensions. Options: `eps` (1e-5), `elementwiseAffine` (true). Source: torch.nn.LayerNorm. */
export class LayerNorm extends TensorModule {
  /** @internal */
  static readonly [signature] = new Signature(
    `def LayerNorm(int|int[] normalizedShape, float eps=1e-05, bool elementwiseAffine=True, ${FACTORY})`,
  );
  static {
    readsMethods(LayerNorm, "def LayerNorm.forward(Tensor input)");
  }

  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly elementwiseAffine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(
    ...args: Arguments<
      [normalizedShape: number | readonly number[], eps?: number, elementwiseAffine?: boolean, ...factory: Factory],
      LayerNormOptions
    >
  ) {
    super();
    const { normalizedShape, eps, elementwiseAffine, dtype, device } =
      LayerNorm[signature].complete<LayerNormOptions>(args);
    const shape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    this.normalizedShape = shape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.registerParameter("weight", elementwiseAffine ? new Parameter(ones(shape, { dtype, device })) : null);
    this.registerParameter("bias", elementwiseAffine ? new Parameter(zeros(shape, { dtype, device })) : null);
  }

  override forward(input: Tensor): Tensor {
    return layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return settingsText([
      ["normalizedShape", this.normalizedShape, { positional: true }],
      ["eps", this.eps],
      ["elementwiseAffine", this.elementwiseAffine],
    ]);
  }
}

interface GroupNormOptions extends FactoryOptions {
  numGroups?: number;
  numChannels?: number;
  eps?: number;
  affine?: boolean;
}

type GroupNormArguments = Arguments<
  [numGroups: number, numChannels: number, eps?: number, affine?: boolean, ...factory: Factory],
  GroupNormOptions
>;

/** Normalises groups of channels sample by sample. Options: `eps` (1e-5), `affine` (true). Source: torch.nn.GroupNorm. */
export class GroupNorm extends TensorModule {
  /** @internal */
  static readonly [signature] = new Signature(
    `def GroupNorm(int numGroups, int numChannels, float eps=1e-05, bool affine=True, ${FACTORY})`,
  );
  static {
    readsMethods(GroupNorm, "def GroupNorm.forward(Tensor input)");
  }

  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  readonly affine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(...args: GroupNormArguments);
  constructor(options: Named<GroupNormOptions, "numGroups" | "numChannels">);
  constructor(...args: GroupNormArguments | [GroupNormOptions]) {
    super();
    const { numGroups, numChannels, eps, affine, dtype, device } =
      GroupNorm[signature].complete<GroupNormOptions>(args);
    if (numChannels % numGroups !== 0) throw new ArgumentError("num_channels must be divisible by num_groups");
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.affine = affine;
    this.registerParameter("weight", affine ? new Parameter(ones([numChannels], { dtype, device })) : null);
    this.registerParameter("bias", affine ? new Parameter(zeros([numChannels], { dtype, device })) : null);
  }

  override forward(input: Tensor): Tensor {
    return groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return settingsText([
      ["numGroups", this.numGroups, { positional: true }],
      ["numChannels", this.numChannels, { positional: true }],
      ["eps", this.eps],
      ["affine", this.affine],
    ]);
  }
}

interface ResponseOptions {
  size?: number;
  alpha?: number;
  beta?: number;
  k?: number;
}

/** Divides by a power of the mean of squares over neighbouring channels. Source: torch.nn.LocalResponseNorm. */
export class LocalResponseNorm extends layer<
  [size: number, alpha?: number, beta?: number, k?: number],
  ResponseOptions
>({
  takes: "def LocalResponseNorm(int size, float alpha=0.0001, float beta=0.75, float k=1.0)",
  shows: { size: unnamed, k: float },
  forward: (x, { size, alpha, beta, k }) => localResponseNorm(x, size, alpha, beta, k),
}) {}

/** The matrix (channels, channels) of which row c has ones where `sees(c, from)`. */
function windowMatrix(channels: number, dtype: DType, sees: (c: number, from: number) => boolean): Tensor {
  const rows = Array.from({ length: channels }, (_, c) =>
    Array.from({ length: channels }, (_, from) => (sees(c, from) ? 1 : 0)),
  );
  return tensor(rows, { dtype });
}

/**
 * x · (k + alpha / size · sum of squares over neighbouring channels)^-beta of (N, C, H, W). The windows of both directions are
 * those of PyTorch's own loops: forward never lets go of channel 0, and backward sums over `size` channels beside the forward's.
 */
function crossMapLRN(input: Tensor, size: number, alpha: number, beta: number, k: number): Tensor {
  if (input.ndim !== 4) throw new ShapeError(`CrossMapLRN2d: expected 4D input (got ${input.ndim}D input)`);
  const { sizes, dtype } = input;
  const [n, channels] = sizes;
  const summed = (sees: (c: number, from: number) => boolean, values: Tensor): Tensor =>
    windowMatrix(channels, dtype, sees)
      .matmul(values.reshape([n, channels, -1]))
      .reshape([...sizes]);
  const reach = Math.trunc((size - 1) / 2 + 1);
  const x = input.detach();
  const scale = summed((c, from) => from === 0 || Math.abs(c - from) < reach, x.mul(x))
    .mul(alpha / size)
    .add(k);
  const out = scale.pow(-beta).mul(x);
  // Of windows of one channel, that channel; PyTorch fails there.
  const before = Math.min(Math.trunc(size - (size - 1) / 2), size - 1);
  record(
    "CrossMapLRN2dBackward",
    [input],
    [out],
    ([g], [own, result, divisor]) => {
      const grad = g as Tensor;
      const ratio = grad.mul(result).div(divisor);
      const around = summed((c, from) => from >= c - before && from < c - before + size, ratio);
      return [
        divisor
          .pow(-beta)
          .mul(grad)
          .sub(own.mul(around).mul((2 * alpha * beta) / size)),
      ];
    },
    [input, out, scale],
  );
  return out;
}

/** Divides by a power of sums of squares over neighbouring channels of (N, C, H, W), as Lua Torch did. Source: torch.nn.CrossMapLRN2d. */
export class CrossMapLRN2d extends layer<[size: number, alpha?: number, beta?: number, k?: number], ResponseOptions>({
  takes: "def CrossMapLRN2d(int size, float alpha=0.0001, float beta=0.75, float k=1)",
  shows: { size: unnamed },
  forward: (x, { size, alpha, beta, k }) => crossMapLRN(x, size, alpha, beta, k),
}) {}

interface RMSNormOptions extends FactoryOptions {
  normalizedShape?: number | readonly number[];
  /** Added to the mean of squares. Default: the dtype's epsilon. */
  eps?: number | null;
  elementwiseAffine?: boolean;
}

/**
 * x / √(mean of x² over the last dimensions + eps) · weight. Options: `eps` (the epsilon of the dtype), `elementwiseAffine` (true).
 * Source: torch.nn.RMSNorm of PyTorch 2.4.
 */
export class RMSNorm extends TensorModule {
  /** @internal */
  static readonly [signature] = new Signature(
    `def RMSNorm(int|int[] normalizedShape, float? eps=None, bool elementwiseAffine=True, ${FACTORY})`,
  );
  static {
    readsMethods(RMSNorm, "def RMSNorm.forward(Tensor x)");
  }

  readonly normalizedShape: readonly number[];
  readonly eps: number | null;
  readonly elementwiseAffine: boolean;
  declare weight: Parameter | null;

  constructor(
    ...args: Arguments<
      [
        normalizedShape: number | readonly number[],
        eps?: number | null,
        elementwiseAffine?: boolean,
        ...factory: Factory,
      ],
      RMSNormOptions
    >
  ) {
    super();
    const { normalizedShape, eps, elementwiseAffine, dtype, device } =
      RMSNorm[signature].complete<RMSNormOptions>(args);
    const shape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    this.normalizedShape = shape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.registerParameter("weight", elementwiseAffine ? new Parameter(ones(shape, { dtype, device })) : null);
    this.resetParameters();
  }

  /** Sets the weight to 1. */
  resetParameters(): void {
    this.weight?.data.fill_(1);
  }

  override forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, this.weight, this.eps);
  }

  override extraRepr(): string {
    return settingsText([
      ["normalizedShape", this.normalizedShape, { positional: true }],
      ["eps", this.eps],
      ["elementwiseAffine", this.elementwiseAffine],
    ]);
  }
}
