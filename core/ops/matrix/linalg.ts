// Products of matrices and vectors. One kernel multiplies: strided operands, batches by stride 0, an added bias.

import type { Backward } from "../../autograd/node";
import { signed } from "../../arguments/signed";
import { record, relabel } from "../../autograd/record";
import { call, contiguousOf } from "../../dispatch";
import { CressetError, DTypeError, ShapeError } from "../../errors";
import { bool, type DType, promoteTypes, type Scalar } from "../../tensor/dtype";
import {
  broadcastShapes,
  contiguousStrides,
  expandStrides,
  numelOf,
  text,
  wrapDim,
  wrapOwnDim,
} from "../../tensor/shape";
import { empty, type Tensor } from "../../tensor/tensor";
import { MATRIX_DTYPES, requireNotBool, requireSameDtype } from "../../tensor/dtype-checks";
import { intoOut, signedOut } from "../shared/out";
import { scalarFor } from "../../tensor/scalar";
import { requireFactor } from "../elementwise/rows";
import { sumToSize } from "../reduce/reduction";
import { zerosOf } from "../../autograd/zeros";
import { unsafeView } from "../view/viewing";
import { tensordot } from "./contraction";

/** out = alpha · a@b + beta · bias, unrecorded; all with two dimensions, or three with the batch first. */
function multiply(a: Tensor, b: Tensor, bias: Tensor | null, alpha: number, beta: number): Tensor {
  const batch = a.sizes.slice(0, -2);
  const out = empty([...batch, a.sizes[a.ndim - 2], b.sizes[b.ndim - 1]], a.dtype);
  if (out._numel === 0) return out;
  const added =
    bias === null || beta === 0
      ? null
      : bias.alias(out.sizes, expandStrides(bias.sizes, bias.strides, out.sizes), bias.offset);
  call("matmul", [out, a, b, added], [], [alpha, added === null ? 0 : beta]);
  return out;
}

/** A recorded product of matrices or batches of them, of equal batch sizes. */
function product(name: string, a: Tensor, b: Tensor): Tensor {
  const out = multiply(a, b, null, 1, 0);
  record(name, [a, b], [out], productBackward(name), [
    [a, 1],
    [b, 0],
  ]);
  return out;
}

function productBackward(name: string): Backward {
  return ([g], [a, b], [toA, toB]) => [
    toA ? product(name, g as Tensor, b.transpose(-2, -1)) : null,
    toB ? product(name, a.transpose(-2, -1), g as Tensor) : null,
  ];
}

function requireMatrix(x: Tensor, what: string): void {
  if (x.ndim !== 2) throw new ShapeError(`${what} must be a matrix`);
}

