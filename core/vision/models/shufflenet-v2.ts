// Networks that shuffle their channels. Source: torchvision/models/shufflenetv2.py.

import { BatchNorm2d, Conv2d, Linear, MaxPool2d, Module, ReLU, Sequential } from "../../nn";
import { cat } from "../../ops/create/join";
import type { Tensor } from "../../tensor/tensor";

const pointwise = (inputs: number, outputs: number) => [
  new Conv2d(inputs, outputs, { kernelSize: 1, bias: false }),
  new BatchNorm2d(outputs),
  new ReLU({ inplace: true }),
];

const depthwise = (channels: number, stride: number) => [
  new Conv2d(channels, channels, { kernelSize: 3, stride, padding: 1, groups: channels, bias: false }),
  new BatchNorm2d(channels),
];

class InvertedResidual extends Module {
  readonly branch1: Sequential;
  readonly branch2: Sequential;

  constructor(
    inputs: number,
    outputs: number,
    private readonly stride: number,
  ) {
    super();
    const half = Math.floor(outputs / 2);
    this.branch1 =
      stride > 1 ? new Sequential(...depthwise(inputs, stride), ...pointwise(inputs, half)) : new Sequential();
    this.branch2 = new Sequential(
      ...pointwise(stride > 1 ? inputs : half, half),
      ...depthwise(half, stride),
      ...pointwise(half, half),
    );
  }

  override forward(x: Tensor): Tensor {
    const [left, right] = this.stride === 1 ? x.chunk(2, 1) : [this.branch1(x), x];
    const both = cat([left, this.branch2(right)], 1);
    const [count, channels, height, width] = both.sizes;
    return both
      .view(count, 2, channels / 2, height, width)
      .transpose(1, 2)
      .reshape(count, channels, height, width);
  }
}

/** What ShuffleNetV2 takes by name. */
export interface ShuffleNetV2Options {
  /** Default 1000. */
  numClasses?: number;
}

/** How often blocks are repeated in each stage. */
const REPEATS = [4, 8, 4] as const;

/** Blocks that work on half of the channels and shuffle all. Source: torchvision.models.ShuffleNetV2. */
export class ShuffleNetV2 extends Module {
  readonly conv1: Sequential;
  readonly maxpool: MaxPool2d;
  readonly stage2: Sequential;
  readonly stage3: Sequential;
  readonly stage4: Sequential;
  readonly conv5: Sequential;
  /** The classifier, which fine-tuning replaces. */
  fc: Module;

  /** `channels`: of the first convolution, of three stages, and of the last convolution. */
  constructor(channels: readonly number[], { numClasses = 1000 }: ShuffleNetV2Options = {}) {
    super();
    const [first, second, third, fourth, last] = channels;
    const stage = (inputs: number, outputs: number, repeats: number): Sequential => {
      const blocks = [new InvertedResidual(inputs, outputs, 2)];
      while (blocks.length < repeats) blocks.push(new InvertedResidual(outputs, outputs, 1));
      return new Sequential(...blocks);
    };
    this.conv1 = new Sequential(
      new Conv2d(3, first, { kernelSize: 3, stride: 2, padding: 1, bias: false }),
      new BatchNorm2d(first),
      new ReLU({ inplace: true }),
    );
    this.maxpool = new MaxPool2d({ kernelSize: 3, stride: 2, padding: 1 });
    this.stage2 = stage(first, second, REPEATS[0]);
    this.stage3 = stage(second, third, REPEATS[1]);
    this.stage4 = stage(third, fourth, REPEATS[2]);
    this.conv5 = new Sequential(...pointwise(fourth, last));
    this.fc = new Linear(last, numClasses);
  }

  override forward(x: Tensor): Tensor {
    const features = this.stage4(this.stage3(this.stage2(this.maxpool(this.conv1(x)))));
    return this.fc(this.conv5(features).mean([2, 3]));
  }
}
