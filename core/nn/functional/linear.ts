// Linear maps of torch.nn.functional.

import { signed } from "../../arguments/signed";
import type { Backward } from "../../autograd/node";
import { record } from "../../autograd/record";
import { call, contiguousOf } from "../../dispatch";
import { IndexError, ShapeError } from "../../errors";
import { MATRIX_DTYPES, requireNotBool, requireSameDtype } from "../../tensor/dtype-checks";
import { sumToSize } from "../../ops/reduce/reduction";
import { expandStrides, numelOf, text } from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";

/** Names of the node by the input's dimensions, without and with a bias; `flat` says that rows of more dimensions are multiplied as one matrix. */
function nodeName(ndim: number, biased: boolean, flat: boolean): string {
  if (biased) return ndim === 2 ? "AddmmBackward0" : flat ? "ViewBackward0" : "AddBackward0";
  return ndim === 1 ? "SqueezeBackward3" : ndim === 2 ? "MmBackward0" : "UnsafeViewBackward0";
}

/**
 * input · weightᵀ + bias: input (…, in), weight (out, in) or (in), bias (out) or none; result (…, out).
 * Throws ShapeError and DTypeError for operands that do not fit. Source: torch.nn.functional.linear.
 */
export const linear = signed("linear(Tensor input, Tensor weight, Tensor? bias=None)", linearOf);

function linearOf(input: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const { sizes } = input;
  const matrix = sizes.length === 2 || (sizes.length === 3 && input.contiguousNow);
  if (bias !== null && matrix && weight.ndim !== 2) {
    throw new ShapeError(`mat2 must be a matrix, got ${weight.ndim}-D tensor`);
  }
  // A bias that is added to the product may have another dtype.
  const apart = bias !== null && !matrix && bias.dtype !== input.dtype;
  if (weight.ndim !== 2 || input.ndim === 0 || apart) {
    const product = input.matmul(weight.t());
    return bias === null ? product : product.add_(bias);
  }
  const [outputs, inputs] = weight.sizes;
  const lead = sizes.slice(0, -1);
  const rows = numelOf(lead);
  if (sizes[sizes.length - 1] !== inputs) {
    throw new ShapeError(
      `mat1 and mat2 shapes cannot be multiplied (${rows}x${sizes[sizes.length - 1]} and ${inputs}x${outputs})`,
    );
  }
  requireSameDtype(input, weight, bias !== null && matrix ? MATRIX_DTYPES : undefined);
  requireNotBool("addmm_impl_cpu_", input.dtype);
  const whole = sizes.length === 2 ? input : contiguousOf(input);
  const x = sizes.length === 2 ? input : whole.alias([rows, inputs], [inputs, 1], whole.offset);
  const out = empty([...lead, outputs], input.dtype);
  let spread: Tensor | null = null;
  if (bias !== null) {
    requireSameDtype(input, bias);
    const target = [rows, outputs];
    const first = 2 - bias.ndim;
    const wrong = bias.sizes.findLastIndex((n, d) => n !== 1 && n !== target[first + d]);
    if (wrong >= 0) {
      throw new ShapeError(
        `The expanded size of the tensor (${target[first + wrong] ?? 1}) must match the existing size (${bias.sizes[wrong]}) at non-singleton dimension ${first + wrong}.  Target sizes: ${text(target)}.  Tensor sizes: ${text(bias.sizes)}`,
      );
    }
    spread = bias.alias(target, expandStrides(bias.sizes, bias.strides, target), bias.offset);
  }
  if (out._numel > 0) {
    const { strides } = weight;
    const transposed = weight.alias([inputs, outputs], [strides[1], strides[0]], weight.offset);
    const flat = sizes.length === 2 ? out : out.alias([rows, outputs], [outputs, 1], 0);
    call("matmul", [flat, x, transposed, spread], [], [1, spread === null ? 0 : 1]);
  }
  record(
    nodeName(sizes.length, bias !== null, matrix),
    // The bias first, as in addmm.
    bias === null ? [input, weight] : [bias, input, weight],
    [out],
    linearBackward(sizes, weight.sizes, bias?.sizes ?? null),
    bias === null
      ? [
          [input, 1],
          [weight, 0],
        ]
      : [
          [input, 2],
          [weight, 1],
        ],
  );
  return out;
}

function linearBackward(
  sizes: readonly number[],
  [outputs, inputs]: readonly number[],
  biasSizes: readonly number[] | null,
): Backward {
  return ([g], [input, weight], needs) => {
    const rows = numelOf(sizes.slice(0, -1));
    const grad = sizes.length === 2 ? (g as Tensor) : (g as Tensor).reshape([rows, outputs]);
    const [toInput, toWeight] = needs.slice(-2);
    const operands = [
      toInput ? grad.mm(weight).reshape([...sizes]) : null,
      toWeight ? grad.t().mm(sizes.length === 2 ? input : input.reshape([rows, inputs])) : null,
    ];
    return biasSizes === null ? operands : [needs[0] ? sumToSize(grad, biasSizes) : null, ...operands];
  };
}

/**
 * x1ᵀ · W · x2 + bias per output: input1 (…, in1), input2 (…, in2), weight (out, in1, in2), bias (out) or none; result (…, out).
 * Source: torch.nn.functional.bilinear.
 */
export const bilinear = signed("bilinear(Tensor input1, Tensor input2, Tensor weight, Tensor? bias=None)", bilinearOf);

function bilinearOf(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor {
  const [outputs, in1, in2] = weight.sizes;
  if (text(input1.sizes.slice(0, -1)) !== text(input2.sizes.slice(0, -1))) {
    throw new ShapeError("bilinear(): input batch dimensions do not match");
  }
  for (const [name, x, size, d] of [
    ["input1", input1, in1, 1],
    ["input2", input2, in2, 2],
  ] as const) {
    if (x.sizes[x.ndim - 1] !== size) {
      throw new ShapeError(
        `bilinear(): ${name} size does not match weight size: got ${x.sizes[x.ndim - 1]} but expected ${size} (dimension ${d})`,
      );
    }
  }
  if (bias !== null && bias.ndim === 0) throw new IndexError("Dimension specified as 0 but tensor has no dimensions");
  if (bias !== null && bias.sizes[0] !== outputs) {
    throw new ShapeError(
      `bilinear(): bias size does not match weight size: got ${bias.sizes[0]} but expected ${outputs}`,
    );
  }
  const lead = input1.sizes.slice(0, -1);
  const left = input1.reshape([-1, 1, in1]);
  const right = input2.reshape([-1, in2, 1]);
  const rows = numelOf(lead);
  // (rows, 1, in1) times (out, in1, in2) as one product: rows × (out · in2).
  const mixed = left.reshape([rows, in1]).mm(weight.permute([1, 0, 2]).reshape([in1, outputs * in2]));
  const product = mixed
    .reshape([rows, outputs, in2])
    .bmm(right)
    .reshape([...lead, outputs]);
  return bias === null ? product : product.add(bias);
}
