// Activation layers, one row each.

import { ArgumentError } from "../errors";
import { Parameter, type Tensor } from "../tensor/tensor";
import { full } from "../ops/create/create";
import { snakeCase } from "../tensor/python-text";
import { warn } from "../warnings";
import { getDefaultDtype } from "../tensor/dtype";
import type { Arguments } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import * as F from "./functional/activation";
import { FACTORY, type Factory, type FactoryOptions } from "./factory";
import { float, hidden, layer, settingsText, TensorModule, whenSet } from "./layer";

interface Inplace {
  inplace?: boolean;
}
type InplaceArgument = [inplace?: boolean];
const shows = { inplace: whenSet };

/** max(x, 0). Option: `inplace`. Source: torch.nn.ReLU. */
export class ReLU extends layer<InplaceArgument, Inplace>({
  takes: "def ReLU(bool inplace=False)",
  shows,
  forward: (x, settings) => (settings.inplace ? F.relu(x, true) : x.relu()),
}) {}

/** x within 0 and 6. Option: `inplace`. Source: torch.nn.ReLU6. */
export class ReLU6 extends layer<InplaceArgument, Inplace>({
  takes: "def ReLU6(bool inplace=False)",
  shows,
  forward: (x, settings) => F.relu6(x, settings.inplace),
}) {}

/** x where positive, else `negativeSlope` (0.01) · x. Option: `inplace`. Source: torch.nn.LeakyReLU. */
export class LeakyReLU extends layer<[negativeSlope?: number, inplace?: boolean], Inplace & { negativeSlope?: number }>(
  {
    takes: "def LeakyReLU(float negativeSlope=0.01, bool inplace=False)",
    shows,
    forward: (x, settings) => F.leakyRelu(x, settings.negativeSlope, settings.inplace),
  },
) {}

/** x where positive, else a slope drawn from [`lower`, `upper`) · x. Option: `inplace`. Source: torch.nn.RReLU. */
export class RReLU extends layer<
  [lower?: number, upper?: number, inplace?: boolean],
  Inplace & { lower?: number; upper?: number }
>({
  takes: "def RReLU(float lower=0.125, float upper=0.3333333333333333, bool inplace=False)",
  shows,
  forward: (x, settings) => F.rrelu(x, settings.lower, settings.upper, settings.training, settings.inplace),
}) {}

/** x where positive, else `alpha` (1) · (exp(x) − 1). Option: `inplace`. Source: torch.nn.ELU. */
export class ELU extends layer<[alpha?: number, inplace?: boolean], Inplace & { alpha?: number }>({
  takes: "def ELU(float alpha=1.0, bool inplace=False)",
  shows: { ...shows, alpha: float },
  forward: (x, settings) => F.elu(x, settings.alpha, settings.inplace),
}) {}

/** x where positive, else `alpha` (1) · (exp(x / alpha) − 1). Option: `inplace`. Source: torch.nn.CELU. */
export class CELU extends layer<[alpha?: number, inplace?: boolean], Inplace & { alpha?: number }>({
  takes: "def CELU(float alpha=1.0, bool inplace=False)",
  shows: { ...shows, alpha: float },
  forward: (x, settings) => F.celu(x, settings.alpha, settings.inplace),
}) {}

/** The self-normalising elu. Option: `inplace`. Source: torch.nn.SELU. */
export class SELU extends layer<InplaceArgument, Inplace>({
  takes: "def SELU(bool inplace=False)",
  shows,
  forward: (x, settings) => F.selu(x, settings.inplace),
}) {}

/** x · Φ(x). Option: `approximate` "none" (default) or "tanh". Source: torch.nn.GELU. */
export class GELU extends layer<[approximate?: "none" | "tanh"], { approximate?: "none" | "tanh" }>({
  takes: "def GELU(str approximate='none')",
  forward: (x, settings) => F.gelu(x, { approximate: settings.approximate }),
}) {}

/** x · sigmoid(x). Option: `inplace`. Source: torch.nn.SiLU. */
export class SiLU extends layer<InplaceArgument, Inplace>({
  takes: "def SiLU(bool inplace=False)",
  shows,
  forward: (x, settings) => F.silu(x, settings.inplace),
}) {}

