// Programs that end in a reduction.
#pragma once

#include "program.h"

namespace cresset::cpu {

// Outputs have stride 0 along the dimensions over which they are reduced; each output may have its own.
void runReduction(const Program& program);

// A program without a reduction.
void runPointwise(const Program& program);

}  // namespace cresset::cpu
