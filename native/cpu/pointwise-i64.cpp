// Every pointwise step for the Int64 compute type, once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pointwise-i64.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/pointwise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

const StepFn* int64Table() { return Steps<int64_t>(); }

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(int64Table);

const StepFn* int64Steps() { return HWY_DYNAMIC_DISPATCH(int64Table)(); }

}  // namespace cresset::cpu
#endif
