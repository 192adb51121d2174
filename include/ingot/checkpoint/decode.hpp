// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/decode.hpp: stored rows to float, bit for bit as the Python package gguf does it.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <ingot/checkpoint/ggml_blocks.hpp>
#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/core/float16.hpp>
#include <ingot/core/float8.hpp>

namespace ingot::checkpoint {

namespace detail {

/// scale * q is exact in float (11 + 8 + 5 bits at most, the larger factors being powers of two), so contraction into a fused
/// multiply-add cannot change a bit.
template <GgmlBlock Block>
void decode_blocks(std::span<const std::byte> row, std::span<float> out) noexcept {
  std::int8_t q[Block::size];
  for (std::size_t b = 0; b * Block::size < out.size(); ++b) {
    const auto block = load_block<Block>(row, b);
    block.unpack(Codes<Block::size>{q});
    float* y = out.data() + b * Block::size;
    for (std::size_t g = 0; g < Block::size / Block::group; ++g) {
      const float scale = block.scale(g);
      const std::int8_t* code = q + g * Block::group;
      if constexpr (Block::has_offset) {
        const float offset = block.offset(g);
        for (std::size_t i = 0; i < Block::group; ++i) y[g * Block::group + i] = scale * static_cast<float>(code[i]) + offset;
      } else {
        for (std::size_t i = 0; i < Block::group; ++i) y[g * Block::group + i] = scale * static_cast<float>(code[i]);
      }
    }
  }
}

template <class Stored>
void decode_elements(std::span<const std::byte> row, std::span<float> out) noexcept {
  for (std::size_t i = 0; i < out.size(); ++i) {
    Stored value;
    std::memcpy(&value, row.data() + i * sizeof value, sizeof value);
    if constexpr (std::is_arithmetic_v<Stored>)
      out[i] = static_cast<float>(value);
    else
      out[i] = to_float(value);
  }
}

inline bool decode_row(ElementType type, std::span<const std::byte> row, std::span<float> out) noexcept {
  switch (type) {
    case ElementType::f32:
      std::memcpy(out.data(), row.data(), row.size());
      return true;
    case ElementType::f16:
      decode_elements<f16>(row, out);
      return true;
    case ElementType::bf16:
      decode_elements<bf16>(row, out);
      return true;
    case ElementType::f64:
      decode_elements<double>(row, out);
      return true;
    case ElementType::f8_e4m3:
      decode_elements<f8_e4m3>(row, out);
      return true;
    case ElementType::f8_e5m2:
      decode_elements<f8_e5m2>(row, out);
      return true;
    default:
      return visit_block(type, [&]<class Block>() { decode_blocks<Block>(row, out); });
  }
}

}  // namespace detail

/// Whether decode_rows() knows the type.
[[nodiscard]] constexpr bool is_decodable(ElementType type) noexcept {
  switch (type) {
    case ElementType::f32:
    case ElementType::f16:
    case ElementType::bf16:
    case ElementType::f64:
    case ElementType::f8_e4m3:
    case ElementType::f8_e5m2:
      return true;
    default:
      return visit_block(type, []<class Block>() {});
  }
}

/// Logical rows [begin, end) of `tensor` to `out` [(end - begin) * columns]; the tensor's permutation is applied, to the
/// elements where the tensor is a vector. f64 rounds to nearest. Errors: unsupported (the type).
[[nodiscard]] inline Status decode_rows(const TensorInfo& tensor, std::size_t begin, std::size_t end, std::span<float> out) {
  const std::size_t columns = tensor.columns();
  assert(begin <= end && end <= tensor.rows() && out.size() == (end - begin) * columns);
  if (!is_decodable(tensor.type))
    return tensor.problem(ErrorCode::unsupported, "tensors of type " + std::string{name(tensor.type)} + " cannot be decoded",
                          "convert it to a float type, Q4_0 to Q8_0 or Q2_K to Q6_K");
  if (out.empty()) return {};
  if (tensor.shape.size() == 1 && !tensor.permutation.is_identity()) {
    std::vector<float> stored(columns);
    detail::decode_row(tensor.type, tensor.bytes, stored);
    for (std::size_t i = 0; i < columns; ++i) out[i] = stored[tensor.permutation(i)];
    return {};
  }
  for (std::size_t row = begin; row < end; ++row)
    detail::decode_row(tensor.type, tensor.row(row), out.subspan((row - begin) * columns, columns));
  return {};
}

}  // namespace ingot::checkpoint
