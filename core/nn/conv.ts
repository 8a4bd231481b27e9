// Convolution layers: one class per number of spatial dimensions, from two shared ones.

import { ArgumentError } from "../errors";
import { type Arguments, read } from "../ops/arguments";
import * as conv from "../ops/conv";
import type { Spatial } from "../ops/spatial";
import type { Parameter, Tensor } from "../tensor/tensor";
import { pad } from "./functional/pad";
import { fanInUniform_, kaimingUniform_ } from "./init";
import { settingsText, type Shown, TensorModule } from "./layer";
import { emptyParameter, type FactoryOptions } from "./linear";

/** What lies around the input. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

/** What convolution layers take by name. */
export interface ConvLayerOptions extends FactoryOptions {
  inChannels?: number;
  outChannels?: number;
  kernelSize?: Spatial;
  /** Step of the kernel. Default 1. */
  stride?: Spatial;
  /** Zeros around the input, "valid" (none) or "same" (results have the input's size). Default 0. */
  padding?: Spatial | "valid" | "same";
  /** Distance of the kernel's taps. Default 1. */
  dilation?: Spatial;
  /** Groups of channels that do not see each other. Default 1. */
  groups?: number;
  /** Whether there is a bias. Default true. */
  bias?: boolean;
  /** Default "zeros". */
  paddingMode?: PaddingMode;
}

/** What transposed convolution layers take by name. */
export interface ConvTransposeLayerOptions extends Omit<ConvLayerOptions, "padding"> {
  padding?: Spatial;
  /** Added to one side of the result's size. Default 0. */
  outputPadding?: Spatial;
}

/** One number per dimension. */
function each(value: Spatial, dims: number): number[] {
  return typeof value === "number" ? new Array<number>(dims).fill(value) : [...value];
}

const isAll = (list: readonly number[], value: number) => list.every((n) => n === value);

interface Geometry {
  inChannels: number;
  outChannels: number;
  kernelSize: number[];
  stride: number[];
  padding: number[] | "valid" | "same";
  dilation: number[];
  outputPadding: number[];
  groups: number;
  bias: boolean;
  paddingMode: PaddingMode;
}

function geometry(given: ConvLayerOptions & { outputPadding?: Spatial }, dims: number): Geometry {
  const { inChannels = 0, outChannels = 0, kernelSize = 1, stride = 1, padding = 0, dilation = 1 } = given;
  const { outputPadding = 0, groups = 1, bias = true, paddingMode = "zeros" } = given;
  if (groups <= 0) throw new ArgumentError("groups must be a positive integer");
  if (inChannels % groups !== 0) throw new ArgumentError("in_channels must be divisible by groups");
  if (outChannels % groups !== 0) throw new ArgumentError("out_channels must be divisible by groups");
  if (!["zeros", "reflect", "replicate", "circular"].includes(paddingMode)) {
    throw new ArgumentError(
      `padding_mode must be one of {'zeros', 'reflect', 'replicate', 'circular'}, but got padding_mode='${paddingMode}'`,
    );
  }
  if (typeof padding === "string" && padding !== "valid" && padding !== "same") {
    throw new ArgumentError(`Invalid padding string '${padding}', should be one of {'valid', 'same'}`);
  }
  const steps = each(stride, dims);
  if (padding === "same" && !isAll(steps, 1))
    throw new ArgumentError("padding='same' is not supported for strided convolutions");
  return {
    inChannels,
    outChannels,
    kernelSize: each(kernelSize, dims),
    stride: steps,
    padding: typeof padding === "string" ? padding : each(padding, dims),
    dilation: each(dilation, dims),
    outputPadding: each(outputPadding, dims),
    groups,
    bias,
    paddingMode,
  };
}

/** What all convolution layers have. */
abstract class ConvNd extends TensorModule {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | "valid" | "same";
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  weight: Parameter;
  bias: Parameter | null;

