// Pictures rotated, sheared, seen in perspective and bent: torchvision.transforms.functional's. An image goes Pillow's way, a tensor
// through gridSample.

import { overloaded } from "../../arguments/signed";
import { ArgumentError, ShapeError } from "../../errors";
import { gridSample } from "../../nn/functional/grid";
import { empty, linspace, ones, tensor } from "../../ops/create/create";
import { cat, stack } from "../../ops/create/join";
import { where } from "../../ops/elementwise/choose";
import { lstsq } from "../../ops/linalg/pseudo-inverse";
import { float32 } from "../../tensor/dtype";
import { Tensor } from "../../tensor/tensor";
import { Image } from "../image";
import type { Interpolation } from "./filters";
import { exactly, imageOf, type Picture, planesOf, sizeOf } from "./planes";
import { affineImage, type FillValue, perspectiveImage, rotatedImage } from "./warp";

/** A point: pixels to the right and down. */
export type Point = readonly [x: number, y: number];

/** What is done about places between pixels and outside of the picture. */
export interface SamplingOptions {
  /** "nearest" (default) or "bilinear"; for images also "bicubic". */
  interpolation?: Interpolation;
  /** The value of pixels that come from outside: one, or one per channel. Default: 0. */
  fill?: FillValue;
}

const radians = (degrees: number) => (degrees / 180) * Math.PI;

/** The matrix from places of the output to places of the input. Source: torchvision's _get_inverse_affine_matrix. */
function inverseMatrix(
  [cx, cy]: Point,
  degrees: number,
  [tx, ty]: Point,
  scale: number,
  [shearX, shearY]: Point,
): number[] {
  const rotation = radians(degrees);
  const [sx, sy] = [radians(shearX), radians(shearY)];
  const a = Math.cos(rotation - sy) / Math.cos(sy);
  const b = (-Math.cos(rotation - sy) * Math.tan(sx)) / Math.cos(sy) - Math.sin(rotation);
  const c = Math.sin(rotation - sy) / Math.cos(sy);
  const d = (-Math.sin(rotation - sy) * Math.tan(sx)) / Math.cos(sy) + Math.cos(rotation);
  const [m0, m1, m3, m4] = [d, -b, -c, a].map((x) => x / scale);
  return [m0, m1, m0 * (-cx - tx) + m1 * (-cy - ty) + cx, m3, m4, m3 * (-cx - tx) + m4 * (-cy - ty) + cy];
}

/** Values of planes at the places of a grid, with what is outside filled. */
function sampled(planes: Tensor, grid: Tensor, interpolation: Interpolation, fill: FillValue): Tensor {
  if (interpolation !== "nearest" && interpolation !== "bilinear") {
    throw new ArgumentError(`This interpolation mode (${String(interpolation)}) is unsupported with Tensor input`);
  }
  const [height, width] = sizeOf(planes);
  const channels = planes.ndim < 3 ? 1 : planes.sizes[planes.ndim - 3];
  const values = fill === null ? null : typeof fill === "number" ? [fill] : fill;
  if (values !== null && values.length !== 1 && values.length !== channels) {
    throw new ArgumentError(
      `The number of elements in 'fill' cannot broadcast to match the number of channels of the image (${values.length} != ${channels})`,
    );
  }
  const exact = exactly(planes).reshape(-1, channels, height, width);
  const count = exact.sizes[0];
  const places = grid.to(exact.dtype).expand([count, -1, -1, -1]);
  // A plane of ones says how much of each result comes from inside.
  const source = values === null ? exact : cat([exact, ones([count, 1, height, width], { dtype: exact.dtype })], 1);
  let out = gridSample(source, places, { mode: interpolation, paddingMode: "zeros", alignCorners: false });
  if (values !== null) {
    const mask = out.narrow(1, channels, 1);
    const colour = tensor([...values], { dtype: exact.dtype }).view(1, -1, 1, 1);
    const inside = out.narrow(1, 0, channels);
    out =
      interpolation === "nearest"
        ? where(mask.lt(0.5), colour, inside)
        : inside.mul(mask).add(mask.rsub(1).mul(colour));
  }
  const result = planes.dtype.isFloatingPoint ? out : out.round().to(planes.dtype);
  return result.reshape(...planes.sizes.slice(0, -2), grid.sizes[1], grid.sizes[2]);
}

/** The middles of pixels, with a 1 behind: (height · width, 3), from `left` and `top` on. */
function middles(height: number, width: number, left: number, top: number): Tensor {
  const base = empty([height, width, 3], { dtype: float32 });
  base.select(2, 0).copy_(linspace(left, left + width - 1, width));
  base.select(2, 1).copy_(linspace(top, top + height - 1, height).unsqueeze(1));
  base.select(2, 2).fill_(1);
  return base.view(height * width, 3);
}

