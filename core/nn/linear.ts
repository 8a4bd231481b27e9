// Linear layers.

import type { Arguments, Named } from "../arguments/arguments";
import { readsMethods } from "../arguments/methods";
import { Signature } from "../arguments/signature";
import { signature } from "../arguments/signed";
import { numelOf } from "../tensor/shape";
import type { Parameter, Tensor } from "../tensor/tensor";
import { linear, bilinear } from "./functional/linear";
import { emptyParameter, FACTORY, type Factory, type FactoryOptions } from "./factory";
import { kaimingUniform_, uniform_ } from "./init";
import { InputModule, settingsText, TensorModule } from "./layer";

/** Draws the bias of a layer: uniform within 1 / √fan_in of its weight, of which the first dimension is no input. */
export function fanInUniform_(bias: Tensor, weight: Tensor): Tensor {
  const fanIn = numelOf(weight.sizes.slice(1));
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return uniform_(bias, -bound, bound);
}

type LinearArguments = Arguments<
  [inFeatures: number, outFeatures: number, bias?: boolean, ...factory: Factory],
  LinearOptions
>;

interface LinearOptions extends FactoryOptions {
  inFeatures?: number;
  outFeatures?: number;
  bias?: boolean;
}

/** x · weightᵀ + bias: (…, inFeatures) → (…, outFeatures). Options: `bias` (true), `dtype`, `device`. Source: torch.nn.Linear. */
export class Linear extends TensorModule {
  /** @internal */
  static readonly [signature] = new Signature(
    `def Linear(int inFeatures, int outFeatures, bool bias=True, ${FACTORY})`,
  );
  static {
    readsMethods(Linear, "def Linear.forward(Tensor input)");
  }

  readonly inFeatures: number;
  readonly outFeatures: number;
  /** (outFeatures, inFeatures) */
  declare weight: Parameter;
  /** (outFeatures), or null. */
  declare bias: Parameter | null;

  constructor(...args: LinearArguments);
  constructor(options: Named<LinearOptions, "inFeatures" | "outFeatures">);
  constructor(...args: LinearArguments | [LinearOptions]) {
    super();
    const given = Linear[signature].complete<LinearOptions>(args);
    const { inFeatures, outFeatures, bias } = given;
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.registerParameter("weight", emptyParameter([outFeatures, inFeatures], given));
    this.registerParameter("bias", bias ? emptyParameter([outFeatures], given) : null);
    this.resetParameters();
  }

  /** Draws new values. */
  resetParameters(): void {
    kaimingUniform_(this.weight, { a: Math.sqrt(5) });
    if (this.bias !== null) fanInUniform_(this.bias, this.weight);
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { inFeatures, outFeatures, bias } = this;
    return settingsText([
      ["inFeatures", inFeatures],
      ["outFeatures", outFeatures],
      ["bias", bias !== null],
    ]);
  }
}

interface BilinearOptions extends FactoryOptions {
  in1Features?: number;
  in2Features?: number;
  outFeatures?: number;
  bias?: boolean;
}

type BilinearArguments = Arguments<
  [in1Features: number, in2Features: number, outFeatures: number, bias?: boolean, ...factory: Factory],
  BilinearOptions
>;

/** x1ᵀ · W · x2 + bias per output. Options: `bias` (true), `dtype`, `device`. Source: torch.nn.Bilinear. */
export class Bilinear extends InputModule<{ input1: Tensor; input2: Tensor }> {
  /** @internal */
  static readonly [signature] = new Signature(
    `def Bilinear(int in1Features, int in2Features, int outFeatures, bool bias=True, ${FACTORY})`,
  );
  static {
    readsMethods(Bilinear, "def Bilinear.forward(Tensor input1, Tensor input2)");
  }

  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  /** (outFeatures, in1Features, in2Features) */
  declare weight: Parameter;
  declare bias: Parameter | null;

  constructor(...args: BilinearArguments);
  constructor(in1Features: number, options: Named<BilinearOptions, "in2Features" | "outFeatures">);
  constructor(options: Named<BilinearOptions, "in1Features" | "in2Features" | "outFeatures">);
  constructor(...args: unknown[]) {
    super();
    const given = Bilinear[signature].complete<BilinearOptions>(args);
    const { in1Features, in2Features, outFeatures, bias } = given;
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.registerParameter("weight", emptyParameter([outFeatures, in1Features, in2Features], given));
    this.registerParameter("bias", bias ? emptyParameter([outFeatures], given) : null);
    this.resetParameters();
  }

  /** Draws new values. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures, bias } = this;
    return settingsText([
      ["in1Features", in1Features],
      ["in2Features", in2Features],
      ["outFeatures", outFeatures],
      ["bias", bias !== null],
    ]);
  }
}

/** What it is given, whatever the arguments were. Source: torch.nn.Identity. */
export class Identity extends TensorModule {
  constructor(..._ignored: unknown[]) {
    super();
  }

  override forward(input: Tensor): Tensor {
    return input;
  }
}
