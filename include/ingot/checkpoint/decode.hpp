// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/decode.hpp: stored rows to float, bit for bit as the Python package gguf does it.

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <type_traits>

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

/// Elements from `first` on of the stored tensor, counted through its rows; all of one row where `values` hold them.
inline void decode_run(const TensorInfo& tensor, std::size_t first, std::span<float> out) {
  if (tensor.values) {
    const std::size_t width = tensor.column_step != 0 ? tensor.column_step : tensor.columns();
    return tensor.values->decode(first / width, first % width, out);
  }
  const ElementTypeInfo& type = info(tensor.type);
  const auto blocks = [&](std::size_t count) { return tensor.bytes.subspan(first / type.elements * type.bytes, count * type.bytes); };
  for (std::size_t size; !out.empty(); out = out.subspan(size), first += size) {
    const std::size_t within = first % type.elements;
    size = out.size() - out.size() % type.elements;
    if (within == 0 && size != 0) {
      decode_row(tensor.type, blocks(size / type.elements), out.first(size));
      continue;
    }
    std::array<float, 256> block;
    assert(type.elements <= block.size());
    decode_row(tensor.type, blocks(1), std::span{block}.first(type.elements));
    size = std::min(out.size(), type.elements - within);
    std::copy_n(block.data() + within, size, out.data());
  }
}

/// A vector's elements where they are no neighbours in the file.
inline void gather(const TensorInfo& tensor, std::span<float> out) {
  for (std::size_t i = 0, size; i < out.size(); i += size) {
    size = tensor.permutation.is_identity() ? tensor.selection.neighbours(i, out.size() - i) : 1;
    decode_run(tensor, tensor.stored(i), out.subspan(i, size));
  }
}

/// Rows [begin, end) of a matrix stored transposed, some at a time, so that a line of the file is read once for all of them.
inline void decode_transposed(const TensorInfo& tensor, std::size_t begin, std::size_t end, std::span<float> out) {
  const std::size_t columns = tensor.columns();
  std::array<float, 16> across;
  for (std::size_t row = begin, size; row < end; row += size) {
    size = tensor.selection.neighbours(row, std::min(across.size(), end - row));
    float* const to = out.data() + (row - begin) * columns;
    for (std::size_t column = 0; column < columns; ++column) {
      decode_run(tensor, tensor.selection(row) + column * tensor.column_step, std::span{across}.first(size));
      for (std::size_t i = 0; i < size; ++i) to[i * columns + column] = across[i];
    }
  }
}

/// F.normalize(p=2, dim=-1) of PyTorch.
inline void normalize(std::span<float> row) noexcept {
  double squares = 0;
  for (const float value : row) squares += static_cast<double>(value) * static_cast<double>(value);
  const float norm = static_cast<float>(std::max(std::sqrt(squares), 1e-12));
  for (float& value : row) value /= norm;
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

/// Whether decode_rows() knows what the tensor is stored as.
[[nodiscard]] inline bool is_decodable(const TensorInfo& tensor) noexcept { return tensor.values || is_decodable(tensor.type); }

/// Logical rows [begin, end) of `tensor` to `out` [(end - begin) * columns], as its view says: rows, and the elements of a vector,
/// picked, transposed back, edited. f64 rounds to nearest. Errors: unsupported (the type).
[[nodiscard]] inline Status decode_rows(const TensorInfo& tensor, std::size_t begin, std::size_t end, std::span<float> out) {
  const std::size_t columns = tensor.columns();
  assert(begin <= end && end <= tensor.rows() && out.size() == (end - begin) * columns);
  if (!is_decodable(tensor))
    return tensor.problem(ErrorCode::unsupported, "tensors of type " + std::string{name(tensor.type)} + " cannot be decoded",
                          "convert it to a float type, Q4_0 to Q8_0 or Q2_K to Q6_K");
  if (out.empty()) return {};
  if (tensor.shape.size() < 2)
    detail::gather(tensor, out);
  else if (tensor.column_step != 0)
    detail::decode_transposed(tensor, begin, end, out);
  else
    for (std::size_t row = begin; row < end; ++row)
      detail::decode_run(tensor, tensor.stored(row) * columns, out.subspan((row - begin) * columns, columns));
  if (tensor.plus_one)
    for (float& value : out) value += 1.0f;
  if (tensor.unit_rows)
    for (std::size_t row = begin; row < end; ++row) detail::normalize(out.subspan((row - begin) * columns, columns));
  return {};
}

}  // namespace ingot::checkpoint