function checkInner(a: Tensor, b: Tensor): void {
  const [m, k] = a.sizes.slice(-2);
  const [l, n] = b.sizes.slice(-2);
  if (k !== l) throw new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${m}x${k} and ${l}x${n})`);
}

/** The product of two matrices. Options: `out`. Source: torch.mm. */
export const mm = signed("mm(Tensor input, Tensor mat2, *, Tensor? out=None)", mmOf);

function mmOf(input: Tensor, mat2: Tensor, out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("mm", [input, mat2], out, mm(input, mat2));
  requireMatrix(input, "self");
  requireMatrix(mat2, "mat2");
  checkInner(input, mat2);
  requireSameDtype(input, mat2);
  requireNotBool("addmm_impl_cpu_", input.dtype);
  return product("MmBackward0", input, mat2);
}

/** Products of two batches of matrices (n, i, k) and (n, k, j). Options: `out`. Source: torch.bmm. */
export const bmm = signed("bmm(Tensor input, Tensor mat2, *, Tensor? out=None)", bmmOf);

function bmmOf(input: Tensor, mat2: Tensor, out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("bmm", [input, mat2], out, bmm(input, mat2));
  if (input.ndim !== 3) throw new ShapeError("batch1 must be a 3D tensor");
  if (mat2.ndim !== 3) throw new ShapeError("batch2 must be a 3D tensor");
  const [n, , k] = input.sizes;
  if (mat2.sizes[0] !== n || mat2.sizes[1] !== k) {
    throw new ShapeError(
      `Expected size for first two dimensions of batch2 tensor to be: [${n}, ${k}] but got: [${mat2.sizes[0]}, ${mat2.sizes[1]}].`,
    );
  }
  requireSameDtype(input, mat2);
  requireNotBool("bmm", input.dtype);
  return product("BmmBackward0", input, mat2);
}

/** A vector as a matrix of one column, unrecorded. */
function column(vec: Tensor): Tensor {
  return vec.alias([vec.sizes[0], 1], [vec.strides[0], 1], vec.offset);
}

/** The elements of a contiguous result under fewer dimensions, unrecorded. */
function withoutDims(out: Tensor, sizes: readonly number[]): Tensor {
  return out.alias(sizes, contiguousStrides(sizes), out.offset);
}

const mvBackward: Backward = ([g], [input, vec], [toInput, toVec]) => [
  toInput ? outer(g as Tensor, vec) : null,
  toVec ? input.t().mv(g as Tensor) : null,
];

const dotBackward: Backward = ([g], [a, b], [toA, toB]) => [
  toA ? (g as Tensor).mul(b) : null,
  toB ? (g as Tensor).mul(a) : null,
];

/** A matrix times a vector. Option: `out`. Source: torch.mv. */
export const mv = signedOut("mv(Tensor input, Tensor vec, *, Tensor? out=None)", mvOf);

function mvOf(input: Tensor, vec: Tensor): Tensor {
  if (input.ndim !== 2 || vec.ndim !== 1) {
    throw new ShapeError(`vector + matrix @ vector expected, got 1, ${input.ndim}, ${vec.ndim}`);
  }
  if (input.sizes[1] !== vec.sizes[0]) {
    throw new ShapeError(`size mismatch, got ${input.sizes[0]}, ${input.sizes[0]}x${input.sizes[1]},${vec.sizes[0]}`);
  }
  requireSameDtype(input, vec);
  requireNotBool("addmv_impl_cpu", input.dtype);
  const out = withoutDims(multiply(input, column(vec), null, 1, 0), [input.sizes[0]]);
  record("MvBackward0", [input, vec], [out], mvBackward, [
    [input, 1],
    [vec, 0],
  ]);
  return out;
}

/** The inner product of two vectors. Option: `out`. Source: torch.dot. */
export const dot = signedOut("dot(Tensor input, Tensor tensor, *, Tensor? out=None)", dotOf);

function dotOf(input: Tensor, tensor: Tensor): Tensor {
  if (input.ndim !== 1 || tensor.ndim !== 1) {
    throw new ShapeError(`1D tensors expected, but got ${input.ndim}D and ${tensor.ndim}D tensors`);
  }
  if (input.dtype !== tensor.dtype) {
    throw new DTypeError(
      `dot : expected both vectors to have same dtype, but found ${input.dtype.scalarName} and ${tensor.dtype.scalarName}`,
    );
  }
  if (input.sizes[0] !== tensor.sizes[0]) {
    throw new ShapeError(
      `inconsistent tensor size, expected tensor [${input.sizes[0]}] and src [${tensor.sizes[0]}] to have the same number of elements, but got ${input.sizes[0]} and ${tensor.sizes[0]} elements respectively`,
    );
  }
  requireNotBool("dot", input.dtype);
  const row = input.alias([1, input.sizes[0]], [input.sizes[0], input.strides[0]], input.offset);
  const out = withoutDims(multiply(row, column(tensor), null, 1, 0), []);
  record("DotBackward0", [input, tensor], [out], dotBackward, [
    [input, 1],
    [tensor, 0],
  ]);
  return out;
}

/** The inner product of two vectors. Option: `out`. Source: torch.vdot. */
export const vdot = signedOut("vdot(Tensor input, Tensor other, *, Tensor? out=None)", vdotOf);

function vdotOf(input: Tensor, other: Tensor): Tensor {
  return dot(input, other);
}

/** The matrix product of tensors of any dimensions, batches broadcast. Options: `out`. Source: torch.matmul. */
export const matmul = signed("matmul(Tensor input, Tensor other, *, Tensor? out=None)", matmulOf);

function matmulOf(input: Tensor, other: Tensor, out: Tensor | null = null): Tensor {
  if (out !== null) return intoOut("matmul", [input, other], out, matmul(input, other));
  const a = input.ndim;
  const b = other.ndim;
  if (a === 0 || b === 0) {
    throw new ShapeError(`both arguments to matmul need to be at least 1D, but they are ${a}D and ${b}D`);
  }
  if (a === 2 && b === 2) return mm(input, other);
  if (a === 1 && b === 1) return dot(input, other);
  if (a === 2 && b === 1) return mv(input, other);
  if (a === 1) {
    const rows = matmul(input.unsqueeze(0), other);
    return b === 2 ? rows.squeeze_(0) : unsafeView(rows, [...rows.sizes.slice(0, -2), rows.sizes[b - 1]]);
  }
  if (b === 1) {
    const lead = input.sizes.slice(0, -1);
    return unsafeView(mv(input.reshape([numelOf(lead), input.sizes[a - 1]]), other), lead);
  }
  checkInnerBatched(input, other);
  if (b === 2) {
    const rows = input.reshape([numelOf(input.sizes.slice(0, -1)), input.sizes[a - 1]]);
    return unsafeView(mm(rows, other), [...input.sizes.slice(0, -1), other.sizes[1]]);
  }
  requireSameDtype(input, other);
  requireNotBool("bmm", input.dtype);
  const batch = broadcastShapes([input.sizes.slice(0, -2), other.sizes.slice(0, -2)]);
  const count = numelOf(batch);
  const flat = (x: Tensor): Tensor =>
    x
      .expand([...batch, x.sizes[x.ndim - 2], x.sizes[x.ndim - 1]])
      .reshape([count, x.sizes[x.ndim - 2], x.sizes[x.ndim - 1]]);
  const result = product("BmmBackward0", flat(input), flat(other));
  const [, m, n] = result.sizes;
  if (a !== 2 || !isFolded(other)) return unsafeView(result, [...batch, m, n]);
  // PyTorch turns such a product around, and copies it where it then does not lie row by row.
  if (m === 1 || n === 1) return unsafeView(result, [...batch, n, m]).transpose(-2, -1);
  return relabel(unsafeView(result, [...batch, m, n]), "CloneBackward0");
}

/** Whether PyTorch takes batches together as rows of one matrix: not where the matrices of a batch are stored by columns. */
function isFolded({ sizes, strides, ndim }: Tensor): boolean {
  return ndim !== 3 || strides[2] === 1 || strides[0] !== sizes[1] * sizes[2];
}

function checkInnerBatched(input: Tensor, other: Tensor): void {
  const k = input.sizes[input.ndim - 1];
  const l = other.sizes[other.ndim - 2];
  if (k === l) return;
  if (other.ndim === 2) {
    const rows = numelOf(input.sizes.slice(0, -1));
    throw new ShapeError(`mat1 and mat2 shapes cannot be multiplied (${rows}x${k} and ${l}x${other.sizes[1]})`);
  }
  const batch = numelOf(broadcastShapes([input.sizes.slice(0, -2), other.sizes.slice(0, -2)]));
  throw new ShapeError(
    `Expected size for first two dimensions of batch2 tensor to be: [${batch}, ${k}] but got: [${batch}, ${l}].`,
  );
}

interface Scales {
  beta: Scalar;
  alpha: Scalar;
}

/** A factor as the dtype has it: of whole numbers without its fraction. Throws CressetError for one that the dtype does not hold. */
function factorFor(factor: Scalar, dtype: DType): number {
  return Number(scalarFor(factor, dtype));
}

/** The nodes of products with an added bias, and PyTorch's names of their kernels. */
const KERNELS = {
  AddmmBackward0: "addmm_impl_cpu_",
  BaddbmmBackward0: "baddbmm",
} as const;

/** beta · bias + alpha · a@b, recorded. */
function fused(name: keyof typeof KERNELS, bias: Tensor, a: Tensor, b: Tensor, scales: Scales): Tensor {
  const [rows, inner] = a.sizes.slice(-2);
  const computed = rows > 0 && b.sizes[b.ndim - 1] > 0;
  const alpha = computed && inner > 0 ? factorFor(scales.alpha, b.dtype) : 1;
  const beta = computed ? factorFor(scales.beta, b.dtype) : 1;
  // Of products without terms only beta · bias is left, which PyTorch computes in place.
  if (name === "BaddbmmBackward0" && computed && inner === 0 && !b.dtype.isFloatingPoint) {
    if (typeof scales.beta === "number" && !Number.isInteger(scales.beta)) {
      throw new DTypeError(`result type Float can't be cast to the desired output type ${b.dtype.scalarName}`);
    }
  }
  if (name !== "BaddbmmBackward0") requireSameDtype(bias, b, "self and mat2 must have the same dtype");
  requireSameDtype(a, b, MATRIX_DTYPES);
  requireNotBool(KERNELS[name], a.dtype);
  const target = [...a.sizes.slice(0, -1), b.sizes[b.ndim - 1]];
  bias.expand(target);
  const out = multiply(a, b, bias, alpha, beta);
  record(name, [bias, a, b], [out], fusedBackward(bias.sizes, alpha, beta), [
    [a, 2],
    [b, 1],
  ]);
  return out;
}