/** x · tanh(softplus(x)). Option: `inplace`. Source: torch.nn.Mish. */
export class Mish extends layer<InplaceArgument, Inplace>({
  takes: "def Mish(bool inplace=False)",
  shows,
  forward: (x, settings) => F.mish(x, settings.inplace),
}) {}

/** 1 / (1 + exp(−x)). Source: torch.nn.Sigmoid. */
export class Sigmoid extends layer({ takes: "def Module()", forward: (x) => x.sigmoid() }) {}

/** The hyperbolic tangent. Source: torch.nn.Tanh. */
export class Tanh extends layer({ takes: "def Module()", forward: (x) => x.tanh() }) {}

interface Bounds extends Inplace {
  minVal?: number;
  maxVal?: number;
  /** PyTorch's earlier name of `minVal`. */
  minValue?: number | null;
  /** PyTorch's earlier name of `maxVal`. */
  maxValue?: number | null;
}

/** A bound, which may have been given by its earlier name. */
function renamed(settings: Required<Bounds>, name: "minVal" | "maxVal", earlier: "minValue" | "maxValue"): number {
  const value = settings[earlier];
  if (value === null) return settings[name];
  warn(`keyword argument ${snakeCase(earlier)} is deprecated and rename to ${snakeCase(name)}`);
  return value;
}

/** x within `minVal` (−1) and `maxVal` (1). Option: `inplace`. Source: torch.nn.Hardtanh. */
export class Hardtanh extends layer<
  [minVal?: number, maxVal?: number, inplace?: boolean, minValue?: number | null, maxValue?: number | null],
  Bounds
>({
  takes:
    "def Hardtanh(float minVal=-1.0, float maxVal=1.0, bool inplace=False, float? minValue=None, float? maxValue=None)",
  shows: { ...shows, minVal: float, maxVal: float, minValue: hidden, maxValue: hidden },
  forward: (x, settings) => F.hardtanh(x, settings.minVal, settings.maxVal, settings.inplace),
  prepare: (settings) => {
    const { inplace } = settings;
    const minVal = renamed(settings, "minVal", "minValue");
    const maxVal = renamed(settings, "maxVal", "maxValue");
    if (minVal >= maxVal) throw new ArgumentError("max_val must be larger than min_val");
    return { minVal, maxVal, inplace };
  },
}) {}

/** relu6(x + 3) / 6. Option: `inplace`. Source: torch.nn.Hardsigmoid. */
export class Hardsigmoid extends layer<InplaceArgument, Inplace>({
  takes: "def Hardsigmoid(bool inplace=False)",
  shows: { inplace: hidden },
  forward: (x, settings) => F.hardsigmoid(x, settings.inplace),
}) {}

/** x · relu6(x + 3) / 6. Option: `inplace`. Source: torch.nn.Hardswish. */
export class Hardswish extends layer<InplaceArgument, Inplace>({
  takes: "def Hardswish(bool inplace=False)",
  shows: { inplace: hidden },
  forward: (x, settings) => F.hardswish(x, settings.inplace),
}) {}

/** log(1 + exp(`beta` (1) · x)) / beta, x itself above `threshold` (20). Source: torch.nn.Softplus. */
export class Softplus extends layer<[beta?: number, threshold?: number], { beta?: number; threshold?: number }>({
  takes: "def Softplus(float beta=1, float threshold=20)",
  forward: (x, settings) => F.softplus(x, settings.beta, settings.threshold),
}) {}

/** x moved towards 0 by `lambd` (0.5). Source: torch.nn.Softshrink. */
export class Softshrink extends layer<[lambd?: number], { lambd?: number }>({
  takes: "def Softshrink(float lambd=0.5)",
  shows: { lambd: { float: true, positional: true } },
  forward: (x, settings) => F.softshrink(x, settings.lambd),
}) {}

