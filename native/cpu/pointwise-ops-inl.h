// The expression of every pointwise step, once, over vectors of any compute type. A step is `vector` when its
// expression works on vectors of that type; otherwise `scalar` gives it for one element.
#include <hwy/highway.h>

#include "cpu/pointwise.h"
#include "math/scalar.h"
#include "math/special.h"
#include "math/vector-inl.h"

#if defined(CRESSET_POINTWISE_OPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CRESSET_POINTWISE_OPS_INL_H_
#undef CRESSET_POINTWISE_OPS_INL_H_
#else
#define CRESSET_POINTWISE_OPS_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
namespace vm = cresset::math::HWY_NAMESPACE;

template <class D>
constexpr bool kFloating = std::is_floating_point_v<hn::TFromD<D>>;

template <class D>
HWY_INLINE hn::Vec<D> One(D d) {
  return hn::Set(d, 1);
}

// A mask as 1 and 0 in the compute type.
template <class D, class M>
HWY_INLINE hn::Vec<D> Truth(D d, M mask) {
  return hn::IfThenElseZero(mask, One(d));
}

// Anything other than 0, so NaN too.
template <class D, class V>
HWY_INLINE hn::Mask<D> IsTrue(D d, V a) {
  return hn::Not(hn::Eq(a, hn::Zero(d)));
}

template <class D, class V>
HWY_INLINE hn::Mask<D> EitherNaN(V a, V b) {
  return hn::Or(hn::IsNaN(a), hn::IsNaN(b));
}

// a <= b; false for NaN. Highway compares integers by < and > only.
template <class D, class V>
HWY_INLINE hn::Mask<D> NotGreater(V a, V b) {
  if constexpr (kFloating<D>) {
    return hn::Le(a, b);
  } else {
    return hn::Not(hn::Gt(a, b));
  }
}

