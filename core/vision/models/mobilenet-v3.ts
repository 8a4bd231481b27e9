// Networks of depthwise convolutions that weigh their channels. Source: torchvision/models/mobilenetv3.py.

import { AdaptiveAvgPool2d, Dropout, Hardsigmoid, Hardswish, Linear, Module, ReLU, Sequential } from "../../nn";
import type { Tensor } from "../../tensor/tensor";
import { SqueezeExcitation } from "../ops/layers";
import { Conv2dNormActivation, divisible, initMobile } from "./build";

/** A block: kernel, channels inside and out, whether channels are weighed, the activation, the stride. */
type Block = readonly [
  kernel: number,
  inside: number,
  outputs: number,
  weighed: boolean,
  activation: "RE" | "HS",
  stride: number,
];

/** The blocks of each network, and the channels before its last layer. */
const NETWORKS = {
  large: {
    blocks: [
      [3, 16, 16, false, "RE", 1],
      [3, 64, 24, false, "RE", 2],
      [3, 72, 24, false, "RE", 1],
      [5, 72, 40, true, "RE", 2],
      [5, 120, 40, true, "RE", 1],
      [5, 120, 40, true, "RE", 1],
      [3, 240, 80, false, "HS", 2],
      [3, 200, 80, false, "HS", 1],
      [3, 184, 80, false, "HS", 1],
      [3, 184, 80, false, "HS", 1],
      [3, 480, 112, true, "HS", 1],
      [3, 672, 112, true, "HS", 1],
      [5, 672, 160, true, "HS", 2],
      [5, 960, 160, true, "HS", 1],
      [5, 960, 160, true, "HS", 1],
    ],
    last: 1280,
  },
  small: {
    blocks: [
      [3, 16, 16, true, "RE", 2],
      [3, 72, 24, false, "RE", 2],
      [3, 88, 24, false, "RE", 1],
      [5, 96, 40, true, "HS", 2],
      [5, 240, 40, true, "HS", 1],
      [5, 240, 40, true, "HS", 1],
      [5, 120, 48, true, "HS", 1],
      [5, 144, 48, true, "HS", 1],
      [5, 288, 96, true, "HS", 2],
      [5, 576, 96, true, "HS", 1],
      [5, 576, 96, true, "HS", 1],
    ],
    last: 1024,
  },
} as const satisfies { readonly [name: string]: { blocks: readonly Block[]; last: number } };

class InvertedResidual extends Module {
  readonly block: Sequential;
  private readonly hasShortcut: boolean;

  constructor(inputs: number, [kernel, inside, outputs, weighed, name, stride]: Block) {
    super();
    this.hasShortcut = stride === 1 && inputs === outputs;
    const activation = name === "HS" ? Hardswish : ReLU;
    const layers: Module[] = [];
    if (inside !== inputs) {
      layers.push(new Conv2dNormActivation(inputs, inside, { kernelSize: 1, norm: NORM, activation }));
    }
    layers.push(
      new Conv2dNormActivation(inside, inside, { kernelSize: kernel, stride, groups: inside, norm: NORM, activation }),
    );
    if (weighed) {
      const squeezed = divisible(Math.floor(inside / 4), 8);
      layers.push(new SqueezeExcitation(inside, squeezed, { scaleActivation: Hardsigmoid }));
    }
    layers.push(new Conv2dNormActivation(inside, outputs, { kernelSize: 1, norm: NORM, activation: null }));
    this.block = new Sequential(...layers);
  }

  override forward(x: Tensor): Tensor {
    const result = this.block(x);
    return this.hasShortcut ? result.add_(x) : result;
  }
}

/** What MobileNetV3 takes by name. */
export interface MobileNetV3Options {
  /** Default 1000. */
  numClasses?: number;
  /** How wide all layers are. Default 1. */
  widthMult?: number;
  /** Default 0.2. */
  dropout?: number;
}

/** The normalisation of these networks remembers longer. */
const NORM = { eps: 0.001, momentum: 0.01 } as const;

/** Inverted residual blocks that weigh their channels. Source: torchvision.models.MobileNetV3. */
export class MobileNetV3 extends Module {
  readonly features: Sequential;
  readonly avgpool: AdaptiveAvgPool2d;
  /** What fine-tuning replaces, or the last layer of it. */
  classifier: Module;

  constructor(network: keyof typeof NETWORKS, options: MobileNetV3Options = {}) {
    super();
    const { numClasses = 1000, widthMult = 1, dropout = 0.2 } = options;
    const { blocks, last } = NETWORKS[network];
    const wide = (channels: number) => divisible(channels * widthMult, 8);
    let channels = wide(16);
    const layers: Module[] = [new Conv2dNormActivation(3, channels, { stride: 2, norm: NORM, activation: Hardswish })];
    for (const [kernel, inside, outputs, weighed, activation, stride] of blocks) {
      const block: Block = [kernel, wide(inside), wide(outputs), weighed, activation, stride];
      layers.push(new InvertedResidual(channels, block));
      channels = wide(outputs);
    }
    layers.push(new Conv2dNormActivation(channels, 6 * channels, { kernelSize: 1, norm: NORM, activation: Hardswish }));
    this.features = new Sequential(...layers);
    this.avgpool = new AdaptiveAvgPool2d(1);
    this.classifier = new Sequential(
      new Linear(6 * channels, wide(last)),
      new Hardswish({ inplace: true }),
      new Dropout({ p: dropout, inplace: true }),
      new Linear(wide(last), numClasses),
    );
    initMobile(this);
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}