  constructor(settings: Geometry, transposed: boolean, factory: FactoryOptions) {
    super();
    const { inChannels, outChannels, kernelSize, groups } = settings;
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = kernelSize;
    this.stride = settings.stride;
    this.padding = settings.padding;
    this.dilation = settings.dilation;
    this.outputPadding = settings.outputPadding;
    this.groups = groups;
    this.paddingMode = settings.paddingMode;
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    this.weight = emptyParameter([...channels, ...kernelSize], factory);
    this.bias = settings.bias ? emptyParameter([outChannels], factory) : null;
    this.resetParameters();
  }

  /** Draws new values. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias !== null) fanInUniform_(this.bias, this.weight);
  }

  override extraRepr(): string {
    const { padding, dilation, outputPadding, groups, paddingMode } = this;
    const positional: Shown = { positional: true };
    const settings: [string, unknown, Shown?][] = [
      ["inChannels", this.inChannels, positional],
      ["outChannels", this.outChannels, positional],
      ["kernelSize", this.kernelSize],
      ["stride", this.stride],
    ];
    if (typeof padding === "string") settings.push(["padding", padding, { bare: true }]);
    else if (!isAll(padding, 0)) settings.push(["padding", padding]);
    if (!isAll(dilation, 1)) settings.push(["dilation", dilation]);
    if (!isAll(outputPadding, 0)) settings.push(["outputPadding", outputPadding]);
    if (groups !== 1) settings.push(["groups", groups]);
    if (this.bias === null) settings.push(["bias", false]);
    if (paddingMode !== "zeros") settings.push(["paddingMode", paddingMode, { bare: true }]);
    return settingsText(settings);
  }
}

type ConvArguments = Arguments<
  [
    inChannels: number,
    outChannels: number,
    kernelSize: Spatial,
    stride?: Spatial,
    padding?: Spatial | "valid" | "same",
    dilation?: Spatial,
    groups?: number,
    bias?: boolean,
    paddingMode?: PaddingMode,
  ],
  ConvLayerOptions
>;

const CONV = [
  "inChannels",
  "outChannels",
  "kernelSize",
  "stride",
  "padding",
  "dilation",
  "groups",
  "bias",
  "paddingMode",
] as const;

/** What Conv1d, Conv2d and Conv3d share. */
abstract class Convolution extends ConvNd {
  constructor(dims: number, args: ConvArguments) {
    const given = read<ConvLayerOptions>(`Conv${dims}d`, args, CONV, ["dtype", "device"]);
    super(geometry(given, dims), false, given);
  }

  /** The function of this number of dimensions. */
  protected abstract readonly run: conv.Conv;

  override forward(input: Tensor): Tensor {
    const { stride, padding, dilation, groups, paddingMode } = this;
    if (paddingMode === "zeros") return this.run(input, this.weight, this.bias, stride, padding, dilation, groups);
    const around = this.kernelSize.flatMap((size, d) => {
      if (padding === "valid") return [0, 0];
      if (padding !== "same") return [padding[d], padding[d]];
      const total = dilation[d] * (size - 1);
      return [Math.floor(total / 2), total - Math.floor(total / 2)];
    });
    // pad() counts from the last dimension.
    const amounts: number[] = [];
    for (let d = this.kernelSize.length - 1; d >= 0; d--) amounts.push(around[2 * d], around[2 * d + 1]);
    return this.run(pad(input, amounts, paddingMode), this.weight, this.bias, stride, 0, dilation, groups);
  }
}

/** Convolution of (N, Cin, L). Options: see ConvLayerOptions. Source: torch.nn.Conv1d. */
export class Conv1d extends Convolution {
  protected override get run(): conv.Conv {
    return conv.conv1d;
  }

  constructor(...args: ConvArguments) {
    super(1, args);
  }
}
/** Convolution of (N, Cin, H, W). Options: see ConvLayerOptions. Source: torch.nn.Conv2d. */
export class Conv2d extends Convolution {
  protected override get run(): conv.Conv {
    return conv.conv2d;
  }

