// Models by the names of torchvision's builders.

import { ArgumentError } from "../../errors";
import type { Module, StateDict } from "../../nn";
import { warn } from "../../warnings";
import type { BuilderOptions } from "./build";
import { DenseNet, type DenseNetOptions } from "./densenet";
import { GoogLeNet, type GoogLeNetOptions } from "./googlenet";
import { MobileNetV2, type MobileNetV2Options } from "./mobilenet-v2";
import { MobileNetV3, type MobileNetV3Options } from "./mobilenet-v3";
import { AlexNet, type ClassifierOptions, makeLayers, VGG, VGG_LAYERS, type VGGOptions } from "./plain";
import { BasicBlock, Bottleneck, ResNet, type ResNetOptions } from "./resnet";
import { ShuffleNetV2, type ShuffleNetV2Options } from "./shufflenet-v2";
import { SqueezeNet } from "./squeezenet";
import { CLASSES, stateOf, type WeightsEnum } from "./weights";
import * as table from "./weights-table";

/** Makes a model. */
type Builder<O, M> = (options?: (O & BuilderOptions) | boolean) => M;

const builders = new Map<string, Builder<object, Module>>();

/** How a model and its file of weights come together. */
interface Recipe<O, M> {
  /** The name in torchvision. */
  readonly name: string;
  /** What is published for it. */
  readonly weights: WeightsEnum;
  readonly make: (options: O) => M;
  /** Options that hold when there are weights. */
  readonly trained?: Partial<O>;
  /** What a name in an old file is today. */
  readonly renamed?: (name: string) => string;
  /** What is done after weights were loaded. */
  readonly finish?: (model: M, options: O) => void;
}

/** What `pretrained` asked for, with PyTorch's warnings. */
function modern(pretrained: boolean, kind: string, named: boolean): string | null {
  if (named) {
    warn(
      "The parameter 'pretrained' is deprecated since 0.13 and may be removed in the future, please use 'weights' instead.",
    );
  }
  const equal = pretrained ? `${kind}.IMAGENET1K_V1` : "None";
  const advice = pretrained ? ` You can also use \`weights=${kind}.DEFAULT\` to get the most up-to-date weights.` : "";
  warn(
    `Arguments other than a weight enum or \`None\` for 'weights' are deprecated since 0.13 and may be removed in the future. The current behavior is equivalent to passing \`weights=${equal}\`.${advice}`,
  );
  return pretrained ? "IMAGENET1K_V1" : null;
}

function builder<O extends { numClasses?: number }, M extends Module>(recipe: Recipe<O, M>): Builder<O, M> {
  const { name, weights: known, make, trained, renamed = (key) => key, finish } = recipe;
  const { kind } = known.DEFAULT;
  const build = (given: (O & BuilderOptions) | boolean = {} as O): M => {
    const {
      weights: wanted,
      pretrained,
      progress: _,
      ...rest
    } = typeof given === "boolean" ? ({ weights: modern(given, kind, false) } as O & BuilderOptions) : given;
    const weights = pretrained === undefined ? (wanted ?? null) : modern(pretrained, kind, true);
    const options = rest as unknown as O;
    if (weights === null) return make(options);
    const state = stateOf(weights, known);
    const published = typeof weights !== "string" || !/[./\\]/.test(weights.replace(`${kind}.`, ""));
    if (published && options.numClasses !== undefined && options.numClasses !== CLASSES) {
      throw new ArgumentError(
        `The parameter 'num_classes' expected value ${CLASSES} but got ${options.numClasses} instead.`,
      );
    }
    const model = make({ ...options, ...trained });
    const entries = [...(state as StateDict)].map(([key, value]) => [renamed(key), value] as const);
    model.loadStateDict(new Map(entries));
    finish?.(model, options);
    return model;
  };
  builders.set(name, build as Builder<object, Module>);
  return build;
}

/** The names of all models, sorted. Source: torchvision.models.list_models. */
export function listModels(): string[] {
  return [...builders.keys()].sort();
}

/** The builder of a name. Throws ArgumentError for an unknown one. Source: torchvision.models.get_model_builder. */
export function getModelBuilder(name: string): Builder<object, Module> {
  const found = builders.get(name.toLowerCase());
  if (found === undefined) throw new ArgumentError(`Unknown model ${name}`);
  return found;
}

