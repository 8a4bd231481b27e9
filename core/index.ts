// The torch namespace: `import * as torch from "cresset"`. Nothing but exports, and nothing happens on import, but that all modules
// come out of one file where there is one; so that line stays the first.

import "./packed";

import "./ops/methods";
import "./autograd/inplace";
import "./tensor/print-tensor";

export * as amp from "./amp";
export {
  autocast,
  getAutocastCpuDtype,
  getAutocastGpuDtype,
  isAutocastCacheEnabled,
  isAutocastCpuEnabled,
  isAutocastEnabled,
} from "./amp/autocast";
export { clearAutocastCache } from "./amp/state";
export * as autograd from "./autograd";
export { isAnomalyEnabled } from "./autograd/anomaly";
export { enableGrad, inferenceMode, isGradEnabled, noGrad, setGradEnabled } from "./autograd/modes";
export * as utils from "./utils";
export { LossChart, plot } from "./display/chart";
export { displaySymbol } from "./display/host";
export { Images } from "./display/image";
export { show } from "./display/show";
export { tqdm, trange } from "./display/tqdm";
export * from "./errors";
export * from "./ops/create/combine";
export * from "./ops/matrix/contraction";
export * from "./ops/window/conv";
export { clone, fill, positive } from "./ops/create/copy";
export * from "./ops/matrix/covariance";
export {
  type CreateOptions,
  empty,
  zeros,
  ones,
  full,
  emptyLike,
  zerosLike,
  onesLike,
  fullLike,
  scalarTensor,
  arange,
  linspace,
  range,
  logspace,
  eye,
  fromTypedArray,
  tensor,
  asTensor,
  asarray,
  isTensor,
  numel,
  type TensorData,
} from "./ops/create/create";
export { emptyStrided, frombuffer } from "./ops/create/memory";
export { bartlettWindow, blackmanWindow, hammingWindow, hannWindow, kaiserWindow } from "./ops/create/windows";
export { type HistogramOptions, type HistogramOfPoints, histogram, histogramdd } from "./ops/reduce/histogram";
export { vanderOfVector as vander } from "./ops/linalg/tensors";
export {
  complex,
  polar,
  imag,
  viewAsComplex,
  viewAsReal,
  stft,
  istft,
  sparseCooTensor,
  sparseCsrTensor,
  sparseCscTensor,
  sparseBsrTensor,
  sparseBscTensor,
  sparseCompressedTensor,
  quantizePerTensor,
  quantizePerChannel,
  dequantize,
  fakeQuantizePerTensorAffine,
  fakeQuantizePerChannelAffine,
  alignTensors,
} from "./ops/left-out";
export { type CdistMode, cdist } from "./ops/matrix/distances";
export * from "./ops/index/take";
export { indexPut } from "./ops/index/indexing";
export * from "./ops/create/join";
export * from "./ops/matrix/linalg";
export { floatPower, frexp, ldexp, mvlgamma } from "./ops/elementwise/composed";
export { cumulativeTrapezoid, gradient, type GradientOptions, trapezoid, trapz } from "./ops/reduce/calculus";
export * as special from "./ops/special/namespace";
export * as linalg from "./ops/linalg/namespace";
export * from "./ops/linalg/top";
export { luUnpack } from "./ops/linalg/lu";
export { chainMatmul } from "./ops/linalg/matrix-functions";
export { nuclearNorm } from "./ops/linalg/norms";
export * from "./ops/matrix/einsum";
export * from "./ops/elementwise/pointwise";
export * from "./ops/matrix/products";
export {
  getDevice,
  isConj,
  isFloatingPoint,
  isInference,
  isNeg,
  isComplex,
  isSigned,
  isSameSize,
  isNonzero,
  type CloseOptions,
  isclose,
  allclose,
  equal,
} from "./ops/shared/query";
export * from "./ops/reduce/quantile";
export * from "./ops/random/random";
export { tile, flip, fliplr, flipud, roll, rot90 } from "./ops/create/rearrange";
export * from "./ops/reduce/extremes";
export type { ValuesIndices } from "./ops/index/values-indices";
export * from "./ops/reduce/reduce";
export type { Dims, ReduceOptions } from "./ops/reduce/reduction";
export { select, narrow, diagonal, asStrided } from "./ops/view/slice";
export * from "./ops/view/split";
export * from "./ops/reduce/statistics";
export * from "./ops/index/scatter-view";
export * from "./ops/random/sample";
export * from "./ops/reduce/scan";
export * from "./ops/index/scatter";
export * from "./ops/index/search";
export * from "./ops/index/sort";
export * from "./ops/index/unique";
export {
  avgPool1d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
} from "./ops/window/pool";
export { adaptiveAvgPool1d, adaptiveMaxPool1dWithIndices as adaptiveMaxPool1d } from "./ops/window/pool-adaptive";
export * from "./ops/reduce/softmax";
export {
  reshape,
  flatten,
  unflatten,
  ravel,
  permute,
  transpose,
  swapaxes,
  swapdims,
  t,
  movedim,
  moveaxis,
  broadcastTo,
  unsqueeze,
  squeeze,
  detach,
  conj,
  conjPhysical,
  resolveConj,
  resolveNeg,
  real,
} from "./ops/view/view";
export * from "./ops/create/triangle-indices";
export * as csv from "./io/csv";
export * as numpy from "./io/numpy";
export { load, type LoadOptions } from "./io/pt/load";
export { save } from "./io/pt/save";
export type { LocatedStorage, MapLocation } from "./io/pt/storages";
export type { Classes } from "./io/pt/globals";
export * as safetensors from "./io/safetensors";
export * as nn from "./nn";
export { deepcopy } from "./nn/deepcopy";
export { celu, prelu, rrelu, selu, threshold } from "./nn/functional/activation";
export { cosineSimilarity, pairwiseDistance, pdist } from "./nn/functional/distance";
export { alphaDropout, dropout, featureAlphaDropout } from "./nn/functional/dropout";
export { groupNormOfAny as groupNorm, layerNorm } from "./nn/functional/norm";
export { channelShuffle, pixelShuffle, pixelUnshuffle } from "./nn/functional/shuffle";
export * as optim from "./optim";
export * as random from "./random";
export * as cpu from "./amp/cpu-namespace";
export * as cuda from "./amp/cuda-namespace";
export { getRngState, initialSeed, manualSeed, seed, seedEverything, setRngState } from "./random";
export { Generator } from "./random/generator";
export { Device, device } from "./tensor/device";
export {
  bfloat16,
  bool,
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
  setDefaultDtype,
  short,
  uint8,
} from "./tensor/dtype";
export { e, finfo, type FloatInfo, iinfo, inf, type IntInfo, nan, pi } from "./tensor/limits";
export { setPrintoptions } from "./display/print-options";
export { Layout, strided } from "./tensor/layout";
export { Size } from "./tensor/shape";
export type { NestedArray, NestedList } from "./tensor/tensor";
export { Tensor } from "./tensor/tensor";
export {
  BFloat16Tensor,
  BoolTensor,
  ByteTensor,
  CharTensor,
  DoubleTensor,
  FloatTensor,
  HalfTensor,
  IntTensor,
  LongTensor,
  ShortTensor,
  type TypedTensorConstructor,
} from "./ops/create/typed-tensors";
export { getNumThreads, setNumThreads } from "./threads";
export { __version__ } from "./version";
export * as vision from "./vision";
