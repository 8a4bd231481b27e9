// Functions of vectors of floats: Highway's where they are within a few ulp, our own otherwise. Highway's are valid in
// a range only; a vector with a lane outside of it goes to the C library lane by lane, so that infinities, NaN and huge
// arguments are right without costing the common case more than one comparison.
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <cmath>
#include <limits>

#if defined(CRESSET_MATH_VECTOR_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CRESSET_MATH_VECTOR_INL_H_
#undef CRESSET_MATH_VECTOR_INL_H_
#else
#define CRESSET_MATH_VECTOR_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace cresset::math::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

template <class D>
using ValueOf = hn::TFromD<D>;

template <class D>
constexpr bool kSingle = sizeof(ValueOf<D>) == 4;

template <class D>
HWY_INLINE hn::Vec<D> Constant(D d, double value) {
  return hn::Set(d, static_cast<ValueOf<D>>(value));
}

// The C library's function, lane by lane.
template <class D, class V, class F>
HWY_NOINLINE V Each(D d, V a, F f) {
  HWY_ALIGN ValueOf<D> lanes[HWY_MAX_BYTES / sizeof(ValueOf<D>)];
  hn::Store(a, d, lanes);
  for (size_t i = 0; i < hn::Lanes(d); ++i) lanes[i] = f(lanes[i]);
  return hn::Load(d, lanes);
}

template <class D, class V, class F>
HWY_NOINLINE V Each(D d, V a, V b, F f) {
  HWY_ALIGN ValueOf<D> left[HWY_MAX_BYTES / sizeof(ValueOf<D>)];
  HWY_ALIGN ValueOf<D> right[HWY_MAX_BYTES / sizeof(ValueOf<D>)];
  hn::Store(a, d, left);
  hn::Store(b, d, right);
  for (size_t i = 0; i < hn::Lanes(d); ++i) left[i] = f(left[i], right[i]);
  return hn::Load(d, left);
}

// Names a function of the C library for `Each`.
#define CRESSET_SCALAR(function) [](auto x) { return function(x); }

template <class D, class V>
HWY_INLINE hn::Mask<D> Within(D d, V a, double bound) {
  return hn::Lt(hn::Abs(a), Constant(d, bound));
}

// Odd functions map -0 to -0, which polynomials lose.
template <class D, class V>
HWY_INLINE V KeepZero(D d, V a, V result) {
  return hn::IfThenElse(hn::Eq(a, hn::Zero(d)), a, result);
}

template <class D, class V>
HWY_INLINE V Polynomial(D, V, V c0) {
  return c0;
}
template <class D, class V, class... Rest>
HWY_INLINE V Polynomial(D d, V x, V c0, Rest... rest) {
  return hn::MulAdd(Polynomial(d, x, rest...), x, c0);
}

// exp of float32 within ±104 or NaN. AVX-512 scales by powers of two in one instruction that also makes subnormals and
// infinities; e^r = 1 + r + r² q(r) with q fitted on ±ln(2)/2 (minimax, relative error 3e-9).
template <class D, class V>
HWY_INLINE V ExpNear(D d, V a) {
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
  const V whole = hn::Round(hn::Mul(a, Constant(d, 1.44269504088896340736)));
  const V r = hn::NegMulAdd(whole, Constant(d, -1.90465429995776804525e-09),
                            hn::NegMulAdd(whole, Constant(d, 0.693147182464599609375), a));
  const V q = Polynomial(d, r, Constant(d, 0.4999999403953552), Constant(d, 0.16666515171527863),
                         Constant(d, 0.04166845604777336), Constant(d, 0.008369418792426586),
                         Constant(d, 0.0013813143596053123));
  const V power = hn::Add(hn::MulAdd(q, hn::Mul(r, r), r), Constant(d, 1));
  return V{_mm512_scalef_ps(power.raw, whole.raw)};
#else
  return hn::IfThenElse(hn::Eq(a, a), hn::Exp(d, a), a);
#endif
}

