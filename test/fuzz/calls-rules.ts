// Differences that are PyTorch's: each rule says for a kind of call why it may differ. docs/decisions/fuzz.md tells the same.

import type { Difference } from "./calls-compare";
import {
  asInFloat32,
  differAtMost,
  differOnlyBesideFinite,
  distance,
  elements,
  expanded,
  givenNaN,
  givenNonFinite,
  gradientElements,
  half,
  has,
  isGradient,
  isValue,
  largestGiven,
  notNumbers,
  numbers,
  onlyPositionsDiffer,
  repeated,
  someEmpty,
  told,
  uniform,
  zerosForNone,
} from "./calls-facts";
import type { Call, Outcome } from "./calls-run";

interface Rule {
  reason: string;
  covers(call: Call, found: Difference, here: Outcome, there: Outcome): boolean;
}

/** A rule for functions of which PyTorch alone raises, with words that match. */
const raisesThere = (
  reason: string,
  names: RegExp,
  words: RegExp,
  also: (call: Call) => boolean = () => true,
): Rule => ({
  reason,
  covers: (call, { kind }, _here, there) =>
    kind.includes("raises there only") && names.test(call.name) && words.test(told(there)) && also(call),
});

/** A rule for functions of which only this library raises, with words that match. */
const raisesHere = (
  reason: string,
  names: RegExp,
  words: RegExp,
  also: (call: Call) => boolean = () => true,
): Rule => ({
  reason,
  covers: (call, { kind }, here) =>
    kind === "raises here only" && names.test(call.name) && words.test(here.error ?? "") && also(call),
});

const VARIANCES = /^(var|std|varMean|stdMean)$/;
const PRODUCTS =
  /^(mm|bmm|mv|matmul|inner|dot|vdot|outer|addmm|addmv|addbmm|baddbmm|einsum|tensordot|cov|corrcoef|cdist|linear|bilinear)_?$|^conv/;
/** Functions whose elements are told apart by a comparison that PyTorch's vectors make the other way round for NaN. */
const PIECEWISE = /^(elu|celu|selu|hardtanh|relu6|hardshrink|softshrink|hardswish|cumprod)_?$/;
const NORMS = /^(batch|layer|group|instance)Norm$/;

/** The relative rounding error of the coarsest dtype of a call. */
function rounding(call: Call): number {
  return has(call, "bfloat16") ? 2 ** -8 : has(call, "float16") ? 2 ** -11 : has(call, "float64") ? 2 ** -52 : 2 ** -23;
}

/** The least numbers of dtypes of whole numbers, whose magnitudes the dtypes do not hold. */
const isLeast = (x: number | string): boolean => [-(2 ** 7), -(2 ** 15), -(2 ** 31), -(2 ** 63)].includes(Number(x));

const KERNELS_AND_DERIVATIVES: readonly Rule[] = [
  raisesThere(
    "PyTorch has no kernel for half precision on the CPU, forward or backward; here every float has one",
    /./,
    /not implemented for '?(Half|BFloat16)|not supported.*(Half|BFloat16)|but got CPUBFloat16Type|input type encountered for isin/,
    half,
  ),
  {
    reason:
      "PyTorch has no derivative and finds out backward; here there is one, or the result takes no part in the graph",
    covers: (_, { kind }, _here, there) =>
      (kind.includes("raises there only") || kind === "requiresGrad" || kind === "gradients on one side") &&
      /derivative for .* is not implemented/.test(told(there)),
  },
  {
    reason: "in PyTorch a tensor of whole numbers requires grad after a comparison in place",
    covers: (call, { kind }) =>
      kind === "requiresGrad" && /_$|^setAt$/.test(call.name) && !call.tensors[0].dtype.includes("float"),
  },
  raisesThere(
    "PyTorch's derivative has another shape than its operand",
    /^(scatter|var|std|pixel|indexAdd|indexReduce|clamp|clip|batchNorm)/,
    /returned an invalid gradient|expand|size of tensor|must match|doesn't match the broadcast shape|TensorAccessor/,
  ),
  {
    reason: "PyTorch's derivatives do not promote operands of several dtypes",
    covers: (call, { kind }, _here, there) =>
      kind === "backward raises there only" &&
      new Set(call.tensors.map(({ dtype }) => dtype)).size > 1 &&
      /Found dtype .* but expected|expected scalar type .* but found|can't be cast to the desired|Subtraction|Negation|without overflow/.test(
        told(there),
      ),
  },
  raisesThere(
    "PyTorch cannot go back through an activation in place with a negative slope",
    /^(leakyRelu|elu|celu|rrelu)_?$/,
    /with a negative slope which is not supported/,
  ),
  raisesThere(
    "an assertion inside PyTorch, which asks to be reported",
    /./,
    /INTERNAL ASSERT FAILED|Expected a proper Tensor but got None|tensor does not have a device/,
  ),
  {
    reason: "a gradient that is zero everywhere may be none",
    covers: (_call, found, here, there) => found.kind === "gradient: kind of result" && zerosForNone(here, there),
  },
];