namespace op {

// Expressions over vectors, for every type.
#define VECTOR1(name, expression)                          \
  struct name {                                            \
    template <class T>                                     \
    static constexpr bool vector = true;                   \
    template <class D, class V>                            \
    static HWY_INLINE V apply([[maybe_unused]] D d, V a) { \
      return expression;                                   \
    }                                                      \
  };
#define VECTOR2(name, expression)                               \
  struct name {                                                 \
    template <class T>                                          \
    static constexpr bool vector = true;                        \
    template <class D, class V>                                 \
    static HWY_INLINE V apply([[maybe_unused]] D d, V a, V b) { \
      return expression;                                        \
    }                                                           \
  };
#define VECTOR3(name, expression)                                    \
  struct name {                                                      \
    template <class T>                                               \
    static constexpr bool vector = true;                             \
    template <class D, class V>                                      \
    static HWY_INLINE V apply([[maybe_unused]] D d, V a, V b, V c) { \
      return expression;                                             \
    }                                                                \
  };
// Functions of single elements, for every type.
#define SCALAR1(name, expression)         \
  struct name {                           \
    template <class T>                    \
    static constexpr bool vector = false; \
    template <class T>                    \
    static T scalar(T a) {                \
      return static_cast<T>(expression);  \
    }                                     \
  };
#define SCALAR2(name, expression)         \
  struct name {                           \
    template <class T>                    \
    static constexpr bool vector = false; \
    template <class T>                    \
    static T scalar(T a, T b) {           \
      return static_cast<T>(expression);  \
    }                                     \
  };

VECTOR1(copy, a)
VECTOR1(neg, hn::Neg(a))
VECTOR1(abs, hn::Abs(a))
VECTOR1(sign, hn::Sub(Truth(d, hn::Gt(a, hn::Zero(d))), Truth(d, hn::Lt(a, hn::Zero(d)))))
VECTOR1(logicalNot, Truth(d, hn::Eq(a, hn::Zero(d))))
VECTOR1(bitwiseNot, hn::Not(a))
VECTOR1(isnan, Truth(d, hn::IsNaN(a)))
VECTOR1(isinf, Truth(d, hn::Eq(hn::Abs(a), hn::Inf(d))))
VECTOR1(isfinite, Truth(d, hn::Lt(hn::Abs(a), hn::Inf(d))))
VECTOR1(reciprocal, hn::Div(One(d), a))
VECTOR1(sqrt, hn::Sqrt(a))
VECTOR1(rsqrt, hn::Div(One(d), hn::Sqrt(a)))
VECTOR1(exp, vm::Exp(d, a))
VECTOR1(exp2, vm::Exp2(d, a))
VECTOR1(expm1, vm::Expm1(d, a))
VECTOR1(log, vm::Log(d, a))
VECTOR1(log2, vm::Log2(d, a))
SCALAR1(log10, std::log10(a))
VECTOR1(log1p, vm::Log1p(d, a))
VECTOR1(sin, vm::Sin(d, a))
VECTOR1(cos, vm::Cos(d, a))
SCALAR1(tan, std::tan(a))
VECTOR1(asin, vm::Asin(d, a))
VECTOR1(acos, vm::Acos(d, a))
VECTOR1(atan, vm::Atan(d, a))
VECTOR1(sinh, vm::Sinh(d, a))
VECTOR1(cosh, vm::Cosh(d, a))
VECTOR1(tanh, vm::Tanh(d, a))
VECTOR1(asinh, vm::Asinh(d, a))
VECTOR1(acosh, vm::Acosh(d, a))
VECTOR1(atanh, vm::Atanh(d, a))
VECTOR1(erf, vm::Erf(d, a))
SCALAR1(erfc, std::erfc(a))
SCALAR1(erfinv, math::erfinv(a))
SCALAR1(lgamma, math::lgamma(a))
SCALAR1(digamma, math::digamma(a))
SCALAR1(i0, math::besselI0(a))
VECTOR1(sigmoid, vm::Sigmoid(d, a))
VECTOR1(floor, hn::Floor(a))
VECTOR1(ceil, hn::Ceil(a))
VECTOR1(round, hn::Round(a))
VECTOR1(trunc, hn::Trunc(a))
// Keeps NaN and -0.
VECTOR1(relu, hn::IfThenZeroElse(hn::Lt(a, hn::Zero(d)), a))
VECTOR2(add, hn::Add(a, b))
VECTOR2(sub, hn::Sub(a, b))
VECTOR2(mul, hn::Mul(a, b))
VECTOR2(fmax, hn::IfThenElse(hn::IsNaN(a), b, hn::IfThenElse(hn::IsNaN(b), a, hn::Max(a, b))))
VECTOR2(fmin, hn::IfThenElse(hn::IsNaN(a), b, hn::IfThenElse(hn::IsNaN(b), a, hn::Min(a, b))))
SCALAR2(atan2, std::atan2(a, b))
SCALAR2(hypot, std::hypot(a, b))
VECTOR2(copysign, hn::CopySign(a, b))
SCALAR2(nextafter, std::nextafter(a, b))
SCALAR2(igamma, math::igamma(a, b))
SCALAR2(igammac, math::igammac(a, b))
VECTOR2(bitwiseAnd, hn::And(a, b))
VECTOR2(bitwiseOr, hn::Or(a, b))
VECTOR2(bitwiseXor, hn::Xor(a, b))
SCALAR2(bitwiseLeftShift, math::shiftLeft(a, b))
SCALAR2(bitwiseRightShift, math::shiftRight(a, b))
SCALAR2(gcd, math::gcd(a, b))
VECTOR2(eq, Truth(d, hn::Eq(a, b)))
VECTOR2(ne, Truth(d, hn::Not(hn::Eq(a, b))))
VECTOR2(lt, Truth(d, hn::Lt(a, b)))
VECTOR2(le, Truth(d, NotGreater<D>(a, b)))
VECTOR2(gt, Truth(d, hn::Gt(a, b)))
VECTOR2(ge, Truth(d, NotGreater<D>(b, a)))
VECTOR2(logicalAnd, Truth(d, hn::And(IsTrue(d, a), IsTrue(d, b))))
VECTOR2(logicalOr, Truth(d, hn::Or(IsTrue(d, a), IsTrue(d, b))))
VECTOR2(logicalXor, Truth(d, hn::Xor(IsTrue(d, a), IsTrue(d, b))))
SCALAR1(specialAiryAi, math::airyAi(a))
SCALAR1(specialBesselJ0, math::besselJ0(a))
SCALAR1(specialBesselJ1, math::besselJ1(a))
SCALAR1(specialBesselY0, math::besselY0(a))
SCALAR1(specialBesselY1, math::besselY1(a))
SCALAR1(specialErfcx, math::erfcx(a))
SCALAR1(specialI0e, math::besselI0e(a))
SCALAR1(specialI1, math::besselI1(a))
SCALAR1(specialI1e, math::besselI1e(a))
SCALAR1(specialLogNdtr, math::logNdtr(a))
SCALAR1(specialModifiedBesselK0, math::besselK0(a))
SCALAR1(specialModifiedBesselK1, math::besselK1(a))
SCALAR1(specialScaledModifiedBesselK0, math::scaledBesselK0(a))
SCALAR1(specialScaledModifiedBesselK1, math::scaledBesselK1(a))
SCALAR1(specialNdtri, math::ndtri(a))
SCALAR1(mantissa, math::mantissa(a))
SCALAR1(exponent, math::exponent(a))
SCALAR2(specialZeta, math::zeta(a, b))
SCALAR2(polygamma, math::polygamma(a, b))
SCALAR2(specialChebyshevPolynomialT, math::chebyshevT(a, b))
SCALAR2(specialChebyshevPolynomialU, math::chebyshevU(a, b))
SCALAR2(specialChebyshevPolynomialV, math::chebyshevV(a, b))
SCALAR2(specialChebyshevPolynomialW, math::chebyshevW(a, b))
SCALAR2(specialHermitePolynomialH, math::hermiteH(a, b))
SCALAR2(specialHermitePolynomialHe, math::hermiteHe(a, b))
SCALAR2(specialLaguerrePolynomialL, math::laguerreL(a, b))
SCALAR2(specialLegendrePolynomialP, math::legendreP(a, b))
VECTOR3(where, hn::IfThenElse(IsTrue(d, a), b, c))

struct signbit {
  template <class T>
  static constexpr bool vector = true;
  template <class D, class V>
  static HWY_INLINE V apply(D d, V a) {
    const hn::RebindToSigned<D> di;
    return Truth(d, hn::RebindMask(d, hn::Lt(hn::BitCast(di, a), hn::Zero(di))));
  }
};

// NaN wins.
struct maximum {
  template <class T>
  static constexpr bool vector = true;
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    if constexpr (kFloating<D>) {
      return hn::IfThenElse(EitherNaN<D>(a, b), hn::Add(a, b), hn::Max(a, b));
    } else {
      return hn::Max(a, b);
    }
  }
};
struct minimum {
  template <class T>
  static constexpr bool vector = true;
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    if constexpr (kFloating<D>) {
      return hn::IfThenElse(EitherNaN<D>(a, b), hn::Add(a, b), hn::Min(a, b));
    } else {
      return hn::Min(a, b);
    }
  }
};

