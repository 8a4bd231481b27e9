// Networks of parallel convolutions. Source: torchvision/models/googlenet.py.

import {
  AdaptiveAvgPool2d,
  BatchNorm2d,
  Conv2d,
  Dropout,
  functional,
  init,
  Linear,
  MaxPool2d,
  Module,
  Sequential,
} from "../../nn";
import { cat } from "../../ops/create/join";
import type { Tensor } from "../../tensor/tensor";
import { warn } from "../../warnings";
import { initNorm } from "./build";

class BasicConv2d extends Module {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;

  constructor(inputs: number, outputs: number, options: { kernelSize: number; stride?: number; padding?: number }) {
    super();
    this.conv = new Conv2d(inputs, outputs, { ...options, bias: false });
    this.bn = new BatchNorm2d(outputs, { eps: 0.001 });
  }

  override forward(x: Tensor): Tensor {
    return functional.relu(this.bn(this.conv(x)), { inplace: true });
  }
}

/** Channels of the branches: 1 × 1; 3 × 3 inside and out; 5 × 5 inside and out; behind the pooling. */
type Branches = readonly [number, number, number, number, number, number];

class Inception extends Module {
  readonly branch1: BasicConv2d;
  readonly branch2: Sequential;
  readonly branch3: Sequential;
  readonly branch4: Sequential;

  constructor(inputs: number, [one, threeIn, three, fiveIn, five, pooled]: Branches) {
    super();
    this.branch1 = new BasicConv2d(inputs, one, { kernelSize: 1 });
    this.branch2 = new Sequential(
      new BasicConv2d(inputs, threeIn, { kernelSize: 1 }),
      new BasicConv2d(threeIn, three, { kernelSize: 3, padding: 1 }),
    );
    // torchvision's published weights are for kernels of 3, not 5.
    this.branch3 = new Sequential(
      new BasicConv2d(inputs, fiveIn, { kernelSize: 1 }),
      new BasicConv2d(fiveIn, five, { kernelSize: 3, padding: 1 }),
    );
    this.branch4 = new Sequential(
      new MaxPool2d({ kernelSize: 3, stride: 1, padding: 1, ceilMode: true }),
      new BasicConv2d(inputs, pooled, { kernelSize: 1 }),
    );
  }

  override forward(x: Tensor): Tensor {
    return cat([this.branch1(x), this.branch2(x), this.branch3(x), this.branch4(x)], 1);
  }
}

class InceptionAux extends Module {
  readonly conv: BasicConv2d;
  readonly fc1: Linear;
  readonly fc2: Linear;
  readonly dropout: Dropout;

  constructor(inputs: number, numClasses: number, dropout: number) {
    super();
    this.conv = new BasicConv2d(inputs, 128, { kernelSize: 1 });
    this.fc1 = new Linear(2048, 1024);
    this.fc2 = new Linear(1024, numClasses);
    this.dropout = new Dropout({ p: dropout });
  }

  override forward(x: Tensor): Tensor {
    const features = this.conv(functional.adaptiveAvgPool2d(x, [4, 4])).flatten(1);
    return this.fc2(this.dropout(functional.relu(this.fc1(features), { inplace: true })));
  }
}

/** What GoogLeNet takes by name. */
export interface GoogLeNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Whether there are two more classifiers for training. Default true. */
  auxLogits?: boolean;
  /** Whether pictures normalised for other networks are normalised anew. Default false. */
  transformInput?: boolean;
  /** Whether weights are drawn from a cut normal distribution. Default true, with a warning. */
  initWeights?: boolean | null;
  /** Default 0.2. */
  dropout?: number;
  /** Of the other classifiers. Default 0.7. */
  dropoutAux?: number;
}

/** What a network with more classifiers gives while it trains. */
export interface GoogLeNetOutputs {
  readonly logits: Tensor;
  readonly auxLogits2: Tensor | null;
  readonly auxLogits1: Tensor | null;
}

/** Mean and deviation of each channel that pictures come with. */
const CHANNELS = [
  [0.485, 0.229],
  [0.456, 0.224],
  [0.406, 0.225],
] as const;

const pool = (kernelSize: number) => new MaxPool2d(kernelSize, { stride: 2, ceilMode: true });

/**
 * Nine inception modules. While it trains with `auxLogits`, a call gives `{ logits, auxLogits2, auxLogits1 }`, and otherwise logits.
 * Source: torchvision.models.GoogLeNet.
 */