const LOOKS_TOO_LITTLE: readonly Rule[] = [
  raisesHere(
    "PyTorch does not look at dtypes, or sizes, where nothing is computed",
    new RegExp(
      `${PRODUCTS.source}|^(indexSelect|indexReduce|crossEntropy|nanmean|nansum|bincount|softmax|softmin|logSoftmax|batchNorm|instanceNorm|prelu|triu|tril|narrow|adaptiveAvgPool.*)_?$`,
    ),
    /^(DTypeError|IndexError|ShapeError|ArgumentError: output padding)/,
    someEmpty,
  ),
  raisesHere(
    "PyTorch does not look at numbers, whether the dtype holds them, where nothing is computed",
    new RegExp(`${PRODUCTS.source}|^(scatter|indexAdd)_?$`),
    /without overflow/,
    someEmpty,
  ),
  raisesHere(
    "PyTorch does not look at the padding of the result of a transposed convolution of bfloat16",
    /^convTranspose/,
    /output padding must be smaller/,
    (call) => has(call, "bfloat16"),
  ),
  raisesHere(
    "PyTorch reads masks of other dtypes as the bytes that they begin with",
    /^masked(Fill|Scatter)_?$/,
    /only supports boolean masks/,
  ),
  raisesHere(
    "PyTorch takes a tensor of one element, of any dimensions and bools too, for some whole numbers",
    /./,
    /must be (int|tuple of ints), not Tensor|found element of type Tensor|got \(Tensor\), but expected/,
    (call) => call.args.some(([, v]) => typeof v === "object" && v !== null && "tensor" in v),
  ),
  raisesHere(
    "functions that PyTorch writes in Python compute with what they are given, and do not look at what they do not need",
    /./,
    /^ArgumentError: .* must be (float|int), not|(multilabel_soft_margin|gaussian_nll|triplet_margin_with_distance)_loss\(\).* must be Tensor, not/,
    ({ space }) => space === "functional",
  ),
  raisesHere("PyTorch takes a number for the dtype of its type in Python", /^to$/, /invalid combination of arguments/),
  raisesHere(
    "PyTorch does not look at dimensions where adaptive pooling takes the mean of the plane",
    /^adaptiveAvgPool[23]d$/,
    /Expected \dD or \dD tensor/,
  ),
  raisesHere(
    "PyTorch does not look at labels of the ctc loss, nor at negative lengths",
    /^ctcLoss$/,
    /is out of bounds|to have value at most/,
  ),
  raisesHere(
    "PyTorch does not look at dtypes and dimensions of what embedding_bag is given",
    /^embeddingBag$/,
    /argument #1 'indices'|must be 2-D/,
  ),
  raisesHere(
    "PyTorch checks the dtype of a convolution's bias on some of its ways only",
    /^conv/,
    /bias type/,
    (call) => new Set(call.tensors.map(({ dtype }) => dtype)).size > 1,
  ),
  raisesHere(
    "PyTorch does not look at the dtype of the weight of a prelu of bfloat16",
    /^prelu$/,
    /Found dtype/,
    (call) => has(call, "bfloat16"),
  ),
  raisesHere(
    "PyTorch takes limits of a hardtanh of unsigned numbers without their fractions",
    /^hardtanh_?$/,
    /negative limits/,
    (call) => numbers(call).every((limit) => limit > -1),
  ),
  raisesHere(
    "functions that PyTorch writes in Python take anything for a flag",
    /./,
    /^ArgumentError: .* must be bool, not/,
    ({ space }) => space === "functional",
  ),
  raisesHere("PyTorch runs along any dimension of a 0-d tensor", /^cum/, /Dimension out of range/),
  raisesHere(
    "PyTorch does not check how many positions of a 0-d tensor are asked for",
    /^indexSelect$/,
    /Index to scalar/,
  ),
  raisesHere(
    "PyTorch lets threshold_, products and triangles in place, and embeddings with a largest norm, write to expanded memory",
    /^(threshold_|add(mm|mv|bmm)_|baddbmm_|tri[lu]_|embedding.*)$/,
    /single memory location/,
    expanded,
  ),
  raisesHere(
    "PyTorch looks at the size of the result of max_pool1d only where it records",
    /^maxPool1d$/,
    /Output size is too small/,
  ),
];

