// Convolution layers: one class per number of spatial dimensions.

import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import * as conv from "../ops/window/conv";
import type { Spatial } from "../ops/window/spatial";
import type { Tensor } from "../tensor/tensor";
import { type ConvLayerOptions, ConvNd, geometry, type PaddingMode } from "./conv-nd";
import { FACTORY, type Factory } from "./factory";
import { pad } from "./functional/pad";

/** What a convolution layer takes in order, behind the channels of its input. */
export type ConvFromOutChannels = [
  outChannels: number,
  kernelSize: Spatial,
  stride?: Spatial,
  padding?: Spatial | "valid" | "same",
  dilation?: Spatial,
  groups?: number,
  bias?: boolean,
  paddingMode?: PaddingMode,
  ...factory: Factory,
];

type ConvArguments = Arguments<[inChannels: number, ...others: ConvFromOutChannels], ConvLayerOptions>;

/** What stands behind the first argument, by name. */
type AfterChannels = Named<ConvLayerOptions, "outChannels" | "kernelSize">;

type NamedConv = Named<ConvLayerOptions, "inChannels" | "outChannels" | "kernelSize">;

/** What the class of a name takes. */
function takes(name: string): Signature {
  const sizes = "int|int[] kernelSize, int|int[] stride=1, int|int[]|str padding=0, int|int[] dilation=1";
  return new Signature(
    `def ${name}(int inChannels, int outChannels, ${sizes}, int groups=1, bool bias=True, str paddingMode='zeros', ${FACTORY})`,
  );
}

/** What Conv1d, Conv2d and Conv3d share. */
abstract class Convolution extends ConvNd {
  static {
    readsMethods(Convolution, "def _ConvNd.forward(Tensor input)");
  }

  constructor(own: Signature, dims: number, args: readonly unknown[]) {
    const given = own.complete<ConvLayerOptions>(args);
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
  /** @internal */
  static readonly [signature] = takes("Conv1d");

  protected override get run(): conv.Conv {
    return conv.conv1d;
  }

  constructor(...args: ConvArguments);
  constructor(inChannels: number, options: AfterChannels);
  constructor(options: NamedConv);
  constructor(...args: unknown[]) {
    super(Conv1d[signature], 1, args);
  }
}
/** Convolution of (N, Cin, H, W). Options: see ConvLayerOptions. Source: torch.nn.Conv2d. */
export class Conv2d extends Convolution {
  /** @internal */
  static readonly [signature] = takes("Conv2d");

  protected override get run(): conv.Conv {
    return conv.conv2d;
  }

  constructor(...args: ConvArguments);
  constructor(inChannels: number, options: AfterChannels);
  constructor(options: NamedConv);
  constructor(...args: unknown[]) {
    super(Conv2d[signature], 2, args);
  }
}
/** Convolution of (N, Cin, D, H, W). Options: see ConvLayerOptions. Source: torch.nn.Conv3d. */
export class Conv3d extends Convolution {
  /** @internal */
  static readonly [signature] = takes("Conv3d");

  protected override get run(): conv.Conv {
    return conv.conv3d;
  }

  constructor(...args: ConvArguments);
  constructor(inChannels: number, options: AfterChannels);
  constructor(options: NamedConv);
  constructor(...args: unknown[]) {
    super(Conv3d[signature], 3, args);
  }
}