template <class D, class V>
HWY_INLINE V Exp(D d, V a) {
  if constexpr (kSingle<D>) {
    // In this order the bounds let NaN through.
    return ExpNear(d, hn::Max(Constant(d, -104), hn::Min(Constant(d, 104), a)));
  } else {
    if (HWY_LIKELY(hn::AllTrue(d, hn::Lt(a, Constant(d, 706))))) return hn::Exp(d, a);
    return Each(d, a, CRESSET_SCALAR(std::exp));
  }
}

template <class D, class V>
HWY_INLINE V Expm1(D d, V a) {
  if (HWY_LIKELY(hn::AllTrue(d, Within(d, a, kSingle<D> ? 88 : 700)))) return KeepZero(d, a, hn::Expm1(d, a));
  return Each(d, a, CRESSET_SCALAR(std::expm1));
}

template <class D, class V>
HWY_INLINE V Log(D d, V a) {
  const V zero = hn::Zero(d);
  const V infinity = hn::Inf(d);
  const V result = hn::Log(d, a);
  if (HWY_LIKELY(hn::AllTrue(d, hn::And(hn::Gt(a, zero), hn::Lt(a, infinity))))) return result;
  const V low = hn::IfThenElse(hn::Eq(a, zero), hn::Neg(infinity), hn::NaN(d));
  return hn::IfThenElse(hn::Gt(a, zero), hn::IfThenElse(hn::Eq(a, infinity), infinity, result), low);
}

template <class D, class V>
HWY_INLINE V Log1p(D d, V a) {
  const auto inside = hn::And(hn::Gt(a, Constant(d, -1)), hn::Lt(a, hn::Inf(d)));
  if (HWY_LIKELY(hn::AllTrue(d, inside))) return hn::Log1p(d, a);
  return Each(d, a, CRESSET_SCALAR(std::log1p));
}

// The exponent is taken apart first, so that powers of two are exact.
template <class D, class V>
HWY_INLINE V Log2(D d, V a) {
  using T = ValueOf<D>;
  const auto inside = hn::And(hn::Ge(a, hn::Set(d, std::numeric_limits<T>::min())), hn::Lt(a, hn::Inf(d)));
  if (HWY_UNLIKELY(!hn::AllTrue(d, inside))) return Each(d, a, CRESSET_SCALAR(std::log2));
  const hn::RebindToSigned<D> di;
  using TI = hn::TFromD<decltype(di)>;
  constexpr int kMantissa = kSingle<D> ? 23 : 52;
  const auto rootHalf = hn::BitCast(di, Constant(d, 0.70710678118654752440));
  const auto offset = hn::Sub(hn::BitCast(di, a), rootHalf);
  const auto exponent = hn::ShiftRight<kMantissa>(offset);
  const auto mantissa = hn::And(offset, hn::Set(di, (TI{1} << kMantissa) - 1));
  const V fraction = hn::BitCast(d, hn::Add(mantissa, rootHalf));
  return hn::MulAdd(hn::Log(d, fraction), Constant(d, 1.44269504088896340736), hn::ConvertTo(d, exponent));
}

template <class D, class V>
HWY_INLINE V Exp2(D d, V a) {
  const double low = kSingle<D> ? -126 : -1022;
  const double high = kSingle<D> ? 127 : 1023;
  const auto inside = hn::And(hn::Ge(a, Constant(d, low)), hn::Le(a, Constant(d, high)));
  if (HWY_UNLIKELY(!hn::AllTrue(d, inside))) return Each(d, a, CRESSET_SCALAR(std::exp2));
  const hn::RebindToSigned<D> di;
  const V whole = hn::Round(a);
  const auto biased = hn::Add(hn::ConvertTo(di, whole), hn::Set(di, kSingle<D> ? 127 : 1023));
  const V scale = hn::BitCast(d, hn::ShiftLeft < kSingle<D> ? 23 : 52 > (biased));
  return hn::Mul(hn::Exp(d, hn::Mul(hn::Sub(a, whole), Constant(d, 0.69314718055994530942))), scale);
}