/** The grid of an affine map about the middle of planes, for a result of a size. */
function affineGridOf(matrix: readonly number[], planes: Tensor, [oh, ow]: readonly number[]): Tensor {
  const [height, width] = sizeOf(planes);
  const theta = tensor([...matrix], { dtype: float32 }).view(2, 3);
  const scaled = theta.t().div(tensor([0.5 * width, 0.5 * height], { dtype: float32 }));
  return middles(oh, ow, -ow * 0.5 + 0.5, -oh * 0.5 + 0.5)
    .mm(scaled)
    .view(1, oh, ow, 2);
}

/** The size of what a map makes of planes. Source: torchvision's _compute_affine_output_size. */
function expandedSize(matrix: readonly number[], [h, w]: readonly number[]): [height: number, width: number] {
  const corners = tensor([
    [-0.5 * w, -0.5 * h, 1],
    [-0.5 * w, 0.5 * h, 1],
    [0.5 * w, 0.5 * h, 1],
    [0.5 * w, -0.5 * h, 1],
  ])
    .float()
    .mm(
      tensor([...matrix], { dtype: float32 })
        .view(2, 3)
        .t(),
    );
  const middle = tensor([w * 0.5, h * 0.5]).float();
  const cut = (x: Tensor) => x.add(middle).div(1e-4).trunc().mul(1e-4);
  const size = cut(corners.amax(0))
    .ceil()
    .sub(cut(corners.amin(0)).floor());
  return [size.at(1).item(), size.at(0).item()];
}

/** A centre in pixels, from the middle of planes. */
function fromMiddle(center: Point | null, planes: Tensor): Point {
  if (center === null) return [0, 0];
  const [height, width] = sizeOf(planes);
  return [center[0] - width * 0.5, center[1] - height * 0.5];
}

/** What `rotate` takes by name. */
export interface RotateOptions extends SamplingOptions {
  /** Whether the result is large enough for all of the picture. Default false. */
  expand?: boolean;
  /** Default null: the middle. */
  center?: Point | null;
}

/** A picture rotated by degrees against the clock. Source: torchvision.transforms.functional.rotate. */
export const rotate = overloaded<
  <X extends Picture>(
    img: X,
    angle: number,
    ...args:
      | [options?: RotateOptions]
      | [interpolation: Interpolation, expand?: boolean, center?: Point | null, fill?: FillValue]
  ) => X
>([
  "def rotate(value img, float angle, str interpolation='nearest', bool expand=False, float[]? center=None, value fill=None)",
  rotateOf,
]);

function rotateOf(
  img: Picture,
  angle: number,
  interpolation: Interpolation = "nearest",
  expand = false,
  center: Point | null = null,
  fill: FillValue = null,
): Picture {
  if (img instanceof Image) return rotatedImage(img, angle, { interpolation, expand, center, fill });
  const matrix = inverseMatrix(fromMiddle(center, img), -angle, [0, 0], 1, [0, 0]);
  const size = expand ? expandedSize(matrix, sizeOf(img)) : sizeOf(img);
  return sampled(img, affineGridOf(matrix, img, size), interpolation, fill);
}

/** What `affine` takes by name. */
export interface AffineOptions extends SamplingOptions {
  /** Default null: the middle. */
  center?: Point | null;
}

/**
 * A picture rotated by degrees, moved by pixels, scaled, sheared by degrees (along rows, or along both). Throws ArgumentError for a
 * scale that is not positive. Source: torchvision.transforms.functional.affine.
 */
export const affine = overloaded<
  <X extends Picture>(
    img: X,
    angle: number,
    translate: Point,
    scale: number,
    shear: number | readonly number[],
    ...args: [options?: AffineOptions] | [interpolation: Interpolation, fill?: FillValue, center?: Point | null]
  ) => X
>([
  "def affine(value img, float angle, int[] translate, float scale, value shear, str interpolation='nearest', value fill=None, float[]? center=None)",
  affineOf,
]);

