// The parts of the generator that are worth vector instructions: the recurrence of mt19937, float32 uniforms, and
// float32 normals by the polynomials that PyTorch's AVX2 kernel uses. Every instruction set gives the same bits: only
// operations that round once are used, and where a machine has no fused multiply-add it is computed by std::fma.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "mt19937.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/random-vector.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// Eight lanes at most: half a block of sixteen.
using D = hn::CappedTag<float, 8>;
using DI = hn::RebindToSigned<D>;
using DU = hn::RebindToUnsigned<D>;
using V = hn::Vec<D>;

HWY_ATTR inline V fma(V a, V b, V c) {
#if HWY_ARCH_X86 && HWY_TARGET > HWY_AVX2
  const D d;
  HWY_ALIGN std::array<float, 8> x, y, z;
  hn::Store(a, d, x.data());
  hn::Store(b, d, y.data());
  hn::Store(c, d, z.data());
  for (size_t i = 0; i < hn::Lanes(d); ++i) x[i] = std::fma(x[i], y[i], z[i]);
  return hn::Load(d, x.data());
#else
  return hn::MulAdd(a, b, c);
#endif
}

HWY_ATTR inline V constant(float value) { return hn::Set(D(), value); }

HWY_ATTR void ExtendWords(uint32_t* out, int64_t count) {
  for (int64_t i = 0; i < count; ++i) {
    const uint32_t mixed = (out[i - 624] & 0x80000000u) | (out[i - 623] & 0x7fffffffu);
    out[i] = out[i - 227] ^ (mixed >> 1) ^ ((0u - (mixed & 1u)) & 0x9908b0dfu);
  }
}

// Raw words to floats in [0, 1) of 24 bits.
HWY_ATTR inline V uniforms(const uint32_t* raw) {
  const DU du;
  auto word = hn::LoadU(du, raw);
  word = hn::Xor(word, hn::ShiftRight<11>(word));
  word = hn::Xor(word, hn::And(hn::ShiftLeft<7>(word), hn::Set(du, 0x9d2c5680u)));
  word = hn::Xor(word, hn::And(hn::ShiftLeft<15>(word), hn::Set(du, 0xefc60000u)));
  word = hn::Xor(word, hn::ShiftRight<18>(word));
  const auto low = hn::BitCast(DI(), hn::And(word, hn::Set(du, 0xffffffu)));
  return hn::Mul(hn::ConvertTo(D(), low), constant(0x1p-24f));
}

HWY_ATTR void UniformFloats(const uint32_t* raw, float* out, int64_t count, float from, float width) {
  const D d;
  const int64_t lanes = static_cast<int64_t>(hn::Lanes(d));
  const V start = constant(from), range = constant(width);
  // Adding a zero start changes nothing, so the common case needs no fused operation.
  const auto scaled = [&](V x) HWY_ATTR { return from == 0 ? hn::Mul(x, range) : fma(x, range, start); };
  int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(scaled(uniforms(raw + i)), d, out + i);
  if (i == count) return;
  HWY_ALIGN std::array<uint32_t, 8> rest{};
  HWY_ALIGN std::array<float, 8> values;
  std::copy_n(raw + i, count - i, rest.begin());
  hn::Store(scaled(uniforms(rest.data())), d, values.data());
  std::copy_n(values.begin(), count - i, out + i);
}

// The natural logarithm of normal positive floats.
HWY_ATTR inline V logarithm(V u) {
  const DI di;
  const auto bits = hn::BitCast(di, u);
  auto exponent = hn::Sub(hn::ShiftRight<23>(bits), hn::Set(di, 126));
  const V mantissa = hn::BitCast(D(), hn::Or(hn::And(bits, hn::Set(di, 0x007fffff)), hn::Set(di, 0x3f000000)));
  const auto small = hn::Lt(mantissa, constant(0.70710678f));
  const V one = constant(1);
  V e = hn::ConvertTo(D(), exponent);
  e = hn::Sub(e, hn::IfThenElseZero(small, one));
  const V below = hn::Sub(mantissa, one);
  const V x = hn::Add(below, hn::IfThenElseZero(small, mantissa));
  const V z = hn::Mul(x, x);
  V y = constant(7.0376836292e-2f);
  for (const float c : {-1.1514610310e-1f, 1.1676998740e-1f, -1.2420140846e-1f, 1.4249322787e-1f, -1.6668057665e-1f,
                        2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f}) {
    y = fma(y, x, constant(c));
  }
  y = hn::Mul(y, x);
  y = fma(y, z, hn::Mul(e, constant(-2.12194440e-4f)));
  y = fma(hn::Neg(z), constant(0.5f), y);
  return fma(e, constant(0.693359375f), hn::Add(x, y));
}