function fusedBackward(biasSizes: readonly number[], alpha: number, beta: number): Backward {
  return ([g], [a, b], [toBias, toA, toB]) => {
    const grad = g as Tensor;
    const scaled = alpha === 1 || !(toA || toB) ? grad : grad.mul(alpha);
    return [
      toBias ? sumToSize(beta === 1 ? grad : grad.mul(beta), biasSizes) : null,
      toA ? product("MmBackward0", scaled, b.transpose(-2, -1)) : null,
      toB ? product("MmBackward0", a.transpose(-2, -1), scaled) : null,
    ];
  };
}

/** beta · input + alpha · mat1@mat2. Options: `beta` (1), `alpha` (1), `out`. Source: torch.addmm. */
export const addmm = signedOut(
  "addmm(Tensor input, Tensor mat1, Tensor mat2, *, Number beta=1, Number alpha=1, Tensor? out=None)",
  addmmOf,
);

function addmmOf(input: Tensor, mat1: Tensor, mat2: Tensor, beta: Scalar = 1, alpha: Scalar = 1): Tensor {
  if (mat1.ndim !== 2) throw new ShapeError(`mat1 must be a matrix, got ${mat1.ndim}-D tensor`);
  if (mat2.ndim !== 2) throw new ShapeError(`mat2 must be a matrix, got ${mat2.ndim}-D tensor`);
  checkInner(mat1, mat2);
  return fused("AddmmBackward0", input, mat1, mat2, { beta, alpha });
}

