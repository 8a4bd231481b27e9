// Normalisation layers without statistics of their own. Batch and instance normalisation: running-norm.ts.

import { ArgumentError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { ones, zeros } from "../ops/create/create";
import { Parameter, type Tensor } from "../tensor/tensor";
import { FACTORY, type Factory, type FactoryOptions } from "./factory";
import { groupNorm, layerNorm, localResponseNorm } from "./functional/norm";
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
