// How a view is made: the same storage under other sizes and strides, with no native call. Each says how its gradient returns,
// and how to take the same view of another tensor, which is what in-place writes need.

import { isGradEnabled } from "../../autograd/modes";
import { record } from "../../autograd/record";
import { copyInto } from "../../dispatch";
import { inferSize, viewStrides } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";

interface Layout {
  sizes: readonly number[];
  strides: readonly number[];
  offset: number;
}

/**
 * A recorded view. `layout` computes it for any tensor of the input's shape and strides; `gradient` gives the input's gradient,
 * or null for the general way: zeros, written through the same view.
 */
export function viewing(
  input: Tensor,
  name: string,
  layout: (of: Tensor) => Layout,
  gradient: ((g: Tensor) => Tensor) | null,
): Tensor {
  const { sizes, strides, offset } = layout(input);
  const out = input.alias(sizes, strides, offset);
  const needed = input._state?.requiresGrad ?? false;
  if (!needed && input._state?.view === undefined && !isGradEnabled()) return out;
  const barred = input._state?.barred ?? null;
  if (barred !== null) out.state().barred = barred;
  else if (!isGradEnabled()) {
    const base = input._state?.view?.base ?? input;
    if (base.requiresGrad) out.state().barred = { base, output: null };
  }
  const replayed = (base: Tensor): Tensor => viewing(base, name, layout, gradient);
  if (needed) {
    record(name, [input], [out], ([g]) => {
      if (gradient !== null) return [gradient(g as Tensor)];
      return [throughView(g as Tensor, input, replayed)];
    });
  }
  if (isGradEnabled()) {
    const parent = input._state?.view ?? null;
    const base = parent === null ? input : parent.base;
    const replay = parent === null ? replayed : (of: Tensor) => replayed(parent.replay(of));
    const state = out.state();
    state.view = { base, replay, sizes: parent === null ? base.sizes : parent.sizes, name };
    state.seenGraphVersion = base.state().graphVersion;
  }
  return out;
}

/** Zeros of the input's shape with the gradient written through the view; the gradient's own gradient is the view of it. */
function throughView(grad: Tensor, input: Tensor, replay: (base: Tensor) => Tensor): Tensor {
  const whole = empty(input.sizes, grad.dtype).zero_();
  const region = replay(whole);
  copyInto(region, grad);
  record("ViewBackward0", [grad], [whole], ([g]) => [replay(g as Tensor)]);
  return whole;
}

/** The view with other sizes, or null when only a copy has them. */
export function viewAsSizes(input: Tensor, sizes: readonly number[], name = "ViewBackward0"): Tensor | null {
  const target = inferSize(sizes, input._numel);
  const strides = viewStrides(input.sizes, input.strides, target);
  if (strides === null) return null;
  return viewing(
    input,
    name,
    (of) => ({
      sizes: target,
      strides: of === input ? strides : (viewStrides(of.sizes, of.strides, target) as number[]),
      offset: of.offset,
    }),
    (g) => g.reshape([...input.sizes]),
  );
}

export function permuted(input: Tensor, order: readonly number[], name: string): Tensor {
  const back = order.map((_, d) => order.indexOf(d));
  return viewing(
    input,
    name,
    (of) => ({ sizes: order.map((d) => of.sizes[d]), strides: order.map((d) => of.strides[d]), offset: of.offset }),
    (g) => permuted(g, back, name),
  );
}
