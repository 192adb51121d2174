// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/packed_weights.hpp: how GPTQ, AWQ and compressed-tensors lay a matrix's codes over their tensors.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/grouped_codes.hpp>
#include <ingot/checkpoint/quantization_config.hpp>
#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/core/checked.hpp>

namespace ingot::checkpoint {

namespace detail {

inline constexpr std::string_view other_parts = "its parts are of different models, or quantization_config is";

/// A part of a packed matrix, whose type is one of `types` and whose shape is `shape`. Errors: damaged.
inline Status expect(const TensorInfo& part, std::initializer_list<ElementType> types, std::initializer_list<std::size_t> shape) {
  if (std::find(types.begin(), types.end(), part.type) == types.end())
    return part.problem(ErrorCode::damaged, "a part of a quantized matrix is of type " + std::string{name(part.type)});
  if (!std::equal(shape.begin(), shape.end(), part.shape.begin(), part.shape.end()))
    return part.problem(ErrorCode::damaged, "the shape of a part of a quantized matrix does not fit the others", std::string{other_parts});
  return {};
}

/// Words of 32 bits that hold `count` codes.
inline std::optional<std::size_t> words_for(std::size_t count, std::size_t bits) noexcept {
  const auto total = checked_mul(count, bits);
  return total ? std::optional{divide_up(*total, 32)} : std::nullopt;
}

/// Notes the groups that `order`, int32 for each column, gives them, unless it is the order they have anyway or all are -1.
/// Errors: damaged (a group that is not there).
inline Status read_order(const TensorInfo& order, GroupedParts& parts) {
  INGOT_CHECK(expect(order, {ElementType::i32}, {parts.columns}));
  bool in_order = true, unset = true;
  for (std::size_t column = 0; column < parts.columns; ++column) {
    std::int32_t group = 0;
    std::memcpy(&group, order.bytes.data() + column * sizeof group, sizeof group);
    unset = unset && group == -1;
    if (!unset && (group < 0 || static_cast<std::size_t>(group) >= parts.groups()))
      return order.problem(ErrorCode::damaged, "column " + std::to_string(column) + " is in group " + std::to_string(group) + " of " +
                                                   std::to_string(parts.groups()));
    in_order = in_order && static_cast<std::size_t>(group) == column / parts.group;
  }
  if (!in_order && !unset) parts.order = order.bytes;
  return {};
}

/// `wanted` columns a group, 0 for all, where that gives `groups` of them; else equal groups, as files with exceptions to their
/// configuration have.
inline std::size_t group_columns(std::size_t columns, std::size_t groups, std::size_t wanted) noexcept {
  if (wanted == 0) wanted = columns;
  if (divide_up(columns, wanted) == groups) return wanted;
  return groups != 0 && columns % groups == 0 ? columns / groups : 0;
}

inline constexpr std::initializer_list<ElementType> scale_types{ElementType::f16, ElementType::bf16, ElementType::f32};

/// Notes scales [groups, rows] and how many columns a group has: `wanted`, as group_columns() takes it. Errors: damaged.
inline Status read_scales(const TensorInfo& scales, std::size_t wanted, GroupedParts& parts) {
  parts.group = group_columns(parts.columns, scales.shape[0], wanted);
  if (parts.group == 0) return scales.problem(ErrorCode::damaged, "its groups are not those of the config", std::string{other_parts});
  INGOT_CHECK(expect(scales, scale_types, {parts.groups(), parts.rows}));
  parts.scales = scales.bytes, parts.scale_type = scales.type, parts.scale_row = 1, parts.scale_group = parts.rows;
  return {};
}

}  // namespace detail

/// GPTQ: codes I32 [in * bits / 32, out], which run down the columns, zeros I32 [groups, out * bits / 32], scales [groups, out], and
/// perhaps the group of each column (`desc_act`), order I32 [in]. Errors: damaged, unsupported.
[[nodiscard]] inline Result<GroupedParts> gptq_parts(const TensorInfo& codes, const TensorInfo& zeros, const TensorInfo& scales,
                                                     const TensorInfo* order, const QuantizationConfig& config) {
  if (codes.type != ElementType::i32 || codes.shape.size() != 2 || scales.shape.size() != 2 || codes.elements() == 0)
    return codes.problem(ErrorCode::damaged, "no codes of GPTQ");
  const std::size_t rows = codes.shape[1], bits_of_row = codes.shape[0] * 32;  // no more than 8 times its bytes: fits
  std::uint8_t bits = config.bits;
  if (order != nullptr && order->elements() != 0 && bits_of_row / order->elements() <= 8)
    bits = static_cast<std::uint8_t>(bits_of_row / order->elements());
  if (!is_gptq_width(bits)) return codes.problem(ErrorCode::unsupported, "GPTQ in " + std::to_string(bits) + " bits");
  if (bits_of_row % bits != 0) return codes.problem(ErrorCode::damaged, "its words are no whole codes");
  GroupedParts parts{.form = "GPTQ", .rows = rows, .columns = bits_of_row / bits};
  INGOT_CHECK(detail::read_scales(scales, config.group, parts));
  const auto zero_words = detail::words_for(rows, bits);
  INGOT_CHECK(detail::expect(zeros, {ElementType::i32}, {parts.groups(), zero_words.value_or(0)}));
  parts.codes = {.words = codes.bytes, .bits = bits, .step = rows, .stride = 1};
  parts.zeros = {.words = zeros.bytes, .bits = bits, .step = 1, .stride = *zero_words};
  parts.zero_bias = config.zeros_less_one ? 1 : 0;
  if (order != nullptr) INGOT_CHECK(detail::read_order(*order, parts));
  return parts;
}

/// AWQ, version gemm: codes I32 [in, out / 8], zeros I32 [groups, out / 8], scales [groups, out]. Errors: damaged.
[[nodiscard]] inline Result<GroupedParts> awq_parts(const TensorInfo& codes, const TensorInfo& zeros, const TensorInfo& scales,
                                                    const QuantizationConfig& config) {
  if (codes.type != ElementType::i32 || codes.shape.size() != 2 || scales.shape.size() != 2 || codes.elements() == 0)
    return codes.problem(ErrorCode::damaged, "no codes of AWQ");
  const std::size_t words = codes.shape[1];
  GroupedParts parts{.form = "AWQ", .rows = words * 8, .columns = codes.shape[0]};
  INGOT_CHECK(detail::read_scales(scales, config.group, parts));
  INGOT_CHECK(detail::expect(zeros, {ElementType::i32}, {parts.groups(), words}));
  parts.codes = {.words = codes.bytes, .bits = 4, .interleaved = true, .step = 1, .stride = words}, parts.codes_run_down = true;
  parts.zeros = {.words = zeros.bytes, .bits = 4, .interleaved = true, .step = 1, .stride = words};
  return parts;
}

/// compressed-tensors, pack-quantized: codes I32 [out, in * bits / 32 rounded up], which say how many bits, shape I64 [2], scales [out,
/// groups], perhaps zeros I8 [out, groups] or I32 [out * bits / 32 rounded up, groups] and the group of each column, order I32 [in].
/// Errors: damaged, unsupported.
[[nodiscard]] inline Result<GroupedParts> compressed_parts(const TensorInfo& codes, const TensorInfo& shape, const TensorInfo& scales,
                                                           const TensorInfo* zeros, const TensorInfo* order) {
  if (codes.type != ElementType::i32 || codes.shape.size() != 2 || codes.elements() == 0)
    return codes.problem(ErrorCode::unsupported, "packed weights that are no words of 32 bits");
  INGOT_CHECK(detail::expect(shape, {ElementType::i64}, {2}));
  std::array<std::int64_t, 2> sizes{};
  std::memcpy(sizes.data(), shape.bytes.data(), sizeof sizes);
  const std::size_t words = codes.shape[1];
  if (sizes[0] < 1 || sizes[1] < 1 || static_cast<std::size_t>(sizes[0]) != codes.shape[0])
    return shape.problem(ErrorCode::damaged, "not the shape of the packed weight");
  GroupedParts parts{.form = "pack-quantized", .rows = codes.shape[0], .columns = static_cast<std::size_t>(sizes[1])};
  for (std::uint8_t bits = 8; bits >= 2; --bits)
    if (detail::words_for(parts.columns, bits) == words) parts.codes = {.words = codes.bytes, .bits = bits, .step = 1, .stride = words};
  if (parts.codes.words.empty()) return codes.problem(ErrorCode::unsupported, "codes of other than 2 to 8 bits, one after the other");
  const std::uint8_t bits = parts.codes.bits;

  const std::size_t groups = scales.elements() == 1 ? 1 : scales.elements() / parts.rows;
  parts.group = groups == 0 ? 0 : detail::group_columns(parts.columns, groups, 0);
  if (parts.group == 0) return scales.problem(ErrorCode::damaged, "its groups do not divide the columns", std::string{detail::other_parts});
  const bool one_scale = scales.shape == std::vector<std::size_t>{1};
  if (!one_scale) INGOT_CHECK(detail::expect(scales, detail::scale_types, {parts.rows, groups}));
  if (one_scale) INGOT_CHECK(detail::expect(scales, detail::scale_types, {1}));
  parts.scales = scales.bytes, parts.scale_type = scales.type, parts.scale_row = one_scale ? 0 : groups, parts.scale_group = 1;
  if (zeros != nullptr && zeros->type == ElementType::i32) {
    INGOT_CHECK(detail::expect(*zeros, {ElementType::i32}, {detail::words_for(parts.rows, bits).value_or(0), groups}));
    parts.zeros = {.words = zeros->bytes, .bits = bits, .step = groups, .stride = 1};
  } else if (zeros != nullptr) {
    if (zeros->type != ElementType::i8 || zeros->shape != scales.shape)
      return zeros->problem(ErrorCode::damaged, "its type or shape is not that of zero points for these scales");
    parts.signed_zeros = zeros->bytes;
  }
  if (order != nullptr) INGOT_CHECK(detail::read_order(*order, parts));
  return parts;
}

}  // namespace ingot::checkpoint