/** The model of a name. Throws ArgumentError for an unknown one. Source: torchvision.models.get_model. */
export function getModel(name: string, options?: BuilderOptions & { numClasses?: number }): Module {
  return getModelBuilder(name)(options);
}

function resnet(
  name: string,
  weights: WeightsEnum,
  block: typeof BasicBlock | typeof Bottleneck,
  layers: readonly number[],
  fixed: ResNetOptions = {},
): Builder<ResNetOptions, ResNet> {
  return builder({
    name,
    weights,
    make: (options: ResNetOptions) => new ResNet(block, layers, { ...options, ...fixed }),
  });
}

/** ResNet-18. */
export const resnet18 = resnet("resnet18", table.ResNet18_Weights, BasicBlock, [2, 2, 2, 2]);
/** ResNet-34. */
export const resnet34 = resnet("resnet34", table.ResNet34_Weights, BasicBlock, [3, 4, 6, 3]);
/** ResNet-50. */
export const resnet50 = resnet("resnet50", table.ResNet50_Weights, Bottleneck, [3, 4, 6, 3]);
/** ResNet-101. */
export const resnet101 = resnet("resnet101", table.ResNet101_Weights, Bottleneck, [3, 4, 23, 3]);
/** ResNet-152. */
export const resnet152 = resnet("resnet152", table.ResNet152_Weights, Bottleneck, [3, 8, 36, 3]);
/** ResNeXt-50 of 32 groups of 4. */
export const resnext50_32x4d = resnet("resnext50_32x4d", table.ResNeXt50_32X4D_Weights, Bottleneck, [3, 4, 6, 3], {
  groups: 32,
  widthPerGroup: 4,
});
/** ResNeXt-101 of 32 groups of 8. */
export const resnext101_32x8d = resnet("resnext101_32x8d", table.ResNeXt101_32X8D_Weights, Bottleneck, [3, 4, 23, 3], {
  groups: 32,
  widthPerGroup: 8,
});
/** ResNeXt-101 of 64 groups of 4. */
export const resnext101_64x4d = resnet("resnext101_64x4d", table.ResNeXt101_64X4D_Weights, Bottleneck, [3, 4, 23, 3], {
  groups: 64,
  widthPerGroup: 4,
});
/** ResNet-50 of twice the width inside. */
export const wideResnet50_2 = resnet("wide_resnet50_2", table.Wide_ResNet50_2_Weights, Bottleneck, [3, 4, 6, 3], {
  widthPerGroup: 128,
});
/** ResNet-101 of twice the width inside. */
export const wideResnet101_2 = resnet("wide_resnet101_2", table.Wide_ResNet101_2_Weights, Bottleneck, [3, 4, 23, 3], {
  widthPerGroup: 128,
});

/** AlexNet. */
export const alexnet = builder({
  name: "alexnet",
  weights: table.AlexNet_Weights,
  make: (options: ClassifierOptions) => new AlexNet(options),
});

function vgg(
  name: string,
  weights: WeightsEnum,
  layers: keyof typeof VGG_LAYERS,
  batchNorm: boolean,
): Builder<VGGOptions, VGG> {
  const make = (options: VGGOptions) => new VGG(makeLayers(VGG_LAYERS[layers], batchNorm), options);
  return builder({ name, weights, make, trained: { initWeights: false } });
}

/** VGG-11. */
export const vgg11 = vgg("vgg11", table.VGG11_Weights, "A", false);
/** VGG-11, normalised. */
export const vgg11Bn = vgg("vgg11_bn", table.VGG11_BN_Weights, "A", true);
/** VGG-13. */
export const vgg13 = vgg("vgg13", table.VGG13_Weights, "B", false);
/** VGG-13, normalised. */
export const vgg13Bn = vgg("vgg13_bn", table.VGG13_BN_Weights, "B", true);
/** VGG-16. */
export const vgg16 = vgg("vgg16", table.VGG16_Weights, "D", false);
/** VGG-16, normalised. */
export const vgg16Bn = vgg("vgg16_bn", table.VGG16_BN_Weights, "D", true);
/** VGG-19. */
export const vgg19 = vgg("vgg19", table.VGG19_Weights, "E", false);
/** VGG-19, normalised. */
export const vgg19Bn = vgg("vgg19_bn", table.VGG19_BN_Weights, "E", true);