// Sine and cosine of angles in [0, 2π).
HWY_ATTR inline void sineCosine(V angle, V& sine, V& cosine) {
  const DI di;
  auto j = hn::ConvertTo(di, hn::Mul(angle, constant(1.27323954473516f)));
  j = hn::And(hn::Add(j, hn::Set(di, 1)), hn::Set(di, ~1));
  const V q = hn::ConvertTo(D(), j);
  V t = angle;
  for (const float c : {-0.78515625f, -2.4187564849853515625e-4f, -3.77489497744594108e-8f}) t = fma(q, constant(c), t);
  const V z = hn::Mul(t, t);
  V c = fma(fma(constant(2.443315711809948e-5f), z, constant(-1.388731625493765e-3f)), z,
            constant(4.166664568298827e-2f));
  c = hn::Add(fma(hn::Mul(c, z), z, hn::Neg(hn::Mul(z, constant(0.5f)))), constant(1));
  V s = fma(fma(constant(-1.9515295891e-4f), z, constant(8.3321608736e-3f)), z, constant(-1.6666654611e-1f));
  s = fma(hn::Mul(s, z), t, t);
  const auto two = hn::Set(di, 2);
  const auto direct = hn::RebindMask(D(), hn::Eq(hn::And(j, two), hn::Zero(di)));
  const auto sineSign = hn::ShiftLeft<29>(hn::And(j, hn::Set(di, 4)));
  const auto cosineSign = hn::ShiftLeft<29>(hn::AndNot(hn::Sub(j, two), hn::Set(di, 4)));
  sine = hn::Xor(hn::IfThenElse(direct, s, c), hn::BitCast(D(), sineSign));
  cosine = hn::Xor(hn::IfThenElse(direct, c, s), hn::BitCast(D(), cosineSign));
}

HWY_ATTR void NormalFloats(const uint32_t* raw, float* out, int64_t blocks, float mean, float std) {
  const D d;
  const V center = constant(mean), scale = constant(std);
  const V turn = constant(static_cast<float>(2 * std::numbers::pi));
  for (int64_t block = 0; block < blocks; ++block, raw += 16, out += 16) {
    for (size_t i = 0; i < 8; i += hn::Lanes(d)) {
      const V u1 = hn::Sub(constant(1), uniforms(raw + i)), u2 = uniforms(raw + 8 + i);
      const V radius = hn::Sqrt(hn::Mul(constant(-2), logarithm(u1)));
      V sine, cosine;
      sineCosine(hn::Mul(turn, u2), sine, cosine);
      hn::StoreU(fma(hn::Mul(radius, cosine), scale, center), d, out + i);
      hn::StoreU(fma(hn::Mul(radius, sine), scale, center), d, out + 8 + i);
    }
  }
}

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(ExtendWords);
HWY_EXPORT(UniformFloats);
HWY_EXPORT(NormalFloats);

void extendWords(uint32_t* out, int64_t count) { HWY_DYNAMIC_DISPATCH(ExtendWords)(out, count); }
void uniformFloats(const uint32_t* raw, float* out, int64_t count, float from, float width) {
  HWY_DYNAMIC_DISPATCH(UniformFloats)(raw, out, count, from, width);
}
void normalFloats(const uint32_t* raw, float* out, int64_t blocks, float mean, float std) {
  HWY_DYNAMIC_DISPATCH(NormalFloats)(raw, out, blocks, mean, std);
}

}  // namespace cresset::cpu
#endif
