// torch.vision.models: torchvision.models.

export * from "./builders";
export { DenseNet, type DenseNetOptions } from "./densenet";
export { GoogLeNet, type GoogLeNetOptions, type GoogLeNetOutputs } from "./googlenet";
export { MobileNetV2, type MobileNetV2Options } from "./mobilenet-v2";
export { AlexNet, VGG, type VGGOptions } from "./plain";
export { ResNet, type ResNetOptions } from "./resnet";
export { SqueezeNet } from "./squeezenet";
export { Weights } from "./weights";
export * from "./weights-table";
