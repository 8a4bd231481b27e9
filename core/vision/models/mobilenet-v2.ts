// Networks of depthwise convolutions. Source: torchvision/models/mobilenetv2.py.

import { ArgumentError } from "../../errors";
import { BatchNorm2d, Conv2d, Dropout, functional, Linear, Module, ReLU6, Sequential } from "../../nn";
import type { Tensor } from "../../tensor/tensor";
import { Conv2dNormActivation, divisible, initMobile, type NormLayer } from "./build";

class InvertedResidual extends Module {
  readonly conv: Sequential;
  private readonly hasShortcut: boolean;

  constructor(inputs: number, outputs: number, stride: number, expandRatio: number, normLayer: NormLayer) {
    super();
    const hidden = Math.round(inputs * expandRatio);
    this.hasShortcut = stride === 1 && inputs === outputs;
    const widen =
      expandRatio === 1
        ? []
        : [new Conv2dNormActivation(inputs, hidden, { kernelSize: 1, normLayer, activation: ReLU6 })];
    this.conv = new Sequential(
      ...widen,
      new Conv2dNormActivation(hidden, hidden, { stride, groups: hidden, normLayer, activation: ReLU6 }),
      new Conv2d(hidden, outputs, { kernelSize: 1, bias: false }),
      new normLayer(outputs),
    );
  }

  override forward(x: Tensor): Tensor {
    return this.hasShortcut ? x.add(this.conv(x)) : this.conv(x);
  }
}

/** What MobileNetV2 takes by name. */
export interface MobileNetV2Options {
  /** Default 1000. */
  numClasses?: number;
  /** How wide all layers are. Default 1. */
  widthMult?: number;
  /** For each stage: expansion, channels, blocks, stride. */
  invertedResidualSetting?: readonly (readonly [number, number, number, number])[] | null;
  /** What all numbers of channels are a multiple of. Default 8. */
  roundNearest?: number;
  /** Default BatchNorm2d. */
  normLayer?: NormLayer | null;
  /** Default 0.2. */
  dropout?: number;
}

const SETTING = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;

/** Inverted residual blocks. Throws ArgumentError for settings that are none. Source: torchvision.models.MobileNetV2. */
export class MobileNetV2 extends Module {
  readonly features: Sequential;
  /** What fine-tuning replaces. */
  classifier: Module;

  constructor(options: MobileNetV2Options = {}) {
    super();
    const { numClasses = 1000, widthMult = 1, roundNearest = 8, dropout = 0.2 } = options;
    const normLayer = options.normLayer ?? BatchNorm2d;
    const setting = options.invertedResidualSetting ?? SETTING;
    if (setting.length === 0 || setting[0].length !== 4) {
      throw new ArgumentError("inverted_residual_setting should be non-empty or a 4-element list");
    }
    let channels = divisible(32 * widthMult, roundNearest);
    const last = divisible(1280 * Math.max(1, widthMult), roundNearest);
    const layers: Module[] = [new Conv2dNormActivation(3, channels, { stride: 2, normLayer, activation: ReLU6 })];
    for (const [expansion, wanted, blocks, stride] of setting) {
      const outputs = divisible(wanted * widthMult, roundNearest);
      for (let k = 0; k < blocks; k++) {
        layers.push(new InvertedResidual(channels, outputs, k === 0 ? stride : 1, expansion, normLayer));
        channels = outputs;
      }
    }
    layers.push(new Conv2dNormActivation(channels, last, { kernelSize: 1, normLayer, activation: ReLU6 }));
    this.features = new Sequential(...layers);
    this.classifier = new Sequential(new Dropout({ p: dropout }), new Linear(last, numClasses));
    initMobile(this);
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(functional.adaptiveAvgPool2d(this.features(x), [1, 1]).flatten(1));
  }
}
