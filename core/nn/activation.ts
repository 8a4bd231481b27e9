// Activation layers, one row each.

import { ArgumentError } from "../errors";
import { Parameter, type Tensor } from "../tensor/tensor";
import { full } from "../ops/create/create";
import { type DType, getDefaultDtype } from "../tensor/dtype";
import { type Arguments, read } from "../arguments/arguments";
import * as F from "./functional/activation";
import { float, hidden, layer, type Setting, settingsText, shown, TensorModule, whenSet } from "./layer";

interface Inplace {
  inplace?: boolean;
}
type InplaceArgument = [inplace?: boolean];
const inplace: Setting = whenSet(false);

/** max(x, 0). Option: `inplace`. Source: torch.nn.ReLU. */
export class ReLU extends layer<InplaceArgument, Inplace>({
  settings: { inplace },
  forward: (x, settings) => (settings.inplace ? F.relu(x, true) : x.relu()),
}) {}

/** x within 0 and 6. Option: `inplace`. Source: torch.nn.ReLU6. */
export class ReLU6 extends layer<InplaceArgument, Inplace>({
  settings: { inplace },
  forward: (x, settings) => F.relu6(x, settings.inplace),
}) {}

/** x where positive, else `negativeSlope` (0.01) · x. Option: `inplace`. Source: torch.nn.LeakyReLU. */
export class LeakyReLU extends layer<[negativeSlope?: number, inplace?: boolean], Inplace & { negativeSlope?: number }>(
  {
    settings: { negativeSlope: float(0.01), inplace },
    forward: (x, settings) => F.leakyRelu(x, settings.negativeSlope, settings.inplace),
  },
) {}

/** x where positive, else a slope drawn from [`lower`, `upper`) · x. Option: `inplace`. Source: torch.nn.RReLU. */
export class RReLU extends layer<
  [lower?: number, upper?: number, inplace?: boolean],
  Inplace & { lower?: number; upper?: number }
>({
  settings: { lower: float(1 / 8), upper: float(1 / 3), inplace },
  forward: (x, settings) => F.rrelu(x, settings.lower, settings.upper, settings.training, settings.inplace),
}) {}

/** x where positive, else `alpha` (1) · (exp(x) − 1). Option: `inplace`. Source: torch.nn.ELU. */
export class ELU extends layer<[alpha?: number, inplace?: boolean], Inplace & { alpha?: number }>({
  settings: { alpha: float(1), inplace },
  forward: (x, settings) => F.elu(x, settings.alpha, settings.inplace),
}) {}

/** x where positive, else `alpha` (1) · (exp(x / alpha) − 1). Option: `inplace`. Source: torch.nn.CELU. */
export class CELU extends layer<[alpha?: number, inplace?: boolean], Inplace & { alpha?: number }>({
  settings: { alpha: float(1), inplace },
  forward: (x, settings) => F.celu(x, settings.alpha, settings.inplace),
}) {}

/** The self-normalising elu. Option: `inplace`. Source: torch.nn.SELU. */
export class SELU extends layer<InplaceArgument, Inplace>({
  settings: { inplace },
  forward: (x, settings) => F.selu(x, settings.inplace),
}) {}

/** x · Φ(x). Option: `approximate` "none" (default) or "tanh". Source: torch.nn.GELU. */
export class GELU extends layer<[approximate?: "none" | "tanh"], { approximate?: "none" | "tanh" }>({
  settings: { approximate: shown("none") },
  forward: (x, settings) => F.gelu(x, { approximate: settings.approximate }),
}) {}

/** x · sigmoid(x). Option: `inplace`. Source: torch.nn.SiLU. */
export class SiLU extends layer<InplaceArgument, Inplace>({
  settings: { inplace },
  forward: (x, settings) => F.silu(x, settings.inplace),
}) {}

/** x · tanh(softplus(x)). Option: `inplace`. Source: torch.nn.Mish. */
export class Mish extends layer<InplaceArgument, Inplace>({
  settings: { inplace },
  forward: (x, settings) => F.mish(x, settings.inplace),
}) {}

/** 1 / (1 + exp(−x)). Source: torch.nn.Sigmoid. */
export class Sigmoid extends layer({ settings: {}, forward: (x) => x.sigmoid() }) {}

/** The hyperbolic tangent. Source: torch.nn.Tanh. */
export class Tanh extends layer({ settings: {}, forward: (x) => x.tanh() }) {}

/** x within `minVal` (−1) and `maxVal` (1). Option: `inplace`. Source: torch.nn.Hardtanh. */
export class Hardtanh extends layer<
  [minVal?: number, maxVal?: number, inplace?: boolean],
  Inplace & { minVal?: number; maxVal?: number }
>({
  settings: { minVal: float(-1), maxVal: float(1), inplace },
  forward: (x, settings) => F.hardtanh(x, settings.minVal, settings.maxVal, settings.inplace),
  prepare: (settings) => {
    const { minVal = -1, maxVal = 1 } = settings;
    if (minVal >= maxVal) throw new ArgumentError("max_val must be larger than min_val");
    return settings;
  },
}) {}

