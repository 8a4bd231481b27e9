// What convolution layers of all kinds share: their settings, parameters and text.

import { ArgumentError } from "../errors";
import type { Spatial } from "../ops/window/spatial";
import type { Parameter } from "../tensor/tensor";
import { emptyParameter, type FactoryOptions } from "./factory";
import { kaimingUniform_ } from "./init";
import { settingsText, type Shown, TensorModule } from "./layer";
import { fanInUniform_ } from "./linear";

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

/** One number per dimension. */
function each(value: Spatial, dims: number): number[] {
  return typeof value === "number" ? new Array<number>(dims).fill(value) : [...value];
}

const isAll = (list: readonly number[], value: number) => list.every((n) => n === value);

/** The settings of a layer, a number per dimension each. */
export interface Geometry {
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

/** Settings completed and checked. Throws ArgumentError in PyTorch's words. */
export function geometry(
  given: Required<ConvLayerOptions> & { readonly outputPadding?: Spatial },
  dims: number,
): Geometry {
  const { inChannels, outChannels, kernelSize, stride, padding, dilation, groups, bias, paddingMode } = given;
  const { outputPadding = 0 } = given;
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
export abstract class ConvNd extends TensorModule {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[] | "valid" | "same";
  readonly dilation: readonly number[];
  readonly outputPadding: readonly number[];
  readonly groups: number;
  readonly paddingMode: PaddingMode;
  declare weight: Parameter;
  declare bias: Parameter | null;

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
    this.registerParameter("weight", emptyParameter([...channels, ...kernelSize], factory));
    this.registerParameter("bias", settings.bias ? emptyParameter([outChannels], factory) : null);
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