/** beta · input + alpha · batch1@batch2 per batch. Options: `beta` (1), `alpha` (1), `out`. Source: torch.baddbmm. */
export const baddbmm = signedOut(
  "baddbmm(Tensor input, Tensor batch1, Tensor batch2, *, Number beta=1, Number alpha=1, Tensor? out=None)",
  baddbmmOf,
);

function baddbmmOf(input: Tensor, batch1: Tensor, batch2: Tensor, beta: Scalar = 1, alpha: Scalar = 1): Tensor {
  if (batch1.ndim !== 3) throw new ShapeError("batch1 must be a 3D tensor");
  if (batch2.ndim !== 3) throw new ShapeError("batch2 must be a 3D tensor");
  const [n, , k] = batch1.sizes;
  if (batch2.sizes[0] !== n || batch2.sizes[1] !== k) {
    throw new ShapeError(
      `Expected size for first two dimensions of batch2 tensor to be: [${n}, ${k}] but got: [${batch2.sizes[0]}, ${batch2.sizes[1]}].`,
    );
  }
  return fused("BaddbmmBackward0", input.to(batch1.dtype), batch1, batch2, { beta, alpha });
}

/** beta · input + alpha · Σ batch1@batch2 over the batch. Options: `beta` (1), `alpha` (1), `out`. Source: torch.addbmm. */
export const addbmm = signedOut(
  "addbmm(Tensor input, Tensor batch1, Tensor batch2, *, Number beta=1, Number alpha=1, Tensor? out=None)",
  addbmmOf,
);

function addbmmOf(input: Tensor, batch1: Tensor, batch2: Tensor, beta: Scalar = 1, alpha: Scalar = 1): Tensor {
  const products = bmm(batch1, batch2);
  requireSameDtype(input, products, "self and mat2 must have the same dtype");
  const { dtype } = products;
  const [rows, inner] = batch1.sizes.slice(1);
  const computed = rows > 0 && batch2.sizes[2] > 0;
  input.expand([rows, batch2.sizes[2]]);
  const sum = products
    .sum(0, { dtype })
    .mul(computed && products._numel > 0 && inner > 0 ? factorFor(alpha, dtype) : 1);
  return relabel(input.mul(computed ? factorFor(beta, dtype) : 1).add(sum), "AddbmmBackward0");
}

