// Activation functions of torch.nn.functional: the rows of core/ops/elementwise/activation.ts with PyTorch's arguments and `inplace`.

import { relabel } from "../../autograd/record";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import * as ops from "../../ops/elementwise/activation";
import { type Arguments, read } from "../../arguments/arguments";
import { empty } from "../../ops/create/create";
import { overwrite } from "../../ops/create/fill";
import { requireFloat } from "../../tensor/dtype-checks";
import { opOf } from "../../ops/elementwise/define";
import * as pointwise from "../../ops/elementwise/pointwise";
import { logSoftmax as logSoftmaxAlong, softmax as softmaxAlong } from "../../ops/reduce/softmax";
import { signed } from "../../arguments/signed";
import { type DType, float64 } from "../../tensor/dtype";
import { wrapDim } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";

/** What activations with an in-place form take besides their parameters. */
export interface InplaceOption {
  /** Writes the result over the input. Default false. */
  inplace?: boolean;
}

/** An activation: parameters `P` in order, then `inplace`; any of them by name as `O`. */
export type Activation<P extends unknown[] = [], O extends object = object> = (
  input: Tensor,
  ...args: Arguments<[...parameters: P, inplace?: boolean], O & InplaceOption>
) => Tensor;

/** A declared row with PyTorch's arguments: `names` are its parameters in order. */
function activation<P extends unknown[] = [], O extends object = object>(
  call: string,
  row: unknown,
  names: readonly (keyof O & string)[] = [],
): Activation<P, O> {
  const op = opOf(row);
  if (op === null) throw new TypeError(`${call} has no row`);
  const order: readonly (keyof (O & InplaceOption) & string)[] = [...names, "inplace"];
  return (input, ...args) => {
    if (args.length === 0) return op.apply([input], null);
    const given = read<O & InplaceOption>(call, args, order);
    const values = names.map((name) => given[name]);
    return op.apply([input, ...values], given.inplace === true ? input : null);
  };
}

/** max(x, 0). Option: `inplace`. Source: torch.nn.functional.relu. */
export const relu: Activation = activation("relu", pointwise.relu);
/** 1 / (1 + exp(−x)). Source: torch.nn.functional.sigmoid. */
export const sigmoid: (input: Tensor) => Tensor = activation("sigmoid", pointwise.sigmoid);
/** The hyperbolic tangent. Source: torch.nn.functional.tanh. */
export const tanh: (input: Tensor) => Tensor = activation("tanh", pointwise.tanh);
/** x · Φ(x). Source: torch.nn.functional.gelu. Option: `approximate` "none" (default) or "tanh". */
export function gelu(
  input: Tensor,
  ...args: Arguments<[approximate?: "none" | "tanh"], { approximate?: "none" | "tanh" }>
): Tensor {
  const { approximate = "none" } = read<{ approximate?: string }>("gelu", args, ["approximate"]);
  if (approximate !== "none" && approximate !== "tanh") {
    throw new ShapeError(`approximate argument must be either none or tanh.`);
  }
  return approximate === "tanh" ? ops.geluTanh(input) : ops.gelu(input);
}
/** x where positive, else `negativeSlope` (0.01) · x. Option: `inplace`. Source: torch.nn.functional.leaky_relu. */
export const leakyRelu: Activation<[negativeSlope?: number], { negativeSlope?: number }> = activation(
  "leaky_relu",
  ops.leakyRelu,
  ["negativeSlope"],
);
/** x where positive, else `alpha` (1) · (exp(x) − 1). Option: `inplace`. Source: torch.nn.functional.elu. */
export const elu: Activation<[alpha?: number], { alpha?: number }> = activation("elu", ops.elu, ["alpha"]);
/** x where positive, else `alpha` (1) · (exp(x / alpha) − 1). Option: `inplace`. Source: torch.nn.functional.celu. */
export const celu: Activation<[alpha?: number], { alpha?: number }> = activation("celu", ops.celu, ["alpha"]);
/** The self-normalising elu. Option: `inplace`. Source: torch.nn.functional.selu. */
export const selu: Activation = activation("selu", ops.selu);
/** x · sigmoid(x). Option: `inplace`. Source: torch.nn.functional.silu. */
export const silu: Activation = activation("silu", ops.silu);
/** x · tanh(softplus(x)). Option: `inplace`. Source: torch.nn.functional.mish. */
export const mish: Activation = activation("mish", ops.mish);
/** log(1 + exp(`beta` (1) · x)) / beta, x itself above `threshold` (20). Source: torch.nn.functional.softplus. */
export const softplus: (
  input: Tensor,
  ...args: Arguments<[beta?: number, threshold?: number], { beta?: number; threshold?: number }>
) => Tensor = activation<[beta?: number, threshold?: number], { beta?: number; threshold?: number }>(
  "softplus",
  ops.softplus,
  ["beta", "threshold"],
);
/** x within `minVal` (−1) and `maxVal` (1). Option: `inplace`. Source: torch.nn.functional.hardtanh. */
export const hardtanh: Activation<[minVal?: number, maxVal?: number], { minVal?: number; maxVal?: number }> =
  activation("hardtanh", ops.hardtanh, ["minVal", "maxVal"]);
