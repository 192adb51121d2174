// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/grouped_codes.hpp: codes of a few bits in words of 32, with scales and zero points by groups: GPTQ, AWQ
              // and kin.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/stored_values.hpp>
#include <ingot/core/float16.hpp>

namespace ingot::checkpoint {

/// Codes in a row of words that are `step` words apart, lowest bits first; a code of 3 bits may lie in two of them. Rows of words begin
/// `stride` words apart.
struct CodePlane {
  std::span<const std::byte> words;
  std::uint8_t bits = 4;
  bool interleaved = false;  ///< AWQ: of 8 codes of 4 bits the even ones come first
  std::size_t step = 1, stride = 1;

  [[nodiscard]] std::uint32_t operator()(std::size_t line, std::size_t index) const noexcept {
    if (interleaved) index = index / 8 * 8 + index % 2 * 4 + index % 8 / 2;
    const std::size_t bit = index * bits, at = line * stride + bit / 32 * step, shift = bit % 32;
    std::uint64_t word = load(at);
    if (shift + bits > 32) word |= std::uint64_t{load(at + step)} << 32;
    return static_cast<std::uint32_t>(word >> shift) & ((1u << bits) - 1);
  }

 private:
  [[nodiscard]] std::uint32_t load(std::size_t at) const noexcept {
    std::uint32_t word = 0;
    std::memcpy(&word, words.data() + at * sizeof word, sizeof word);
    return word;
  }
};

/// The parts of one matrix [rows, columns]; who fills them in checks that planes and scales hold all codes of it.
struct GroupedParts {
  std::string_view form;
  std::size_t rows = 0, columns = 0;
  std::size_t group = 0;  ///< columns under one scale
  CodePlane codes = {};
  bool codes_run_down = false;  ///< the codes of a word belong to neighbouring rows (AWQ), not columns
  std::span<const std::byte> scales = {};
  ElementType scale_type = ElementType::f16;
  std::size_t scale_row = 0, scale_group = 0;    ///< how far apart the scales of neighbouring rows and groups lie, in elements
  CodePlane zeros = {};                          ///< of neighbouring rows; no words: symmetric
  std::span<const std::byte> signed_zeros = {};  ///< instead: int8 in the order of the scales, which 2^(bits-1) is added to
  std::uint32_t zero_bias = 0;                   ///< added to what is stored, modulo 2^bits
  std::span<const std::byte> order = {};         ///< int32 for each column: its group, each below groups(); empty where they are in order

  [[nodiscard]] std::size_t groups() const noexcept { return divide_up(columns, group); }
};

/// value = (code - zero) * scale, in float.
class GroupedCodes final : public StoredValues, private GroupCodes {
 public:
  explicit GroupedCodes(GroupedParts parts) : p_{parts} {}

  [[nodiscard]] std::string_view form() const noexcept override { return p_.form; }

  void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept override {
    std::size_t group = p_.groups();
    float factor = 0;
    std::int32_t offset = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (const std::size_t next = group_of(column + i); next != group) {
        group = next;
        factor = scale_of(row, group);
        offset = zero_of(row, group);
      }
      out[i] = static_cast<float>(static_cast<std::int32_t>(code(row, column + i)) - offset) * factor;
    }
  }

  [[nodiscard]] const GroupCodes* symmetric_codes() const noexcept override {
    if (!p_.order.empty()) return nullptr;
    const std::int32_t middle = 1 << (p_.codes.bits - 1);
    for (std::size_t row = 0; row < p_.rows; ++row)
      for (std::size_t group = 0; group < p_.groups(); ++group)
        if (zero_of(row, group) != middle || !is_exact_f16(scale_of(row, group))) return nullptr;
    return this;
  }
  [[nodiscard]] const GroupCodes* group_codes() const noexcept override { return p_.order.empty() ? this : nullptr; }

 private:
  [[nodiscard]] std::uint32_t code(std::size_t row, std::size_t column) const noexcept {
    return p_.codes_run_down ? p_.codes(column, row) : p_.codes(row, column);
  }
  [[nodiscard]] std::size_t group_of(std::size_t column) const noexcept {
    if (p_.order.empty()) return column / p_.group;
    std::uint32_t group = 0;
    std::memcpy(&group, p_.order.data() + column * sizeof group, sizeof group);
    return group;
  }
  [[nodiscard]] float scale_of(std::size_t row, std::size_t group) const noexcept {
    return detail::load_element(p_.scale_type, p_.scales, row * p_.scale_row + group * p_.scale_group);
  }
  [[nodiscard]] std::int32_t zero_of(std::size_t row, std::size_t group) const noexcept {
    const std::int32_t middle = 1 << (p_.codes.bits - 1);
    if (!p_.signed_zeros.empty())
      return middle + std::to_integer<std::int8_t>(p_.signed_zeros[row * p_.scale_row + group * p_.scale_group]);
    if (p_.zeros.words.empty()) return middle;
    return static_cast<std::int32_t>((p_.zeros(group, row) + p_.zero_bias) & ((1u << p_.zeros.bits) - 1));
  }

  [[nodiscard]] std::uint8_t bits() const noexcept override { return p_.codes.bits > 4 ? 8 : 4; }
  [[nodiscard]] std::size_t columns() const noexcept override { return p_.group; }
  [[nodiscard]] float scale(std::size_t row, std::size_t column) const noexcept override { return scale_of(row, column / p_.group); }
  [[nodiscard]] std::int32_t zero(std::size_t row, std::size_t column) const noexcept override {
    return zero_of(row, column / p_.group) + static_cast<std::int32_t>(shift());
  }
  /// 2 and 3 bits lie in the middle of 4.
  [[nodiscard]] std::uint32_t shift() const noexcept { return (1u << (bits() - 1)) - (1u << (p_.codes.bits - 1)); }
  void codes(std::size_t row, std::size_t column, std::span<std::uint8_t> out) const noexcept override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(code(row, column + i) + shift());
  }

  GroupedParts p_;
};

}  // namespace ingot::checkpoint