function affineOf(
  img: Picture,
  angle: number,
  translate: Point,
  scale: number,
  shear: number | readonly number[],
  interpolation: Interpolation = "nearest",
  fill: FillValue = null,
  center: Point | null = null,
): Picture {
  if (translate.length !== 2) throw new ArgumentError("Argument translate should be a sequence of length 2");
  if (!(scale > 0)) throw new ArgumentError("Argument scale should be positive");
  const shears = typeof shear === "number" ? [shear, 0] : shear.length === 1 ? [shear[0], shear[0]] : shear;
  if (shears.length !== 2) {
    throw new ArgumentError(`Shear should be a sequence containing two values. Got [${shears.join(", ")}]`);
  }
  const both: Point = [shears[0], shears[1]];
  if (img instanceof Image) {
    const middle: Point = center ?? [img.width * 0.5, img.height * 0.5];
    const matrix = inverseMatrix(middle, angle, translate, scale, both);
    return affineImage(img, img.size, matrix, interpolation, fill);
  }
  const matrix = inverseMatrix(fromMiddle(center, img), angle, translate, scale, both);
  return sampled(img, affineGridOf(matrix, img, sizeOf(img)), interpolation, fill);
}

/** The coefficients that bring end points back to start points. */
function perspectiveCoefficients(start: readonly Point[], end: readonly Point[]): number[] {
  const rows = end.flatMap(([x, y], k) => [
    [x, y, 1, 0, 0, 0, -start[k][0] * x, -start[k][0] * y],
    [0, 0, 0, x, y, 1, -start[k][1] * x, -start[k][1] * y],
  ]);
  const sides = tensor(start.flat(), { dtype: float32 });
  const { solution } = lstsq(tensor(rows, { dtype: float32 }), sides.unsqueeze(1), { driver: "gels" });
  return solution.view(-1).tolist() as number[];
}

/**
 * A picture seen in perspective: four points of it (top left, then round with the clock) come to lie at four others. Interpolation is
 * "bilinear" by default. Source: torchvision.transforms.functional.perspective.
 */
export const perspective = overloaded<
  <X extends Picture>(
    img: X,
    startpoints: readonly Point[],
    endpoints: readonly Point[],
    ...args: [options?: SamplingOptions] | [interpolation: Interpolation, fill?: FillValue]
  ) => X
>([
  "def perspective(value img, value startpoints, value endpoints, str interpolation='bilinear', value fill=None)",
  perspectiveOf,
]);

function perspectiveOf(
  img: Picture,
  startpoints: readonly Point[],
  endpoints: readonly Point[],
  interpolation: Interpolation = "bilinear",
  fill: FillValue = null,
): Picture {
  const coefficients = perspectiveCoefficients(startpoints, endpoints);
  if (img instanceof Image) return perspectiveImage(img, coefficients, interpolation, fill);
  const [height, width] = sizeOf(img);
  const [a, b, c, d, e, f, g, h] = coefficients;
  const above = tensor(
    [
      [a, b, c],
      [d, e, f],
    ],
    { dtype: float32 },
  ).t();
  const scaled = above.div(tensor([0.5 * width, 0.5 * height], { dtype: float32 }));
  const below = tensor(
    [
      [g, h, 1],
      [g, h, 1],
    ],
    { dtype: float32 },
  ).t();
  const base = middles(height, width, 0.5, 0.5);
  const grid = base.mm(scaled).div(base.mm(below)).sub(1).view(1, height, width, 2);
  return sampled(img, grid, interpolation, fill);
}

/**
 * A picture whose pixels come from places beside them: `displacement` (1, height, width, 2), where 2 is the whole picture. Interpolation
 * is "bilinear" by default. Throws ShapeError for another shape. Source: torchvision.transforms.functional.elastic_transform.
 */
export const elasticTransform = overloaded<
  <X extends Picture>(
    img: X,
    displacement: Tensor,
    ...args: [options?: SamplingOptions] | [interpolation: Interpolation, fill?: FillValue]
  ) => X
>([
  "def elasticTransform(value img, Tensor displacement, str interpolation='bilinear', value fill=None)",
  elasticTransformOf,
]);

function elasticTransformOf(
  img: Picture,
  displacement: Tensor,
  interpolation: Interpolation = "bilinear",
  fill: FillValue = null,
): Picture {
  if (img instanceof Image)
    return imageOf(elasticTransformOf(planesOf(img), displacement, interpolation, fill) as Tensor);
  if (!(img instanceof Tensor)) throw new ArgumentError(`img should be an Image or a Tensor. Got ${typeof img}`);
  const [height, width] = sizeOf(img);
  const shape = [1, height, width, 2];
  if (displacement.sizes.length !== 4 || !shape.every((size, d) => displacement.sizes[d] === size)) {
    throw new ShapeError(
      `Argument displacement shape should be (${shape.join(", ")}), but given ${displacement.shape}`,
    );
  }
  const line = (size: number) => linspace((-size + 1) / size, (size - 1) / size, size);
  const x = line(width).expand([height, width]);
  const y = line(height).unsqueeze(1).expand([height, width]);
  return sampled(img, stack([x, y], -1).unsqueeze(0).add(displacement), interpolation, fill);
}