/** beta · input + alpha · mat@vec. Options: `beta` (1), `alpha` (1), `out`. Source: torch.addmv. */
export const addmv = signedOut(
  "addmv(Tensor input, Tensor mat, Tensor vec, *, Number beta=1, Number alpha=1, Tensor? out=None)",
  addmvOf,
);

function addmvOf(input: Tensor, mat: Tensor, vec: Tensor, beta: Scalar = 1, alpha: Scalar = 1): Tensor {
  if (mat.ndim !== 2 || vec.ndim !== 1) {
    throw new ShapeError(`vector + matrix @ vector expected, got ${input.ndim}, ${mat.ndim}, ${vec.ndim}`);
  }
  if (mat.sizes[1] !== vec.sizes[0]) {
    throw new ShapeError(`size mismatch, got ${mat.sizes[0]}, ${mat.sizes[0]}x${mat.sizes[1]},${vec.sizes[0]}`);
  }
  const computed = mat.sizes[0] > 0;
  const [product, added] = [alpha, beta].map((factor) => (computed ? factorFor(factor, vec.dtype) : 1));
  requireSameDtype(mat, vec, MATRIX_DTYPES);
  requireNotBool("addmv_impl_cpu", mat.dtype);
  const rows = mat.sizes[0];
  const bias = input.detach().to(mat.dtype).expand([rows]);
  const out = withoutDims(multiply(mat, column(vec), column(bias), product, added), [rows]);
  record("AddmvBackward0", [input, mat, vec], [out], addmvBackward(input.sizes, product, added), [
    [mat, 2],
    [vec, 1],
  ]);
  return out;
}

function addmvBackward(biasSizes: readonly number[], alpha: number, beta: number): Backward {
  return ([g], [mat, vec], [toBias, toMat, toVec]) => {
    const grad = g as Tensor;
    const scaled = alpha === 1 ? grad : grad.mul(alpha);
    return [
      toBias ? sumToSize(beta === 1 ? grad : grad.mul(beta), biasSizes) : null,
      toMat ? outer(scaled, vec) : null,
      toVec ? mat.t().mv(scaled) : null,
    ];
  };
}

/** The outer product of two vectors. Option: `out`. Source: torch.outer. */
export const outer = signedOut("outer(Tensor input, Tensor vec2, *, Tensor? out=None)", outerOf);

function outerOf(input: Tensor, vec2: Tensor): Tensor {
  if (input.ndim !== 1) throw new ShapeError(`outer: Expected 1-D argument self, but got ${input.ndim}-D`);
  if (vec2.ndim !== 1) throw new ShapeError(`outer: Expected 1-D argument vec2, but got ${vec2.ndim}-D`);
  return input.reshape([-1, 1]).mul(vec2);
}

/** The same as `outer`. Option: `out`. Source: torch.ger. */
export const ger = signedOut("ger(Tensor input, Tensor vec2, *, Tensor? out=None)", gerOf);

function gerOf(input: Tensor, vec2: Tensor): Tensor {
  return outer(input, vec2);
}

/** beta · input + alpha · the outer product. Options: `beta` (1), `alpha` (1), `out`. Source: torch.addr. */
export const addr = signedOut(
  "addr(Tensor input, Tensor vec1, Tensor vec2, *, Number beta=1, Number alpha=1, Tensor? out=None)",
  addrOf,
);

function addrOf(input: Tensor, vec1: Tensor, vec2: Tensor, beta: Scalar = 1, alpha: Scalar = 1): Tensor {
  if (vec1.ndim !== 1) throw new ShapeError(`addr: Expected 1-D argument vec1, but got ${vec1.ndim}-D`);
  if (vec2.ndim !== 1) throw new ShapeError(`addr: Expected 1-D argument vec2, but got ${vec2.ndim}-D`);
  // Vectors count as much as the input, which is expanded first: one without dimensions counts as any other.
  const dtype = promoteTypes(input.dtype, promoteTypes(vec1.dtype, vec2.dtype));
  const product = outer(vec1.to(dtype), vec2.to(dtype));
  input.expand(product.sizes);
  requireFactor("beta", beta, dtype);
  requireFactor("alpha", alpha, dtype);
  // beta 0 ignores NaN in the input, which still gets its zero gradient.
  const scaled = Number(beta) === 0 ? input.where(empty([], bool).fill_(false), 0) : input.to(dtype).mul(beta);
  return relabel(scaled.to(dtype).add(product.mul(alpha).to(dtype)), "AddrBackward0");
}

