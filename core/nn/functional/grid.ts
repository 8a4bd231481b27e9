// Sampling of images at given places, of torch.nn.functional: each result is a weighted sum of the pixels around its place.

import { ArgumentError, DTypeError, ShapeError } from "../../errors";
import { signed } from "../../arguments/signed";
import { linspace, ones } from "../../ops/create/create";
import { stack } from "../../ops/create/join";
import { text } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { requireSameDtype } from "../../tensor/dtype-checks";
import { hardtanh } from "./activation";

/** How values between pixels are found. */
export type GridMode = "bilinear" | "nearest" | "bicubic";
/** What lies beyond the edges. */
export type GridPadding = "zeros" | "border" | "reflection";

/** What `gridSample` takes by name. */
export interface GridOptions {
  /** Default "bilinear". */
  mode?: GridMode;
  /** Default "zeros". */
  paddingMode?: GridPadding;
  /** Whether −1 and 1 are the centres of the corner pixels rather than their outer edges. Default false. */
  alignCorners?: boolean | null;
}

/** One of the pixels around a place along one dimension: its position and its weight. */
interface Tap {
  at: Tensor;
  weight: Tensor;
}

/** Places from −1…1 in pixels. */
function pixels(x: Tensor, n: number, aligned: boolean): Tensor {
  return aligned ? x.add(1).mul((n - 1) / 2) : x.add(1).mul(n).sub(1).div(2);
}

/**
 * Places not beyond the outer pixels; no gradient reaches those on them. What is no number is the first place in images and the last
 * in volumes.
 */
function clipped(x: Tensor, n: number, dims: number): Tensor {
  const known = x.where(x.detach().isnan().logicalNot(), dims < 3 ? 0 : n - 1);
  return hardtanh(known, 0, n - 1);
}

/** Places beyond the edges brought inside. */
function inside(x: Tensor, n: number, dims: number, padding: GridPadding, aligned: boolean): Tensor {
  if (padding === "zeros") return x;
  if (padding === "border") return clipped(x, n, dims);
  const low = aligned ? 0 : -0.5;
  const span = aligned ? n - 1 : n;
  if (span === 0) return clipped(x.mul(0), n, dims);
  const distance = x.sub(low).abs();
  const turns = distance.detach().div(span).floor();
  const rest = distance.sub(turns.mul(span));
  const even = turns.remainder(2).eq(0);
  const turned = rest.where(even, rest.rsub(span)).add(low);
  return clipped(turned, n, dims);
}

/** Keys' cubic weights of the four pixels around a fraction. */
function cubicWeights(t: Tensor): Tensor[] {
  const a = -0.75;
  const near = (x: Tensor) =>
    x
      .mul(a + 2)
      .sub(a + 3)
      .mul(x)
      .mul(x)
      .add(1);
  const far = (x: Tensor) =>
    x
      .mul(a)
      .sub(5 * a)
      .mul(x)
      .add(8 * a)
      .mul(x)
      .sub(4 * a);
  return [far(t.add(1)), near(t), near(t.rsub(1)), far(t.rsub(2))];
}

/** The nearest pixel. Halfway between two, PyTorch takes the even one in images and the one farther from 0 in volumes. */
function nearest(where: Tensor, dims: number): Tensor {
  if (dims < 3) return where.round();
  const part = where.trunc();
  return part.add(where.sign().where(where.sub(part).abs().ge(0.5), 0));
}

/** What one dimension of `dims` contributes to every place: pixels and their weights. */
function taps(x: Tensor, n: number, dims: number, mode: GridMode, padding: GridPadding, aligned: boolean): Tap[] {
  const place = pixels(x, n, aligned);
  if (mode === "bicubic") {
    const first = place.detach().floor();
    return cubicWeights(place.sub(first)).map((weight, k) => ({
      at: inside(first.add(k - 1), n, dims, padding, aligned),
      weight,
    }));
  }
  const where = inside(place, n, dims, padding, aligned);
  // A place's gradient is zero, not absent, where the nearest pixel is taken.
  if (mode === "nearest") return [{ at: nearest(where.detach(), dims), weight: where.mul(0).add(1) }];
  const first = where.detach().floor();
  const share = where.sub(first);
  return [
    { at: first, weight: share.rsub(1) },
    { at: first.add(1), weight: share },
  ];
}

/**
 * Values of (N, C, …) at the places of `grid` (N, …, dimensions), given from −1 to 1 with the last dimension first. Options:
 * `mode`, `paddingMode`, `alignCorners`. Source: torch.nn.functional.grid_sample.
 */
export const gridSample = signed(
  "def gridSample(Tensor input, Tensor grid, str mode=bilinear, str paddingMode=zeros, bool? alignCorners=None)",
  gridSampleOf,
);