template <class D, class V>
HWY_INLINE V Sin(D d, V a) {
  if (HWY_LIKELY(hn::AllTrue(d, Within(d, a, 39000)))) return KeepZero(d, a, hn::Sin(d, a));
  return Each(d, a, CRESSET_SCALAR(std::sin));
}

template <class D, class V>
HWY_INLINE V Cos(D d, V a) {
  // Highway's is one step below 1 at 0, so that its floor would be 0.
  const auto tiny = hn::Lt(hn::Abs(a), Constant(d, 1e-8));
  if (HWY_LIKELY(hn::AllTrue(d, Within(d, a, 39000)))) return hn::IfThenElse(tiny, Constant(d, 1), hn::Cos(d, a));
  return Each(d, a, CRESSET_SCALAR(std::cos));
}

template <class D, class V>
HWY_INLINE V Asin(D d, V a) {
  if (HWY_LIKELY(hn::AllTrue(d, hn::Le(hn::Abs(a), Constant(d, 1))))) return hn::Asin(d, a);
  return Each(d, a, CRESSET_SCALAR(std::asin));
}

template <class D, class V>
HWY_INLINE V Acos(D d, V a) {
  if (HWY_LIKELY(hn::AllTrue(d, hn::Le(hn::Abs(a), Constant(d, 1))))) return hn::Acos(d, a);
  return Each(d, a, CRESSET_SCALAR(std::acos));
}

template <class D, class V>
HWY_INLINE V Atan(D d, V a) {
  return hn::Atan(d, a);
}

template <class D, class V>
HWY_INLINE V Sinh(D d, V a) {
  if (HWY_LIKELY(hn::AllTrue(d, Within(d, a, kSingle<D> ? 88 : 700)))) return KeepZero(d, a, hn::Sinh(d, a));
  return Each(d, a, CRESSET_SCALAR(std::sinh));
}

template <class D, class V>
HWY_INLINE V Cosh(D d, V a) {
  if (HWY_UNLIKELY(!hn::AllTrue(d, Within(d, a, kSingle<D> ? 88 : 700)))) return Each(d, a, CRESSET_SCALAR(std::cosh));
  const V half = Constant(d, 0.5);
  const V exp = hn::Exp(d, hn::Abs(a));
  return hn::MulAdd(exp, half, hn::Div(half, exp));
}

template <class D, class V>
HWY_INLINE V Asinh(D d, V a) {
  if (HWY_LIKELY(hn::AllTrue(d, Within(d, a, 1e18)))) return KeepZero(d, a, hn::Asinh(d, a));
  return Each(d, a, CRESSET_SCALAR(std::asinh));
}

template <class D, class V>
HWY_INLINE V Acosh(D d, V a) {
  const auto inside = hn::And(hn::Ge(a, Constant(d, 1)), hn::Lt(a, Constant(d, 1e18)));
  if (HWY_LIKELY(hn::AllTrue(d, inside))) return hn::Acosh(d, a);
  return Each(d, a, CRESSET_SCALAR(std::acosh));
}

template <class D, class V>
HWY_INLINE V Atanh(D d, V a) {
  if (HWY_LIKELY(hn::AllTrue(d, Within(d, a, 1)))) return KeepZero(d, a, hn::Atanh(d, a));
  return Each(d, a, CRESSET_SCALAR(std::atanh));
}

