// The pointwise half of recurrent cells: from gates before their activations to the next state, one program forward and one
// backward per step. The products of matrices are their callers'.

import type { Backward } from "../../autograd/node";
import { isRecorded, record } from "../../autograd/record";
import { type DType, promoteTypes } from "../../tensor/dtype";
import { empty, type Tensor } from "../../tensor/tensor";
import { Composites } from "../elementwise/composite";
import type { Operand } from "../../program";
import { cat } from "../create/join";
import { zerosOf } from "../../autograd/zeros";

/** Equal parts of the last dimension as views, unrecorded. */
function views(x: Tensor, count: number): Tensor[] {
  const width = x.sizes[1] / count;
  return Array.from({ length: count }, (_, k) =>
    x.alias([x.sizes[0], width], x.strides, x.offset + k * width * x.strides[1]),
  );
}

/** Equal parts of the last dimension, recorded as one operation. */
function parts(x: Tensor, count: number): Tensor[] {
  const out = views(x, count);
  record("SplitBackward0", [x], out, partsBackward(out[0].sizes, x.dtype, 1));
  return out;
}

/** Gradients of `sizes` side by side along a dimension, zeros where there is none. */
function partsBackward(sizes: readonly number[], dtype: DType, dim: number): Backward {
  return (grads) => {
    const each = grads.map((g) => g?.reshape([...sizes]) ?? zerosOf(sizes, dtype));
    return [cat(each, dim)];
  };
}

/** Tensors in the dtype that they have in common: autocast gives gates of 16 bits beside states of float32. */
function inOneDtype<T extends readonly Tensor[]>(...tensors: T): T {
  const dtype = tensors.map((x) => x.dtype).reduce(promoteTypes);
  return tensors.map((x) => x.to(dtype)) as unknown as T;
}

/** The slices of the first dimension, recorded as one operation. */
export function steps(x: Tensor): Tensor[] {
  const [, ...sizes] = x.sizes;
  const [stride, ...strides] = x.strides;
  const out = Array.from({ length: x.sizes[0] }, (_, t) => x.alias(sizes, strides, x.offset + t * stride));
  record("UnbindBackward0", [x], out, partsBackward([1, ...sizes], x.dtype, 0));
  return out;
}

const lstm = new Composites(["next", "hidden"], ({ i, f, g, o, cell }) => {
  const next = f.sigmoid().mul(cell).add(i.sigmoid().mul(g.tanh()));
  return { next, hidden: o.sigmoid().mul(next.tanh()) };
});

const slope = (y: Operand) => y.mul(y.rsub(1));

const lstmGradients = new Composites(["i", "f", "g", "o", "cell"], (v) => {
  const [i, f, o] = [v.i.sigmoid(), v.f.sigmoid(), v.o.sigmoid()];
  const g = v.g.tanh();
  const squashed = v.next.tanh();
  const total = v.gradNext.add(v.gradHidden.mul(o).mul(squashed.mul(squashed).rsub(1)));
  return {
    i: total.mul(g).mul(slope(i)),
    f: total.mul(v.cell).mul(slope(f)),
    g: total.mul(i).mul(g.mul(g).rsub(1)),
    o: v.gradHidden.mul(squashed).mul(slope(o)),
    cell: total.mul(f),
  };
});

/**
 * One step of an LSTM from its gates (B, 4H: input, forget, cell, output; before their activations) and cell state (B, H):
 * the next hidden and cell states. Source: torch.lstm_cell.
 */
export function lstmStep(gates: Tensor, cell: Tensor): [hidden: Tensor, cell: Tensor] {
  if (gates.dtype !== cell.dtype) return lstmStep(...inOneDtype(gates, cell));
  const [i, f, g, o] = views(gates.detach(), 4);
  const { next, hidden } = lstm.over(cell.sizes, { i, f, g, o, cell: cell.detach() });
  record(
    "LstmCellBackward0",
    [gates, cell],
    [hidden, next],
    (grads, [before, old, after]) => {
      const zeros = () => empty(old.sizes, old.dtype).zero_();
      const upstream = { gradHidden: grads[0] ?? zeros(), gradNext: grads[1] ?? zeros() };
      const whole = empty(before.sizes, before.dtype);
      const into = views(whole, 4);
      const own = isRecorded([before, old, ...Object.values(upstream)]) ? parts(before, 4) : views(before, 4);
      const found = lstmGradients.over(
        old.sizes,
        { i: own[0], f: own[1], g: own[2], o: own[3], cell: old, next: after, ...upstream },
        { i: into[0], f: into[1], g: into[2], o: into[3] },
      );
      return [found.i === into[0] ? whole : cat([found.i, found.f, found.g, found.o], 1), found.cell];
    },
    [gates, cell, next],
  );
  return [hidden, next];
}

const gru = new Composites(["hidden"], ({ xr, xz, xn, hr, hz, hn, old }) => {
  const n = xn.add(xr.add(hr).sigmoid().mul(hn)).tanh();
  return { hidden: old.sub(n).mul(xz.add(hz).sigmoid()).add(n) };
});

const gruGradients = new Composites(["r", "z", "n", "hn", "old"], (v) => {
  const r = v.xr.add(v.hr).sigmoid();
  const z = v.xz.add(v.hz).sigmoid();
  const n = v.xn.add(r.mul(v.hn)).tanh();
  const beforeN = v.grad.mul(z.rsub(1)).mul(n.mul(n).rsub(1));
  return {
    r: beforeN.mul(v.hn).mul(slope(r)),
    z: v.grad.mul(v.old.sub(n)).mul(slope(z)),
    n: beforeN,
    hn: beforeN.mul(r),
    old: v.grad.mul(z),
  };
});

/**
 * One step of a GRU from the input's and the state's gates (B, 3H: reset, update, new; before their activations) and the state
 * (B, H): the next state. Source: torch.gru_cell.
 */
export function gruStep(fromInput: Tensor, fromHidden: Tensor, state: Tensor): Tensor {
  if (fromInput.dtype !== state.dtype || fromHidden.dtype !== state.dtype)
    return gruStep(...inOneDtype(fromInput, fromHidden, state));
  const [xr, xz, xn] = views(fromInput.detach(), 3);
  const [hr, hz, hn] = views(fromHidden.detach(), 3);
  const { hidden } = gru.over(state.sizes, { xr, xz, xn, hr, hz, hn, old: state.detach() });
  record(
    "GruCellBackward0",
    [fromInput, fromHidden, state],
    [hidden],
    ([g], [x, h, old]) => {
      const grad = g as Tensor;
      const cut = isRecorded([x, h, old, grad]) ? parts : views;
      const [ownXr, ownXz, ownXn] = cut(x, 3);
      const [ownHr, ownHz, ownHn] = cut(h, 3);
      const found = gruGradients.over(old.sizes, {
        xr: ownXr,
        xz: ownXz,
        xn: ownXn,
        hr: ownHr,
        hz: ownHz,
        hn: ownHn,
        old,
        grad,
      });
      return [cat([found.r, found.z, found.n], 1), cat([found.r, found.z, found.hn], 1), found.old];
    },
    [fromInput, fromHidden, state],
  );
  return hidden;
}
