// Running results along one dimension.

import { signed } from "../../arguments/signed";
import { isGradEnabled } from "../../autograd/modes";
import { record } from "../../autograd/record";
import { call } from "../../dispatch";
import { CressetError, ShapeError } from "../../errors";
import { bool, type DType, int64 } from "../../tensor/dtype";
import { wrapDim } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { cat } from "../create/join";
import { type ValuesIndices, valuesIndices } from "../index/values-indices";
import { requireFloat, requireNotBool } from "../../tensor/dtype-checks";
import { signedOut, signedOuts } from "../shared/out";

type ScanBackward = (g: Tensor, x: Tensor, y: Tensor, dim: number) => Tensor;

function scanning(kernel: "cumsum" | "cumprod", node: string, saves: boolean, backward: ScanBackward) {
  return (input: Tensor, dim: number, dtype: DType | null = null): Tensor => {
    const d = wrapDim(dim, input.ndim);
    const type = dtype ?? (input.dtype.isFloatingPoint ? input.dtype : int64);
    if (input.ndim > 0 && input._numel > 0) requireNotBool(`${kernel}_out_cpu`, type);
    const x = input.to(type);
    const out = empty(x.sizes, type);
    if (out._numel > 0) call(kernel, [out, x], [d]);
    record(node, [x], [out], ([g], [value, y]) => [backward(g as Tensor, value, y, d)], saves ? [x, out] : []);
    return out;
  };
}

/** The running result from the other end. */
function fromEnd(x: Tensor, dim: number, scan: (x: Tensor, dim: number) => Tensor): Tensor {
  return x.ndim === 0 ? x : scan(x.flip([dim]), dim).flip([dim]);
}

function summedAlong(x: Tensor, dim: number): Tensor {
  return x.cumsum(dim);
}

/** Running sums along `dim`; whole numbers give int64. Options: `dtype`, `out`. Source: torch.cumsum. */
export const cumsum = signedOut(
  "cumsum(Tensor input, int dim, *, Dtype? dtype=None, Tensor? out=None)",
  scanning("cumsum", "CumsumBackward0", false, (g, _x, _y, dim) => fromEnd(g, dim, summedAlong)),
);

/** Running products along `dim`; whole numbers give int64. Options: `dtype`, `out`. Source: torch.cumprod. */
export const cumprod = signedOut(
  "cumprod(Tensor input, int dim, *, Dtype? dtype=None, Tensor? out=None)",
  scanning("cumprod", "CumprodBackward0", true, (g, x, y, dim) => {
    if (x.ndim === 0 || x.numel() <= 1 || x.sizes[dim] === 1) return g;
    const plain = !isGradEnabled() && !x.detach().eq(0).any().item();
    return plain ? fromEnd(g.mul(y), dim, summedAlong).div(x) : productGradient(g, x, y, dim);
  }),
);

/** The gradient of a running product one element at a time: exact where elements are 0, and differentiable again. */
function productGradient(g: Tensor, x: Tensor, y: Tensor, dim: number): Tensor {
  const n = x.sizes[dim];
  const ones = x.newOnes(x.sizes.map((size, d) => (d === dim ? 1 : size)));
  const parts: Tensor[] = [];
  for (let k = 0; k < n; k++) {
    const after = k === n - 1 ? ones : cat([ones, x.narrow(dim, k + 1, n - k - 1).cumprod(dim)], dim);
    const others = k === 0 ? after : after.mul(y.narrow(dim, k - 1, 1));
    parts.push(
      g
        .narrow(dim, k, n - k)
        .mul(others)
        .sum(dim, true),
    );
  }
  return cat(parts, dim);
}

/** log of the running sums of exponentials along `dim`, without overflow. Floats only. Option: `out`. Source: torch.logcumsumexp. */
export const logcumsumexp = signedOut("logcumsumexp(Tensor input, int dim, *, Tensor? out=None)", logcumsumexpOf);

