// Layers of torchvision's networks. Source: torchvision/ops/misc.py, stochastic_depth.py, drop_block.py.

import { Signature } from "../../arguments/signature";
import { signature, signed } from "../../arguments/signed";
import { ArgumentError, ShapeError } from "../../errors";
import { AdaptiveAvgPool2d, Conv2d, Module, ReLU, Sigmoid } from "../../nn";
import { maxPool2d } from "../../ops/window/pool";
import { pad } from "../../nn/functional/pad";
import { empty, ones, zeros } from "../../ops/create/create";
import { pythonText } from "../../tensor/python-text";
import type { Tensor } from "../../tensor/tensor";

function requireShare(p: number, end: string): void {
  if (!(p >= 0 && p <= 1)) throw new ArgumentError(`drop probability has to be between 0 and 1, but got ${p}${end}`);
}

/**
 * While it trains: 0 with probability `p`, for each row or for the whole batch; what stays grows by 1 / (1 − p). Throws ArgumentError
 * for another probability or mode. Source: torchvision.ops.stochastic_depth.
 */
export const stochasticDepth = signed(
  "def stochasticDepth(Tensor input, float p, str mode, bool training=True)",
  (input: Tensor, p: number, mode: "batch" | "row", training = true): Tensor => {
    requireShare(p, "");
    if (mode !== "batch" && mode !== "row") {
      throw new ArgumentError(`mode has to be either 'batch' or 'row', but got ${String(mode)}`);
    }
    if (!training || p === 0) return input;
    const sizes = input.sizes.map((size, d) => (d === 0 && mode === "row" ? size : 1));
    const noise = empty(sizes, { dtype: input.dtype }).bernoulli_(1 - p);
    return input.mul(p < 1 ? noise.div_(1 - p) : noise);
  },
);

/** `stochasticDepth` as a layer. Source: torchvision.ops.StochasticDepth. */
export class StochasticDepth extends Module {
  constructor(
    /** How often an input is dropped. */
    readonly p: number,
    /** What is dropped at a time. */
    readonly mode: "batch" | "row",
  ) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return stochasticDepth(input, this.p, this.mode, this.training);
  }

  override extraRepr(): string {
    return `p=${pythonText(this.p)}, mode=${this.mode}`;
  }
}

/**
 * While it trains: blocks of `blockSize` set to 0, about a share `p` of (N, channels, height, width). Throws ArgumentError for another
 * probability, ShapeError for another input. Source: torchvision.ops.drop_block2d.
 */
export const dropBlock2d = signed(
  "def dropBlock2d(Tensor input, float p, int blockSize, bool inplace=False, float eps=1e-06, bool training=True)",
  (input: Tensor, p: number, blockSize: number, inplace = false, eps = 1e-6, training = true): Tensor => {
    requireShare(p, ".");
    if (input.ndim !== 4) throw new ShapeError(`input should be 4 dimensional. Got ${input.ndim} dimensions.`);
    if (!training || p === 0) return input;
    const [count, channels, height, width] = input.sizes;
    const block = Math.min(blockSize, width, height);
    const [rows, columns] = [height - block + 1, width - block + 1];
    const gamma = (p * height * width) / (block ** 2 * (rows * columns));
    const half = Math.floor(block / 2);
    const seeds = empty([count, channels, rows, columns], { dtype: input.dtype }).bernoulli_(gamma);
    const wide = pad(seeds, [half, half, half, half]);
    const noise = maxPool2d(wide, { kernelSize: block, stride: 1, padding: half }).rsub(1);
    const scale = noise.sum().add(eps).reciprocal().mul(noise.numel());
    return inplace ? input.mul_(noise).mul_(scale) : input.mul(noise).mul(scale);
  },
);

/** `dropBlock2d` as a layer. Source: torchvision.ops.DropBlock2d. */
export class DropBlock2d extends Module {
  /** @internal */
  static readonly [signature] = new Signature(
    "def DropBlock2d(float p, int blockSize, bool inplace=False, float eps=1e-06)",
  );
  private readonly options: { p: number; blockSize: number; inplace: boolean; eps: number };

  constructor(p: number, blockSize: number, options?: { inplace?: boolean; eps?: number });
  constructor(options: { p: number; blockSize: number; inplace?: boolean; eps?: number });
  constructor(...args: unknown[]) {
    super();
    this.options = DropBlock2d[signature].complete(args);
  }

  override forward(input: Tensor): Tensor {
    const { p, blockSize, inplace, eps } = this.options;
    return dropBlock2d(input, p, blockSize, inplace, eps, this.training);
  }

  override extraRepr(): string {
    const { p, blockSize, inplace } = this.options;
    return `p=${pythonText(p)}, block_size=${blockSize}, inplace=${pythonText(inplace)}`;
  }
}

/** A batch normalisation whose numbers never change. Source: torchvision.ops.FrozenBatchNorm2d. */
export class FrozenBatchNorm2d extends Module {
  readonly weight: Tensor;
  readonly bias: Tensor;
  readonly running_mean: Tensor;
  readonly running_var: Tensor;

  constructor(
    numFeatures: number,
    /** What is added to the variance. */
    readonly eps = 1e-5,
  ) {
    super();
    this.weight = ones(numFeatures);
    this.bias = zeros(numFeatures);
    this.running_mean = zeros(numFeatures);
    this.running_var = ones(numFeatures);
    for (const name of ["weight", "bias", "running_mean", "running_var"] as const)
      this.registerBuffer(name, this[name]);
  }

  override forward(x: Tensor): Tensor {
    const [w, b, mean, variance] = [this.weight, this.bias, this.running_mean, this.running_var].map((each) =>
      each.view(1, -1, 1, 1),
    );
    const scale = w.mul(variance.add(this.eps).rsqrt());
    return x.mul(scale).add(b.sub(mean.mul(scale)));
  }

  override extraRepr(): string {
    return `${this.weight.sizes[0]}, eps=${pythonText(this.eps)}`;
  }
}

type Activation = new () => Module;

/** Channels weighed by what they hold altogether. Source: torchvision.ops.SqueezeExcitation. */
export class SqueezeExcitation extends Module {
  readonly avgpool: AdaptiveAvgPool2d;
  readonly fc1: Conv2d;
  readonly fc2: Conv2d;
  readonly activation: Module;
  readonly scale_activation: Module;

  constructor(
    inputChannels: number,
    squeezeChannels: number,
    { activation = ReLU, scaleActivation = Sigmoid }: { activation?: Activation; scaleActivation?: Activation } = {},
  ) {
    super();
    this.avgpool = new AdaptiveAvgPool2d(1);
    this.fc1 = new Conv2d(inputChannels, squeezeChannels, 1);
    this.fc2 = new Conv2d(squeezeChannels, inputChannels, 1);
    this.activation = new activation();
    this.scale_activation = new scaleActivation();
  }

  override forward(input: Tensor): Tensor {
    const weights = this.fc2(this.activation(this.fc1(this.avgpool(input))));
    return this.scale_activation(weights).mul(input);
  }
}
