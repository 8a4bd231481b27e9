// Networks whose layers see all before them. Source: torchvision/models/densenet.py.

import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  functional,
  init,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../../nn";
import { cat } from "../../ops/create/join";
import type { Parameter, Tensor } from "../../tensor/tensor";
import { initNorm } from "./build";

class _DenseLayer extends Module {
  readonly norm1: BatchNorm2d;
  readonly relu1: ReLU;
  readonly conv1: Conv2d;
  readonly norm2: BatchNorm2d;
  readonly relu2: ReLU;
  readonly conv2: Conv2d;

  constructor(
    inputs: number,
    growthRate: number,
    bnSize: number,
    private readonly dropRate: number,
  ) {
    super();
    this.norm1 = new BatchNorm2d(inputs);
    this.relu1 = new ReLU({ inplace: true });
    this.conv1 = new Conv2d(inputs, bnSize * growthRate, { kernelSize: 1, stride: 1, bias: false });
    this.norm2 = new BatchNorm2d(bnSize * growthRate);
    this.relu2 = new ReLU({ inplace: true });
    this.conv2 = new Conv2d(bnSize * growthRate, growthRate, { kernelSize: 3, stride: 1, padding: 1, bias: false });
  }

  override forward(x: Tensor): Tensor {
    const narrow = this.conv1(this.relu1(this.norm1(x)));
    const added = this.conv2(this.relu2(this.norm2(narrow)));
    return this.dropRate > 0 ? functional.dropout(added, { p: this.dropRate, training: this.training }) : added;
  }
}

class _DenseBlock extends Module {
  constructor(layers: number, inputs: number, growthRate: number, bnSize: number, dropRate: number) {
    super();
    for (let k = 0; k < layers; k++) {
      this.addModule(`denselayer${k + 1}`, new _DenseLayer(inputs + k * growthRate, growthRate, bnSize, dropRate));
    }
  }

  override forward(x: Tensor): Tensor {
    const features = [x];
    for (const layer of this.children()) features.push((layer as _DenseLayer)(cat(features, 1)));
    return cat(features, 1);
  }
}

class _Transition extends Sequential {
  constructor(inputs: number, outputs: number) {
    super({
      norm: new BatchNorm2d(inputs),
      relu: new ReLU({ inplace: true }),
      conv: new Conv2d(inputs, outputs, { kernelSize: 1, stride: 1, bias: false }),
      pool: new AvgPool2d({ kernelSize: 2, stride: 2 }),
    });
  }
}

/** What DenseNet takes by name. */
export interface DenseNetOptions {
  /** Channels that each layer adds. Default 32. */
  growthRate?: number;
  /** Layers of each block. Default [6, 12, 24, 16]. */
  blockConfig?: readonly number[];
  /** Channels of the first convolution. Default 64. */
  numInitFeatures?: number;
  /** How much wider a layer is inside. Default 4. */
  bnSize?: number;
  /** Dropout after each layer. Default 0. */
  dropRate?: number;
  /** Default 1000. */
  numClasses?: number;
}

/** Blocks of layers that see all before them. Source: torchvision.models.DenseNet. */
export class DenseNet extends Module {
  readonly features: Sequential;
  /** What fine-tuning replaces. */
  classifier: Module;

  constructor({
    growthRate = 32,
    blockConfig = [6, 12, 24, 16],
    numInitFeatures = 64,
    bnSize = 4,
    dropRate = 0,
    numClasses = 1000,
  }: DenseNetOptions = {}) {
    super();
    this.features = new Sequential({
      conv0: new Conv2d(3, numInitFeatures, { kernelSize: 7, stride: 2, padding: 3, bias: false }),
      norm0: new BatchNorm2d(numInitFeatures),
      relu0: new ReLU({ inplace: true }),
      pool0: new MaxPool2d({ kernelSize: 3, stride: 2, padding: 1 }),
    });
    let channels = numInitFeatures;
    for (const [k, layers] of blockConfig.entries()) {
      const block = new _DenseBlock(layers, channels, growthRate, bnSize, dropRate);
      this.features.addModule(`denseblock${k + 1}`, block);
      channels += layers * growthRate;
      if (k === blockConfig.length - 1) break;
      this.features.addModule(`transition${k + 1}`, new _Transition(channels, Math.floor(channels / 2)));
      channels = Math.floor(channels / 2);
    }
    this.features.addModule("norm5", new BatchNorm2d(channels));
    this.classifier = new Linear(channels, numClasses);
    for (const module of this.modules()) {
      if (module instanceof Conv2d) init.kaimingNormal_(module.weight);
      else if (module instanceof Linear) init.constant_(module.bias as Parameter, 0);
      else initNorm(module);
    }
  }

  override forward(x: Tensor): Tensor {
    const features = functional.relu(this.features(x), { inplace: true });
    return this.classifier(functional.adaptiveAvgPool2d(features, [1, 1]).flatten(1));
  }
}