const REFUSES: readonly Rule[] = [
  raisesThere("PyTorch multiplies by a kernel's size that is a list", /^lpPool1d$/, /must be Tensor, not list/),
  raisesThere(
    "PyTorch scales what it has before it finds that nothing is multiplied",
    /^add/,
    /can't be cast to the desired output type|without overflow/,
    someEmpty,
  ),
  raisesThere(
    "PyTorch views strided operands under shapes that their strides do not allow",
    /^(kron|takeAlongDim|isin|conv.*)$/,
    /view size is not compatible/,
  ),
  raisesThere(
    "PyTorch writes to expanded memory with a warning, and cannot go back through that",
    /_$|^setAt$/,
    /refers to a single memory location/,
    expanded,
  ),
  raisesThere(
    "PyTorch overflows for a diagonal beyond the matrix; here it is empty",
    /^diag$/,
    /multiplication overflow/,
  ),
  raisesThere(
    "PyTorch fills the running sum of a 0-d tensor with its number, which the dtype may not hold",
    /^cum(sum|prod)$/,
    /without overflow/,
    (call) => call.tensors[0].sizes.length === 0,
  ),
  raisesThere(
    "PyTorch's logsumexp over no dimensions, and its isclose with NaN, have the wrong shape",
    /^(logsumexp|isclose|allclose)$/,
    /doesn't match the broadcast shape/,
  ),
  raisesThere(
    "PyTorch goes back through a product of another dtype in the dtype of the operand",
    /^cumprod_?$/,
    /masked_scatter: expected self and source to have same dtypes/,
  ),
  raisesThere(
    "PyTorch refuses an empty gradient of adaptive pooling",
    /^adaptive/,
    /Expected grad_output to have non-zero size/,
  ),
  raisesThere(
    "PyTorch copies running means that require grad back through a view, where nothing is computed",
    /^instanceNorm$/,
    /a view of a leaf Variable/,
    someEmpty,
  ),
  raisesThere(
    "PyTorch writes ldexp_ into what it was given, which it cannot record",
    /^ldexp_$/,
    /don't support automatic differentiation/,
  ),
  raisesHere(
    "PyTorch gives a vector that it adds a matrix to in place the matrix's shape",
    /^addbmm_$/,
    /Bad in-place/,
  ),
  raisesThere("PyTorch cannot go back through vander, which writes in place", /^vander$/, /modified by an inplace/),
  raisesHere("diff does not go back, as in PyTorch 2", /^diff$/, /order must be non-negative/),
  raisesThere("the method where takes a number, as in PyTorch 2", /^where$/, /argument 'other'.* must be Tensor/),
  raisesThere(
    "parameters of float32 go with 16 bits, as in PyTorch 2",
    /^(?:layerNorm|groupNorm|prelu)$/,
    /expected scalar type (?:Half|BFloat16) but found Float|Found dtype Float but expected Half/,
  ),
  {
    reason: "PyTorch gives addmv of no rows the input's shape",
    covers: (call, { kind }) => kind === "shape" && call.name === "addmv" && someEmpty(call),
  },
];