function logcumsumexpOf(input: Tensor, dim: number): Tensor {
  const d = wrapDim(dim, input.ndim);
  requireFloat("logcumsumexp_out_cpu", input.dtype);
  const out = empty(input.sizes, input.dtype);
  if (out._numel > 0) call("logcumsumexp", [out, input], [d]);
  record(
    "LogcumsumexpBackward0",
    [input],
    [out],
    ([g], [x, y]) => {
      const grad = g as Tensor;
      if (isGradEnabled()) {
        // Differentiable again: the same sums without logarithms of what may be 0.
        const shift = y.detach().amax(d, true);
        return [fromEnd(grad.mul(shift.sub(y).exp()), d, (t, along) => t.cumsum(along)).mul(x.sub(shift).exp())];
      }
      // Positive and negative gradients withoutOverlap, in logarithms: nothing overflows on the way.
      const part = (sign: Tensor) => {
        const logs = fromEnd(sign.clamp(0).log().sub(y), d, (t, along) => t.logcumsumexp(along));
        return logs.add(x).exp();
      };
      return [part(grad).sub(part(grad.neg()))];
    },
    [input, out],
  );
  return out;
}

function running(kernel: "cummax" | "cummin", node: string) {
  return (input: Tensor, dim: number): ValuesIndices => {
    const d = wrapDim(dim, input.ndim);
    const values = empty(input.sizes, input.dtype);
    const indices = empty(input.sizes, int64);
    if (values._numel > 0) call(kernel, [values, indices, input], [d]);
    const { sizes } = input;
    record(
      node,
      [input],
      [values],
      ([g], [at]) => [(g as Tensor).newZeros([...sizes]).scatterAdd_(d, at, g as Tensor)],
      [indices],
    );
    return valuesIndices(values, indices, node);
  };
}

/** The largest element so far along `dim`, and the last position that has it. Option: `out`. Source: torch.cummax. */
export const cummax = signedOuts(
  "cummax(Tensor input, int dim, *, Tensor[]? out=None)",
  ["values", "indices"],
  running("cummax", "CummaxBackward0"),
);
/** The smallest element so far along `dim`, and the last position that has it. Option: `out`. Source: torch.cummin. */
export const cummin = signedOuts(
  "cummin(Tensor input, int dim, *, Tensor[]? out=None)",
  ["values", "indices"],
  running("cummin", "CumminBackward0"),
);

/**
 * Differences of neighbours along `dim` (−1), `n` (1) times over. Options: `n`, `dim`, `prepend`, `append`. Source: torch.diff.
 */
export const diff = signed(
  "diff(Tensor input, int n=1, int dim=-1, Tensor? prepend=None, Tensor? append=None)",
  diffOf,
);

/** Throws ShapeError for a tensor that cannot stand beside the input along `dim`. */
function checkJoined(input: Tensor, more: Tensor, dim: number): void {
  if (more.ndim !== input.ndim) {
    throw new ShapeError("diff expects prepend or append to be the same dimension as input");
  }
  const wrong = input.sizes.findIndex((size, d) => d !== dim && more.sizes[d] !== size);
  if (wrong < 0) return;
  throw new ShapeError(
    `diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size(${wrong}) = ${input.sizes[wrong]}, but got tensor.size(${wrong}) = ${more.sizes[wrong]}`,
  );
}

function diffOf(input: Tensor, n = 1, dim = -1, prepend: Tensor | null = null, append: Tensor | null = null): Tensor {
  if (input.ndim === 0) throw new CressetError("diff expects input to be at least one-dimensional");
  if (!(n >= 0)) throw new CressetError(`order must be non-negative but got ${n}`);
  // Without differences to take, nobody asks for the dimension.
  const joins = prepend !== null || append !== null;
  const d = n === 0 && !joins ? 0 : wrapDim(dim, input.ndim);
  for (const more of [prepend, append]) if (more !== null) checkJoined(input, more, d);
  if (n === 0) return input.clone();
  let out = prepend || append ? cat([...(prepend ? [prepend] : []), input, ...(append ? [append] : [])], d) : input;
  const times = Math.min(n, out.sizes[d]);
  for (let k = 0; k < times; k++) {
    const length = Math.max(0, out.sizes[d] - 1);
    const [right, left] = [out.narrow(d, out.sizes[d] - length, length), out.narrow(d, 0, length)];
    out = out.dtype === bool ? right.logicalXor(left) : right.sub(left);
  }
  return out;
}
