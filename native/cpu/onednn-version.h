// The differences between oneDNN 2 and 3: how primitives are described, how their results are scaled, and how memory
// objects are pointed at memory.
#pragma once

#include <oneapi/dnnl/dnnl.hpp>

namespace cresset::cpu::onednn {

// The instructions for products of bfloat16 that AVX-512 processors have; the values of dnnl::cpu_isa are bit masks.
inline bool hasBFloat16Instructions() {
  const auto bits = static_cast<unsigned>(dnnl::cpu_isa::avx512_core_bf16);
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & bits) == bits;
}

// Multiplies a result, before post-operations that were appended later, by a number.
inline void scaleResult(dnnl::primitive_attr& attributes, dnnl::post_ops& operations, float factor) {
#if DNNL_VERSION_MAJOR >= 3
  (void)attributes;
  operations.append_eltwise(dnnl::algorithm::eltwise_linear, factor, 0);
#else
  (void)operations;
  attributes.set_output_scales(0, {factor});
#endif
}

inline dnnl_status_t pointAt(dnnl_memory_t object, void* data, dnnl_stream_t stream) {
#if DNNL_VERSION_MAJOR >= 3
  (void)stream;
  return dnnl_memory_set_data_handle(object, data);
#else
  return dnnl_memory_set_data_handle_v2(object, data, stream);
#endif
}

// The descriptor of a primitive: version 2 makes it of a description that holds the arguments. Throws dnnl::error where
// the processor has no such primitive.
template <typename Primitive, typename... Arguments>
typename Primitive::primitive_desc describe(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                            const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, arguments..., attributes};
#else
  return {typename Primitive::desc(arguments...), attributes, engine};
#endif
}

// The same for a backward primitive, which is made beside the description of its forward one.
template <typename Primitive, typename Forward, typename... Arguments>
typename Primitive::primitive_desc describeBackward(const dnnl::engine& engine, const dnnl::primitive_attr& attributes,
                                                    const Forward& forward, const Arguments&... arguments) {
#if DNNL_VERSION_MAJOR >= 3
  return {engine, arguments..., forward, attributes};
#else
  return {typename Primitive::desc(arguments...), attributes, engine, forward};
#endif
}

}  // namespace cresset::cpu::onednn
