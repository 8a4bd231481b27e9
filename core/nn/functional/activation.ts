// Activation functions of torch.nn.functional: the rows of core/ops/elementwise/activation.ts with PyTorch's arguments and `inplace`.

import { relabel } from "../../autograd/record";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import * as ops from "../../ops/elementwise/activation";
import { empty } from "../../ops/create/create";
import { overwrite } from "../../ops/create/overwrite";
import { requireFloat } from "../../tensor/dtype-checks";
import { opOf } from "../../ops/elementwise/define";
import * as pointwise from "../../ops/elementwise/pointwise";
import { logSoftmax as logSoftmaxAlong, softmax as softmaxAlong } from "../../ops/reduce/softmax";
import { overloaded, type Signed, signed } from "../../arguments/signed";
import { bfloat16, type DType, float16, float32, float64 } from "../../tensor/dtype";
import { wrapDim } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";

/** An activation whose parameters `T` stand in the signature between the input and `inplace`; `P`: their types. */
type Activation<T extends string = "", P extends unknown[] = []> = Signed<
  `f(Tensor input, ${T}bool inplace=False)`,
  [input: Tensor, ...parameters: P, inplace?: boolean],
  Tensor
>;

/** A row with PyTorch's arguments: `takes` are its parameters in order, as in a signature. */
function activation<F>(name: string, row: unknown, takes = ""): F {
  const op = rowOf(row);
  const count = takes.split(", ").length - 1;
  const run = (input: Tensor, ...given: unknown[]): Tensor =>
    op.apply([input, ...given.slice(0, count)], given[count] === true ? input : null);
  return overloaded<F>([`def ${name}(Tensor input, ${takes}bool inplace=False)`, run]);
}

function rowOf(row: unknown) {
  const op = opOf(row);
  if (op === null) throw new TypeError("an activation has no row");
  return op;
}

/** A function of one tensor with the signature `T`; `P`: its parameters after the tensor. */
type Plain<T extends string, P extends unknown[] = []> = Signed<T, [input: Tensor, ...parameters: P], Tensor>;

/** A row with PyTorch's arguments and no form in place. */
function plain<F>(takes: string, row: unknown): F {
  const op = rowOf(row);
  return overloaded<F>([takes, (input: Tensor, ...given: unknown[]): Tensor => op.apply([input, ...given], null)]);
}

/** max(x, 0). Option: `inplace`. Source: torch.nn.functional.relu. */
export const relu: Activation = activation("relu", pointwise.relu);
/** 1 / (1 + exp(−x)). Source: torch.nn.functional.sigmoid. */
export const sigmoid: Plain<"def sigmoid(Tensor input)"> = plain("def sigmoid(Tensor input)", pointwise.sigmoid);
/** The hyperbolic tangent. Source: torch.nn.functional.tanh. */
export const tanh: Plain<"def tanh(Tensor input)"> = plain("def tanh(Tensor input)", pointwise.tanh);
/** x · Φ(x). Source: torch.nn.functional.gelu. Option: `approximate` "none" (default) or "tanh". */
export const gelu = signed("gelu(Tensor input, *, str approximate=none)", geluOf);

function geluOf(input: Tensor, approximate: "none" | "tanh" = "none"): Tensor {
  if (approximate !== "none" && approximate !== "tanh") {
    throw new ShapeError(`approximate argument must be either none or tanh.`);
  }
  return approximate === "tanh" ? ops.geluTanh(input) : ops.gelu(input);
}
/** x where positive, else `negativeSlope` (0.01) · x. Option: `inplace`. Source: torch.nn.functional.leaky_relu. */
export const leakyRelu: Activation<"float negativeSlope=0.01, ", [negativeSlope?: number]> = activation(
  "leakyRelu",
  ops.leakyRelu,
  "float negativeSlope=0.01, ",
);
/** x where positive, else `alpha` (1) · (exp(x) − 1). Option: `inplace`. Source: torch.nn.functional.elu. */
export const elu: Activation<"float alpha=1, ", [alpha?: number]> = activation("elu", ops.elu, "float alpha=1, ");
/** x where positive, else `alpha` (1) · (exp(x / alpha) − 1). Option: `inplace`. Source: torch.nn.functional.celu. */
export const celu: Activation<"float alpha=1, ", [alpha?: number]> = activation("celu", ops.celu, "float alpha=1, ");
/** The self-normalising elu. Option: `inplace`. Source: torch.nn.functional.selu. */
export const selu: Activation = activation("selu", ops.selu);
/** x · sigmoid(x). Option: `inplace`. Source: torch.nn.functional.silu. */
export const silu: Activation = activation("silu", ops.silu);
/** x · tanh(softplus(x)). Option: `inplace`. Source: torch.nn.functional.mish. */
export const mish: Activation = activation("mish", ops.mish);
/** log(1 + exp(`beta` (1) · x)) / beta, x itself above `threshold` (20). Source: torch.nn.functional.softplus. */
export const softplus: Plain<
  "softplus(Tensor input, float beta=1, float threshold=20)",
  [beta?: number, threshold?: number]
