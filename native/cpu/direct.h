// Short programs, without a plan.
#pragma once

#include "program.h"

namespace cresset::cpu {

// Runs a program without a reduction whose operands are short, dense and of the compute type, step by step over whole
// operands. Laying out blocks, buffers and threads takes longer than such a program's arithmetic. False, with nothing
// done, for any other program. Throws NumericFault when an integer is divided by zero.
bool runDirectly(const Program& program);

}  // namespace cresset::cpu