/** x within 0 and 6. Option: `inplace`. Source: torch.nn.functional.relu6. */
export function relu6(input: Tensor, ...args: Arguments<[inplace?: boolean], InplaceOption>): Tensor {
  const { inplace } = read<InplaceOption>("relu6", args, ["inplace"]);
  return hardtanh(input, 0, 6, inplace);
}
/** relu6(x + 3) / 6. Option: `inplace`. Source: torch.nn.functional.hardsigmoid. */
export const hardsigmoid: Activation = activation("hardsigmoid", ops.hardsigmoid);
/** x · relu6(x + 3) / 6. Option: `inplace`. Source: torch.nn.functional.hardswish. */
export const hardswish: Activation = activation("hardswish", ops.hardswish);
/** log(sigmoid(x)). Source: torch.nn.functional.logsigmoid. */
export const logsigmoid: (input: Tensor) => Tensor = activation("logsigmoid", ops.logsigmoid);
/** x / (1 + |x|). Source: torch.nn.functional.softsign. */
export const softsign: (input: Tensor) => Tensor = activation("softsign", ops.softsign);
/** x − tanh(x). Source: torch.nn.functional.tanhshrink. */
export const tanhshrink: (input: Tensor) => Tensor = activation("tanhshrink", ops.tanhshrink);
/** x moved towards 0 by `lambd` (0.5). Source: torch.nn.functional.softshrink. */
export const softshrink: (input: Tensor, ...args: Arguments<[lambd?: number], { lambd?: number }>) => Tensor =
  activation<[lambd?: number], { lambd?: number }>("softshrink", ops.softshrink, ["lambd"]);
/** x, 0 within `lambd` (0.5) of 0. Source: torch.nn.functional.hardshrink. */
export const hardshrink: (input: Tensor, ...args: Arguments<[lambd?: number], { lambd?: number }>) => Tensor =
  activation<[lambd?: number], { lambd?: number }>("hardshrink", ops.hardshrink, ["lambd"]);
/** x where it exceeds `threshold`, else `value`. Option: `inplace`. Source: torch.nn.functional.threshold. */
export const threshold: Activation<[threshold: number, value: number], { threshold?: number; value?: number }> =
  activation("threshold", ops.threshold, ["threshold", "value"]);

/** The form of an activation that writes over its input. */
function overwriting<P extends unknown[]>(
  f: (...args: never[]) => Tensor,
): (input: Tensor, ...parameters: P) => Tensor {
  return (input, ...parameters) => Reflect.apply(f, undefined, [input, ...parameters, { inplace: true }]);
}

/** `relu` over its input. Source: torch.nn.functional.relu_. */
export const relu_: (input: Tensor) => Tensor = overwriting(relu);
/** `leakyRelu` over its input. Source: torch.nn.functional.leaky_relu_. */
export const leakyRelu_: (input: Tensor, negativeSlope?: number) => Tensor = overwriting(leakyRelu);
/** `elu` over its input. Source: torch.nn.functional.elu_. */
export const elu_: (input: Tensor, alpha?: number) => Tensor = overwriting(elu);
/** `celu` over its input. Source: torch.nn.functional.celu_. */
export const celu_: (input: Tensor, alpha?: number) => Tensor = overwriting(celu);
/** `selu` over its input. Source: torch.nn.functional.selu_. */
export const selu_: (input: Tensor) => Tensor = overwriting(selu);
/** `hardtanh` over its input. Source: torch.nn.functional.hardtanh_. */
export const hardtanh_: (input: Tensor, minVal?: number, maxVal?: number) => Tensor = overwriting(hardtanh);
/** `threshold` over its input. Source: torch.nn.functional.threshold_. */
export const threshold_: (input: Tensor, threshold: number, value: number) => Tensor = overwriting(threshold);

/**
 * exp(x) / Σ exp(x) along `dim`; without it along 0 for 0, 1 and 3 dimensions, else along 1. Options: `dim`, `dtype`. Throws DTypeError
 * for whole numbers. Source: torch.nn.functional.softmax.
 */
export const softmax = signed("def softmax(Tensor input, int? dim=None, Dtype? dtype=None)", softmaxOf);

/** The dimension that PyTorch takes where none is given. */
function impliedDim({ ndim }: Tensor): number {
  return ndim === 0 || ndim === 1 || ndim === 3 ? 0 : 1;
}

function softmaxOf(input: Tensor, dim: number | null = null, dtype: DType | null = null): Tensor {
  return softmaxAlong(input, dim ?? impliedDim(input), dtype);
}

/** The logarithm of `softmax`. Options: `dim`, `dtype`. Source: torch.nn.functional.log_softmax. */
export const logSoftmax = signed("def logSoftmax(Tensor input, int? dim=None, Dtype? dtype=None)", logSoftmaxOf);

function logSoftmaxOf(input: Tensor, dim: number | null = null, dtype: DType | null = null): Tensor {
  return logSoftmaxAlong(input, dim ?? impliedDim(input), dtype);
}

