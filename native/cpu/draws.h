// How the random kernels fill a tensor: raw words are taken from the generator in order, a chunk at a time, and threads
// turn each chunk into values. The order is that of the memory: dimensions by falling stride, as PyTorch's iterator
// goes.
#pragma once

#include <algorithm>
#include <array>

#include "mt19937.h"
#include "temporary.h"
#include "values.h"
#include "walk.h"

namespace cresset::cpu {

// Raw words per chunk: 1 MiB, which stays in the second-level cache between the generator and the threads.
constexpr int64_t kChunkWords = 1 << 18;

// A walk over the operands in the memory order of the first.
template <int N>
Walk<N> inMemoryOrder(const std::array<const Operand*, N>& operands) {
  const Operand& out = *operands[0];
  std::array<int, kMaxDims> order{};
  for (int d = 0; d < out.ndim; ++d) order[d] = d;
  // Insertion, because a dimension of stride 0 keeps its place: it is comparable with none.
  for (int i = 1; i < out.ndim; ++i) {
    for (int j = i; j > 0; --j) {
      const int64_t outer = out.strides[order[j - 1]], inner = out.strides[order[j]];
      if (outer == 0 || inner == 0 || outer >= inner) break;
      std::swap(order[j - 1], order[j]);
    }
  }
  Extents sizes{};
  std::array<Extents, N> strides{};
  for (int d = 0; d < out.ndim; ++d) {
    sizes[d] = out.sizes[order[d]];
    for (int k = 0; k < N; ++k) strides[k][d] = operands[k]->strides[order[d]];
  }
  return Walk<N>(out.ndim, sizes, strides);
}

// Calls body(draws, offsets, count) along runs of the walk; each element gets one tempered draw of 32 or 64 bits.
template <typename Draw, int N, typename Body>
void drawRuns(const Operand& state, const Walk<N>& walk, Body&& body) {
  constexpr int64_t kWords = sizeof(Draw) / sizeof(uint32_t);
  constexpr int64_t kBlock = 256;
  Mt19937 engine(state);
  const int64_t chunk = std::min(walk.numel(), kChunkWords / kWords);
  const Temporary<uint32_t> raw(chunk * kWords);
  for (int64_t start = 0; start < walk.numel(); start += chunk) {
    const int64_t count = std::min(chunk, walk.numel() - start);
    engine.words(raw.get(), count * kWords);
    parallelFor(count, kGrain / 4, [&](int64_t begin, int64_t end) {
      std::array<Draw, kBlock> draws;
      for (int64_t block = begin; block < end; block += kBlock) {
        const int64_t size = std::min(kBlock, end - block);
        const uint32_t* words = raw.get() + block * kWords;
        for (int64_t i = 0; i < size; ++i) {
          if constexpr (kWords == 1)
            draws[i] = temper(words[i]);
          else
            draws[i] = static_cast<uint64_t>(temper(words[2 * i])) << 32 | temper(words[2 * i + 1]);
        }
        walk.runs(start + block, start + block + size, [&](const auto& offset, int64_t n, int64_t position) {
          body(draws.data() + (position - start - block), offset, n);
        });
      }
    });
  }
}

// Fills `out` with value(draw).
template <typename Draw, typename T, typename Value>
void fillWith(const Operand& state, const Operand& out, Value&& value) {
  const Walk<1> walk = inMemoryOrder<1>({&out});
  const int64_t stride = walk.inner(0);
  drawRuns<Draw>(state, walk, [&](const Draw* draws, const auto& offset, int64_t count) {
    T* to = out.as<T>() + offset[0];
    for (int64_t i = 0; i < count; ++i) to[i * stride] = value(draws[i]);
  });
}

// The bits of a 64-bit draw that make a float64 in [0, 1).
constexpr uint64_t kUnitMask = (uint64_t{1} << 53) - 1;
inline double unit(uint64_t draw) { return static_cast<double>(static_cast<int64_t>(draw & kUnitMask)) * 0x1p-53; }

}  // namespace cresset::cpu
