// Normalisation functions of torch.nn.functional.

import { ownResult } from "../../autograd/record";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { signed } from "../../arguments/signed";
import { normalized } from "../../ops/network/normalize";
import { requireFloat, requireSameDtype } from "../../tensor/dtype-checks";
import { avgPool2d, avgPool3d } from "../../ops/window/pool";
import { refuseGradient } from "../../ops/shared/gradient-checks";
import { float32 } from "../../tensor/dtype";
import { numelOf, text, wrapDim } from "../../tensor/shape";
import type { Tensor } from "../../tensor/tensor";
import { finfo } from "../../tensor/limits";
import { pad } from "./pad";

/** A vector of one value per channel, as it broadcasts over (N, C, …). */
function perChannel(vector: Tensor | null | undefined, ndim: number): Tensor | null {
  if (vector === null || vector === undefined) return null;
  return vector.reshape(Array.from({ length: ndim }, (_, d) => (d === 1 ? -1 : 1)));
}

function checkLength(name: string, vector: Tensor | null | undefined, channels: number): void {
  if (vector && vector.numel() !== channels) {
    throw new ShapeError(`${name} should contain ${channels} elements not ${vector.numel()}`);
  }
}

/** Moves running statistics towards those of a batch, in place. */
function follow(running: Tensor | null | undefined, found: Tensor, momentum: number): void {
  if (!running) return;
  const values = found.reshape([-1]).to(running.dtype);
  running.copy_(values.mul(momentum).add(running.mul(1 - momentum)));
}

/** What `batchNorm` takes by name. */
export interface BatchNormOptions {
  runningMean?: Tensor | null;
  runningVar?: Tensor | null;
  weight?: Tensor | null;
  bias?: Tensor | null;
  /** Whether statistics are those of the batch, and the running ones follow. Default false. */
  training?: boolean;
  /** How far running statistics follow a batch. Default 0.1. */
  momentum?: number;
  eps?: number;
}

/**
 * Normalises every channel of (N, C, …) by the batch's statistics in training, else by the running ones. Options: `weight`,
 * `bias`, `training` (false), `momentum` (0.1), `eps` (1e-5). Source: torch.nn.functional.batch_norm.
 */
export const batchNorm = signed(
  "def batchNorm(Tensor input, Tensor? runningMean, Tensor? runningVar, Tensor? weight=None, Tensor? bias=None, bool training=False, float momentum=0.1, float eps=1e-5)",
  batchNormOf,
);

function batchNormOf(
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  training = false,
  momentum = 0.1,
  eps = 1e-5,
): Tensor {
  const channels = input.sizes[wrapDim(1, input.ndim)];
  const count = input.numel() / channels;
  if (training && count === 1) {
    throw new ShapeError(`Expected more than 1 value per channel when training, got input size ${input.shape}`);
  }
  checkLength("running_mean", runningMean, channels);
  checkLength("running_var", runningVar, channels);
  checkLength("weight", weight, channels);
  checkLength("bias", bias, channels);
  if (!training && (!runningMean || !runningVar)) {
    throw new ShapeError(`running_${runningMean ? "var" : "mean"} must be defined in evaluation mode`);
  }
  requireFloat("batch_norm", input.dtype);
  if (count > 0) {
    refuseGradient("native_batch_norm", "running_mean", runningMean);
    refuseGradient("native_batch_norm", "running_var", runningVar);
  }
  const parameters = [weight, bias, runningMean, runningVar];
  if (!isMixed(input, parameters)) {
    if (weight && weight.dtype !== input.dtype) {
      throw new DTypeError("mixed dtype (CPU): expect parameter to have scalar type of Float");
    }
    for (const x of parameters) if (x) requireSameDtype(input, x);
  }
  const mean = perChannel(runningMean, input.ndim);
  const variance = perChannel(runningVar, input.ndim);
  const { out, moments } = normalized(input, {
    node: "NativeBatchNormBackward0",
    dims: input.sizes.map((_, d) => d).filter((d) => d !== 1),
    eps,
    weight: perChannel(weight, input.ndim),
    bias: perChannel(bias, input.ndim),
    given: !training && mean !== null && variance !== null ? { mean, variance } : undefined,
  });
  if (training && count > 0) {
    follow(runningMean, moments.mean, momentum);
    follow(runningVar, moments.variance.mul(count / (count - 1)), momentum);
  }
  return out;
}

/** Whether parameters are float32 beside an input of 16 bits, as layers in autocast have them. */
function isMixed(input: Tensor, parameters: readonly (Tensor | null)[]): boolean {
  return input.itemsize <= 2 && parameters.every((x) => !x || x.dtype === float32);
}

/** Throws DTypeError for whole numbers, and for parameters of another dtype than the input; float32 goes with 16 bits, as in PyTorch 2. */
function requireAffine(kernel: string, input: Tensor, parameters: readonly (Tensor | null)[]): void {
  requireFloat(kernel, input.dtype);
  if (isMixed(input, parameters)) return;
  for (const x of parameters) if (x !== null) requireSameDtype(input, x);
}

