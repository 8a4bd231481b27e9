// Residual networks. Source: torchvision/models/resnet.py.

import { ArgumentError } from "../../errors";
import { AdaptiveAvgPool2d, BatchNorm2d, Conv2d, init, Linear, MaxPool2d, Module, ReLU, Sequential } from "../../nn";
import type { Parameter, Tensor } from "../../tensor/tensor";
import { initNorm, type NormLayer } from "./build";

const conv3x3 = (inputs: number, outputs: number, stride = 1, groups = 1, dilation = 1): Conv2d =>
  new Conv2d(inputs, outputs, { kernelSize: 3, stride, padding: dilation, groups, bias: false, dilation });

const conv1x1 = (inputs: number, outputs: number, stride = 1): Conv2d =>
  new Conv2d(inputs, outputs, { kernelSize: 1, stride, bias: false });

/** What a block is made of, besides its channels. */
interface BlockSettings {
  readonly stride: number;
  readonly downsample: Module | null;
  readonly groups: number;
  readonly baseWidth: number;
  readonly dilation: number;
  readonly normLayer: NormLayer;
}

/** Two convolutions of 3 × 3 beside a shortcut. */
export class BasicBlock extends Module {
  /** Channels that come out for each one inside. */
  static readonly expansion = 1;
  readonly conv1: Conv2d;
  readonly bn1: Module;
  readonly relu: ReLU;
  readonly conv2: Conv2d;
  readonly bn2: Module;
  readonly downsample: Module | null;

  constructor(inputs: number, planes: number, settings: BlockSettings) {
    super();
    const { stride, downsample, groups, baseWidth, dilation, normLayer } = settings;
    if (groups !== 1 || baseWidth !== 64)
      throw new ArgumentError("BasicBlock only supports groups=1 and base_width=64");
    if (dilation > 1) throw new ArgumentError("Dilation > 1 not supported in BasicBlock");
    this.conv1 = conv3x3(inputs, planes, stride);
    this.bn1 = new normLayer(planes);
    this.relu = new ReLU({ inplace: true });
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = new normLayer(planes);
    this.downsample = downsample;
  }

  /** The normalisation at the end. */
  get last(): Module {
    return this.bn2;
  }

  override forward(x: Tensor): Tensor {
    const out = this.bn2(this.conv2(this.relu(this.bn1(this.conv1(x)))));
    return this.relu(out.add_(this.downsample === null ? x : this.downsample(x)));
  }
}

/** A convolution of 3 × 3 between two of 1 × 1, beside a shortcut. */
export class Bottleneck extends Module {
  /** Channels that come out for each one inside. */
  static readonly expansion = 4;
  readonly conv1: Conv2d;
  readonly bn1: Module;
  readonly conv2: Conv2d;
  readonly bn2: Module;
  readonly conv3: Conv2d;
  readonly bn3: Module;
  readonly relu: ReLU;
  readonly downsample: Module | null;

  constructor(inputs: number, planes: number, settings: BlockSettings) {
    super();
    const { stride, downsample, groups, baseWidth, dilation, normLayer } = settings;
    const width = Math.trunc(planes * (baseWidth / 64)) * groups;
    const outputs = planes * Bottleneck.expansion;
    this.conv1 = conv1x1(inputs, width);
    this.bn1 = new normLayer(width);
    this.conv2 = conv3x3(width, width, stride, groups, dilation);
    this.bn2 = new normLayer(width);
    this.conv3 = conv1x1(width, outputs);
    this.bn3 = new normLayer(outputs);
    this.relu = new ReLU({ inplace: true });
    this.downsample = downsample;
  }

  /** The normalisation at the end. */
  get last(): Module {
    return this.bn3;
  }

  override forward(x: Tensor): Tensor {
    const inner = this.relu(this.bn2(this.conv2(this.relu(this.bn1(this.conv1(x))))));
    const out = this.bn3(this.conv3(inner));
    return this.relu(out.add_(this.downsample === null ? x : this.downsample(x)));
  }
}

