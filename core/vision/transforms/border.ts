// Pictures with a border.

import type { Arguments } from "../../arguments/arguments";
import { Signature } from "../../arguments/signature";
import { signature } from "../../arguments/signed";
import { ArgumentError } from "../../errors";
import { tensor } from "../../ops/create/create";
import { int64 } from "../../tensor/dtype";
import { pythonText } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";
import { FixedTransform, sizeOf } from "./planes";

/** Border widths: for all sides, for left-right and top-bottom, or for left, top, right, bottom. */
export type Padding = number | readonly number[];
/** What the border holds. */
export type PaddingMode = "constant" | "edge" | "reflect" | "symmetric";
/** The constant of a border: one value, or one per channel. */
export type Fill = number | readonly number[];

/** How a border is filled. */
export interface PadOptions {
  /** The constant; default 0. */
  fill?: Fill;
  /** Default "constant". */
  paddingMode?: PaddingMode;
}

/** Where a position outside of n elements looks, per mode. */
const LOOKUPS: { readonly [mode in Exclude<PaddingMode, "constant">]: (i: number, n: number) => number } = {
  edge: (i, n) => Math.min(Math.max(i, 0), n - 1),
  reflect: (i, n) => {
    const at = modulo(i, Math.max(2 * (n - 1), 1));
    return at < n ? at : 2 * (n - 1) - at;
  },
  symmetric: (i, n) => {
    const at = modulo(i, 2 * n);
    return at < n ? at : 2 * n - 1 - at;
  },
};

function modulo(i: number, period: number): number {
  return ((i % period) + period) % period;
}

/** Left, top, right, bottom. Throws ArgumentError for other counts. */
export function sidesOf(padding: Padding): [left: number, top: number, right: number, bottom: number] {
  const given = typeof padding === "number" ? [padding] : padding;
  const [a, b, c, d] = given;
  if (given.length === 1) return [a, a, a, a];
  if (given.length === 2) return [a, b, a, b];
  if (given.length === 4) return [a, b, c, d];
  throw new ArgumentError(`Padding must be an int or a 1, 2, or 4 element tuple, not a ${given.length} element tuple`);
}

/** Planes (…, height, width) with a border; a negative width cuts. */
export function padded(
  planes: Tensor,
  padding: Padding,
  { fill = 0, paddingMode = "constant" }: PadOptions = {},
): Tensor {
  const [left, top, right, bottom] = sidesOf(padding);
  if (paddingMode === "constant") return framed(planes, [left, top, right, bottom], fill);
  const lookup = LOOKUPS[paddingMode];
  if (lookup === undefined) {
    throw new ArgumentError("Padding mode should be either constant, edge, reflect or symmetric");
  }
  const [height, width] = sizeOf(planes);
  const positions = (n: number, before: number, after: number) =>
    tensor(
      Array.from({ length: before + n + after }, (_, i) => lookup(i - before, n)),
      { dtype: int64 },
    );
  return planes.indexSelect(-2, positions(height, top, bottom)).indexSelect(-1, positions(width, left, right));
}

function framed(planes: Tensor, [left, top, right, bottom]: readonly number[], fill: Fill): Tensor {
  const [height, width] = sizeOf(planes);
  const sizes = [...planes.sizes.slice(0, -2), top + height + bottom, left + width + right];
  const out = planes.newFull(sizes, typeof fill === "number" ? fill : 0);
  if (typeof fill !== "number")
    out.copy_(
      tensor([...fill])
        .to(planes.dtype)
        .view(-1, 1, 1),
    );
  const rows = height + Math.min(top, 0) + Math.min(bottom, 0);
  const columns = width + Math.min(left, 0) + Math.min(right, 0);
  const inside = planes.narrow(-2, Math.max(-top, 0), rows).narrow(-1, Math.max(-left, 0), columns);
  out.narrow(-2, Math.max(top, 0), rows).narrow(-1, Math.max(left, 0), columns).copy_(inside);
  return out;
}

/**
 * A picture with a border. Options: `fill` (0) and `paddingMode`: "constant", "edge" (the last pixel again), "reflect" (mirrored
 * at the last pixel), "symmetric" (with the last pixel twice). Source: torchvision.transforms.Pad.
 */
export class Pad extends FixedTransform {
  /** @internal */
  static readonly [signature] = new Signature("def Pad(value padding, value fill=0, str paddingMode='constant')");

  /** The widths of the border. */
  readonly padding: Padding;
  /** What the border holds when it is constant. */
  readonly fill: Fill;
  /** Where the border comes from. */
  readonly paddingMode: PaddingMode;

  constructor(padding: Padding, ...args: Arguments<[fill?: Fill, paddingMode?: PaddingMode], PadOptions>);
  constructor(options: PadOptions & { padding: Padding });
  constructor(...args: unknown[]) {
    super();
    const { padding, fill, paddingMode } = Pad[signature].complete<PadOptions & { padding: Padding }>(args);
    sidesOf(padding);
    this.padding = padding;
    this.fill = fill;
    this.paddingMode = paddingMode;
  }

  protected change(planes: Tensor): Tensor {
    return padded(planes, this.padding, this);
  }

  protected override extraRepr(): string {
    return `padding=${pythonText(this.padding)}, fill=${pythonText(this.fill)}, padding_mode=${this.paddingMode}`;
  }
}