const WRONG_THERE: readonly Rule[] = [
  {
    reason: "PyTorch reads the weight of a transposed convolution of bfloat16 in another order",
    covers: (call, { kind }, here) =>
      /^convTranspose/.test(call.name) &&
      has(call, "bfloat16") &&
      kind !== "raises here only" &&
      asInFloat32(call, here),
  },
  {
    reason: "PyTorch adds products of half precision up in half precision",
    covers: (call, found, here) =>
      isValue(found) &&
      (PRODUCTS.test(call.name) || /^(norm|dist|pairwiseDistance|triplet.*|cosine.*)$/.test(call.name)) &&
      half(call) &&
      asInFloat32(call, here),
  },
  {
    reason: "PyTorch computes with whole numbers in a derivative, which wrap",
    covers: (call, found) =>
      isGradient(found) &&
      /^(atan2|arctan2|addcmul|addcdiv|softMarginLoss|zeta)_?$/.test(call.name) &&
      has(call, "uint8", "int8", "int16", "int32", "int64"),
  },
  {
    reason: "PyTorch's gradient of the trace of a tall matrix counts elements beyond its diagonal",
    covers: (call, found) =>
      isGradient(found) && call.name === "trace" && call.tensors[0].sizes[0] > call.tensors[0].sizes[1],
  },
  {
    reason: "PyTorch selects in place in a copy that is still expanded",
    covers: (call, found) =>
      isValue(found) && /^(kthvalue|median|nanmedian|quantile|nanquantile|mode)$/.test(call.name) && expanded(call),
  },
  {
    reason: "beyond one half PyTorch's vectors and single elements clamp logit in another order",
    covers: (call, found) => isValue(found) && /^logit_?$/.test(call.name) && numbers(call).some((eps) => eps > 0.5),
  },
  {
    reason: "PyTorch rounds weights of interpolations and factors of normalisations to half precision",
    covers: (call, found, here) =>
      isValue(found) &&
      (/^(interpolate|upsample)/.test(call.name) || NORMS.test(call.name)) &&
      half(call) &&
      asInFloat32(call, here),
  },
  {
    reason: "PyTorch takes elements of a source in the order of memory",
    covers: (call, found) =>
      isValue(found) &&
      (/^maskedScatter_?$/.test(call.name) || (isGradient(found) && call.name === "maskedSelect")) &&
      call.tensors.some(({ layout }) => layout?.kind === "permute"),
  },
  {
    reason: "PyTorch shares a gradient with old contents that scatter_reduce left out",
    covers: (call, found) =>
      isGradient(found) &&
      /^(scatter|index)Reduce_?$/.test(call.name) &&
      call.args.some(([name, value]) => name === "includeSelf" && value === false) &&
      call.args.some(([, value]) => value === "amin" || value === "amax"),
  },
  {
    reason: "PyTorch's smooth_l1_loss without a curve has the gradient −1 for both where they are equal",
    covers: (call, found) => isGradient(found) && call.name === "smoothL1Loss" && numbers(call).includes(0),
  },
  {
    reason: "PyTorch gives the gradient of a block behind an empty one to another place",
    covers: (call, found) => isGradient(found) && call.name === "blockDiag" && someEmpty(call),
  },
  {
    reason: "PyTorch reads beyond an expanded weight of a normalisation in its derivative",
    covers: (call, found) =>
      isGradient(found) &&
      NORMS.test(call.name) &&
      call.tensors.slice(1).some(({ layout }) => layout?.kind === "expand"),
  },
  {
    reason: "PyTorch takes the gradient of a normalisation in another order than its permuted operand has",
    covers: (call, found) =>
      isGradient(found) &&
      NORMS.test(call.name) &&
      call.tensors[0].sizes.length >= 4 &&
      call.tensors[0].sizes.includes(1) &&
      call.tensors[0].layout?.kind === "permute",
  },
  {
    reason: "PyTorch's derivative of a power takes a root of an infinity",
    covers: (call, found) => isGradient(found) && /^pow_?$/.test(call.name) && givenNonFinite(call),
  },
  {
    reason: "PyTorch's vectors and single elements take a bound that is NaN in another way",
    covers: (call, { kind }) =>
      kind === "values" && /^(clamp|clip)/.test(call.name) && JSON.stringify(call.args).includes('"nan"'),
  },
  {
    reason: "PyTorch's greatest common divisors of the least integer are negative",
    covers: (call, { kind }) =>
      kind === "values" && /^(gcd|lcm)_?$/.test(call.name) && call.tensors.some(({ data }) => data.some(isLeast)),
  },
  {
    reason: "PyTorch divides by the number of no elements in derivatives of normalisations",
    covers: (call, found) => isGradient(found) && NORMS.test(call.name) && someEmpty(call),
  },
  {
    reason: "PyTorch's median of no whole numbers is NaN as the processor converts it",
    covers: (call, { kind }) => kind === "values" && /^(nan)?median$/i.test(call.name) && someEmpty(call),
  },
  {
    reason: "PyTorch gives empty images back as they are",
    covers: (call, { kind }) =>
      (kind === "shape" || kind === "shared memory") && /^pixel/.test(call.name) && someEmpty(call),
  },
  {
    reason: "PyTorch's Airy function is off by 1e-5 between −2.09 and −7 here and there",
    covers: (call, found, here, there) =>
      found.kind === "values" && call.name === "airyAi" && distance(here, there) < 1e-5,
  },
  {
    reason: "PyTorch counts NaN in the first bin of a histogram",
    covers: (call, { kind }) => kind === "values" && /^hist(c|ogram)$/.test(call.name) && givenNaN(call),
  },
];

