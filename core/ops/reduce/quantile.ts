// Quantiles: positions between sorted values.

import { CressetError, DTypeError, ShapeError } from "../../errors";
import { float32, float64, int64 } from "../../tensor/dtype";
import { wrapDim } from "../../tensor/shape";
import { Tensor } from "../../tensor/tensor";
import { signedOut } from "../shared/out";

/** How a quantile between two values is chosen. */
export type Interpolation = "linear" | "lower" | "higher" | "midpoint" | "nearest";

/** Turns a rank into the rank, or pair of ranks, to read. */
const ROUNDING: { readonly [name in Interpolation]: (rank: Tensor) => Tensor } = {
  linear: (rank) => rank,
  midpoint: (rank) => rank,
  lower: (rank) => rank.floor(),
  higher: (rank) => rank.ceil(),
  nearest: (rank) => rank.round(),
};

function quantiles(name: "quantile" | "nanquantile") {
  return (
    input: Tensor,
    at: number | Tensor,
    dim: number | null = null,
    keepdim = false,
    interpolation: Interpolation = "linear",
  ): Tensor => {
    if (input.dtype !== float32 && input.dtype !== float64) {
      throw new DTypeError(`${name}() input tensor must be either float or double dtype`);
    }
    if (input.numel() === 0) throw new CressetError(`${name}() input tensor must be non-empty`);
    const q = at instanceof Tensor ? at : input.newFull([], at);
    if (q.ndim > 1) throw new ShapeError(`${name}() q must be a scalar or 1D tensor`);
    if (q.dtype !== input.dtype) throw new DTypeError(`${name}() q tensor must be same dtype as the input tensor`);
    if (q.detach().lt(0).logicalOr(q.detach().gt(1)).any().item()) {
      throw new CressetError(`${name}() q values must be in the range [0, 1]`);
    }
    if (!Object.hasOwn(ROUNDING, interpolation)) {
      throw new CressetError(
        `${name}() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ${String(interpolation)}`,
      );
    }
    const all = dim === null;
    const d = dim === null ? 0 : wrapDim(dim, input.ndim);
    const rows = all || input.ndim === 0 ? input.reshape([-1]) : input.movedim(d, -1);
    const found = between(rows, q.reshape([-1]), name === "nanquantile", interpolation);
    const own = q.ndim === 0 ? found.squeeze_(-1) : found.unsqueeze_(0).transpose_(0, -1).squeeze_(-1);
    if (!keepdim) return own;
    const lead = q.ndim;
    if (input.ndim === 0) return own;
    return all ? own.reshape([...q.sizes, ...input.sizes.map(() => 1)]) : own.unsqueeze(d + lead);
  };
}

/** Quantiles of the last dimension, one per entry of `q`, as a new last dimension. */
function between(rows: Tensor, q: Tensor, ignoreNan: boolean, interpolation: Interpolation): Tensor {
  const sorted = rows.sort(-1).values;
  const n = rows.sizes[rows.ndim - 1];
  const missing = rows.detach().isnan().sum(-1, true);
  // A row with NaN that may not be ignored reads its last value, which is NaN.
  const exact = ignoreNan
    ? q.mul(
        missing
          .neg()
          .add(n - 1)
          .clamp(0)
          .to(q.dtype),
      )
    : q
        .mul(n - 1)
        .expand([...missing.sizes.slice(0, -1), q.numel()])
        .where(missing.eq(0), n - 1);
  const rank = ROUNDING[interpolation](exact);
  const below = rank.detach().floor();
  const low = sorted.gather(-1, below.to(int64));
  if (interpolation !== "linear" && interpolation !== "midpoint") return low;
  const high = sorted.gather(-1, rank.detach().ceil().to(int64));
  return low.lerp(high, interpolation === "linear" ? rank.sub(below) : below.newFull(below.sizes, 0.5));
}

/**
 * The value below which a fraction `q` (a number, or a vector, which becomes the first dimension) of elements lies. Options:
 * `dim` (all), `keepdim`, `interpolation` ("linear"). float32 and float64 only. Option: `out`. Source: torch.quantile.
 */
export const quantile = signedOut(
  "quantile(Tensor input, float|Tensor q, int? dim=None, bool keepdim=False, *, str interpolation=linear, Tensor? out=None)",
  quantiles("quantile"),
);
/** As `quantile`, ignoring NaN. Option: `out`. Source: torch.nanquantile. */
export const nanquantile = signedOut(
  "nanquantile(Tensor input, float|Tensor q, int? dim=None, bool keepdim=False, *, str interpolation=linear, Tensor? out=None)",
  quantiles("nanquantile"),
);