/** What ResNet takes by name. */
export interface ResNetOptions {
  /** Default 1000. */
  numClasses?: number;
  /** Whether each block begins as its shortcut. Default false. */
  zeroInitResidual?: boolean;
  /** Groups of the inner convolutions. Default 1. */
  groups?: number;
  /** Default 64. */
  widthPerGroup?: number;
  /** Of the last three stages, which keep their size and spread their kernels. Default none. */
  replaceStrideWithDilation?: readonly [boolean, boolean, boolean] | null;
  /** Default BatchNorm2d. */
  normLayer?: NormLayer | null;
}

type Block = typeof BasicBlock | typeof Bottleneck;

/** A residual network of four stages of blocks. Throws ArgumentError for options that do not fit. Source: torchvision.models.ResNet. */
export class ResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: Module;
  readonly relu: ReLU;
  readonly maxpool: MaxPool2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly avgpool: AdaptiveAvgPool2d;
  /** The classifier, which fine-tuning replaces. */
  fc: Module;

  /** `layers`: the number of blocks of each stage. */
  constructor(block: Block, layers: readonly number[], options: ResNetOptions = {}) {
    super();
    const { numClasses = 1000, groups = 1, widthPerGroup = 64 } = options;
    const dilate = options.replaceStrideWithDilation ?? [false, false, false];
    if (dilate.length !== 3) {
      throw new ArgumentError(
        `replace_stride_with_dilation should be None or a 3-element tuple, got [${[...dilate].map(String).join(", ")}]`,
      );
    }
    const normLayer = options.normLayer ?? BatchNorm2d;
    let inputs = 64;
    let dilation = 1;
    const stage = (planes: number, blocks: number, wanted: number, dilated: boolean): Sequential => {
      const before = dilation;
      if (dilated) dilation *= wanted;
      const stride = dilated ? 1 : wanted;
      const outputs = planes * block.expansion;
      const shortcut =
        stride !== 1 || inputs !== outputs
          ? new Sequential(conv1x1(inputs, outputs, stride), new normLayer(outputs))
          : null;
      const shared = { groups, baseWidth: widthPerGroup, normLayer };
      const made: Module[] = [new block(inputs, planes, { ...shared, stride, downsample: shortcut, dilation: before })];
      inputs = outputs;
      for (let k = 1; k < blocks; k++) {
        made.push(new block(inputs, planes, { ...shared, stride: 1, downsample: null, dilation }));
      }
      return new Sequential(...made);
    };
    this.conv1 = new Conv2d(3, inputs, { kernelSize: 7, stride: 2, padding: 3, bias: false });
    this.bn1 = new normLayer(inputs);
    this.relu = new ReLU({ inplace: true });
    this.maxpool = new MaxPool2d({ kernelSize: 3, stride: 2, padding: 1 });
    this.layer1 = stage(64, layers[0], 1, false);
    this.layer2 = stage(128, layers[1], 2, dilate[0]);
    this.layer3 = stage(256, layers[2], 2, dilate[1]);
    this.layer4 = stage(512, layers[3], 2, dilate[2]);
    this.avgpool = new AdaptiveAvgPool2d([1, 1]);
    this.fc = new Linear(512 * block.expansion, numClasses);
    for (const module of this.modules()) {
      if (module instanceof Conv2d) init.kaimingNormal_(module.weight, { mode: "fan_out", nonlinearity: "relu" });
      else initNorm(module);
    }
    if (options.zeroInitResidual !== true) return;
    for (const module of this.modules()) {
      if (!(module instanceof BasicBlock || module instanceof Bottleneck)) continue;
      const { weight } = module.last as { weight?: Parameter | null };
      if (weight !== null && weight !== undefined) init.constant_(weight, 0);
    }
  }

  override forward(x: Tensor): Tensor {
    const stem = this.maxpool(this.relu(this.bn1(this.conv1(x))));
    const features = this.layer4(this.layer3(this.layer2(this.layer1(stem))));
    return this.fc(this.avgpool(features).flatten(1));
  }
}