const LEFT_OPEN: readonly Rule[] = [
  {
    reason: "shifts of bits by less than nothing, or by more than there are, are left open",
    covers: (call, { kind }) =>
      (kind === "values" || kind === "changed arguments") &&
      /^bitwise(Left|Right)Shift_?$/.test(call.name) &&
      [...numbers(call), ...call.tensors.slice(1).flatMap(({ data }) => data.map(Number))].some((n) => n < 0 || n >= 8),
  },
  {
    reason: "where NaN stands among distinct or most frequent values is left open",
    covers: (call, { kind }) => kind === "values" && /^(unique.*|mode)$/.test(call.name) && givenNaN(call),
  },
  {
    reason: "which of several values is written last to one place is left open where operands lie in another order",
    covers: (call, { kind }) =>
      (kind === "values" || kind === "changed arguments") &&
      /^(put|indexPut|setAt|scatter|indexCopy)_?$/.test(call.name) &&
      call.tensors.slice(1).some(({ layout }) => layout?.kind === "permute"),
  },
  {
    reason: "the gradient of a deviation of equal values is one of rounding errors",
    covers: (call, found) => isGradient(found) && /^std(Mean)?$/.test(call.name) && uniform(call),
  },
  {
    reason: "differences of distances drown in rounding errors where elements are beyond 2^24",
    covers: (call, found) =>
      isValue(found) && /^(triplet|pairwise|cdist|pdist|dist|cosine)/.test(call.name) && largestGiven(call) >= 2 ** 24,
  },
  {
    reason: "whether a margin of distances is met exactly is one of rounding errors",
    covers: (call, found) => isGradient(found) && /^triplet/.test(call.name),
  },
  {
    reason: "remainders and whole quotients of half types jump with the rounding of what they divide by",
    covers: (call, { kind }) =>
      (kind === "values" || kind === "changed arguments") &&
      /^(remainder|fmod|floorDivide|div|divide)_?$/.test(call.name) &&
      half(call),
  },
  {
    reason: "whether the largest distance is NaN depends on where NaN stands",
    covers: (call, found) => isValue(found) && /^(cdist|pdist)$/.test(call.name) && givenNaN(call),
  },
  {
    reason: "numbers beyond the range of float16 may be infinite before they are computed with",
    covers: (call, found, here, there) =>
      isValue(found) && has(call, "float16") && largestGiven(call) > 65504 && differOnlyBesideFinite(here, there),
  },
  {
    reason: "gradients of products, norms and activations where an infinity, NaN or −0 is given",
    covers: (call, found, here, there) =>
      isGradient(found) &&
      /^(prod|cumprod|pdist|cdist|normalize|norm|renorm|mvlgamma|multigammaln|addr|celu|elu|logit|softMarginLoss)_?$/.test(
        call.name,
      ) &&
      (givenNonFinite(call) || call.tensors.some(({ data }) => data.includes("-0"))) &&
      differOnlyBesideFinite(here, there),
  },
  {
    reason: "the order among equal values, and which of them gets the gradient, is left open",
    covers: (call, found, here, there) =>
      isValue(found) &&
      /^(sort|argsort|msort|topk|kthvalue|median|nanmedian|mode|quantile|nanquantile)$/.test(call.name) &&
      repeated(call) &&
      (isGradient(found) || onlyPositionsDiffer(here, there)),
  },
  {
    reason: "the gradient of a variance of one element, or over an empty list of dimensions, is left open",
    covers: (call, found, here) =>
      isGradient(found) &&
      VARIANCES.test(call.name) &&
      (elements(here.value).includes("nan") || call.args.some(([, v]) => Array.isArray(v) && v.length === 0)),
  },
  {
    reason: "PyTorch's vectors and single elements differ where an activation meets NaN, and at the end of hardswish",
    covers: (call, found, here, there) =>
      isGradient(found) &&
      PIECEWISE.test(call.name) &&
      ((givenNaN(call) && call.tensors[0].data.length >= 8 && differAtMost(notNumbers(call), here, there)) ||
        (call.name === "hardswish" && call.tensors[0].data.includes(3))),
  },
  {
    reason: "NaN and infinities go another way through sums of products, running means and places between pixels",
    covers: (call, found, here, there) =>
      (isValue(found) || found.kind === "changed arguments") &&
      (PRODUCTS.test(call.name) ||
        NORMS.test(call.name) ||
        VARIANCES.test(call.name) ||
        /^(gridSample|interpolate|upsample.*|ctcLoss|logcumsumexp)$/.test(call.name)) &&
      (givenNonFinite(call) || has(call, "float16", "bfloat16")) &&
      differOnlyBesideFinite(here, there),
  },
  {
    reason: "the gradient of a length below eps is that of PyTorch 2",
    covers: (call, found, here) =>
      isGradient(found) &&
      call.name === "cosineSimilarity" &&
      (numbers(call).some((eps) => Math.abs(eps) > 0.01 && eps <= 1) || elements(here.value).includes(0)),
  },
  {
    reason: "a normalisation of equal values multiplies rounding errors by 1 / √eps",
    covers: (call, found, here, there) =>
      isValue(found) &&
      NORMS.test(call.name) &&
      distance(here, there) <= 400 * rounding(call) * (1 + largestGiven(call)) ** 2,
  },
];