/** x, 0 within `lambd` (0.5) of 0. Source: torch.nn.Hardshrink. */
export class Hardshrink extends layer<[lambd?: number], { lambd?: number }>({
  takes: "def Hardshrink(float lambd=0.5)",
  shows: { lambd: { float: true, positional: true } },
  forward: (x, settings) => F.hardshrink(x, settings.lambd),
}) {}

/** x / (1 + |x|). Source: torch.nn.Softsign. */
export class Softsign extends layer({ takes: "def Module()", forward: (x) => F.softsign(x) }) {}

/** x − tanh(x). Source: torch.nn.Tanhshrink. */
export class Tanhshrink extends layer({ takes: "def Module()", forward: (x) => F.tanhshrink(x) }) {}

/** log(sigmoid(x)). Source: torch.nn.LogSigmoid. */
export class LogSigmoid extends layer({ takes: "def Module()", forward: (x) => F.logsigmoid(x) }) {}

/** x where it exceeds `threshold`, else `value`. Option: `inplace`. Source: torch.nn.Threshold. */
export class Threshold extends layer<
  [threshold: number, value: number, inplace?: boolean],
  Inplace & { threshold?: number; value?: number },
  "threshold" | "value"
>({
  takes: "def Threshold(float threshold, float value, bool inplace=False)",
  shows,
  forward: (x, settings) => F.threshold(x, settings.threshold, settings.value, settings.inplace),
}) {}

/** One half times the sigmoid of the other, along `dim` (−1). Source: torch.nn.GLU. */
export class GLU extends layer<[dim?: number], { dim?: number }>({
  takes: "def GLU(int dim=-1)",
  forward: (x, settings) => F.glu(x, settings.dim),
}) {}

interface Dim {
  dim?: number | null;
}
type DimArgument = [dim?: number | null];

/** exp(x) / Σ exp(x) along `dim`. Source: torch.nn.Softmax. */
export class Softmax extends layer<DimArgument, Dim>({
  takes: "def Softmax(int? dim=None)",
  forward: (x, settings) => F.softmax(x, settings.dim),
}) {}

/** log of `Softmax` along `dim`. Source: torch.nn.LogSoftmax. */
export class LogSoftmax extends layer<DimArgument, Dim>({
  takes: "def LogSoftmax(int? dim=None)",
  forward: (x, settings) => F.logSoftmax(x, settings.dim),
}) {}

/** exp(−x) / Σ exp(−x) along `dim`. Source: torch.nn.Softmin. */
export class Softmin extends layer<DimArgument, Dim>({
  takes: "def Softmin(int? dim=None)",
  forward: (x, settings) => F.softmin(x, settings.dim),
}) {}

/** Softmax over the channels of (N, C, H, W) or (C, H, W). Source: torch.nn.Softmax2d. */
export class Softmax2d extends layer({
  takes: "def Module()",
  forward: (x) => {
    if (x.ndim !== 3 && x.ndim !== 4) {
      throw new ArgumentError("Softmax2d requires a 3D or 4D tensor as input");
    }
    return F.softmax(x, -3);
  },
}) {}

/** What PReLU takes by name. */
export interface PReLUOptions extends FactoryOptions {
  numParameters?: number;
  init?: number;
}

/** x where positive, else a trained slope · x, one or one per channel. Source: torch.nn.PReLU. */
export class PReLU extends TensorModule {
  /** @internal */
  static readonly [signature] = new Signature(`def PReLU(int numParameters=1, float init=0.25, ${FACTORY})`);
  static {
    readsMethods(PReLU, "def PReLU.forward(Tensor input)");
  }

  readonly numParameters: number;
  declare weight: Parameter;

  constructor(...args: Arguments<[numParameters?: number, init?: number, ...factory: Factory], PReLUOptions>) {
    super();
    const { numParameters, init, dtype, device } = PReLU[signature].complete<PReLUOptions>(args);
    this.numParameters = numParameters;
    const options = { dtype: dtype ?? getDefaultDtype(), device };
    this.registerParameter("weight", new Parameter(full([numParameters], init, options)));
  }

  override forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }

  override extraRepr(): string {
    return settingsText([["numParameters", this.numParameters]]);
  }
}
