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

/// Element `index` of consecutive ones.
template <class Stored>
[[nodiscard]] float load_element(std::span<const std::byte> elements, std::size_t index) noexcept {
  Stored value;
  std::memcpy(&value, elements.data() + index * sizeof value, sizeof value);
  if constexpr (std::is_arithmetic_v<Stored>)
    return static_cast<float>(value);
  else
    return to_float(value);
}

/// Calls `f.template operator()<Stored>()` for a type of single elements that are numbers; false for all others.
template <class F>
constexpr bool visit_element(ElementType type, F&& f) {
  switch (type) {
    case ElementType::f32:
      return f.template operator()<float>(), true;
    case ElementType::f16:
      return f.template operator()<f16>(), true;
    case ElementType::bf16:
      return f.template operator()<bf16>(), true;
    case ElementType::f64:
      return f.template operator()<double>(), true;
    case ElementType::f8_e4m3:
      return f.template operator()<f8_e4m3>(), true;
    case ElementType::f8_e5m2:
      return f.template operator()<f8_e5m2>(), true;
    case ElementType::f8_e8m0:
      return f.template operator()<f8_e8m0>(), true;
    case ElementType::i8:
      return f.template operator()<std::int8_t>(), true;
    default:
      return false;
  }
}

/// Element `index` of consecutive ones of `type`; 0 for types that visit_element() does not know.
[[nodiscard]] inline float load_element(ElementType type, std::span<const std::byte> elements, std::size_t index) noexcept {
  float value = 0;
  visit_element(type, [&]<class Stored>() { value = load_element<Stored>(elements, index); });
  return value;
}

inline bool decode_row(ElementType type, std::span<const std::byte> row, std::span<float> out) noexcept {
  const auto decode = [&]<class Stored>() {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = load_element<Stored>(row, i);
  };
  return visit_element(type, decode) || visit_block(type, [&]<class Block>() { decode_blocks<Block>(row, out); });
}

/// Elements from `first` on of the stored tensor, counted through its rows; all of one row where `values` hold them.
inline void decode_run(const TensorInfo& tensor, std::size_t first, std::span<float> out) {
  if (tensor.values) {
    if (tensor.shape.size() < 2) return tensor.values->decode(0, first, out);
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

/// Rows [begin, end) of a matrix stored transposed, 16 at a time, so that a line of the file is read once for all of them: it lies in
/// a page of its own for each column, and a plain loop over columns keeps several of them in flight.
inline void decode_transposed(const TensorInfo& tensor, std::size_t begin, std::size_t end, std::span<float> out) {
  const std::size_t columns = tensor.columns();
  std::array<std::size_t, 16> first;
  for (std::size_t row = begin, size; row < end; row += size) {
    size = std::min(first.size(), end - row);
    for (std::size_t i = 0; i < size; ++i) first[i] = tensor.selection(row + i);
    float* const to = out.data() + (row - begin) * columns;
    const auto decode = [&]<class Stored>() {
      for (std::size_t column = 0; column < columns; ++column)
        for (std::size_t i = 0; i < size; ++i)
          to[i * columns + column] = load_element<Stored>(tensor.bytes, first[i] + column * tensor.column_step);
    };
    if (!tensor.values && visit_element(tensor.type, decode)) continue;
    std::array<float, 16> across;
    for (std::size_t column = 0; column < columns; ++column)
      for (std::size_t i = 0, count; i < size; i += count) {  // a run at a time: what it takes to decode a block is shared
        count = tensor.selection.neighbours(row + i, size - i);
        decode_run(tensor, first[i] + column * tensor.column_step, std::span{across}.first(count));
        for (std::size_t j = 0; j < count; ++j) to[(i + j) * columns + column] = across[j];
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

/// As TensorInfo::clamped says. A row without finite values becomes zeros.
inline void clamp(std::span<float> row) noexcept {
  float largest = 0;
  for (const float value : row)
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  for (float& value : row)
    if (!std::isfinite(value)) value = std::isnan(value) ? 0 : std::copysign(largest, value);
}

}  // namespace detail

/// Whether decode_rows() knows the type: whether it means values by itself, not as a part of StoredValues.
[[nodiscard]] constexpr bool is_decodable(ElementType type) noexcept {
  const auto known = []<class>() {};
  if (type == ElementType::i8 || type == ElementType::f8_e8m0) return false;
  return detail::visit_element(type, known) || visit_block(type, known);
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
  if (tensor.clamped)
    for (std::size_t row = begin; row < end; ++row) detail::clamp(out.subspan((row - begin) * columns, columns));
  if (tensor.plus_one)
    for (float& value : out) value += 1.0f;
  if (tensor.unit_rows)
    for (std::size_t row = begin; row < end; ++row) detail::normalize(out.subspan((row - begin) * columns, columns));
  if (tensor.factors)
    for (std::size_t row = begin; row < end; ++row) tensor.factors->apply(row, out.subspan((row - begin) * columns, columns));
  return {};
}

}  // namespace ingot::checkpoint