  constructor(...args: ConvArguments) {
    super(2, args);
  }
}
/** Convolution of (N, Cin, D, H, W). Options: see ConvLayerOptions. Source: torch.nn.Conv3d. */
export class Conv3d extends Convolution {
  protected override get run(): conv.Conv {
    return conv.conv3d;
  }

  constructor(...args: ConvArguments) {
    super(3, args);
  }
}

type ConvTransposeArguments = Arguments<
  [
    inChannels: number,
    outChannels: number,
    kernelSize: Spatial,
    stride?: Spatial,
    padding?: Spatial,
    outputPadding?: Spatial,
    groups?: number,
    bias?: boolean,
    dilation?: Spatial,
    paddingMode?: PaddingMode,
  ],
  ConvTransposeLayerOptions
>;

const TRANSPOSED = [
  "inChannels",
  "outChannels",
  "kernelSize",
  "stride",
  "padding",
  "outputPadding",
  "groups",
  "bias",
  "dilation",
  "paddingMode",
] as const;

/** What ConvTranspose1d, ConvTranspose2d and ConvTranspose3d share. */
abstract class TransposedConvolution extends ConvNd {
  /** The function of this number of dimensions. */
  protected abstract readonly run: conv.ConvTranspose;

  constructor(dims: number, args: ConvTransposeArguments) {
    const name = `ConvTranspose${dims}d`;
    const given = read<ConvTransposeLayerOptions>(name, args, TRANSPOSED, ["dtype", "device"]);
    const settings = geometry(given, dims);
    if (settings.paddingMode !== "zeros") throw new ArgumentError(`Only "zeros" padding mode is supported for ${name}`);
    super(settings, true, given);
  }

  /** `outputSize` chooses among the sizes that the same input may have come from; it replaces `outputPadding`. */
  override forward(input: Tensor, outputSize?: readonly number[]): Tensor {
    const { stride, padding, dilation, groups } = this;
    const given = padding as readonly number[];
    const added = outputSize === undefined ? this.outputPadding : this.paddingFor(input, outputSize);
    return this.run(input, this.weight, this.bias, stride, given, added, groups, dilation);
  }

  private paddingFor(input: Tensor, outputSize: readonly number[]): number[] {
    const { kernelSize, stride, dilation } = this;
    const padding = this.padding as readonly number[];
    const dims = kernelSize.length;
    const wanted = outputSize.slice(-dims);
    const offset = input.ndim - dims;
    return wanted.map((size, d) => {
      const least = (input.sizes[d + offset] - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernelSize[d] - 1) + 1;
      if (size < least || size >= least + stride[d]) {
        throw new ArgumentError(
          `requested an output size of ${wanted.join(", ")}, but valid sizes of dimension ${d} range from ${least} to ${least + stride[d] - 1}`,
        );
      }
      return size - least;
    });
  }
}

/** Transposed convolution of (N, Cin, L). Options: see ConvTransposeLayerOptions. Source: torch.nn.ConvTranspose1d. */
export class ConvTranspose1d extends TransposedConvolution {
  protected override get run(): conv.ConvTranspose {
    return conv.convTranspose1d;
  }

  constructor(...args: ConvTransposeArguments) {
    super(1, args);
  }
}
/** Transposed convolution of (N, Cin, H, W). Options: see ConvTransposeLayerOptions. Source: torch.nn.ConvTranspose2d. */
export class ConvTranspose2d extends TransposedConvolution {
  protected override get run(): conv.ConvTranspose {
    return conv.convTranspose2d;
  }

  constructor(...args: ConvTransposeArguments) {
    super(2, args);
  }
}
/** Transposed convolution of (N, Cin, D, H, W). Options: see ConvTransposeLayerOptions. Source: torch.nn.ConvTranspose3d. */
export class ConvTranspose3d extends TransposedConvolution {
  protected override get run(): conv.ConvTranspose {
    return conv.convTranspose3d;
  }

  constructor(...args: ConvTransposeArguments) {
    super(3, args);
  }
}
