// Every pointwise step for the Float32 compute type, once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pointwise-f32.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/pointwise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

const StepFn* float32Table() { return Steps<float>(); }

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(float32Table);

const StepFn* float32Steps() { return HWY_DYNAMIC_DISPATCH(float32Table)(); }

}  // namespace cresset::cpu
#endif
