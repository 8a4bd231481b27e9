// Differences that are PyTorch's: each rule says for a kind of call why it may differ. docs/decisions/fuzz.md tells the same.

import type { Difference } from "./calls-compare";
import type { Call, Encoded, Outcome } from "./calls-run";

interface Rule {
  reason: string;
  covers(call: Call, found: Difference, here: Outcome, there: Outcome): boolean;
}

/** What PyTorch says, in the call or in its backward. */
function told({ error, grads }: Outcome): string {
  return error ?? (typeof grads === "string" ? grads : "");
}

const empty = (sizes: readonly number[]): boolean => sizes.includes(0);
const someEmpty = (call: Call): boolean => call.tensors.some((spec) => empty(spec.sizes));
const expanded = (call: Call): boolean => call.tensors.some((spec) => spec.layout?.kind === "expand");
const half = (call: Call): boolean =>
  call.tensors.some(({ dtype }) => dtype === "float16" || dtype === "bfloat16") ||
  JSON.stringify(call.args).includes("float16");
const isGradient = ({ kind }: Difference): boolean => kind.startsWith("gradient");
const isValue = ({ kind }: Difference): boolean => kind === "values" || isGradient({ kind, here: "", there: "" });
const repeated = (call: Call): boolean => call.tensors.some(({ data }) => new Set(data.map(String)).size < data.length);

function elements(value: Encoded | undefined | null): (number | string | boolean)[] {
  if (Array.isArray(value)) return value.flatMap(elements);
  return typeof value === "object" && value !== null && "tensor" in value ? value.tensor : [];
}

/** Whether something that is not finite went in or came out on either side. */
function nonFinite(call: Call, here: Outcome, there: Outcome): boolean {
  const results = [here, there].flatMap(({ value, grads }) => [
    ...elements(value),
    ...(Array.isArray(grads) ? grads.flatMap(elements) : []),
  ]);
  const given = call.tensors.flatMap((spec) => spec.data);
  return (
    [...results, ...given].some((v) => v === "nan" || v === "inf" || v === "-inf") ||
    JSON.stringify(call.args).includes('"number"')
  );
}

/** Whether gradients differ in nothing but zeros where the other side has none. */
function zerosForNone({ grads: here }: Outcome, { grads: there }: Outcome): boolean {
  if (!Array.isArray(here) || !Array.isArray(there)) return false;
  return here.every((g, k) => {
    const other = there[k] ?? null;
    if ((g === null) === (other === null)) return true;
    return elements(g ?? other).every((v) => v === 0);
  });
}

const VARIANCES = /^(var|std|varMean|stdMean)$/;
const SELECTIONS =
  /^(sort|argsort|msort|topk|kthvalue|median|nanmedian|mode|quantile|nanquantile|unique|max|min|argmax|argmin)$/;
const SUMS_OF_PRODUCTS =
  /conv|bilinear|linear|interpolate|gridSample|affineGrid|norm|cosine|pairwise|pdist|cdist|matmul|^mm$|^bmm$|^mv$|^dot$|^vdot$|addmm|addmv|addbmm|baddbmm|inner|einsum|tensordot|cov|corrcoef|quantile|lerp|Pool|loss|Loss|std|var|logcumsumexp|logsumexp|cumprod|prod|dist|lrn|ResponseNorm|fold/i;