/** exp(−x) / Σ exp(−x) along `dim`. Options: `dim`, `dtype`. Source: torch.nn.functional.softmin. */
export const softmin = signed("def softmin(Tensor input, int? dim=None, Dtype? dtype=None)", softminOf);

function softminOf(input: Tensor, dim: number | null = null, dtype: DType | null = null): Tensor {
  return softmaxOf(input.neg(), dim, dtype);
}

/** One half times the sigmoid of the other, halves along `dim` (−1). Throws ShapeError for an odd size. Source: torch.nn.functional.glu. */
export const glu = signed("def glu(Tensor input, int dim=-1)", gluOf);

function gluOf(input: Tensor, dim = -1): Tensor {
  if (input.ndim === 0) throw new ShapeError("glu does not support 0-dimensional tensors");
  const d = wrapDim(dim, input.ndim);
  const size = input.sizes[d];
  if (size % 2 !== 0) throw new ShapeError(`Halving dimension must be even, but dimension ${d} is size ${size}`);
  const half = size / 2;
  requireFloat("glu_cpu", input.dtype);
  return relabel(input.narrow(d, 0, half).mul(input.narrow(d, half, half).sigmoid()), "GluBackward0");
}

/** x where positive, else `weight` · x, one weight or one per channel (dimension 1). Source: torch.nn.functional.prelu. */
export const prelu = signed("prelu(Tensor input, Tensor weight)", preluOf);

function preluOf(input: Tensor, weight: Tensor): Tensor {
  if (weight.dtype !== input.dtype) {
    throw new DTypeError(`Found dtype ${weight.dtype.scalarName} but expected ${input.dtype.scalarName}`);
  }
  const count = weight.numel();
  if (count === 1)
    return ops.prelu(input, input.ndim === 0 ? weight.reshape([]) : weight.reshape(input.sizes.map(() => 1)));
  if (input.ndim === 0) throw new ShapeError("Not allow zero-dim input tensor.");
  const channels = input.ndim > 1 ? input.sizes[1] : 1;
  if (channels !== count) {
    throw new ShapeError(
      `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${count} and channel size = ${channels}.`,
    );
  }
  return ops.prelu(input, weight.reshape(input.sizes.map((_, d) => (d === 1 ? count : 1))));
}

const IN_PLACE = "RreluWithNoiseBackward1";

/** What `rrelu` takes by name. */
export interface RreluOptions extends InplaceOption {
  lower?: number;
  upper?: number;
  training?: boolean;
}

/**
 * Leaky relu with a slope drawn per element from [lower (1/8), upper (1/3)) in training, their mean otherwise.
 * Options: `inplace`. Source: torch.nn.functional.rrelu.
 */
export function rrelu(
  input: Tensor,
  ...args: Arguments<[lower?: number, upper?: number, training?: boolean, inplace?: boolean], RreluOptions>
): Tensor {
  const {
    lower = 1 / 8,
    upper = 1 / 3,
    training = false,
    inplace = false,
  } = read<RreluOptions>("rrelu", args, ["lower", "upper", "training", "inplace"]);
  if (lower > upper) throw new CressetError("Lower bound should be less than or equal to the upper bound");
  if (!training) {
    const out = relabel(leakyRelu(input, (lower + upper) / 2), "RreluWithNoiseBackward0");
    return inplace ? overwrite(input, out, IN_PLACE) : out;
  }
  const below = input.detach().le(0);
  const slopes = empty([Number(below.sum().item())], { dtype: float64 })
    .uniform_(lower, upper)
    .to(input.dtype);
  const scale = input
    .detach()
    .newOnes([...input.sizes])
    .maskedScatter(below, slopes);
  const rows = input.contiguous();
  const out = relabel(rows.mul(scale), "RreluWithNoiseBackward0", rows === input ? undefined : rows);
  return inplace ? overwrite(input, out, IN_PLACE) : out;
}

/** What `gumbelSoftmax` takes by name. */
export interface GumbelOptions {
  tau?: number;
  hard?: boolean;
  dim?: number;
}

/**
 * Samples from categories given by logits, relaxed with temperature `tau` (1); `hard` gives one-hot samples whose gradient is
 * that of the soft ones. Options: `dim` (−1). Source: torch.nn.functional.gumbel_softmax.
 */
export function gumbelSoftmax(
  logits: Tensor,
  ...args: Arguments<[tau?: number, hard?: boolean], GumbelOptions>
): Tensor {
  const { tau = 1, hard = false, dim = -1 } = read<GumbelOptions>("gumbel_softmax", args, ["tau", "hard"], ["dim"]);
  const noise = empty([...logits.sizes], { dtype: logits.dtype })
    .exponential_()
    .log()
    .neg();
  const soft = softmax(logits.add(noise).div(tau), dim);
  if (!hard) return soft;
  const index = soft.argmax(dim, true);
  const oneHot = soft.detach().mul(0).scatter(dim, index, 1);
  return oneHot.sub(soft.detach()).add(soft);
}