interface AffineOptions {
  weight?: Tensor | null;
  bias?: Tensor | null;
  eps?: number;
}

/** What `layerNorm` takes by name. */
export interface LayerNormOptions extends AffineOptions {
  normalizedShape?: readonly number[];
}

/**
 * Normalises over the last dimensions, whose sizes are `normalizedShape`. Options: `weight`, `bias`, `eps` (1e-5).
 * Source: torch.nn.functional.layer_norm.
 */
export const layerNorm = signed(
  "def layerNorm(Tensor input, int[] normalizedShape, Tensor? weight=None, Tensor? bias=None, float eps=1e-5)",
  layerNormOf,
);

/** Throws ShapeError unless `shape` is that of the last dimensions, and of weight and bias. */
function requireLast(input: Tensor, shape: readonly number[], weight: Tensor | null, bias: Tensor | null): void {
  const k = shape.length;
  if (k === 0) {
    throw new ShapeError(
      "Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = []",
    );
  }
  if (text(input.sizes.slice(-k)) !== text(shape)) {
    throw new ShapeError(
      `Given normalized_shape=${text(shape)}, expected input with shape [*, ${shape.join(", ")}], but got input of size${text(input.sizes)}`,
    );
  }
  for (const [name, values] of [
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    if (values !== null && text(values.sizes) !== text(shape)) {
      throw new ShapeError(
        `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${text(values.sizes)} and normalized_shape = ${text(shape)}`,
      );
    }
  }
}

function layerNormOf(
  input: Tensor,
  normalizedShape: readonly number[],
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  eps = 1e-5,
): Tensor {
  const shape = [...normalizedShape];
  const k = shape.length;
  requireLast(input, shape, weight, bias);
  requireAffine("LayerNormKernelImpl", input, [weight, bias]);
  const dims = shape.map((_, d) => input.ndim - k + d);
  return normalized(input, { node: "NativeLayerNormBackward0", dims, eps, weight, bias }).out;
}

/** What `groupNorm` takes by name. */
export interface GroupNormOptions extends AffineOptions {
  numGroups?: number;
}

/** Normalises groups of channels of (N, C, …) sample by sample. Options: `weight`, `bias`, `eps` (1e-5). Source: torch.nn.functional.group_norm. */
export const groupNorm = signed(
  "def groupNorm(Tensor input, int numGroups, Tensor? weight=None, Tensor? bias=None, float eps=1e-5)",
  groupNormOf,
);

function groupNormOf(
  input: Tensor,
  numGroups: number,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  eps = 1e-5,
): Tensor {
  wrapDim(1, input.ndim);
  const [n, c, ...rest] = input.sizes;
  if (numGroups === 0) throw new CressetError("integer division or modulo by zero");
  const values = Math.floor((n * c) / numGroups);
  if (values * numelOf(rest) === 1) {
    throw new ShapeError(
      `Expected more than 1 value per channel when training, got input size ${text([values, numGroups, ...rest])}`,
    );
  }
  return groupNormOfAnySize(input, numGroups, weight, bias, eps);
}

/** `groupNorm` of groups of any size, of one value too: what torch itself calls by the name. Source: torch.group_norm. */
export const groupNormOfAny = signed(
  "groupNorm(Tensor input, int numGroups, Tensor? weight=None, Tensor? bias=None, float eps=1e-5, bool cudnnEnabled=True)",
  groupNormOfAnySize,
);

function groupNormOfAnySize(
  input: Tensor,
  numGroups: number,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  eps = 1e-5,
  _cudnnEnabled = true,
): Tensor {
  wrapDim(1, input.ndim);
  const [n, c, ...rest] = input.sizes;
  const each = Math.floor(c / numGroups);
  if (numGroups <= 0) throw new ShapeError(`Expected num groups to be greater than 0, got ${numGroups}`);
  if (c % numGroups !== 0) {
    throw new ShapeError(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${text(input.sizes)} and num_groups=${numGroups}`,
    );
  }
  for (const [name, values] of [
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    if (values !== null && text(values.sizes) !== text([c])) {
      throw new ShapeError(
        `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ${text(values.sizes)} and input of shape ${text(input.sizes)}`,
      );
    }
  }
  requireAffine("GroupNormKernelImpl", input, [weight, bias]);
  const grouped = input.reshape([n, numGroups, each, numelOf(rest)]);
  const spread = (values: Tensor | null) => values?.reshape([1, numGroups, each, 1]) ?? null;
  const options = { node: "NativeGroupNormBackward0", dims: [2, 3], eps, weight: spread(weight), bias: spread(bias) };
  return ownResult(normalized(grouped, options).out.reshape([...input.sizes]), "NativeGroupNormBackward0");
}

/** What `instanceNorm` takes by name. */
export interface InstanceNormOptions extends Omit<BatchNormOptions, "training"> {
  /** Whether statistics are those of the input. Default true. */
  useInputStats?: boolean;
}

/** Normalises every channel of every sample of (N, C, …). Options as `batchNorm`, `useInputStats` (true). Source: torch.nn.functional.instance_norm. */
export const instanceNorm = signed(
  "def instanceNorm(Tensor input, Tensor? runningMean=None, Tensor? runningVar=None, Tensor? weight=None, Tensor? bias=None, bool useInputStats=True, float momentum=0.1, float eps=1e-5)",
  instanceNormOf,
);

function instanceNormOf(
  input: Tensor,
  runningMean: Tensor | null = null,
  runningVar: Tensor | null = null,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  useInputStats = true,
  momentum = 0.1,
  eps = 1e-5,
): Tensor {
  const [n, c, ...rest] = input.sizes;
  if (useInputStats && numelOf(rest) === 1) {
    throw new ShapeError(`Expected more than 1 spatial element when training, got input size ${input.shape}`);
  }
  if (!useInputStats && (!runningMean || !runningVar)) {
    throw new ShapeError("Expected running_mean and running_var to be defined when use_input_stats is false");
  }
  for (const running of [runningMean, runningVar]) {
    if (running?.ndim === 0) throw new ShapeError("output with shape [] doesn't match the broadcast shape [1]");
  }
  // All samples' channels stand side by side in one batch.
  const repeated = (vector: Tensor | null | undefined) => vector?.repeat(n) ?? null;
  const means = repeated(runningMean);
  const variances = repeated(runningVar);
  const joined = batchNorm(
    input.reshape([1, n * c, ...rest]),
    means,
    variances,
    repeated(weight),
    repeated(bias),
    useInputStats,
    momentum,
    eps,
  );
  if (useInputStats) {
    if (means !== null) runningMean?.copy_(means.reshape([n, c]).mean(0));
    if (variances !== null) runningVar?.copy_(variances.reshape([n, c]).mean(0));
  }
  return joined.view([...input.sizes]);
}

/**
 * x / √(mean of x² over the last dimensions, `normalizedShape`, + eps) · weight. Options: `weight` (null), `eps` (the epsilon of the
 * dtype). Throws ShapeError when the shape is not that of the last dimensions. Source: torch.nn.functional.rms_norm of PyTorch 2.4.
 */
export const rmsNorm = signed(
  "def rmsNorm(Tensor input, int[] normalizedShape, Tensor? weight=None, float? eps=None)",
  (
    input: Tensor,
    normalizedShape: readonly number[],
    weight: Tensor | null = null,
    eps: number | null = null,
  ): Tensor => {
    requireLast(input, normalizedShape, weight, null);
    // Squares of 16 bits are summed in float32.
    const x = input.dtype.itemsize < 4 ? input.float() : input;
    const dims = normalizedShape.map((_, d) => d - normalizedShape.length);
    const scale = x
      .mul(x)
      .mean(dims, true)
      .add(eps ?? finfo(input.dtype).eps)
      .rsqrt();
    const out = x.mul(scale).to(input.dtype);
    return weight === null ? out : out.mul(weight);
  },
);

/** What `localResponseNorm` takes by name. */
export interface ResponseOptions {
  /** How many neighbouring channels count. */
  size?: number;
  alpha?: number;
  beta?: number;
  k?: number;
}

/**
 * Divides by (k + alpha · mean of squares over neighbouring channels)^beta. Options: `alpha` (1e-4), `beta` (0.75), `k` (1).
 * Source: torch.nn.functional.local_response_norm.
 */
export const localResponseNorm = signed(
  "def localResponseNorm(Tensor input, int size, float alpha=0.0001, float beta=0.75, float k=1)",
  localResponseNormOf,
);

function localResponseNormOf(input: Tensor, size: number, alpha = 1e-4, beta = 0.75, k = 1): Tensor {
  if (input.ndim < 3) {
    throw new ShapeError(`Expected 3D or higher dimensionality input (got ${input.ndim} dimensions)`);
  }
  if (input.numel() === 0) return input;
  const squares = input.mul(input).unsqueeze(1);
  const before = Math.floor(size / 2);
  const after = Math.floor((size - 1) / 2);
  const { sizes } = input;
  const flat = input.ndim === 3;
  const volume = flat ? squares : squares.reshape([sizes[0], 1, sizes[1], sizes[2], -1]);
  const padded = pad(volume, flat ? [0, 0, before, after] : [0, 0, 0, 0, before, after]);
  const means = flat ? avgPool2d(padded, [size, 1], 1) : avgPool3d(padded, [size, 1, 1], 1);
  return input.div(
    means
      .squeeze(1)
      .reshape([...sizes])
      .mul(alpha)
      .add(k)
      .pow(beta),
  );
}
