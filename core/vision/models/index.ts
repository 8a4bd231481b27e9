// torch.vision.models: torchvision.models.

export * from "./builders";
export { DenseNet, type DenseNetOptions } from "./densenet";
export { GoogLeNet, type GoogLeNetOptions, type GoogLeNetOutputs } from "./googlenet";
export { MobileNetV2, type MobileNetV2Options } from "./mobilenet-v2";
export { MobileNetV3, type MobileNetV3Options } from "./mobilenet-v3";
export { AlexNet, VGG, type VGGOptions } from "./plain";
export { ResNet, type ResNetOptions } from "./resnet";
export { ShuffleNetV2, type ShuffleNetV2Options } from "./shufflenet-v2";
export { SqueezeNet } from "./squeezenet";
export { Weights } from "./weights";
export * from "./weights-table";
