// Functions of PyTorch that are left out with what they make: complex numbers, sparse and quantized tensors, named dimensions. They
// stand here so that a call says so.

import { CressetError } from "../errors";

/** A function that throws. */
type LeftOut = (...args: unknown[]) => never;

const leftOut =
  (call: string, what: string): LeftOut =>
  () => {
    throw new CressetError(`${call}() is left out: Cresset ${what}`);
  };

const NO_COMPLEX = "has no complex tensors";
const NO_SPARSE = "has no sparse tensors";
const NO_QUANTIZED = "has no quantized tensors";
const NO_NAMES = "has no named dimensions";

/** Throws CressetError: complex numbers are left out. Source: torch.complex. */
export const complex: LeftOut = leftOut("complex", NO_COMPLEX);
/** Throws CressetError: complex numbers are left out. Source: torch.polar. */
export const polar: LeftOut = leftOut("polar", NO_COMPLEX);
/** Throws CressetError: complex numbers are left out. Source: torch.imag. */
export const imag: LeftOut = leftOut("imag", NO_COMPLEX);
/** Throws CressetError: complex numbers are left out. Source: torch.view_as_complex. */
export const viewAsComplex: LeftOut = leftOut("view_as_complex", NO_COMPLEX);
/** Throws CressetError: complex numbers are left out. Source: torch.view_as_real. */
export const viewAsReal: LeftOut = leftOut("view_as_real", NO_COMPLEX);
/** Throws CressetError: complex numbers are left out. Source: torch.stft. */
export const stft: LeftOut = leftOut("stft", NO_COMPLEX);
/** Throws CressetError: complex numbers are left out. Source: torch.istft. */
export const istft: LeftOut = leftOut("istft", NO_COMPLEX);
/** Throws CressetError: complex numbers are left out. Source: Tensor.cfloat. */
export const cfloat: LeftOut = leftOut("cfloat", NO_COMPLEX);
/** Throws CressetError: complex numbers are left out. Source: Tensor.cdouble. */
export const cdouble: LeftOut = leftOut("cdouble", NO_COMPLEX);
/** Throws CressetError: sparse tensors are left out. Source: torch.sparse_coo_tensor. */
export const sparseCooTensor: LeftOut = leftOut("sparse_coo_tensor", NO_SPARSE);
/** Throws CressetError: sparse tensors are left out. Source: torch.sparse_csr_tensor. */
export const sparseCsrTensor: LeftOut = leftOut("sparse_csr_tensor", NO_SPARSE);
/** Throws CressetError: sparse tensors are left out. Source: torch.sparse_csc_tensor. */
export const sparseCscTensor: LeftOut = leftOut("sparse_csc_tensor", NO_SPARSE);
/** Throws CressetError: sparse tensors are left out. Source: torch.sparse_bsr_tensor. */
export const sparseBsrTensor: LeftOut = leftOut("sparse_bsr_tensor", NO_SPARSE);
/** Throws CressetError: sparse tensors are left out. Source: torch.sparse_bsc_tensor. */
export const sparseBscTensor: LeftOut = leftOut("sparse_bsc_tensor", NO_SPARSE);
/** Throws CressetError: sparse tensors are left out. Source: torch.sparse_compressed_tensor. */
export const sparseCompressedTensor: LeftOut = leftOut("sparse_compressed_tensor", NO_SPARSE);
/** Throws CressetError: sparse tensors are left out. Source: Tensor.to_sparse. */
export const toSparse: LeftOut = leftOut("to_sparse", NO_SPARSE);
/** Throws CressetError: sparse tensors are left out. Source: Tensor.to_sparse_csr. */
export const toSparseCsr: LeftOut = leftOut("to_sparse_csr", NO_SPARSE);
/** Throws CressetError: sparse tensors are left out. Source: Tensor.coalesce. */
export const coalesce: LeftOut = leftOut("coalesce", NO_SPARSE);
/** Throws CressetError: sparse tensors are left out. Source: Tensor.sparse_mask. */
export const sparseMask: LeftOut = leftOut("sparse_mask", NO_SPARSE);
/** Throws CressetError: quantized tensors are left out. Source: torch.quantize_per_tensor. */
export const quantizePerTensor: LeftOut = leftOut("quantize_per_tensor", NO_QUANTIZED);
/** Throws CressetError: quantized tensors are left out. Source: torch.quantize_per_channel. */
export const quantizePerChannel: LeftOut = leftOut("quantize_per_channel", NO_QUANTIZED);
/** Throws CressetError: quantized tensors are left out. Source: torch.dequantize. */
export const dequantize: LeftOut = leftOut("dequantize", NO_QUANTIZED);
/** Throws CressetError: quantized tensors are left out. Source: torch.fake_quantize_per_tensor_affine. */
export const fakeQuantizePerTensorAffine: LeftOut = leftOut("fake_quantize_per_tensor_affine", NO_QUANTIZED);
/** Throws CressetError: quantized tensors are left out. Source: torch.fake_quantize_per_channel_affine. */
export const fakeQuantizePerChannelAffine: LeftOut = leftOut("fake_quantize_per_channel_affine", NO_QUANTIZED);
/** Throws CressetError: named dimensions are left out. Source: Tensor.rename. */
export const rename: LeftOut = leftOut("rename", NO_NAMES);
/** Throws CressetError: named dimensions are left out. Source: Tensor.rename_. */
export const rename_: LeftOut = leftOut("rename_", NO_NAMES);
/** Throws CressetError: named dimensions are left out. Source: Tensor.refine_names. */
export const refineNames: LeftOut = leftOut("refine_names", NO_NAMES);
/** Throws CressetError: named dimensions are left out. Source: Tensor.align_to. */
export const alignTo: LeftOut = leftOut("align_to", NO_NAMES);
/** Throws CressetError: named dimensions are left out. Source: Tensor.align_as. */
export const alignAs: LeftOut = leftOut("align_as", NO_NAMES);
/** Throws CressetError: named dimensions are left out. Source: torch.align_tensors. */
export const alignTensors: LeftOut = leftOut("align_tensors", NO_NAMES);

/** Those that are methods. */
export const leftOutMethods = {
  imag,
  stft,
  istft,
  cfloat,
  cdouble,
  toSparse,
  toSparseCsr,
  coalesce,
  sparseMask,
  dequantize,
  rename,
  rename_,
  refineNames,
  alignTo,
  alignAs,
};