function gridSampleOf(
  input: Tensor,
  grid: Tensor,
  mode: GridMode = "bilinear",
  paddingMode: GridPadding = "zeros",
  alignCorners: boolean | null = null,
): Tensor {
  const aligned = alignCorners ?? false;
  if (!["bilinear", "nearest", "bicubic"].includes(mode)) {
    throw new ArgumentError(
      `nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: '${mode}'`,
    );
  }
  if (!["zeros", "border", "reflection"].includes(paddingMode)) {
    throw new ArgumentError(
      `nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', but got: '${paddingMode}'`,
    );
  }
  const dims = input.ndim - 2;
  const [batch, channels, ...spatial] = input.sizes;
  if (grid.ndim !== input.ndim || grid.sizes[0] !== batch || grid.sizes[grid.ndim - 1] !== dims) {
    throw new ShapeError(
      `grid_sampler(): expected grid and input to have same batch size and grid to have size ${dims} in last dimension, but got input with sizes ${text(input.sizes)} and grid with sizes ${text(grid.sizes)}`,
    );
  }
  if (mode === "bicubic" && dims !== 2) {
    throw new ArgumentError("grid_sampler(): bicubic interpolation only supports 4D input");
  }
  if (!input.dtype.isFloatingPoint) {
    throw new DTypeError(`grid_sampler_${dims}d_cpu not implemented for ${input.dtype.scalarName}`);
  }
  requireSameDtype(input, grid);
  const places = grid.sizes.slice(1, -1);
  const flat = input.reshape([batch, channels, -1]);
  const axes = spatial.map((n, d) =>
    taps(grid.select(-1, dims - 1 - d).reshape([batch, 1, -1]), n, dims, mode, paddingMode, aligned),
  );
  // Every choice of one tap per dimension.
  let choices: { position: Tensor | null; weight: Tensor | null; valid: Tensor | null }[] = [
    { position: null, weight: null, valid: null },
  ];
  axes.forEach((list, d) => {
    const n = spatial[d];
    choices = choices.flatMap(({ position, weight, valid }) =>
      list.map((tap) => {
        const ok = tap.at.ge(0).logicalAnd(tap.at.le(n - 1));
        const at = tap.at
          .clamp(0, n - 1)
          .nanToNum(0)
          .long();
        return {
          position: position === null ? at : position.mul(n).add(at),
          weight: weight === null ? tap.weight : weight.mul(tap.weight),
          valid: valid === null ? ok : valid.logicalAnd(ok),
        };
      }),
    );
  });
  const parts = choices.map(({ position, weight, valid }) => {
    if (position === null || weight === null || valid === null)
      throw new ShapeError("grid_sample needs a spatial dimension");
    const values = flat.gather(2, position.expand([batch, channels, position.sizes[2]]));
    return values.mul(weight.where(valid, 0));
  });
  return parts.reduce((sum, part) => sum.add(part)).reshape([batch, channels, ...places]);
}

/**
 * The places (N, …, dimensions) that affine maps `theta` (N, 2, 3) or (N, 3, 4) give a result of `size` (N, C, …). Option:
 * `alignCorners` (false). Source: torch.nn.functional.affine_grid.
 */
export const affineGrid = signed("def affineGrid(Tensor theta, int[] size, bool? alignCorners=None)", affineGridOf);

function affineGridOf(theta: Tensor, size: readonly number[], alignCorners: boolean | null = null): Tensor {
  if (!theta.dtype.isFloatingPoint) {
    throw new DTypeError(`Expected theta to have floating point type, but got ${theta.dtype}`);
  }
  const spatial = size.slice(2);
  const dims = spatial.length;
  if (text(theta.sizes) !== text([size[0], dims, dims + 1])) {
    throw new ShapeError(
      `Expected a batch of ${dims}D affine matrices of shape Nx${dims}x${dims + 1} for size ${text(size)}. Got ${theta.shape}.`,
    );
  }
  const { dtype } = theta;
  const along = spatial.map((n, d) => {
    const ends = n <= 1 ? linspace(0, 0, n, { dtype }) : linspace(-1, 1, n, { dtype });
    const scaled = alignCorners ? ends : ends.mul((n - 1) / n);
    return scaled.reshape(spatial.map((_, k) => (k === d ? n : 1))).expand([...spatial]);
  });
  const base = stack([...along.reverse(), ones(spatial, { dtype })], -1).reshape([1, -1, dims + 1]);
  const places = base.expand([size[0], base.sizes[1], dims + 1]).bmm(theta.transpose(1, 2));
  return places.reshape([size[0], ...spatial, dims]);
}
