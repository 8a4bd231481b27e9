// Small networks of "fire" modules. Source: torchvision/models/squeezenet.py.

import { ArgumentError } from "../../errors";
import { AdaptiveAvgPool2d, Conv2d, Dropout, init, MaxPool2d, Module, ReLU, Sequential } from "../../nn";
import { cat } from "../../ops/create/join";
import type { Tensor } from "../../tensor/tensor";
import type { ClassifierOptions } from "./plain";

class Fire extends Module {
  readonly squeeze: Conv2d;
  readonly squeeze_activation: ReLU;
  readonly expand1x1: Conv2d;
  readonly expand1x1_activation: ReLU;
  readonly expand3x3: Conv2d;
  readonly expand3x3_activation: ReLU;

  constructor(inputs: number, squeezed: number, expanded: number) {
    super();
    this.squeeze = new Conv2d(inputs, squeezed, { kernelSize: 1 });
    this.squeeze_activation = new ReLU({ inplace: true });
    this.expand1x1 = new Conv2d(squeezed, expanded, { kernelSize: 1 });
    this.expand1x1_activation = new ReLU({ inplace: true });
    this.expand3x3 = new Conv2d(squeezed, expanded, { kernelSize: 3, padding: 1 });
    this.expand3x3_activation = new ReLU({ inplace: true });
  }

  override forward(input: Tensor): Tensor {
    const x = this.squeeze_activation(this.squeeze(input));
    return cat([this.expand1x1_activation(this.expand1x1(x)), this.expand3x3_activation(this.expand3x3(x))], 1);
  }
}

const pool = () => new MaxPool2d({ kernelSize: 3, stride: 2, ceilMode: true });

/** The layers of each version. */
const FEATURES: { readonly [version: string]: () => Module[] } = {
  "1_0": () => [
    new Conv2d(3, 96, { kernelSize: 7, stride: 2 }),
    new ReLU({ inplace: true }),
    pool(),
    new Fire(96, 16, 64),
    new Fire(128, 16, 64),
    new Fire(128, 32, 128),
    pool(),
    new Fire(256, 32, 128),
    new Fire(256, 48, 192),
    new Fire(384, 48, 192),
    new Fire(384, 64, 256),
    pool(),
    new Fire(512, 64, 256),
  ],
  "1_1": () => [
    new Conv2d(3, 64, { kernelSize: 3, stride: 2 }),
    new ReLU({ inplace: true }),
    pool(),
    new Fire(64, 16, 64),
    new Fire(128, 16, 64),
    pool(),
    new Fire(128, 32, 128),
    new Fire(256, 32, 128),
    pool(),
    new Fire(256, 48, 192),
    new Fire(384, 48, 192),
    new Fire(384, 64, 256),
    new Fire(512, 64, 256),
  ],
};

/** Versions "1_0" and "1_1". Throws ArgumentError for another. Source: torchvision.models.SqueezeNet. */
export class SqueezeNet extends Module {
  readonly features: Sequential;
  /** What fine-tuning replaces. */
  classifier: Module;

  constructor(version: "1_0" | "1_1" = "1_0", { numClasses = 1000, dropout = 0.5 }: ClassifierOptions = {}) {
    super();
    if (!(version in FEATURES)) {
      throw new ArgumentError(`Unsupported SqueezeNet version ${version}: 1_0 or 1_1 expected`);
    }
    this.features = new Sequential(...FEATURES[version]());
    const last = new Conv2d(512, numClasses, { kernelSize: 1 });
    this.classifier = new Sequential(
      new Dropout({ p: dropout }),
      last,
      new ReLU({ inplace: true }),
      new AdaptiveAvgPool2d([1, 1]),
    );
    for (const module of this.modules()) {
      if (!(module instanceof Conv2d)) continue;
      if (module === last) init.normal_(module.weight, { mean: 0, std: 0.01 });
      else init.kaimingUniform_(module.weight);
      if (module.bias !== null) init.constant_(module.bias, 0);
    }
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.features(x)).flatten(1);
  }
}
