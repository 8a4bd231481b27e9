// How a view is made: the same storage under other sizes and strides, with no native call. Each says how its gradient returns.

import { record } from "../../autograd/record";
import type { Geometry } from "../../autograd/strided";
import { trackView } from "../../autograd/views";
import { copyInto } from "../../dispatch";
import { contiguousStrides, inferSize, viewStrides } from "../../tensor/shape";
import { empty, needsGrad, type Tensor } from "../../tensor/tensor";

/**
 * A recorded view. `layout` computes it for any tensor of the input's shape; `gradient` gives the input's gradient, or is null
 * for the general way: zeros, written through the same view. Both outlive the input, so neither may refer to it.
 */
export function viewing(
  input: Tensor,
  name: string,
  layout: (of: Geometry) => Geometry,
  gradient: ((g: Tensor) => Tensor) | null,
): Tensor {
  const { sizes, strides, offset } = layout(input);
  const out = input.alias(sizes, strides, offset);
  trackView(out, input);
  if (needsGrad(input)) {
    const whole = input.sizes;
    record(name, [input], [out], ([g]) => [
      gradient === null ? throughView(g as Tensor, whole, layout) : gradient(g as Tensor),
    ]);
  }
  return out;
}

/** Zeros of these sizes with the gradient written through a view; the gradient's own gradient is the view of it. */
function throughView(grad: Tensor, sizes: readonly number[], layout: (of: Geometry) => Geometry): Tensor {
  const whole = empty(sizes, grad.dtype).zero_();
  const region = layout(whole);
  copyInto(whole.alias(region.sizes, region.strides, region.offset), grad);
  record("ViewBackward0", [grad], [whole], ([g]) => [viewing(g as Tensor, "ViewBackward0", layout, null)]);
  return whole;
}

/** The view with other sizes, or null when only a copy has them. */
export function viewAsSizes(input: Tensor, sizes: readonly number[], name = "ViewBackward0"): Tensor | null {
  const target = inferSize(sizes, input._numel);
  const { sizes: own, offset } = input;
  const strides = viewStrides(own, input.strides, target);
  if (strides === null) return null;
  return viewing(
    input,
    name,
    () => ({ sizes: target, strides, offset }),
    (g) => g.reshape([...own]),
  );
}

/** Memory that nothing else shows, under other sizes: recorded, and no view (PyTorch: _unsafe_view). */
export function unsafeView(input: Tensor, sizes: readonly number[]): Tensor {
  const target = inferSize(sizes, input._numel);
  const { sizes: own } = input;
  const out = input.alias(target, contiguousStrides(target), input.offset);
  record("UnsafeViewBackward0", [input], [out], ([g]) => [(g as Tensor).reshape([...own])]);
  return out;
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