struct fma {
  template <class T>
  static constexpr bool vector = true;
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b, V c) {
    if constexpr (kFloating<D>) {
      return hn::MulAdd(a, b, c);
    } else {
      return hn::Add(hn::Mul(a, b), c);
    }
  }
};

struct pow {
  template <class T>
  static constexpr bool vector = std::is_floating_point_v<T>;
  template <class D, class V>
  static HWY_INLINE V apply(D d, V a, V b) {
    return vm::Pow(d, a, b);
  }
  template <class T>
  static T scalar(T a, T b) {
    return math::powInt(a, b);
  }
};

// Integer division notes a zero divisor in `fault`, and never traps.
template <class T, class F>
T Divided(T a, T b, int32_t& fault, F divide) {
  if (b != 0) return divide(a, b);
  fault = 1;
  return 0;
}

struct div {
  template <class T>
  static constexpr bool vector = std::is_floating_point_v<T>;
  template <class D, class V>
  static HWY_INLINE V apply(D, V a, V b) {
    return hn::Div(a, b);
  }
  template <class T>
  static T scalar(T a, T b, int32_t& fault) {
    return Divided(a, b, fault, math::truncDivideInt<T>);
  }
};

#define DIVISION(name, real, integral)             \
  struct name {                                    \
    template <class T>                             \
    static constexpr bool vector = false;          \
    template <class T>                             \
    static T scalar(T a, T b, int32_t& fault) {    \
      if constexpr (std::is_floating_point_v<T>) { \
        return real(a, b);                         \
      } else {                                     \
        return Divided(a, b, fault, integral<T>);  \
      }                                            \
    }                                              \
  };
DIVISION(floorDivide, math::floorDivide, math::floorDivideInt)
DIVISION(remainder, math::remainder, math::remainderInt)
DIVISION(fmod, std::fmod, math::fmodInt)

#undef VECTOR1
#undef VECTOR2
#undef VECTOR3
#undef SCALAR1
#undef SCALAR2
#undef DIVISION

}  // namespace op

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
