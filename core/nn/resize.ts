// Layers that pad and resize.

import { interpolate, type ResizeMode } from "./functional/resize";
import { pad, type PadMode } from "./functional/pad";
import { settingsText, TensorModule, layer, type LayerRow, shown } from "./layer";
import { type Arguments, read } from "../arguments/arguments";
import type { Tensor } from "../tensor/tensor";

type Amounts = number | readonly number[];

interface PaddingOptions {
  /** Before and after, per dimension from the last; one number for all. */
  padding?: Amounts;
}

/** Padding by a constant or by the input's own elements, of `dims` dimensions. */
function padding(dims: number, mode: PadMode): LayerRow<PaddingOptions> {
  return {
    settings: { padding: { positional: true } },
    prepare: ({ padding: amounts = 0 }) => ({ padding: each(amounts, dims) }),
    forward: (x, settings) => pad(x, each(settings.padding, dims), mode),
  };
}

function each(amounts: Amounts, dims: number): readonly number[] {
  return typeof amounts === "number" ? new Array<number>(2 * dims).fill(amounts) : amounts;
}

/** The input mirrored at its edges, (…, L). Source: torch.nn.ReflectionPad1d. */
export class ReflectionPad1d extends layer<[padding: Amounts], PaddingOptions>(padding(1, "reflect")) {}
/** The input mirrored at its edges, (…, H, W). Source: torch.nn.ReflectionPad2d. */
export class ReflectionPad2d extends layer<[padding: Amounts], PaddingOptions>(padding(2, "reflect")) {}
/** The input mirrored at its edges, (…, D, H, W). Source: torch.nn.ReflectionPad3d. */
export class ReflectionPad3d extends layer<[padding: Amounts], PaddingOptions>(padding(3, "reflect")) {}
/** The edges repeated, (…, L). Source: torch.nn.ReplicationPad1d. */
export class ReplicationPad1d extends layer<[padding: Amounts], PaddingOptions>(padding(1, "replicate")) {}
/** The edges repeated, (…, H, W). Source: torch.nn.ReplicationPad2d. */
export class ReplicationPad2d extends layer<[padding: Amounts], PaddingOptions>(padding(2, "replicate")) {}
/** The edges repeated, (…, D, H, W). Source: torch.nn.ReplicationPad3d. */
export class ReplicationPad3d extends layer<[padding: Amounts], PaddingOptions>(padding(3, "replicate")) {}
/** Zeros around (…, H, W). Source: torch.nn.ZeroPad2d. */
export class ZeroPad2d extends layer<[padding: Amounts], PaddingOptions>(padding(2, "constant")) {}

interface ConstantOptions extends PaddingOptions {
  value?: number;
}

function constant(dims: number): LayerRow<ConstantOptions> {
  return {
    settings: { padding: shown(), value: shown() },
    prepare: ({ padding: amounts = 0, value = 0 }) => ({ padding: each(amounts, dims), value }),
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

interface UpsampleOptions {
  size?: number | readonly number[] | null;
  scaleFactor?: number | readonly number[] | null;
  mode?: ResizeMode;
  alignCorners?: boolean | null;
  recomputeScaleFactor?: boolean | null;
}

/** (N, C, …) with other spatial sizes. Options: as `F.interpolate`. Source: torch.nn.Upsample. */
export class Upsample extends TensorModule {
  readonly size: number | readonly number[] | null;
  readonly scaleFactor: number | readonly number[] | null;
  readonly mode: ResizeMode;
  readonly alignCorners: boolean | null;
  readonly recomputeScaleFactor: boolean | null;

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
    const given = read<UpsampleOptions>("Upsample", args, [
      "size",
      "scaleFactor",
      "mode",
      "alignCorners",
      "recomputeScaleFactor",
    ]);
    this.size = given.size ?? null;
    this.scaleFactor = given.scaleFactor ?? null;
    this.mode = given.mode ?? "nearest";
    this.alignCorners = given.alignCorners ?? null;
    this.recomputeScaleFactor = given.recomputeScaleFactor ?? null;
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

type SizeArguments = [size?: number | readonly number[] | null, scaleFactor?: number | readonly number[] | null];

/** `Upsample` with mode "nearest". Source: torch.nn.UpsamplingNearest2d. */
export class UpsamplingNearest2d extends Upsample {
  constructor(...args: Arguments<SizeArguments, UpsampleOptions>) {
    super({ ...read<UpsampleOptions>("UpsamplingNearest2d", args, ["size", "scaleFactor"]), mode: "nearest" });
  }
}

/** `Upsample` with mode "bilinear" and aligned corners. Source: torch.nn.UpsamplingBilinear2d. */
export class UpsamplingBilinear2d extends Upsample {
  constructor(...args: Arguments<SizeArguments, UpsampleOptions>) {
    const sizes = read<UpsampleOptions>("UpsamplingBilinear2d", args, ["size", "scaleFactor"]);
    super({ ...sizes, mode: "bilinear", alignCorners: true });
  }
}
