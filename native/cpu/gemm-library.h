// What gemm takes from libraries: float32 from oneDNN and OpenBLAS, float64 from OpenBLAS, bfloat16 from oneDNN on
// processors that have instructions for it. Operands of these functions are laid out as a BLAS wants them.
#pragma once

#include "dtype.h"
#include "gemm.h"

namespace cresset::cpu {

// a and b row-major or transposed, c row-major. The addend is c or absent, except where fusesAddend says otherwise.
void libraryGemm(const Product<float>& product);
void libraryGemm(const Product<double>& product);
void libraryGemm(const Product<bfloat16_t>& product);

// Whether libraryGemm can add this addend (a vector added to every row) in the same pass.
bool fusesAddend(const Product<float>& product);
inline bool fusesAddend(const Product<double>&) { return false; }
inline bool fusesAddend(const Product<bfloat16_t>&) { return false; }
// Whether this product of bfloat16 matrices is best left to oneDNN.
bool hasFastBFloat16(const Product<bfloat16_t>& product);

}  // namespace cresset::cpu