/** SqueezeNet 1.0. */
export const squeezenet1_0 = builder({
  name: "squeezenet1_0",
  weights: table.SqueezeNet1_0_Weights,
  make: (options: ClassifierOptions) => new SqueezeNet("1_0", options),
});
/** SqueezeNet 1.1. */
export const squeezenet1_1 = builder({
  name: "squeezenet1_1",
  weights: table.SqueezeNet1_1_Weights,
  make: (options: ClassifierOptions) => new SqueezeNet("1_1", options),
});

/** Names of old files have a point too many: `norm.1` is `norm1`. */
const withoutPoint = (name: string): string => name.replace(/^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.)/, "$1$2");

function densenet(
  name: string,
  weights: WeightsEnum,
  fixed: Required<Pick<DenseNetOptions, "growthRate" | "blockConfig" | "numInitFeatures">>,
): Builder<DenseNetOptions, DenseNet> {
  const make = (options: DenseNetOptions) => new DenseNet({ ...options, ...fixed });
  return builder({ name, weights, make, renamed: withoutPoint });
}

/** DenseNet-121. */
export const densenet121 = densenet("densenet121", table.DenseNet121_Weights, {
  growthRate: 32,
  blockConfig: [6, 12, 24, 16],
  numInitFeatures: 64,
});
/** DenseNet-161. */
export const densenet161 = densenet("densenet161", table.DenseNet161_Weights, {
  growthRate: 48,
  blockConfig: [6, 12, 36, 24],
  numInitFeatures: 96,
});
/** DenseNet-169. */
export const densenet169 = densenet("densenet169", table.DenseNet169_Weights, {
  growthRate: 32,
  blockConfig: [6, 12, 32, 32],
  numInitFeatures: 64,
});
/** DenseNet-201. */
export const densenet201 = densenet("densenet201", table.DenseNet201_Weights, {
  growthRate: 32,
  blockConfig: [6, 12, 48, 32],
  numInitFeatures: 64,
});

/** GoogLeNet, Inception v1. With weights, its other classifiers are there only on request. */
export const googlenet = builder({
  name: "googlenet",
  weights: table.GoogLeNet_Weights,
  make: (options: GoogLeNetOptions) => new GoogLeNet(options),
  trained: { initWeights: false, auxLogits: true, transformInput: true },
  finish: (model, options) => {
    if (options.auxLogits !== true) model.dropAux();
  },
});

/** MobileNet v2. */
export const mobilenetV2 = builder({
  name: "mobilenet_v2",
  weights: table.MobileNet_V2_Weights,
  make: (options: MobileNetV2Options) => new MobileNetV2(options),
});

function mobilenetV3(
  name: string,
  weights: WeightsEnum,
  network: "large" | "small",
): Builder<MobileNetV3Options, MobileNetV3> {
  return builder({ name, weights, make: (options: MobileNetV3Options) => new MobileNetV3(network, options) });
}

/** MobileNet v3, large. */
export const mobilenetV3Large = mobilenetV3("mobilenet_v3_large", table.MobileNet_V3_Large_Weights, "large");
/** MobileNet v3, small. */
export const mobilenetV3Small = mobilenetV3("mobilenet_v3_small", table.MobileNet_V3_Small_Weights, "small");

function shufflenet(
  name: string,
  weights: WeightsEnum,
  channels: readonly number[],
): Builder<ShuffleNetV2Options, ShuffleNetV2> {
  return builder({ name, weights, make: (options: ShuffleNetV2Options) => new ShuffleNetV2(channels, options) });
}

/** ShuffleNet v2 of half the width. */
export const shufflenetV2X0_5 = shufflenet(
  "shufflenet_v2_x0_5",
  table.ShuffleNet_V2_X0_5_Weights,
  [24, 48, 96, 192, 1024],
);
/** ShuffleNet v2. */
export const shufflenetV2X1_0 = shufflenet(
  "shufflenet_v2_x1_0",
  table.ShuffleNet_V2_X1_0_Weights,
  [24, 116, 232, 464, 1024],
);
/** ShuffleNet v2 of one and a half times the width. */
export const shufflenetV2X1_5 = shufflenet(
  "shufflenet_v2_x1_5",
  table.ShuffleNet_V2_X1_5_Weights,
  [24, 176, 352, 704, 1024],
);
/** ShuffleNet v2 of twice the width. */
export const shufflenetV2X2_0 = shufflenet(
  "shufflenet_v2_x2_0",
  table.ShuffleNet_V2_X2_0_Weights,
  [24, 244, 488, 976, 2048],
);
