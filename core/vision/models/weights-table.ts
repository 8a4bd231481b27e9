// The weights that torchvision publishes for its models, by the names of its enums.

import { weightsEnum } from "./weights";

/** Weights of `alexnet`. Source: torchvision.models.AlexNet_Weights. */
export const AlexNet_Weights = weightsEnum("AlexNet_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["alexnet-owt-7be5be79.pth", 256],
});
/** Weights of `densenet121`. Source: torchvision.models.DenseNet121_Weights. */
export const DenseNet121_Weights = weightsEnum("DenseNet121_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["densenet121-a639ec97.pth", 256],
});
/** Weights of `densenet161`. Source: torchvision.models.DenseNet161_Weights. */
export const DenseNet161_Weights = weightsEnum("DenseNet161_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["densenet161-8d451a50.pth", 256],
});
/** Weights of `densenet169`. Source: torchvision.models.DenseNet169_Weights. */
export const DenseNet169_Weights = weightsEnum("DenseNet169_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["densenet169-b2777c0a.pth", 256],
});
/** Weights of `densenet201`. Source: torchvision.models.DenseNet201_Weights. */
export const DenseNet201_Weights = weightsEnum("DenseNet201_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["densenet201-c1103571.pth", 256],
});
/** Weights of `googlenet`. Source: torchvision.models.GoogLeNet_Weights. */
export const GoogLeNet_Weights = weightsEnum("GoogLeNet_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["googlenet-1378be20.pth", 256],
});
/** Weights of `mobilenet_v2`. Source: torchvision.models.MobileNet_V2_Weights. */
export const MobileNet_V2_Weights = weightsEnum("MobileNet_V2_Weights", "IMAGENET1K_V2", {
  IMAGENET1K_V1: ["mobilenet_v2-b0353104.pth", 256],
  IMAGENET1K_V2: ["mobilenet_v2-7ebf99e0.pth", 232],
});
/** Weights of `resnet101`. Source: torchvision.models.ResNet101_Weights. */
export const ResNet101_Weights = weightsEnum("ResNet101_Weights", "IMAGENET1K_V2", {
  IMAGENET1K_V1: ["resnet101-63fe2227.pth", 256],
  IMAGENET1K_V2: ["resnet101-cd907fc2.pth", 232],
});
/** Weights of `resnet152`. Source: torchvision.models.ResNet152_Weights. */
export const ResNet152_Weights = weightsEnum("ResNet152_Weights", "IMAGENET1K_V2", {
  IMAGENET1K_V1: ["resnet152-394f9c45.pth", 256],
  IMAGENET1K_V2: ["resnet152-f82ba261.pth", 232],
});
/** Weights of `resnet18`. Source: torchvision.models.ResNet18_Weights. */
export const ResNet18_Weights = weightsEnum("ResNet18_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["resnet18-f37072fd.pth", 256],
});
/** Weights of `resnet34`. Source: torchvision.models.ResNet34_Weights. */
export const ResNet34_Weights = weightsEnum("ResNet34_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["resnet34-b627a593.pth", 256],
});
/** Weights of `resnet50`. Source: torchvision.models.ResNet50_Weights. */
export const ResNet50_Weights = weightsEnum("ResNet50_Weights", "IMAGENET1K_V2", {
  IMAGENET1K_V1: ["resnet50-0676ba61.pth", 256],
  IMAGENET1K_V2: ["resnet50-11ad3fa6.pth", 232],
});
/** Weights of `resnext101_32x8d`. Source: torchvision.models.ResNeXt101_32X8D_Weights. */
export const ResNeXt101_32X8D_Weights = weightsEnum("ResNeXt101_32X8D_Weights", "IMAGENET1K_V2", {
  IMAGENET1K_V1: ["resnext101_32x8d-8ba56ff5.pth", 256],
  IMAGENET1K_V2: ["resnext101_32x8d-110c445d.pth", 232],
});
/** Weights of `resnext101_64x4d`. Source: torchvision.models.ResNeXt101_64X4D_Weights. */
export const ResNeXt101_64X4D_Weights = weightsEnum("ResNeXt101_64X4D_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["resnext101_64x4d-173b62eb.pth", 232],
});
/** Weights of `resnext50_32x4d`. Source: torchvision.models.ResNeXt50_32X4D_Weights. */
export const ResNeXt50_32X4D_Weights = weightsEnum("ResNeXt50_32X4D_Weights", "IMAGENET1K_V2", {
  IMAGENET1K_V1: ["resnext50_32x4d-7cdf4587.pth", 256],
  IMAGENET1K_V2: ["resnext50_32x4d-1a0047aa.pth", 232],
});
/** Weights of `squeezenet1_0`. Source: torchvision.models.SqueezeNet1_0_Weights. */
export const SqueezeNet1_0_Weights = weightsEnum("SqueezeNet1_0_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["squeezenet1_0-b66bff10.pth", 256],
});
/** Weights of `squeezenet1_1`. Source: torchvision.models.SqueezeNet1_1_Weights. */
export const SqueezeNet1_1_Weights = weightsEnum("SqueezeNet1_1_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["squeezenet1_1-b8a52dc0.pth", 256],
});
/** Weights of `vgg11`. Source: torchvision.models.VGG11_Weights. */
export const VGG11_Weights = weightsEnum("VGG11_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["vgg11-8a719046.pth", 256],
});
/** Weights of `vgg11_bn`. Source: torchvision.models.VGG11_BN_Weights. */
export const VGG11_BN_Weights = weightsEnum("VGG11_BN_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["vgg11_bn-6002323d.pth", 256],
});
/** Weights of `vgg13`. Source: torchvision.models.VGG13_Weights. */
export const VGG13_Weights = weightsEnum("VGG13_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["vgg13-19584684.pth", 256],
});
/** Weights of `vgg13_bn`. Source: torchvision.models.VGG13_BN_Weights. */
export const VGG13_BN_Weights = weightsEnum("VGG13_BN_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["vgg13_bn-abd245e5.pth", 256],
});
/** Weights of `vgg16`. Source: torchvision.models.VGG16_Weights. */
export const VGG16_Weights = weightsEnum("VGG16_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["vgg16-397923af.pth", 256],
});
/** Weights of `vgg16_bn`. Source: torchvision.models.VGG16_BN_Weights. */
export const VGG16_BN_Weights = weightsEnum("VGG16_BN_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["vgg16_bn-6c64b313.pth", 256],
});
/** Weights of `vgg19`. Source: torchvision.models.VGG19_Weights. */
export const VGG19_Weights = weightsEnum("VGG19_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["vgg19-dcbb9e9d.pth", 256],
});
/** Weights of `vgg19_bn`. Source: torchvision.models.VGG19_BN_Weights. */
export const VGG19_BN_Weights = weightsEnum("VGG19_BN_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["vgg19_bn-c79401a0.pth", 256],
});
/** Weights of `wide_resnet101_2`. Source: torchvision.models.Wide_ResNet101_2_Weights. */
export const Wide_ResNet101_2_Weights = weightsEnum("Wide_ResNet101_2_Weights", "IMAGENET1K_V2", {
  IMAGENET1K_V1: ["wide_resnet101_2-32ee1156.pth", 256],
  IMAGENET1K_V2: ["wide_resnet101_2-d733dc28.pth", 232],
});
/** Weights of `wide_resnet50_2`. Source: torchvision.models.Wide_ResNet50_2_Weights. */
export const Wide_ResNet50_2_Weights = weightsEnum("Wide_ResNet50_2_Weights", "IMAGENET1K_V2", {
  IMAGENET1K_V1: ["wide_resnet50_2-95faca4d.pth", 256],
  IMAGENET1K_V2: ["wide_resnet50_2-9ba9bcbe.pth", 232],
});
/** Weights of `mobilenet_v3_large`. Source: torchvision.models.MobileNet_V3_Large_Weights. */
export const MobileNet_V3_Large_Weights = weightsEnum("MobileNet_V3_Large_Weights", "IMAGENET1K_V2", {
  IMAGENET1K_V1: ["mobilenet_v3_large-8738ca79.pth", 256],
  IMAGENET1K_V2: ["mobilenet_v3_large-5c1a4163.pth", 232],
});
/** Weights of `mobilenet_v3_small`. Source: torchvision.models.MobileNet_V3_Small_Weights. */
export const MobileNet_V3_Small_Weights = weightsEnum("MobileNet_V3_Small_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["mobilenet_v3_small-047dcff4.pth", 256],
});
/** Weights of `shufflenet_v2_x0_5`. Source: torchvision.models.ShuffleNet_V2_X0_5_Weights. */
export const ShuffleNet_V2_X0_5_Weights = weightsEnum("ShuffleNet_V2_X0_5_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["shufflenetv2_x0.5-f707e7126e.pth", 256],
});
/** Weights of `shufflenet_v2_x1_0`. Source: torchvision.models.ShuffleNet_V2_X1_0_Weights. */
export const ShuffleNet_V2_X1_0_Weights = weightsEnum("ShuffleNet_V2_X1_0_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["shufflenetv2_x1-5666bf0f80.pth", 256],
});
/** Weights of `shufflenet_v2_x1_5`. Source: torchvision.models.ShuffleNet_V2_X1_5_Weights. */
export const ShuffleNet_V2_X1_5_Weights = weightsEnum("ShuffleNet_V2_X1_5_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["shufflenetv2_x1_5-3c479a10.pth", 232],
});
/** Weights of `shufflenet_v2_x2_0`. Source: torchvision.models.ShuffleNet_V2_X2_0_Weights. */
export const ShuffleNet_V2_X2_0_Weights = weightsEnum("ShuffleNet_V2_X2_0_Weights", "IMAGENET1K_V1", {
  IMAGENET1K_V1: ["shufflenetv2_x2_0-8be3c8ee.pth", 232],
});