const RULES: readonly Rule[] = [
  {
    reason: "PyTorch has no kernel for half precision on the CPU, forward or backward; here every float has one",
    covers: (call, { kind }, _, there) =>
      kind.includes("raises there only") &&
      half(call) &&
      /not implemented for '?(Half|BFloat16)|not supported.*(Half|BFloat16)/.test(told(there)),
  },
  {
    reason:
      "PyTorch has no derivative and finds out backward; here there is one, or the result takes no part in the graph",
    covers: (_, { kind }, _here, there) =>
      (kind.includes("raises there only") || kind === "requiresGrad" || kind === "gradients on one side") &&
      /derivative for .* is not implemented/.test(told(there)),
  },
  {
    reason:
      "PyTorch's derivative has another shape than its operand (scatter from a larger source, variance of one element)",
    covers: (_, { kind }, _here, there) =>
      kind === "backward raises there only" && /returned an invalid gradient/.test(told(there)),
  },
  {
    reason: "PyTorch cannot go back through an activation in place with a negative slope",
    covers: (_, { kind }, _here, there) =>
      kind === "backward raises there only" && /with a negative slope which is not supported/.test(told(there)),
  },
  {
    reason: "PyTorch scales what it has before it finds that nothing is multiplied",
    covers: (call, { kind }, _, there) =>
      kind === "raises there only" && someEmpty(call) && /can't be cast to the desired output type/.test(told(there)),
  },
  {
    reason: "PyTorch computes with unsigned numbers in a derivative",
    covers: (call, found) =>
      isGradient(found) && /^(atan2|arctan2)/.test(call.name) && call.tensors.some(({ dtype }) => dtype === "uint8"),
  },
  {
    reason: "PyTorch views a Kronecker product, which strides may not allow",
    covers: (call, { kind }, _, there) =>
      kind === "raises there only" && call.name === "kron" && /view size is not compatible/.test(told(there)),
  },
  {
    reason: "a gradient that is zero everywhere may be none",
    covers: (_call, found, here, there) => found.kind === "gradient: kind of result" && zerosForNone(here, there),
  },
  {
    reason: "PyTorch runs along any dimension of a 0-d tensor",
    covers: (call, { kind }, here) =>
      kind === "raises here only" && /^cum/.test(call.name) && /Dimension out of range/.test(here.error ?? ""),
  },
  {
    reason: "PyTorch writes to expanded memory with a warning, and cannot go back through that",
    covers: (call, { kind }, _, there) =>
      kind === "backward raises there only" && expanded(call) && /refers to a single memory location/.test(told(there)),
  },
  {
    reason: "PyTorch's gradient of the trace of a tall matrix counts elements beyond its diagonal",
    covers: (call, found) => isGradient(found) && call.name === "trace",
  },
  {
    reason: "PyTorch lets threshold_ write to expanded memory",
    covers: (call, { kind }, here) =>
      kind === "raises here only" &&
      call.name === "threshold_" &&
      expanded(call) &&
      /single memory location/.test(here.error ?? ""),
  },
  {
    reason: "an assertion inside PyTorch, which asks to be reported",
    covers: (_, { kind }, _here, there) =>
      kind.includes("raises there only") &&
      /INTERNAL ASSERT FAILED|Expected a proper Tensor but got None|tensor does not have a device/.test(told(there)),
  },
  {
    reason: "PyTorch does not look at dtypes, or sizes, where nothing is computed",
    covers: (call, { kind }, here) =>
      kind === "raises here only" && someEmpty(call) && /^(DTypeError|IndexError|ShapeError)/.test(here.error ?? ""),
  },
  {
    reason: "PyTorch views the weight of an empty convolution, which its strides may not allow",
    covers: (call, { kind }, _, there) =>
      kind.includes("raises there only") && /^conv/.test(call.name) && /view size is not compatible/.test(told(there)),
  },
  {
    reason: "PyTorch checks the dtype of a convolution's bias on some of its ways only",
    covers: (call, { kind }, here) =>
      kind === "raises here only" && /^conv/.test(call.name) && /bias type/.test(here.error ?? ""),
  },
  {
    reason: "PyTorch reads the weight of a transposed convolution of bfloat16 in another order",
    covers: (call) => /^convTranspose/.test(call.name) && call.tensors.some(({ dtype }) => dtype === "bfloat16"),
  },
  {
    reason: "PyTorch does not check how many positions of a 0-d tensor are asked for",
    covers: (call, { kind }, here) =>
      kind === "raises here only" && call.name === "indexSelect" && /Index to scalar/.test(here.error ?? ""),
  },
  {
    reason: "the order among equal values, and which of them gets the gradient, is left open",
    covers: (call, found) => (isValue(found) || found.kind === "shape") && SELECTIONS.test(call.name) && repeated(call),
  },
  {
    reason: "PyTorch selects in place in a copy that is still expanded",
    covers: (call, found) => isValue(found) && SELECTIONS.test(call.name) && expanded(call),
  },
  {
    reason: "the gradient of a variance of one element, or over an empty list of dimensions, is left open",
    covers: (call, found) => isGradient(found) && VARIANCES.test(call.name),
  },
  {
    reason: "NaN and infinities go another way through sums of products",
    covers: (call, found, here, there) =>
      (isValue(found) || found.kind === "changed arguments") &&
      SUMS_OF_PRODUCTS.test(call.name) &&
      nonFinite(call, here, there),
  },
  {
    reason: "PyTorch's vectors and single elements differ on the corner of hardswish",
    covers: (call, found) => isGradient(found) && call.name === "hardswish",
  },
  {
    reason: "the gradient of a length below eps is that of PyTorch 2",
    covers: (call, found) => isGradient(found) && call.name === "cosineSimilarity",
  },
  {
    reason: "PyTorch gives addmv of no rows the input's shape",
    covers: (call, { kind }) => kind === "shape" && call.name === "addmv" && someEmpty(call),
  },
  {
    reason: "PyTorch overflows for a diagonal beyond the matrix; here it is empty",
    covers: (call, { kind }, _, there) =>
      kind === "raises there only" && call.name === "diag" && /multiplication overflow/.test(told(there)),
  },
  {
    reason: "the method where takes a number, as in PyTorch 2",
    covers: (call, { kind }, _, there) =>
      kind === "raises there only" && call.name === "where" && /argument 'other'.* must be Tensor/.test(told(there)),
  },
  {
    reason: "beyond one half PyTorch's vectors and single elements clamp logit in another order",
    covers: (call, found) => isValue(found) && /^logit/.test(call.name),
  },
  {
    reason: "a normalisation of equal values multiplies rounding errors by 1 / √eps",
    covers: (call, found) =>
      isValue(found) && /^(batch|layer|group|instance)Norm$/.test(call.name) && call.tensors[0].data.length <= 4,
  },
];

/** Why a difference is no fault of the library's, or null. */
export function explained(call: Call, found: Difference, here: Outcome, there: Outcome): string | null {
  return RULES.find((rule) => rule.covers(call, found, here, there))?.reason ?? null;
}
