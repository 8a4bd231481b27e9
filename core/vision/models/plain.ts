// Networks of layers in a row. Source: torchvision/models/alexnet.py and vgg.py.

import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  init,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
} from "../../nn";
import type { Parameter, Tensor } from "../../tensor/tensor";
import { initNorm } from "./build";

const relu = () => new ReLU({ inplace: true });

/** What networks with a classifier of dropouts take by name. */
export interface ClassifierOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Default 0.5. */
  dropout?: number;
}

/** Features, an average over their places, a classifier. */
abstract class Plain extends Module {
  abstract readonly features: Module;
  abstract readonly avgpool: Module;
  abstract classifier: Module;

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

/** Five convolutions and three linear layers. Source: torchvision.models.AlexNet. */
export class AlexNet extends Plain {
  readonly features: Sequential;
  readonly avgpool: AdaptiveAvgPool2d;
  /** What fine-tuning replaces. */
  classifier: Module;

  constructor({ numClasses = 1000, dropout = 0.5 }: ClassifierOptions = {}) {
    super();
    const pool = () => new MaxPool2d({ kernelSize: 3, stride: 2 });
    this.features = new Sequential(
      new Conv2d(3, 64, { kernelSize: 11, stride: 4, padding: 2 }),
      relu(),
      pool(),
      new Conv2d(64, 192, { kernelSize: 5, padding: 2 }),
      relu(),
      pool(),
      new Conv2d(192, 384, { kernelSize: 3, padding: 1 }),
      relu(),
      new Conv2d(384, 256, { kernelSize: 3, padding: 1 }),
      relu(),
      new Conv2d(256, 256, { kernelSize: 3, padding: 1 }),
      relu(),
      pool(),
    );
    this.avgpool = new AdaptiveAvgPool2d([6, 6]);
    this.classifier = new Sequential(
      new Dropout({ p: dropout }),
      new Linear(256 * 6 * 6, 4096),
      relu(),
      new Dropout({ p: dropout }),
      new Linear(4096, 4096),
      relu(),
      new Linear(4096, numClasses),
    );
  }
}

/** What VGG takes by name. */
export interface VGGOptions extends ClassifierOptions {
  /** Default true. */
  initWeights?: boolean;
}

/** Convolutions by their channels; 0 halves the picture. */
export const VGG_LAYERS = {
  A: [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0],
  B: [64, 64, 0, 128, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0],
  D: [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0],
  E: [64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512, 512, 512, 512, 0],
} as const;

/** The convolutions of a list, each normalised if `batchNorm`. Source: torchvision.models.vgg.make_layers. */
export function makeLayers(channels: readonly number[], batchNorm: boolean): Sequential {
  let inputs = 3;
  const layers = channels.flatMap((outputs): Module[] => {
    if (outputs === 0) return [new MaxPool2d({ kernelSize: 2, stride: 2 })];
    const conv = new Conv2d(inputs, outputs, { kernelSize: 3, padding: 1 });
    inputs = outputs;
    return batchNorm ? [conv, new BatchNorm2d(outputs), relu()] : [conv, relu()];
  });
  return new Sequential(...layers);
}

/** Convolutions of 3 × 3 and three linear layers. Source: torchvision.models.VGG. */
export class VGG extends Plain {
  readonly features: Module;
  readonly avgpool: AdaptiveAvgPool2d;
  /** What fine-tuning replaces. */
  classifier: Module;

  constructor(features: Module, { numClasses = 1000, initWeights = true, dropout = 0.5 }: VGGOptions = {}) {
    super();
    this.features = features;
    this.avgpool = new AdaptiveAvgPool2d([7, 7]);
    this.classifier = new Sequential(
      new Linear(512 * 7 * 7, 4096),
      relu(),
      new Dropout({ p: dropout }),
      new Linear(4096, 4096),
      relu(),
      new Dropout({ p: dropout }),
      new Linear(4096, numClasses),
    );
    if (!initWeights) return;
    for (const module of this.modules()) {
      if (module instanceof Conv2d) {
        init.kaimingNormal_(module.weight, { mode: "fan_out", nonlinearity: "relu" });
        if (module.bias !== null) init.constant_(module.bias, 0);
      } else if (module instanceof Linear) {
        init.normal_(module.weight, 0, 0.01);
        init.constant_(module.bias as Parameter, 0);
      } else initNorm(module);
    }
  }
}
