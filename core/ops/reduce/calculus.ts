// Derivatives and integrals of sampled functions.

import { overloaded } from "../../arguments/signed";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { bool, getDefaultDtype, uint8 } from "../../tensor/dtype";
import { snakeCase } from "../../tensor/python-text";
import { wrapDim, wrapOwnDim } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { cat } from "../create/join";

/** Where samples lie: the step between them, or their coordinates along one dimension. */
type Spacing = number | Tensor;

/** What `gradient` takes by name. */
export interface GradientOptions {
  /** The step between samples, one per dimension, or the coordinates of samples, one tensor per dimension. Default 1. */
  spacing?: number | readonly Spacing[] | null;
  /** The dimensions along which to differentiate. Default: all. */
  dim?: number | readonly number[] | null;
  /** The order of the estimate at both ends, 1 (default) or 2. */
  edgeOrder?: number;
}

interface Gradient {
  (input: Tensor, options?: GradientOptions): Tensor[];
  (options: GradientOptions & { input: Tensor }): Tensor[];
}

function checkGradient(input: Tensor, given: number | null, dims: readonly number[], edgeOrder: number, all: boolean) {
  if (input.dtype === uint8) throw new DTypeError("torch.gradient does not support uint8 input.");
  if (given !== null && given !== dims.length) {
    throw new CressetError(
      all
        ? `torch.gradient expected spacing to be unspecified, a scalar or a list of length ${input.ndim} but got a list of length ${given}`
        : `torch.gradient expected spacing to be unspecified, a scalar or it's spacing and dim arguments to have the same length, but got a spacing argument of length ${given} and a dim argument of length ${dims.length}.`,
    );
  }
  if (edgeOrder !== 1 && edgeOrder !== 2) {
    throw new CressetError("torch.gradient only supports edge_order=1 and edge_order=2.");
  }
  dims.forEach((dim, k) => {
    if (dims.indexOf(dim) < k) throw new CressetError(`dim ${dim} appears multiple times in the list of dims`);
    if (input.sizes[dim] <= edgeOrder) {
      throw new ShapeError("torch.gradient expected each dimension size to be at least edge_order+1");
    }
  });
}

/** The derivative along one dimension from equal steps. */
function byStep(x: Tensor, step: number, dim: number, edgeOrder: number): Tensor {
  const n = x.sizes[dim];
  const at = (k: number) => x.narrow(dim, k < 0 ? n + k : k, 1);
  const inner = x
    .narrow(dim, 2, n - 2)
    .sub(x.narrow(dim, 0, n - 2))
    .div(2)
    .div(step);
  if (edgeOrder === 1) return cat([at(1).sub(at(0)).div(step), inner, at(-1).sub(at(-2)).div(step)], dim);
  const first = at(0).mul(-1.5).add(at(1).mul(2)).sub(at(2).mul(0.5)).div(step);
  const last = at(-1).mul(1.5).sub(at(-2).mul(2)).add(at(-3).mul(0.5)).div(step);
  return cat([first, inner, last], dim);
}

/** The derivative along one dimension from the coordinates of samples. */
function byCoordinates(x: Tensor, coordinates: Tensor, dim: number, edgeOrder: number): Tensor {
  const n = x.sizes[dim];
  const steps = coordinates.diff();
  const along = (t: Tensor): Tensor => t.reshape(x.sizes.map((_, d) => (d === dim ? t._numel : 1)));
  const part = (from: number, count: number) => x.narrow(dim, from < 0 ? n + from : from, count);
  const step = (k: number) => along(steps.narrow(0, k < 0 ? n - 1 + k : k, 1));
  const [before, after] = [steps.narrow(0, 0, n - 2), steps.narrow(0, 1, n - 2)];
  const both = before.add(after);
  const inner = part(0, n - 2)
    .mul(along(after.neg().div(before.mul(both))))
    .add(part(1, n - 2).mul(along(after.sub(before).div(before.mul(after)))))
    .add(part(2, n - 2).mul(along(before.div(after.mul(both)))));
  if (edgeOrder === 1) {
    return cat([part(1, 1).sub(part(0, 1)).div(step(0)), inner, part(-1, 1).sub(part(-2, 1)).div(step(-1))], dim);
  }
  const edge = (outer: Tensor, middle: Tensor, far: Tensor, p: Tensor, q: Tensor): Tensor => {
    const sum = p.add(q);
    return outer
      .mul(p.mul(2).add(q).neg().div(p.mul(sum)))
      .add(middle.mul(sum.div(p.mul(q))))
      .sub(far.mul(p.div(q.mul(sum))));
  };
  const first = edge(part(0, 1), part(1, 1), part(2, 1), step(0), step(1));
  const last = edge(part(-1, 1), part(-2, 1), part(-3, 1), step(-1), step(-2)).neg();
  return cat([first, inner, last], dim);
}

/**
 * The derivative of a sampled function along dimensions, one tensor per dimension: central differences, at both ends of the order
 * `edgeOrder`. Throws ShapeError for a dimension with too few samples. Source: torch.gradient.
 */
export const gradient = overloaded<Gradient>(
  ["gradient(Tensor input, *, Number? spacing=None, int|int[]? dim=None, int edgeOrder=1)", gradientOf],
  ["gradient(Tensor input, *, Tensor[] spacing, int|int[]? dim=None, int edgeOrder=1)", gradientOf],
  ["gradient(Tensor input, *, float[] spacing, int|int[]? dim=None, int edgeOrder=1)", gradientOf],
);

