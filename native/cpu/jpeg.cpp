// JPEG files to pixels, by libjpeg: as torchvision and Pillow decode them.
// clang-format off
#include <cstdio>  // libjpeg's header uses FILE and size_t without including them
#include <jpeglib.h>
// clang-format on

#include <array>
#include <csetjmp>
#include <cstring>

#include "convention.h"

namespace cresset::cpu {

namespace {

// A progressive file may hold any number of scans, each of which costs the time of a whole image.
constexpr int kMostScans = 500;

// What libjpeg calls back finds its state by these, which begin with libjpeg's own structures.
struct Errors {
  jpeg_error_mgr base;
  std::jmp_buf back;
  std::array<char, JMSG_LENGTH_MAX> message;
};

[[noreturn]] void leave(j_common_ptr info) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  info->err->format_message(info, errors->message.data());
  std::longjmp(errors->back, 1);
}

[[noreturn]] void leaveFor(j_common_ptr info, const char* reason) {
  auto* errors = reinterpret_cast<Errors*>(info->err);
  std::strncpy(errors->message.data(), reason, errors->message.size() - 1);
  std::longjmp(errors->back, 1);
}

// libjpeg goes on after a warning, and so do torchvision and Pillow.
void ignoreMessage(j_common_ptr, int) {}

void doNothing(j_decompress_ptr) {}

boolean endOfFile(j_decompress_ptr info) {
  leaveFor(reinterpret_cast<j_common_ptr>(info), "Image is incomplete or truncated");
}

void skip(j_decompress_ptr info, long count) {
  if (count <= 0) return;
  if (static_cast<size_t>(count) > info->src->bytes_in_buffer) endOfFile(info);
  info->src->next_input_byte += count;
  info->src->bytes_in_buffer -= static_cast<size_t>(count);
}

void countScans(j_common_ptr info) {
  if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMostScans) leaveFor(info, "too many scans");
}

// libjpeg leaves its functions by longjmp, over whose frames no object with a destructor may live: `body` has none.
template <typename Body>
void withHeader(const Operand& file, Body&& body) {
  jpeg_decompress_struct info{};
  Errors errors{};
  jpeg_source_mgr source{};
  jpeg_progress_mgr progress{};
  info.err = jpeg_std_error(&errors.base);
  errors.base.error_exit = leave;
  errors.base.emit_message = ignoreMessage;
  if (setjmp(errors.back) != 0) {
    jpeg_destroy_decompress(&info);
    throw FormatFault(errors.message.data());
  }
  jpeg_create_decompress(&info);
  source.next_input_byte = file.as<const JOCTET>();
  source.bytes_in_buffer = static_cast<size_t>(file.numel());
  source.init_source = doNothing;
  source.fill_input_buffer = endOfFile;
  source.skip_input_data = skip;
  source.resync_to_restart = jpeg_resync_to_restart;
  source.term_source = doNothing;
  info.src = &source;
  progress.progress_monitor = countScans;
  info.progress = &progress;
  jpeg_read_header(&info, TRUE);
  body(info);
  jpeg_destroy_decompress(&info);
}

void demandFile(const Operand& out, const Operand& file) {
  demandGiven({&out, &file});
  demandType(DType::UInt8, {&file});
  demandContiguous({&out, &file});
}

}  // namespace

// operands: out (int32: height, width, components of the file), file (uint8); contiguous
void jpegHeader(const KernelArgs& args) {
  const Operand &out = args.operands[0], &file = args.operands[1];
  demandFile(out, file);
  demandType(DType::Int32, {&out});
  demand(out.numel() == 3, "an operand has the wrong size");
  withHeader(file, [&](const jpeg_decompress_struct& info) {
    auto* results = out.as<int32_t>();
    results[0] = static_cast<int32_t>(info.image_height);
    results[1] = static_cast<int32_t>(info.image_width);
    results[2] = info.num_components;
  });
}

// operands: out (uint8: height, width, 1 or 3), file (uint8); contiguous. One channel is the file's brightness.
void jpegDecode(const KernelArgs& args) {
  const Operand &out = args.operands[0], &file = args.operands[1];
  demandFile(out, file);
  demandType(DType::UInt8, {&out});
  demandDims(out, 3, 3);
  demand(out.sizes[2] == 1 || out.sizes[2] == 3, "an image has one channel or three");
  const auto [first, last] = memoryOf(file);
  const auto [low, high] = memoryOf(out);
  demand(high <= first || last <= low, "an image is written over its file");
  withHeader(file, [&](jpeg_decompress_struct& info) {
    if (info.image_height != out.sizes[0] || info.image_width != out.sizes[1]) {
      leaveFor(reinterpret_cast<j_common_ptr>(&info), "the image has another size than its result");
    }
    info.out_color_space = out.sizes[2] == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&info);
    const int64_t length = out.sizes[1] * out.sizes[2];
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = out.as<JSAMPLE>() + info.output_scanline * length;
      jpeg_read_scanlines(&info, &row, 1);
    }
  });
}

}  // namespace cresset::cpu
