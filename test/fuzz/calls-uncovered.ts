// Public functions that the comparison of calls leaves out, with the reason.

/** Names by space, as `torch.add`, `functional.relu` or `method.add`; `*` stands for any end. */
export const uncovered: { readonly [reason: string]: readonly string[] } = {
  "no counterpart in PyTorch": [
    "torch.plot torch.show torch.tqdm torch.trange torch.fromTypedArray torch.deepcopy",
    "method.raw method.elements method.elementAt method.toTypedArray method.toJSON method.alias method.become method.state method.fill method.slice",
    "method.maximum_ method.minimum_ method.fmax_ method.fmin_ method.logaddexp_ method.logaddexp2_ method.isnan_ method.isinf_ method.isfinite_ method.isneginf_ method.isposinf_ method.signbit_ method.rsub method.rsub_ method.isreal_ method.angle_ method.varMean method.stdMean functional.rmsNorm functional.scaledDotProductAttention",
  ].flatMap((line) => line.split(" ")),
  "in PyTorch a method only, compared as such": [
    "torch.isSigned torch.isSameSize torch.put torch.unflatten torch.fill",
  ].flatMap((line) => line.split(" ")),
  "random numbers, compared by their own tests": [
    "torch.rand torch.randn torch.randLike torch.randnLike torch.randint torch.randintLike torch.randperm torch.normal torch.bernoulli torch.multinomial torch.poisson torch.dropout torch.alphaDropout torch.featureAlphaDropout torch.rrelu torch.getRngState torch.setRngState torch.initialSeed torch.manualSeed torch.seedEverything torch.seed",
    "functional.gumbelSoftmax functional.dropout functional.dropout1d functional.dropout2d functional.dropout3d functional.alphaDropout functional.featureAlphaDropout functional.fractionalMaxPool2d functional.fractionalMaxPool3d",
    "method.uniform_ method.normal_ method.logNormal_ method.cauchy_ method.exponential_ method.geometric_ method.bernoulli_ method.random_ method.bernoulli method.multinomial method.poisson",
  ].flatMap((line) => line.split(" ")),
  "another way to write torch.tensor": [
    "torch.BFloat16Tensor torch.BoolTensor torch.ByteTensor torch.CharTensor torch.DoubleTensor torch.FloatTensor torch.HalfTensor torch.IntTensor torch.LongTensor torch.ShortTensor",
  ].flatMap((line) => line.split(" ")),
  "files, compared by their own tests": ["torch.save", "torch.load"],
  "undefined contents": [
    "torch.empty",
    "torch.emptyLike",
    "torch.emptyStrided",
    "method.newEmpty",
    "method.newEmptyStrided",
    "method.resize_",
    "method.resizeAs_",
  ],
  "settings and questions to the library": [
    "torch.autocast torch.clearAutocastCache torch.getAutocastCpuDtype torch.getAutocastGpuDtype torch.isAutocastCacheEnabled torch.isAutocastCpuEnabled torch.isAutocastEnabled",
    "torch.isAnomalyEnabled torch.enableGrad torch.inferenceMode torch.isGradEnabled torch.noGrad torch.setGradEnabled torch.device torch.getDefaultDtype torch.setDefaultDtype torch.finfo torch.iinfo torch.setPrintoptions torch.getNumThreads torch.setNumThreads torch.isTensor torch.getDevice torch.isInference method.getDevice method.isInference",
    "method.storageOffset method.dataPtr method.toString method.toFixed method.type method.cpu method.cuda",
  ].flatMap((line) => line.split(" ")),
  "the graph, compared by random graphs": [
    "method.backward method.registerHook method.retainGrad method.requiresGrad_ method.detach_",
  ].flatMap((line) => line.split(" ")),
  "gives its own tensor or data": [
    "torch.frombuffer torch.conj torch.conjPhysical method.conj method.conjPhysical method.set_ torch.asTensor torch.asarray torch.resolveConj torch.resolveNeg torch.real method.resolveConj method.resolveNeg method.real",
  ].flatMap((line) => line.split(" ")),
  "takes a function, or points": ["method.apply_", "method.map_", "method.map2_", "torch.histogramdd"],
  "reads memory that it never wrote, in PyTorch 1.13": [
    "torch.sliceScatter",
    "method.sliceScatter",
    "torch.asStridedScatter",
    "method.asStridedScatter",
  ],
  "vectors whose sign is free, and what is read by them: compared by reconstruction, in test/ops/linalg": [
    "torch.svd torch.symeig torch.qr torch.geqrf torch.orgqr torch.ormqr torch.luSolve torch.luUnpack",
    "method.svd method.symeig method.qr method.geqrf method.orgqr method.ormqr method.luSolve",
    "linalg.svd linalg.eigh linalg.qr linalg.householderProduct linalg.luSolve linalg.ldlFactor linalg.ldlFactorEx linalg.ldlSolve",
  ].flatMap((line) => line.split(" ")),
  "left out, as calls say": [
    "torch.complex torch.polar torch.imag torch.viewAsComplex torch.viewAsReal torch.stft torch.istft torch.sparseCooTensor torch.sparseCsrTensor torch.sparseCscTensor torch.sparseBsrTensor torch.sparseBscTensor torch.sparseCompressedTensor torch.quantizePerTensor torch.quantizePerChannel torch.dequantize torch.fakeQuantizePerTensorAffine torch.fakeQuantizePerChannelAffine torch.alignTensors",
    "method.imag method.stft method.istft method.cfloat method.cdouble method.toSparse method.toSparseCsr method.coalesce method.sparseMask method.dequantize method.rename method.rename_ method.refineNames method.alignTo method.alignAs",
  ].flatMap((line) => line.split(" ")),
  "refused, as in PyTorch or without complex numbers": [
    "torch.lstsq torch.solve torch.eig method.lstsq method.solve method.eig linalg.eig linalg.eigvals",
  ].flatMap((line) => line.split(" ")),
  "takes any number of tensors, as linalg.multiDot takes a list": ["torch.chainMatmul"],
};
