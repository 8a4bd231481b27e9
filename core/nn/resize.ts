// Layers that pad and resize.

import { interpolate, type ResizeMode } from "./functional/resize";
import { pad, type PadMode } from "./functional/pad";
import { settingsText, TensorModule, layer, type LayerRow, unnamed } from "./layer";
import type { Arguments } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import type { Tensor } from "../tensor/tensor";

type Amounts = number | readonly number[];

interface PaddingOptions {
  /** Before and after, per dimension from the last; one number for all. */
  padding?: Amounts;
}

/** Padding by a constant or by the input's own elements, of `dims` dimensions. */
function padding(name: string, dims: number, mode: PadMode): LayerRow<PaddingOptions> {
  return {
    takes: `def ${name}(int|int[] padding)`,
    shows: { padding: unnamed },
    prepare: ({ padding: amounts }) => ({ padding: each(amounts, dims) }),
    forward: (x, settings) => pad(x, each(settings.padding, dims), mode),
  };
}

function each(amounts: Amounts, dims: number): readonly number[] {
  return typeof amounts === "number" ? new Array<number>(2 * dims).fill(amounts) : amounts;
}

/** The input mirrored at its edges, (…, L). Source: torch.nn.ReflectionPad1d. */
export class ReflectionPad1d extends layer<[padding: Amounts], PaddingOptions>(
  padding("ReflectionPad1d", 1, "reflect"),
) {}
/** The input mirrored at its edges, (…, H, W). Source: torch.nn.ReflectionPad2d. */
export class ReflectionPad2d extends layer<[padding: Amounts], PaddingOptions>(
  padding("ReflectionPad2d", 2, "reflect"),
) {}
/** The input mirrored at its edges, (…, D, H, W). Source: torch.nn.ReflectionPad3d. */
export class ReflectionPad3d extends layer<[padding: Amounts], PaddingOptions>(
  padding("ReflectionPad3d", 3, "reflect"),
) {}
/** The edges repeated, (…, L). Source: torch.nn.ReplicationPad1d. */
export class ReplicationPad1d extends layer<[padding: Amounts], PaddingOptions>(
  padding("ReplicationPad1d", 1, "replicate"),
) {}
/** The edges repeated, (…, H, W). Source: torch.nn.ReplicationPad2d. */
export class ReplicationPad2d extends layer<[padding: Amounts], PaddingOptions>(
  padding("ReplicationPad2d", 2, "replicate"),
) {}
/** The edges repeated, (…, D, H, W). Source: torch.nn.ReplicationPad3d. */
export class ReplicationPad3d extends layer<[padding: Amounts], PaddingOptions>(
  padding("ReplicationPad3d", 3, "replicate"),
) {}
/** Zeros around (…, H, W). Source: torch.nn.ZeroPad2d. */
export class ZeroPad2d extends layer<[padding: Amounts], PaddingOptions>(padding("ZeroPad2d", 2, "constant")) {}

interface ConstantOptions extends PaddingOptions {
  value?: number;
}

function constant(dims: number): LayerRow<ConstantOptions> {
  return {
    takes: `def ConstantPad${dims}d(int|int[] padding, float value)`,
    prepare: ({ padding: amounts, value }) => ({ padding: each(amounts, dims), value }),
    forward: (x, settings) => pad(x, each(settings.padding, dims), "constant", settings.value),
  };
}

/** One value around (…, L). Source: torch.nn.ConstantPad1d. */
export class ConstantPad1d extends layer<[padding: Amounts, value: number], ConstantOptions, "padding" | "value">(
  constant(1),
) {}
/** One value around (…, H, W). Source: torch.nn.ConstantPad2d. */
export class ConstantPad2d extends layer<[padding: Amounts, value: number], ConstantOptions, "padding" | "value">(
  constant(2),
) {}
/** One value around (…, D, H, W). Source: torch.nn.ConstantPad3d. */
export class ConstantPad3d extends layer<[padding: Amounts, value: number], ConstantOptions, "padding" | "value">(
  constant(3),
) {}

/** Sizes of the result, in order. */
const SIZES = "int|int[]? size=None, float|float[]? scaleFactor=None";

interface UpsampleOptions {
  size?: number | readonly number[] | null;
  scaleFactor?: number | readonly number[] | null;
  mode?: ResizeMode;
  alignCorners?: boolean | null;
  recomputeScaleFactor?: boolean | null;
}

/** (N, C, …) with other spatial sizes. Options: as `F.interpolate`. Source: torch.nn.Upsample. */
export class Upsample extends TensorModule {
  /** @internal */
  static readonly [signature] = new Signature(
    `def Upsample(${SIZES}, str mode='nearest', bool? alignCorners=None, bool? recomputeScaleFactor=None)`,
  );
  static {
    readsMethods(Upsample, "def Upsample.forward(Tensor input)");
  }

  declare readonly size: number | readonly number[] | null;
  declare readonly scaleFactor: number | readonly number[] | null;
  declare readonly mode: ResizeMode;
  declare readonly alignCorners: boolean | null;
  declare readonly recomputeScaleFactor: boolean | null;

  constructor(
    ...args: Arguments<
      [
        size?: number | readonly number[] | null,
        scaleFactor?: number | readonly number[] | null,
        mode?: ResizeMode,
        alignCorners?: boolean | null,
        recomputeScaleFactor?: boolean | null,
      ],
      UpsampleOptions
    >
  ) {
    super();
    Object.assign(this, Upsample[signature].complete<UpsampleOptions>(args));
  }

  override forward(input: Tensor): Tensor {
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = this;
    return interpolate(input, size, scaleFactor, mode, alignCorners, recomputeScaleFactor);
  }

  override extraRepr(): string {
    return settingsText([
      this.scaleFactor === null ? ["size", this.size] : ["scaleFactor", this.scaleFactor, { float: true }],
      ["mode", this.mode, { bare: true }],
    ]);
  }
}

type SizeOptions = Pick<UpsampleOptions, "size" | "scaleFactor">;
type SizeArguments = [size?: number | readonly number[] | null, scaleFactor?: number | readonly number[] | null];

/** `Upsample` with mode "nearest". Source: torch.nn.UpsamplingNearest2d. */
export class UpsamplingNearest2d extends Upsample {
  /** @internal */
  static override readonly [signature] = new Signature(`def UpsamplingNearest2d(${SIZES})`);

  constructor(...args: Arguments<SizeArguments, SizeOptions>) {
    super({ ...UpsamplingNearest2d[signature].complete<SizeOptions>(args), mode: "nearest" });
  }
}

/** `Upsample` with mode "bilinear" and aligned corners. Source: torch.nn.UpsamplingBilinear2d. */
export class UpsamplingBilinear2d extends Upsample {
  /** @internal */
  static override readonly [signature] = new Signature(`def UpsamplingBilinear2d(${SIZES})`);

  constructor(...args: Arguments<SizeArguments, SizeOptions>) {
    const sizes = UpsamplingBilinear2d[signature].complete<SizeOptions>(args);
    super({ ...sizes, mode: "bilinear", alignCorners: true });
  }
}
