// Transposed convolution layers: one class per number of spatial dimensions.

import { ArgumentError } from "../errors";
import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import * as conv from "../ops/window/conv";
import type { Spatial } from "../ops/window/spatial";
import type { Tensor } from "../tensor/tensor";
import { type ConvLayerOptions, ConvNd, geometry, type PaddingMode } from "./conv-nd";
import { FACTORY, type Factory } from "./factory";

/** What transposed convolution layers take by name. */
export interface ConvTransposeLayerOptions extends Omit<ConvLayerOptions, "padding"> {
  padding?: Spatial;
  /** Added to one side of the result's size. Default 0. */
  outputPadding?: Spatial;
}

/** What a transposed convolution layer takes in order, behind the channels of its input. */
export type ConvTransposeFromOutChannels = [
  outChannels: number,
  kernelSize: Spatial,
  stride?: Spatial,
  padding?: Spatial,
  outputPadding?: Spatial,
  groups?: number,
  bias?: boolean,
  dilation?: Spatial,
  paddingMode?: PaddingMode,
  ...factory: Factory,
];

type ConvTransposeArguments = Arguments<
  [inChannels: number, ...others: ConvTransposeFromOutChannels],
  ConvTransposeLayerOptions
>;

/** What stands behind the first argument, by name. */
type AfterChannels = Named<ConvTransposeLayerOptions, "outChannels" | "kernelSize">;

type NamedTranspose = Named<ConvTransposeLayerOptions, "inChannels" | "outChannels" | "kernelSize">;

/** What the class of a name takes. */
function takes(name: string): Signature {
  const sizes = "int|int[] kernelSize, int|int[] stride=1, int|int[] padding=0, int|int[] outputPadding=0";
  const others = "int groups=1, bool bias=True, int|int[] dilation=1, str paddingMode='zeros'";
  return new Signature(`def ${name}(int inChannels, int outChannels, ${sizes}, ${others}, ${FACTORY})`);
}

/** What ConvTranspose1d, ConvTranspose2d and ConvTranspose3d share. */
abstract class TransposedConvolution extends ConvNd {
  static {
    readsMethods(TransposedConvolution, "def _ConvTransposeNd.forward(Tensor input, int[]? outputSize=None)");
  }

  /** The function of this number of dimensions. */
  protected abstract readonly run: conv.ConvTranspose;

  constructor(own: Signature, dims: number, args: readonly unknown[]) {
    const given = own.complete<ConvTransposeLayerOptions>(args);
    const settings = geometry(given, dims);
    if (settings.paddingMode !== "zeros")
      throw new ArgumentError(`Only "zeros" padding mode is supported for ${own.name}`);
    super(settings, true, given);
  }

  /** `outputSize` chooses among the sizes that the same input may have come from; it replaces `outputPadding`. */
  override forward(input: Tensor, outputSize: readonly number[] | null = null): Tensor {
    const { stride, padding, dilation, groups } = this;
    const given = padding as readonly number[];
    const added = outputSize === null ? this.outputPadding : this.paddingFor(input, outputSize);
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
  /** @internal */
  static readonly [signature] = takes("ConvTranspose1d");

  protected override get run(): conv.ConvTranspose {
    return conv.convTranspose1d;
  }

  constructor(...args: ConvTransposeArguments);
  constructor(inChannels: number, options: AfterChannels);
  constructor(options: NamedTranspose);
  constructor(...args: unknown[]) {
    super(ConvTranspose1d[signature], 1, args);
  }
}
/** Transposed convolution of (N, Cin, H, W). Options: see ConvTransposeLayerOptions. Source: torch.nn.ConvTranspose2d. */
export class ConvTranspose2d extends TransposedConvolution {
  /** @internal */
  static readonly [signature] = takes("ConvTranspose2d");

  protected override get run(): conv.ConvTranspose {
    return conv.convTranspose2d;
  }

  constructor(...args: ConvTransposeArguments);
  constructor(inChannels: number, options: AfterChannels);
  constructor(options: NamedTranspose);
  constructor(...args: unknown[]) {
    super(ConvTranspose2d[signature], 2, args);
  }
}
/** Transposed convolution of (N, Cin, D, H, W). Options: see ConvTransposeLayerOptions. Source: torch.nn.ConvTranspose3d. */
export class ConvTranspose3d extends TransposedConvolution {
  /** @internal */
  static readonly [signature] = takes("ConvTranspose3d");

  protected override get run(): conv.ConvTranspose {
    return conv.convTranspose3d;
  }

  constructor(...args: ConvTransposeArguments);
  constructor(inChannels: number, options: AfterChannels);
  constructor(options: NamedTranspose);
  constructor(...args: unknown[]) {
    super(ConvTranspose3d[signature], 3, args);
  }
}
