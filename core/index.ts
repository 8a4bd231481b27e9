// The torch namespace: `import * as torch from "cresset"`. Nothing but exports, and nothing happens on import.

import "./tensor/methods";
import "./autograd/inplace";
import "./tensor/print-tensor";

export * as autograd from "./autograd";
export { isAnomalyEnabled } from "./autograd/anomaly";
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled } from "./autograd/modes";
export * as utils from "./data/namespace";
export { LossChart, plot } from "./display/chart";
export { displaySymbol, setDisplayHost } from "./display/host";
export { Images } from "./display/image";
export { show } from "./display/show";
export { tqdm } from "./display/tqdm";
export * from "./errors";
export * from "./ops/combine";
export * from "./ops/contraction";
export * from "./ops/conv";
export * from "./ops/copy";
export * from "./ops/covariance";
export * from "./ops/create";
export * from "./ops/distances";
export * from "./ops/index";
export { indexPut } from "./ops/indexing";
export * from "./ops/join";
export * from "./ops/linalg";
export * from "./ops/pointwise";
export * from "./ops/products";
export * from "./ops/query";
export * from "./ops/quantile";
export * from "./ops/random";
export * from "./ops/rearrange";
export * from "./ops/extremes";
export type { ValuesIndices } from "./ops/pairs";
export * from "./ops/reduce";
export type { Dims, ReduceOptions } from "./ops/reduction";
export * from "./ops/slice";
export * from "./ops/split";
export * from "./ops/statistics";
export * from "./ops/region";
export * from "./ops/sample";
export * from "./ops/scan";
export * from "./ops/scatter";
export * from "./ops/search";
export * from "./ops/sort";
export * from "./ops/unique";
export {
  avgPool1d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "./ops/pool";
export { adaptiveAvgPool1d, adaptiveMaxPool1d } from "./ops/pool-adaptive";
export * from "./ops/softmax";
export * from "./ops/view";
export * from "./ops/triangle-indices";
export * as nn from "./nn";
export { deepcopy } from "./nn/deepcopy";
export { celu, prelu, rrelu, selu, threshold } from "./nn/functional/activation";
export { cosineSimilarity, pairwiseDistance, pdist } from "./nn/functional/distance";
export { alphaDropout, dropout, featureAlphaDropout } from "./nn/functional/dropout";
export { groupNorm, layerNorm } from "./nn/functional/norm";
export { channelShuffle, pixelShuffle, pixelUnshuffle } from "./nn/functional/shuffle";
export * as optim from "./optim";
export * as random from "./random";
export * as cpu from "./cpu";
export { getRngState, initialSeed, manualSeed, seed, setRngState } from "./random";
export { Generator } from "./random/generator";
export { Device, device } from "./tensor/device";
export {
  bfloat16,
  bool,
  canCast,
  DType,
  double,
  float,
  float16,
  float32,
  float64,
  getDefaultDtype,
  half,
  int,
  int8,
  int16,
  int32,
  int64,
  long,
  promoteTypes,
  setDefaultDtype,
  short,
  uint8,
} from "./tensor/dtype";
export { e, finfo, type FloatInfo, iinfo, inf, type IntInfo, nan, pi } from "./tensor/limits";
export { setPrintoptions } from "./tensor/print-options";
export { Layout, strided } from "./tensor/layout";
export { Size } from "./tensor/shape";
export type { NestedArray, NestedList } from "./tensor/tensor";
export { Tensor } from "./tensor/tensor";
export { getNumThreads, setNumThreads } from "./threads";
export * as vision from "./vision";
