// torch.nn.functional: nothing but exports.

export * from "../../ops/window/conv";
export { fold, unfold } from "../../ops/window/fold";
export { avgPool1d, avgPool2d, avgPool3d, maxPool1d, maxPool2d, maxPool3d } from "../../ops/window/pool";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from "../../ops/window/pool-adaptive";
export { type FractionalMaxPool, fractionalMaxPool2d, fractionalMaxPool3d } from "../../ops/window/pool-fractional";
export { maxUnpool1d, maxUnpool2d, maxUnpool3d } from "../../ops/window/unpool";
export * from "./activation";
export { scaledDotProductAttention } from "./attention";
export * from "./ctc";
export * from "./distance";
export {
  alphaDropout,
  type Dropout,
  type DropoutOptions,
  dropout,
  dropout1d,
  dropout2d,
  dropout3d,
  featureAlphaDropout,
} from "./dropout";
export * from "./embedding";
export * from "./grid";
export * from "./linear";
export * from "./loss";
export * from "./loss-class";
export * from "./loss-margin";
export {
  type BatchNormOptions,
  batchNorm,
  type GroupNormOptions,
  groupNorm,
  type InstanceNormOptions,
  instanceNorm,
  type LayerNormOptions,
  layerNorm,
  localResponseNorm,
  type ResponseOptions,
  rmsNorm,
} from "./norm";
export * from "./pad";
export * from "./pool";
export * from "./resize";
export * from "./shuffle";