// Below 0.625 a polynomial in x² fitted to tanh(x)/x (minimax, relative error 4e-9), above 1 - 2 / (exp(2x) + 1).
template <class D, class V>
HWY_INLINE V Tanh(D d, V a) {
  if constexpr (!kSingle<D>) {
    return KeepZero(d, a, hn::Tanh(d, a));
  } else {
    const V x = hn::Abs(a);
    const V u = hn::Mul(a, a);
    const V series = Polynomial(d, u, Constant(d, -0.3333325982093811), Constant(d, 0.13331127166748047),
                                Constant(d, -0.05372106656432152), Constant(d, 0.02059098333120346),
                                Constant(d, -0.005659984890371561));
    const V small = hn::MulAdd(hn::Mul(series, u), x, x);
    const V one = Constant(d, 1);
    // From 10 on the result rounds to 1; the bound also keeps exp finite. NaN comes back through the sum.
    const V exp = ExpNear(d, hn::Min(hn::Add(x, x), Constant(d, 20)));
    const V large = hn::Sub(one, hn::Div(Constant(d, 2), hn::Add(exp, one)));
    const V result = hn::IfThenElse(hn::Lt(x, Constant(d, 0.625)), small, large);
    return hn::IfThenElse(hn::Eq(a, a), hn::CopySign(result, a), a);
  }
}

template <class D, class V>
HWY_INLINE V Sigmoid(D d, V a) {
  const V one = Constant(d, 1);
  if constexpr (kSingle<D>) {
    // Beyond ±104 nothing changes any more; the bound keeps exp in its range.
    const V x = hn::Min(hn::Max(a, Constant(d, -104)), Constant(d, 104));
    const V result = hn::Div(one, hn::Add(one, ExpNear(d, hn::Neg(x))));
    return hn::IfThenElse(hn::Eq(a, a), result, a);
  } else {
    return hn::Div(one, hn::Add(one, HWY_NAMESPACE::Exp(d, hn::Neg(a))));
  }
}

// Below 0.93 a polynomial in x² fitted to erf(x)/x, above 1 - exp(p(x)) with p fitted to log(erfc(x)); minimax,
// relative errors 5e-10 and 1.5e-9. Doubles go to the C library: no short fit reaches their precision.
template <class D, class V>
HWY_INLINE V Erf(D d, V a) {
  if constexpr (!kSingle<D>) {
    return Each(d, a, CRESSET_SCALAR(std::erf));
  } else {
    const V u = hn::Mul(a, a);
    const V series = Polynomial(d, u, Constant(d, -0.37612631916999817), Constant(d, 0.11283687502145767),
                                Constant(d, -0.026858940720558167), Constant(d, 0.005199906416237354),
                                Constant(d, -0.0008130011847242713), Constant(d, 8.316772436955944e-05));
    const V small = hn::Mul(a, hn::MulAdd(series, u, Constant(d, 1.128379225730896)));
    // erf(4) rounds to 1.
    const V x = hn::Min(hn::Abs(a), Constant(d, 4));
    const V log = Polynomial(d, x, Constant(d, -0.00021130403911229223), Constant(d, -1.1276112794876099),
                             Constant(d, -0.637290358543396), Constant(d, -0.10383696854114532),
                             Constant(d, 0.022181419655680656), Constant(d, -0.003031828673556447),
                             Constant(d, 0.00019477865134831518));
    const V large = hn::Sub(Constant(d, 1), ExpNear(d, log));
    const V result = hn::IfThenElse(hn::Lt(hn::Abs(a), Constant(d, 0.93)), small, hn::CopySign(large, a));
    return hn::IfThenElse(hn::Eq(a, a), result, a);
  }
}

// The common exponents need no logarithm; everything else goes to the C library.
template <class D, class V>
HWY_INLINE V Pow(D d, V a, V b) {
  const auto all = [&](double exponent) HWY_ATTR { return hn::AllTrue(d, hn::Eq(b, Constant(d, exponent))); };
  if (all(2)) return hn::Mul(a, a);
  if (all(3)) return hn::Mul(hn::Mul(a, a), a);
  // The root of -0 and of -infinity is not what pow gives.
  if (all(0.5) && hn::AllTrue(d, hn::Gt(a, hn::Zero(d)))) return hn::Sqrt(a);
  if (all(-1)) return hn::Div(Constant(d, 1), a);
  if (all(-2)) return hn::Div(Constant(d, 1), hn::Mul(a, a));
  return Each(d, a, b, [](auto x, auto y) { return std::pow(x, y); });
}

}  // namespace cresset::math::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
