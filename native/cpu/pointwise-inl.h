// The loop that runs a pointwise step over a block, and the table of steps for a compute type. Included by one file per
// compute type, and there once per instruction set.
#include <hwy/highway.h>

#include "cpu/pointwise-ops-inl.h"
#include "cpu/pointwise.h"
#include "registry.h"

#if defined(CRESSET_POINTWISE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef CRESSET_POINTWISE_INL_H_
#undef CRESSET_POINTWISE_INL_H_
#else
#define CRESSET_POINTWISE_INL_H_
#endif

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

// The last, partial vector. Its missing lanes repeat the first element, so that they never leave a function's range.
template <class D>
HWY_INLINE hn::Vec<D> LoadTail(D d, const hn::TFromD<D>* source, size_t count) {
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN hn::TFromD<D> lanes[HWY_MAX_BYTES / sizeof(hn::TFromD<D>)];
  for (size_t i = 0; i < hn::Lanes(d); ++i) lanes[i] = source[i < count ? i : 0];
  return hn::Load(d, lanes);
#else
  const auto present = hn::FirstN(d, count);
  return hn::IfThenElse(present, hn::MaskedLoad(present, d, source), hn::Set(d, *source));
#endif
}

template <class D>
HWY_INLINE void StoreTail(D d, hn::Vec<D> value, hn::TFromD<D>* target, size_t count) {
#if HWY_MEM_OPS_MIGHT_FAULT
  HWY_ALIGN hn::TFromD<D> lanes[HWY_MAX_BYTES / sizeof(hn::TFromD<D>)];
  hn::Store(value, d, lanes);
  for (size_t i = 0; i < count; ++i) target[i] = lanes[i];
#else
  hn::BlendedStore(value, hn::FirstN(d, count), d, target);
#endif
}

template <class Op, int kOperands, class D, class V>
HWY_INLINE V Apply(D d, [[maybe_unused]] V a, [[maybe_unused]] V b, [[maybe_unused]] V c) {
  if constexpr (kOperands == 1) {
    return Op::apply(d, a);
  } else if constexpr (kOperands == 2) {
    return Op::apply(d, a, b);
  } else {
    return Op::apply(d, a, b, c);
  }
}

template <class Op, int kOperands, class T>
void VectorStep(const StepArgs& args) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const size_t lanes = hn::Lanes(d);
  // A splatted source holds a whole vector and is not advanced.
  const T* a = static_cast<const T*>(args.in[0]);
  const T* b = kOperands > 1 ? static_cast<const T*>(args.in[1]) : a;
  const T* c = kOperands > 2 ? static_cast<const T*>(args.in[2]) : a;
  const size_t stepA = args.stride[0] * lanes;
  const size_t stepB = kOperands > 1 ? args.stride[1] * lanes : 0;
  const size_t stepC = kOperands > 2 ? args.stride[2] * lanes : 0;
  T* out = static_cast<T*>(args.out);
  const bool stream = args.stream;
  size_t left = args.count;
  for (; left >= lanes; left -= lanes) {
    const V va = hn::LoadU(d, a);
    V vb = va, vc = va;
    if constexpr (kOperands > 1) vb = hn::LoadU(d, b);
    if constexpr (kOperands > 2) vc = hn::LoadU(d, c);
    const V result = Apply<Op, kOperands>(d, va, vb, vc);
    if (stream) {
      hn::Stream(result, d, out);
    } else {
      hn::StoreU(result, d, out);
    }
    out += lanes;
    a += stepA;
    b += stepB;
    c += stepC;
  }
  if (left != 0) {
    const V va = LoadTail(d, a, left);
    V vb = va, vc = va;
    if constexpr (kOperands > 1) vb = LoadTail(d, b, left);
    if constexpr (kOperands > 2) vc = LoadTail(d, c, left);
    StoreTail(d, Apply<Op, kOperands>(d, va, vb, vc), out, left);
  }
}

template <class Op, int kOperands, class T>
void ScalarStep(const StepArgs& args) {
  const T* const a = static_cast<const T*>(args.in[0]);
  T* const out = static_cast<T*>(args.out);
  if constexpr (kOperands == 1) {
    for (int64_t i = 0; i < args.count; ++i) out[i] = Op::scalar(a[i * args.stride[0]]);
  } else {
    const T* const b = static_cast<const T*>(args.in[1]);
    for (int64_t i = 0; i < args.count; ++i) {
      const T left = a[i * args.stride[0]];
      const T right = b[i * args.stride[1]];
      if constexpr (requires { Op::scalar(left, right, *args.fault); }) {
        out[i] = Op::scalar(left, right, *args.fault);
      } else {
        out[i] = Op::scalar(left, right);
      }
    }
  }
}

template <class Op, int kOperands, ComputeClass kComputes, class T>
constexpr StepFn Step() {
  constexpr bool kExists =
      kComputes == ComputeClass::Any || (kComputes == ComputeClass::Float) == std::is_floating_point_v<T>;
  if constexpr (!kExists) {
    return nullptr;
  } else if constexpr (Op::template vector<T>) {
    return VectorStep<Op, kOperands, T>;
  } else {
    return ScalarStep<Op, kOperands, T>;
  }
}

template <class T>
const StepFn* Steps() {
  static constexpr StepFn kSteps[] = {
#define POINTWISE(name, operands, computes) Step<op::name, operands, ComputeClass::computes, T>(),
#include "ops/pointwise.inc"
#undef POINTWISE
  };
  return kSteps;
}

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
