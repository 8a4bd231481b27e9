// Every pointwise step for the Int32 compute type, once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pointwise-i32.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/pointwise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

const StepFn* int32Table() { return Steps<int32_t>(); }

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(int32Table);

const StepFn* int32Steps() { return HWY_DYNAMIC_DISPATCH(int32Table)(); }

}  // namespace cresset::cpu
#endif
