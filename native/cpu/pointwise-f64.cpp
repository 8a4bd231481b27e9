// Every pointwise step for the Float64 compute type, once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/pointwise-f64.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "cpu/pointwise-inl.h"

HWY_BEFORE_NAMESPACE();
namespace cresset::cpu::HWY_NAMESPACE {

const StepFn* float64Table() { return Steps<double>(); }

}  // namespace cresset::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cresset::cpu {

HWY_EXPORT(float64Table);

const StepFn* float64Steps() { return HWY_DYNAMIC_DISPATCH(float64Table)(); }

}  // namespace cresset::cpu
#endif