/** relu6(x + 3) / 6. Option: `inplace`. Source: torch.nn.Hardsigmoid. */
export class Hardsigmoid extends layer<InplaceArgument, Inplace>({
  settings: { inplace: hidden(false) },
  forward: (x, settings) => F.hardsigmoid(x, settings.inplace),
}) {}

/** x · relu6(x + 3) / 6. Option: `inplace`. Source: torch.nn.Hardswish. */
export class Hardswish extends layer<InplaceArgument, Inplace>({
  settings: { inplace: hidden(false) },
  forward: (x, settings) => F.hardswish(x, settings.inplace),
}) {}

/** log(1 + exp(`beta` (1) · x)) / beta, x itself above `threshold` (20). Source: torch.nn.Softplus. */
export class Softplus extends layer<[beta?: number, threshold?: number], { beta?: number; threshold?: number }>({
  settings: { beta: shown(1), threshold: shown(20) },
  forward: (x, settings) => F.softplus(x, settings.beta, settings.threshold),
}) {}

/** x moved towards 0 by `lambd` (0.5). Source: torch.nn.Softshrink. */
export class Softshrink extends layer<[lambd?: number], { lambd?: number }>({
  settings: { lambd: { value: 0.5, float: true, positional: true } },
  forward: (x, settings) => F.softshrink(x, settings.lambd),
}) {}

/** x, 0 within `lambd` (0.5) of 0. Source: torch.nn.Hardshrink. */
export class Hardshrink extends layer<[lambd?: number], { lambd?: number }>({
  settings: { lambd: { value: 0.5, float: true, positional: true } },
  forward: (x, settings) => F.hardshrink(x, settings.lambd),
}) {}

/** x / (1 + |x|). Source: torch.nn.Softsign. */
export class Softsign extends layer({ settings: {}, forward: (x) => F.softsign(x) }) {}

/** x − tanh(x). Source: torch.nn.Tanhshrink. */
export class Tanhshrink extends layer({ settings: {}, forward: (x) => F.tanhshrink(x) }) {}

/** log(sigmoid(x)). Source: torch.nn.LogSigmoid. */
export class LogSigmoid extends layer({ settings: {}, forward: (x) => F.logsigmoid(x) }) {}

/** x where it exceeds `threshold`, else `value`. Option: `inplace`. Source: torch.nn.Threshold. */
export class Threshold extends layer<
  [threshold: number, value: number, inplace?: boolean],
  Inplace & { threshold?: number; value?: number },
  "threshold" | "value"
>({
  settings: { threshold: shown(), value: shown(), inplace },
  forward: (x, settings) => F.threshold(x, settings.threshold, settings.value, settings.inplace),
}) {}

/** One half times the sigmoid of the other, along `dim` (−1). Source: torch.nn.GLU. */
export class GLU extends layer<[dim?: number], { dim?: number }>({
  settings: { dim: shown(-1) },
  forward: (x, settings) => F.glu(x, settings.dim),
}) {}

interface Dim {
  dim?: number | null;
}
type DimArgument = [dim?: number | null];

/** exp(x) / Σ exp(x) along `dim`. Source: torch.nn.Softmax. */
export class Softmax extends layer<DimArgument, Dim>({
  settings: { dim: shown(null) },
  forward: (x, settings) => F.softmax(x, settings.dim),
}) {}

/** log of `Softmax` along `dim`. Source: torch.nn.LogSoftmax. */
export class LogSoftmax extends layer<DimArgument, Dim>({
  settings: { dim: shown(null) },
  forward: (x, settings) => F.logSoftmax(x, settings.dim),
}) {}

/** exp(−x) / Σ exp(−x) along `dim`. Source: torch.nn.Softmin. */
export class Softmin extends layer<DimArgument, Dim>({
  settings: { dim: shown(null) },
  forward: (x, settings) => F.softmin(x, settings.dim),
}) {}

/** Softmax over the channels of (N, C, H, W) or (C, H, W). Source: torch.nn.Softmax2d. */
export class Softmax2d extends layer({
  settings: {},
  forward: (x) => {
    if (x.ndim !== 3 && x.ndim !== 4) {
      throw new ArgumentError("Softmax2d requires a 3D or 4D tensor as input");
    }
    return F.softmax(x, -3);
  },
}) {}

/** What PReLU takes by name. */
export interface PReLUOptions {
  numParameters?: number;
  init?: number;
  dtype?: DType | null;
}

/** x where positive, else a trained slope · x, one or one per channel. Source: torch.nn.PReLU. */
export class PReLU extends TensorModule {
  readonly numParameters: number;
  declare weight: Parameter;

  constructor(...args: Arguments<[numParameters?: number, init?: number], PReLUOptions>) {
    super();
    const {
      numParameters = 1,
      init = 0.25,
      dtype,
    } = read<PReLUOptions>("PReLU", args, ["numParameters", "init"], ["dtype"]);
    this.numParameters = numParameters;
    this.registerParameter("weight", new Parameter(full([numParameters], init, { dtype: dtype ?? getDefaultDtype() })));
  }

  override forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return settingsText([["numParameters", this.numParameters]]);
  }
}