const ALGEBRA =
  /^(inverse|inv|invEx|det|slogdet|logdet|pinverse|pinv|matrixExp|matrixPower|matrixRank|cholesky.*|solve|solveEx|solveTriangular|triangularSolve|lu.*|svdvals|eigvalsh|lstsq|nuclearNorm|norm|matrixNorm|cond|tensorinv|tensorsolve|multiDot)$/;

const FACTORIZATIONS: readonly Rule[] = [
  {
    reason: "what comes of a matrix with NaN or infinities depends on the order of LAPACK's sums",
    covers: (call, { kind }) =>
      ALGEBRA.test(call.name) && givenNonFinite(call) && !/dtype|shape|count|requiresGrad/.test(kind),
  },
  {
    reason: "a singular matrix gives infinities, NaN or large numbers by its rounding errors",
    covers: (call, found, here, there) =>
      ALGEBRA.test(call.name) &&
      isValue(found) &&
      [here, there].some((side) =>
        [...elements(side.value), ...gradientElements(side)].some((x) => typeof x !== "number" || Math.abs(x) > 1e4),
      ),
  },
  raisesHere(
    "PyTorch does not look at dtypes, or sizes, of matrices where nothing is computed",
    ALGEBRA,
    /^(DTypeError|ShapeError)/,
    someEmpty,
  ),
  raisesHere(
    "PyTorch has exponentials of some matrices of bfloat16, by their norm",
    /^matrixExp$/,
    /^DTypeError/,
    half,
  ),
  raisesThere(
    "PyTorch's derivative writes to what it has saved, or does not broadcast",
    /^(cholesky|cond|lstsq|tensorsolve)$/,
    /must be batches of square matrices|modified by an inplace operation|cannot be multiplied|must match|Expected size for first two dimensions|invalid gradient/,
  ),
  raisesHere(
    "PyTorch converts the right side of triangular systems without a word",
    /^solveTriangular$/,
    /to have the same dtype/,
  ),
  raisesThere("PyTorch takes sizes behind the last", /^tensor(inv|solve)$/, /larger than max_size/),
  {
    reason: "the copy of the coefficients requires grad in PyTorch also where these do not",
    covers: (call, { kind }) => call.name === "triangularSolve" && kind === "requiresGrad",
  },
];

const RULES: readonly Rule[] = [
  ...KERNELS_AND_DERIVATIVES,
  ...LOOKS_TOO_LITTLE,
  ...REFUSES,
  ...WRONG_THERE,
  ...LEFT_OPEN,
  ...FACTORIZATIONS,
];

/** Why a difference is no fault of the library's, or null. */
export function explained(call: Call, found: Difference, here: Outcome, there: Outcome): string | null {
  return RULES.find((rule) => rule.covers(call, found, here, there))?.reason ?? null;
}