export class GoogLeNet extends Module {
  readonly conv1: BasicConv2d;
  readonly maxpool1: MaxPool2d;
  readonly conv2: BasicConv2d;
  readonly conv3: BasicConv2d;
  readonly maxpool2: MaxPool2d;
  readonly inception3a: Inception;
  readonly inception3b: Inception;
  readonly maxpool3: MaxPool2d;
  readonly inception4a: Inception;
  readonly inception4b: Inception;
  readonly inception4c: Inception;
  readonly inception4d: Inception;
  readonly inception4e: Inception;
  readonly maxpool4: MaxPool2d;
  readonly inception5a: Inception;
  readonly inception5b: Inception;
  aux1: InceptionAux | null;
  aux2: InceptionAux | null;
  readonly avgpool: AdaptiveAvgPool2d;
  readonly dropout: Dropout;
  /** The classifier, which fine-tuning replaces. */
  fc: Module;
  private readonly transformInput: boolean;

  constructor(options: GoogLeNetOptions = {}) {
    super();
    const { numClasses = 1000, auxLogits = true, dropout = 0.2, dropoutAux = 0.7 } = options;
    if (options.initWeights === undefined || options.initWeights === null) {
      warn(
        "The default weight initialization of GoogleNet will be changed in future releases of torchvision. If you wish to keep the old behavior (which leads to long initialization times due to scipy/scipy#11299), please set init_weights=True.",
      );
    }
    this.transformInput = options.transformInput ?? false;
    this.conv1 = new BasicConv2d(3, 64, { kernelSize: 7, stride: 2, padding: 3 });
    this.maxpool1 = pool(3);
    this.conv2 = new BasicConv2d(64, 64, { kernelSize: 1 });
    this.conv3 = new BasicConv2d(64, 192, { kernelSize: 3, padding: 1 });
    this.maxpool2 = pool(3);
    this.inception3a = new Inception(192, [64, 96, 128, 16, 32, 32]);
    this.inception3b = new Inception(256, [128, 128, 192, 32, 96, 64]);
    this.maxpool3 = pool(3);
    this.inception4a = new Inception(480, [192, 96, 208, 16, 48, 64]);
    this.inception4b = new Inception(512, [160, 112, 224, 24, 64, 64]);
    this.inception4c = new Inception(512, [128, 128, 256, 24, 64, 64]);
    this.inception4d = new Inception(512, [112, 144, 288, 32, 64, 64]);
    this.inception4e = new Inception(528, [256, 160, 320, 32, 128, 128]);
    this.maxpool4 = pool(2);
    this.inception5a = new Inception(832, [256, 160, 320, 32, 128, 128]);
    this.inception5b = new Inception(832, [384, 192, 384, 48, 128, 128]);
    this.aux1 = auxLogits ? new InceptionAux(512, numClasses, dropoutAux) : null;
    this.aux2 = auxLogits ? new InceptionAux(528, numClasses, dropoutAux) : null;
    this.avgpool = new AdaptiveAvgPool2d([1, 1]);
    this.dropout = new Dropout({ p: dropout });
    this.fc = new Linear(1024, numClasses);
    if (options.initWeights === false) return;
    for (const module of this.modules()) {
      if (module instanceof Conv2d || module instanceof Linear) {
        init.truncNormal_(module.weight, { mean: 0, std: 0.01, a: -2, b: 2 });
      } else initNorm(module);
    }
  }

  /** @internal Takes the other classifiers out. */
  dropAux(): void {
    this.aux1 = null;
    this.aux2 = null;
  }

  override forward(input: Tensor): Tensor;
  override forward(input: Tensor): Tensor | GoogLeNetOutputs {
    let x = this.maxpool1(this.conv1(this.transformInput ? renormalised(input) : input));
    x = this.maxpool2(this.conv3(this.conv2(x)));
    x = this.inception4a(this.maxpool3(this.inception3b(this.inception3a(x))));
    const auxLogits1 = this.aux1 !== null && this.training ? this.aux1(x) : null;
    x = this.inception4d(this.inception4c(this.inception4b(x)));
    const auxLogits2 = this.aux2 !== null && this.training ? this.aux2(x) : null;
    x = this.inception5b(this.inception5a(this.maxpool4(this.inception4e(x))));
    const logits = this.fc(this.dropout(this.avgpool(x).flatten(1)));
    return auxLogits1 === null ? logits : { logits, auxLogits2, auxLogits1 };
  }
}

function renormalised(x: Tensor): Tensor {
  const channels = CHANNELS.map(([mean, std], k) =>
    x
      .select(1, k)
      .unsqueeze(1)
      .mul(std / 0.5)
      .add((mean - 0.5) / 0.5),
  );
  return cat(channels, 1);
}
