// Conversions between storage types and compute types.
#include <cmath>
#include <vector>

#include "check.h"
#include "step.h"

namespace cresset::test {
namespace {

const Registered kConversions("conversions: rounding, wrapping and out of range", [] {
  struct Case {
    DType from, to;
    ComputeType compute;
    double value, want;
  };
  const Case cases[] = {
      {DType::Float32, DType::Int32, ComputeType::Float32, 1e10, -2147483648.0},
      {DType::Float32, DType::Int32, ComputeType::Float32, NAN, -2147483648.0},
      {DType::Float32, DType::Int32, ComputeType::Float32, -1.9, -1},
      {DType::Float32, DType::UInt8, ComputeType::Float32, 300.7, 44},
      {DType::Float32, DType::UInt8, ComputeType::Float32, -1.5, 255},
      {DType::Float32, DType::Int64, ComputeType::Float32, 1e20, -9223372036854775808.0},
      {DType::Float64, DType::Bool, ComputeType::Float64, NAN, 1},
      {DType::Float64, DType::Bool, ComputeType::Float64, 0.25, 1},
      {DType::Float64, DType::Bool, ComputeType::Float64, -0.0, 0},
      {DType::Int64, DType::Int8, ComputeType::Int64, 200, -56},
      {DType::Int32, DType::Int16, ComputeType::Int32, 70000, 4464},
      {DType::Float32, DType::Float16, ComputeType::Float32, 2049, 2048},
      {DType::Float32, DType::Float16, ComputeType::Float32, 2051, 2052},
      {DType::Float32, DType::Float16, ComputeType::Float32, 65519, 65504},
      {DType::Float32, DType::Float16, ComputeType::Float32, 65520, INFINITY},
      {DType::Float32, DType::Float16, ComputeType::Float32, 5.9604644775390625e-08, 5.9604644775390625e-08},
      {DType::Float32, DType::BFloat16, ComputeType::Float32, 257, 256},
      {DType::Float32, DType::BFloat16, ComputeType::Float32, 259, 260},
      {DType::Float32, DType::BFloat16, ComputeType::Float32, NAN, NAN},
  };
  for (const Case& test : cases) {
    // Long enough for the vector path, odd enough for the rest.
    for (const int64_t count : {int64_t{1}, int64_t{37}}) {
      Tensor x = vectorOf(test.from, std::vector<double>(count, test.value));
      Tensor out = zeros(test.to, {count});
      Program program = programOver(test.compute, {count}, {&x}, {&out});
      program.result[0] = 0;
      runProgram(program);
      for (int64_t i = 0; i < count; ++i) {
        const double got = out.at({i});
        expect(got == test.want || (std::isnan(got) && std::isnan(test.want)), test.value, " became ", got, " for ",
               test.want);
      }
    }
  }
});

const Registered kHalves("conversions: every float16 and bfloat16 survives the round trip", [] {
  for (const DType dtype : {DType::Float16, DType::BFloat16}) {
    Tensor all = zeros(dtype, {65536});
    for (int i = 0; i < 65536; ++i) elements<uint16_t>(all)[i] = static_cast<uint16_t>(i);
    Tensor wide = zeros(DType::Float32, {65536});
    Tensor back = zeros(dtype, {65536});
    Program program = programOver(ComputeType::Float32, {65536}, {&all}, {&wide, &back});
    program.result[0] = program.result[1] = 0;
    runProgram(program);
    for (int64_t i = 0; i < 65536; ++i) {
      const double value = all.at({i});
      expect(wide.at({i}) == value || std::isnan(value), "widening ", i);
      expect(std::isnan(value) ? std::isnan(back.at({i})) : elements<uint16_t>(back)[i] == i, "narrowing ", i);
    }
  }
});

}  // namespace
}  // namespace cresset::test
