// Products beyond the sizes that a BLAS with 32-bit integers takes, as several that it takes.
#pragma once

#include <cstdint>
#include <utility>

#include "gemm.h"

namespace cresset::cpu {

// Calls run(part) for products that together are `p`, in an order in which later ones add to what earlier ones wrote.
// No size and no leading dimension of a part exceeds `limit`. p.c is row-major, p.a and p.b row-major or transposed,
// and the addend is c itself or absent.
template <typename T, typename Run>
void inParts(const Product<T>& p, int64_t limit, const Run& run) {
  const auto rowsOf = [](auto m, int64_t begin, int64_t end) {
    m.data += begin * m.rowStride;
    m.rows = end - begin;
    return m;
  };
  const auto colsOf = [&](const auto& m, int64_t begin, int64_t end) {
    return rowsOf(m.transposed(), begin, end).transposed();
  };
  // Where a matrix is one row, or one column, its leading dimension says nothing: cutting ends there.
  const auto wide = [&](const auto& m) { return m.rowMajor() && m.leading() > limit; };
  const auto tall = [&](const auto& m) { return !m.rowMajor() && m.transposed().leading() > limit; };
  const int64_t rows = p.c.rows, cols = p.c.cols, depth = p.a.cols;
  if (rows > limit || (rows > 1 && (wide(p.a) || wide(p.c)))) {
    for (const auto& [begin, end] : {std::pair{int64_t{0}, rows / 2}, std::pair{rows / 2, rows}}) {
      Product<T> part = p;
      part.a = rowsOf(p.a, begin, end);
      part.c = rowsOf(p.c, begin, end);
      if (p.beta != 0) part.addend = rowsOf(p.addend, begin, end);
      inParts(part, limit, run);
    }
  } else if (cols > limit || (cols > 1 && tall(p.b))) {
    for (const auto& [begin, end] : {std::pair{int64_t{0}, cols / 2}, std::pair{cols / 2, cols}}) {
      Product<T> part = p;
      part.b = colsOf(p.b, begin, end);
      part.c = colsOf(p.c, begin, end);
      if (p.beta != 0) part.addend = colsOf(p.addend, begin, end);
      inParts(part, limit, run);
    }
  } else if (depth > limit || (depth > 1 && (tall(p.a) || wide(p.b)))) {
    Product<T> part = p;
    part.a = colsOf(p.a, 0, depth / 2);
    part.b = rowsOf(p.b, 0, depth / 2);
    inParts(part, limit, run);
    part.a = colsOf(p.a, depth / 2, depth);
    part.b = rowsOf(p.b, depth / 2, depth);
    part.beta = 1;
    part.addend = {p.c.data, p.c.rows, p.c.cols, p.c.rowStride, p.c.colStride};
    inParts(part, limit, run);
  } else {
    run(p);
  }
}

}  // namespace cresset::cpu