> = plain("softplus(Tensor input, float beta=1, float threshold=20)", ops.softplus);
/** x within `minVal` (−1) and `maxVal` (1). Option: `inplace`. Source: torch.nn.functional.hardtanh. */
export const hardtanh: Activation<"float minVal=-1, float maxVal=1, ", [minVal?: number, maxVal?: number]> = activation(
  "hardtanh",
  ops.hardtanh,
  "float minVal=-1, float maxVal=1, ",
);
/** x within 0 and 6. Option: `inplace`. Source: torch.nn.functional.relu6. */
export const relu6 = signed("def relu6(Tensor input, bool inplace=False)", relu6Of);

function relu6Of(input: Tensor, inplace = false): Tensor {
  return hardtanh(input, 0, 6, inplace);
}
/** relu6(x + 3) / 6. Option: `inplace`. Source: torch.nn.functional.hardsigmoid. */
export const hardsigmoid: Activation = activation("hardsigmoid", ops.hardsigmoid);
/** x · relu6(x + 3) / 6. Option: `inplace`. Source: torch.nn.functional.hardswish. */
export const hardswish: Activation = activation("hardswish", ops.hardswish);
/** log(sigmoid(x)). Source: torch.nn.functional.logsigmoid. */
export const logsigmoid: Plain<"logsigmoid(Tensor input)"> = plain("logsigmoid(Tensor input)", ops.logsigmoid);
/** x / (1 + |x|). Source: torch.nn.functional.softsign. */
export const softsign: Plain<"def softsign(Tensor input)"> = plain("def softsign(Tensor input)", ops.softsign);
/** x − tanh(x). Source: torch.nn.functional.tanhshrink. */
export const tanhshrink: Plain<"def tanhshrink(Tensor input)"> = plain("def tanhshrink(Tensor input)", ops.tanhshrink);
/** x moved towards 0 by `lambd` (0.5). Source: torch.nn.functional.softshrink. */
export const softshrink: Plain<"softshrink(Tensor input, float lambd=0.5)", [lambd?: number]> = plain(
  "softshrink(Tensor input, float lambd=0.5)",
  ops.softshrink,
);
/** x, 0 within `lambd` (0.5) of 0. Source: torch.nn.functional.hardshrink. */
export const hardshrink: Plain<"hardshrink(Tensor input, float lambd=0.5)", [lambd?: number]> = plain(
  "hardshrink(Tensor input, float lambd=0.5)",
  ops.hardshrink,
);
/** x where it exceeds `threshold`, else `value`. Option: `inplace`. Source: torch.nn.functional.threshold. */
export const threshold: Activation<"float threshold, float value, ", [threshold: number, value: number]> = activation(
  "threshold",
  ops.threshold,
  "float threshold, float value, ",
);

/** A row over its input. */
function overwriting<F>(takes: string, row: unknown): F {
  const op = rowOf(row);
  return overloaded<F>([takes, (input: Tensor, ...given: unknown[]): Tensor => op.apply([input, ...given], input)]);
}