/** Products summed over the last dimensions. Option: `out`. Source: torch.inner. */
export const inner = signedOut("inner(Tensor input, Tensor other, *, Tensor? out=None)", innerOf);

function innerOf(input: Tensor, other: Tensor): Tensor {
  if (input.ndim === 0 || other.ndim === 0) return input.mul(other);
  if (input.sizes[input.ndim - 1] !== other.sizes[other.ndim - 1]) {
    throw new ShapeError(
      `inner() the last dimension must match on both input tensors but got shapes ${text(input.sizes)} and ${text(other.sizes)}`,
    );
  }
  return tensordot(input, other, [[-1], [-1]]);
}

/** The sum of the diagonal of a matrix. Source: torch.trace. */
export const trace = signed("trace(Tensor input)", traceOf);

function traceOf(input: Tensor): Tensor {
  if (input.ndim !== 2) throw new ShapeError(`trace: expected a matrix, but got tensor with dim ${input.ndim}`);
  requireNotBool("trace", input.dtype);
  const out = input.detach().diagonal().sum();
  record("TraceBackward0", [input], [out], traceBackward(input.sizes));
  return out;
}

function traceBackward(sizes: readonly number[]): Backward {
  return ([g]) => {
    const whole = zerosOf(sizes, (g as Tensor).dtype);
    whole.diagonal().copy_(g as Tensor);
    return [whole];
  };
}

function triangle(upper: 0 | 1) {
  return (input: Tensor, diagonal = 0): Tensor => {
    const k = diagonal;
    if (input._numel > 0) wrapOwnDim(-2, input.ndim);
    const out = empty(input.sizes, input.dtype);
    if (out._numel > 0) call("triangle", [out, contiguousOf(input)], [k, upper]);
    record(upper ? "TriuBackward0" : "TrilBackward0", [input], [out], ([g]) => [
      upper ? triu(g as Tensor, k) : tril(g as Tensor, k),
    ]);
    return out;
  };
}

/** The lower triangle of matrices, zeros above. Options: `diagonal` (0), `out`. Source: torch.tril. */
export const tril = signedOut("tril(Tensor input, int diagonal=0, *, Tensor? out=None)", triangle(0));
/** The upper triangle of matrices, zeros below. Options: `diagonal` (0), `out`. Source: torch.triu. */
export const triu = signedOut("triu(Tensor input, int diagonal=0, *, Tensor? out=None)", triangle(1));

/** A vector as a diagonal matrix, or the diagonal of a matrix. Options: `diagonal` (0), `out`. Source: torch.diag. */
export const diag = signedOut("diag(Tensor input, int diagonal=0, *, Tensor? out=None)", diagOf);

function diagOf(input: Tensor, diagonal = 0): Tensor {
  const k = diagonal;
  if (input.ndim === 1) return relabel(diagEmbed(input, k), "DiagBackward0");
  if (input.ndim !== 2) throw new ShapeError(`diag(): Supports 1D or 2D tensors. Got ${input.ndim}D`);
  return relabel(input.diagonal(k).clone(), "DiagBackward0");
}

/** Last dimensions as diagonals of matrices. Options: `offset` (0), `dim1` (−2), `dim2` (−1). Source: torch.diag_embed. */
export const diagEmbed = signed("diagEmbed(Tensor input, int offset=0, int dim1=-2, int dim2=-1)", diagEmbedOf);

function diagEmbedOf(input: Tensor, offset = 0, dim1 = -2, dim2 = -1): Tensor {
  const p = wrapDim(dim1, input.ndim + 1);
  const q = wrapDim(dim2, input.ndim + 1);
  if (p === q) throw new CressetError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
  const n = input.sizes[input.ndim - 1] + Math.abs(offset);
  const sizes = input.sizes.slice(0, -1);
  for (const d of [Math.min(p, q), Math.max(p, q)]) sizes.splice(d, 0, n);
  const out = zerosOf(sizes, input.dtype);
  out.diagonal(offset, p, q).copy_(input.detach());
  record("DiagEmbedBackward0", [input], [out], ([g]) => [(g as Tensor).diagonal(offset, p, q)]);
  return out;
}
