// torch.nn: nothing but exports.

export { Parameter } from "../tensor/tensor";
export * from "./activation";
export { AdaptiveLogSoftmaxWithLoss, type ASMOutput } from "./adaptive-softmax";
export { type Layer, ModuleDict, ModuleList, Sequential } from "./containers";
export * from "./conv";
export type { ConvLayerOptions, PaddingMode } from "./conv-nd";
export * from "./conv-transpose";
export { DataParallel } from "./data-parallel";
export * from "./dropout";
export * from "./embedding";
export * as functional from "./functional";
export type { RemovableHandle } from "./hooks";
export * as init from "./init";
export * from "./lazy";
export { Bilinear, Identity, Linear } from "./linear";
export * from "./loss";
export { Module } from "./module";
export { CrossMapLRN2d, GroupNorm, LayerNorm, LocalResponseNorm, RMSNorm } from "./norm";
export {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type NormOptions,
  SyncBatchNorm,
} from "./running-norm";
export * from "./parameter-containers";
export * from "./max-pooling";
export * from "./pooling";
export * from "./resize";
export { GRU, LSTM, RNN } from "./rnn";
export { GRUCell, LSTMCell, RNNCell } from "./rnn-cell";
export * from "./shape";
export { MultiheadAttention } from "./attention";
export * from "./transformer";
export {
  type DecoderCall,
  type EncoderCall,
  type FeedForwardActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer-layer";
export * as utils from "./utils";
export { IncompatibleKeys, StateDict } from "./state-dict";
export { UninitializedBuffer, UninitializedParameter } from "./uninitialized";