/** `relu` over its input. Source: torch.nn.functional.relu_. */
export const relu_: Plain<"relu_(Tensor input)"> = overwriting("relu_(Tensor input)", pointwise.relu);
/** `leakyRelu` over its input. Source: torch.nn.functional.leaky_relu_. */
export const leakyRelu_: Plain<"leakyRelu_(Tensor input, float negativeSlope=0.01)", [negativeSlope?: number]> =
  overwriting("leakyRelu_(Tensor input, float negativeSlope=0.01)", ops.leakyRelu);
/** `scale` (1) · `elu` of the positive, and of `inputScale` (1) times the negative, over its input. Source: torch.nn.functional.elu_. */
export const elu_ = signed("elu_(Tensor input, float alpha=1, float scale=1, float inputScale=1)", eluInPlace);

function eluInPlace(input: Tensor, alpha = 1, scale = 1, inputScale = 1): Tensor {
  if (scale === 1 && inputScale === 1) return rowOf(ops.elu).apply([input, alpha], input);
  const negative = input
    .mul(inputScale)
    .expm1()
    .mul(alpha * scale);
  return input.copy_(input.mul(scale).where(input.detach().gt(0), negative));
}
/** `celu` over its input. Source: torch.nn.functional.celu_. */
export const celu_: Plain<"celu_(Tensor input, float alpha=1)", [alpha?: number]> = overwriting(
  "celu_(Tensor input, float alpha=1)",
  ops.celu,
);
/** `selu` over its input. Source: torch.nn.functional.selu_. */
export const selu_: Plain<"selu_(Tensor input)"> = overwriting("selu_(Tensor input)", ops.selu);
/** `hardtanh` over its input. Source: torch.nn.functional.hardtanh_. */
export const hardtanh_: Plain<
  "hardtanh_(Tensor input, float minVal=-1, float maxVal=1)",
  [minVal?: number, maxVal?: number]
> = overwriting("hardtanh_(Tensor input, float minVal=-1, float maxVal=1)", ops.hardtanh);
/** `threshold` over its input. Source: torch.nn.functional.threshold_. */
export const threshold_: Plain<
  "threshold_(Tensor input, float threshold, float value)",
  [threshold: number, value: number]
> = overwriting("threshold_(Tensor input, float threshold, float value)", ops.threshold);

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
    // What a layer in autocast is given. PyTorch 1.13 takes it in bfloat16 only.
    if (input.dtype === bfloat16 || (input.dtype === float16 && weight.dtype === float32))
      return prelu(input, weight.to(input.dtype));
    throw new DTypeError(`Found dtype ${weight.dtype.scalarName} but expected ${input.dtype.scalarName}`);
  }
  if (weight.ndim > 1) {
    throw new ShapeError(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got ndim = ${weight.ndim}`);
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

/**
 * Leaky relu with a slope drawn per element from [lower (1/8), upper (1/3)) in training, their mean otherwise.
 * Options: `inplace`. Source: torch.nn.functional.rrelu.
 */
export const rrelu = signed(
  "def rrelu(Tensor input, float lower=0.125, float upper=0.3333333333333333, bool training=False, bool inplace=False)",
  rreluOf,
);

function rreluOf(input: Tensor, lower = 1 / 8, upper = 1 / 3, training = false, inplace = false): Tensor {
  if (!(lower <= upper)) throw new CressetError("Lower bound should be less than or equal to the upper bound");
  const rows = input.contiguous();
  const copy = rows === input ? undefined : rows;
  if (!training) {
    const out = relabel(leakyRelu(rows, (lower + upper) / 2), "RreluWithNoiseBackward0", copy);
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
  const out = relabel(rows.mul(scale), "RreluWithNoiseBackward0", copy);
  return inplace ? overwrite(input, out, IN_PLACE) : out;
}

/**
 * Samples from categories given by logits, relaxed with temperature `tau` (1); `hard` gives one-hot samples whose gradient is
 * that of the soft ones. Options: `dim` (−1). Source: torch.nn.functional.gumbel_softmax.
 */
export const gumbelSoftmax = signed(
  "def gumbelSoftmax(Tensor logits, float tau=1, bool hard=False, float eps=1e-10, int dim=-1)",
  gumbelSoftmaxOf,
);

function gumbelSoftmaxOf(logits: Tensor, tau = 1, hard = false, _eps = 1e-10, dim = -1): Tensor {
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