function gradientOf(
  input: Tensor,
  spacing: number | readonly Spacing[] | null = null,
  dim: number | readonly number[] | null = null,
  edgeOrder = 1,
): Tensor[] {
  const dims = dim === null ? input.sizes.map((_, d) => d) : [dim].flat().map((d) => wrapDim(d as number, input.ndim));
  const list = typeof spacing === "object" ? spacing : null;
  checkGradient(input, list?.length ?? null, dims, edgeOrder, dim === null);
  return dims.map((d, k) => {
    const own = list === null ? Number(spacing ?? 1) : list[k];
    if (typeof own === "number") return byStep(input, own, d, edgeOrder);
    if (own.ndim !== 1) {
      throw new ShapeError(
        `torch.gradient expected each element of spacing to have one dimension, but got an element with ${own.ndim} dimensions!`,
      );
    }
    return byCoordinates(input, own, d, edgeOrder);
  });
}

/** Throws DTypeError for bools. */
function refuseBool(name: string, argument: string, x: Tensor): void {
  if (x.dtype === bool) {
    throw new DTypeError(`${name}: received a bool input for \`${argument}\`, but bool is not supported`);
  }
}

/** The distances of samples at the coordinates `x`, with as many dimensions as `y`. */
function distances(name: string, y: Tensor, x: Tensor, dim: number): Tensor {
  refuseBool(name, "x", x);
  let own = x;
  if (x.ndim === 1) {
    if (x.sizes[0] !== y.sizes[dim]) {
      throw new ShapeError(`${name}: There must be one \`x\` value for each sample point`);
    }
    own = x.reshape(y.sizes.map((n, d) => (d === dim ? n : 1)));
  } else if (x.ndim < y.ndim) {
    own = x.reshape([...new Array<number>(y.ndim - x.ndim).fill(1), ...x.sizes]);
  }
  const n = own.sizes[dim];
  return own.narrow(dim, Math.min(1, n), Math.max(0, n - 1)).sub(own.narrow(dim, 0, Math.max(0, n - 1)));
}

/** The sums of every two neighbours. */
function sums(y: Tensor, dim: number): Tensor {
  const n = y.sizes[dim];
  return y.narrow(dim, 0, n - 1).add(y.narrow(dim, 1, n - 1));
}

/** Whole numbers in the default float. */
const asFloat = (x: Tensor): Tensor => (x.dtype.isFloatingPoint ? x : x.to(getDefaultDtype()));

interface Trapezoid {
  (y: Tensor, x?: Tensor | null, options?: { dim?: number }): Tensor;
  (y: Tensor, options: { x?: Tensor | null; dx?: number; dim?: number }): Tensor;
  (options: { y: Tensor; x?: Tensor | null; dx?: number; dim?: number }): Tensor;
}

/** An integral by trapezoids: of samples at equal steps, and at coordinates. */
function integral(
  name: string,
  bySteps: (y: Tensor, dx: number, dim: number) => Tensor,
  byDistances: (y: Tensor, steps: Tensor, dim: number) => Tensor,
) {
  const words = snakeCase(name);
  const run = (y: Tensor, dim: number, f: (d: number) => Tensor): Tensor => {
    const d = wrapOwnDim(dim, y.ndim);
    refuseBool(words, "y", y);
    return f(d);
  };
  return overloaded<Trapezoid>(
    [
      `${name}(Tensor y, Tensor x, *, int dim=-1)`,
      (y: Tensor, x: Tensor, dim = -1): Tensor =>
        run(y, dim, (d) => byDistances(y, y.sizes[d] === 0 ? y : distances(words, y, x, d), d)),
    ],
    [
      `${name}(Tensor y, *, Number dx=1, int dim=-1)`,
      (y: Tensor, dx = 1, dim = -1): Tensor => run(y, dim, (d) => bySteps(y, dx, d)),
    ],
  );
}

/** Zeros in the place of a dimension without samples. */
const nothing = (y: Tensor, dim: number): Tensor => y.detach().sum(dim).to(y.dtype);

/**
 * The integral along `dim` (−1) by trapezoids, of samples at the coordinates `x` or at steps of `dx` (1). Source: torch.trapezoid.
 */
export const trapezoid = integral(
  "trapezoid",
  (y, dx, dim) => {
    if (y.sizes[dim] === 0) return nothing(y, dim);
    return y
      .sum(dim)
      .sub(y.select(dim, 0).add(y.select(dim, -1)).mul(0.5))
      .mul(dx);
  },
  (y, steps, dim) => (y.sizes[dim] === 0 ? nothing(y, dim) : sums(y, dim).mul(steps).sum(dim).div(2)),
);

/** The same as `trapezoid`. Source: torch.trapz. */
export const trapz = trapezoid;

/** The integral up to every sample but the first. As `trapezoid` otherwise. Source: torch.cumulative_trapezoid. */
export const cumulativeTrapezoid = integral(
  "cumulativeTrapezoid",
  (y, dx, dim) =>
    y.sizes[dim] === 0
      ? y
      : asFloat(sums(y, dim))
          .mul(dx / 2)
          .cumsum(dim),
  (y, steps, dim) => (y.sizes[dim] === 0 ? y : sums(y, dim).mul(steps).cumsum(dim).div(2)),
);
