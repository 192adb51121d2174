// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/mxfp4_values.hpp: MXFP4 of safetensors: nibbles in one tensor, exponents in another (GPT-OSS).

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include <ingot/checkpoint/stored_values.hpp>
#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/core/float16.hpp>
#include <ingot/core/float8.hpp>

namespace ingot::checkpoint {

/// 32 consecutive values of a row: 16 bytes, the low nibble first, of which each nibble is an E2M1 float (a sign, 2 bits of exponent,
/// one of fraction), times one power of two. OCP Microscaling Formats (MX) 1.0, section 5.
class Mxfp4Values final : public StoredValues, private GroupCodes {
 public:
  static constexpr std::size_t block = 32;

  /// `blocks` U8 [.., out, in / 32, 16], `exponents` U8 [.., out, in / 32] of bias 127. Errors: damaged (types, shapes).
  [[nodiscard]] static Result<std::shared_ptr<const StoredValues>> create(const TensorInfo& blocks, const TensorInfo& exponents) {
    const auto& shape = blocks.shape;
    if (blocks.type != ElementType::u8 || shape.size() < 3 || shape.back() != block / 2)
      return blocks.problem(ErrorCode::damaged, "no blocks of 32 MXFP4 values");
    if (exponents.type != ElementType::u8 || exponents.shape != std::vector<std::size_t>(shape.begin(), shape.end() - 1))
      return exponents.problem(ErrorCode::damaged, "its type or shape is not that of exponents for these blocks");
    auto values = std::make_shared<Mxfp4Values>();
    values->nibbles_ = blocks.bytes, values->exponents_ = exponents.bytes, values->row_blocks_ = shape[shape.size() - 2];
    return std::shared_ptr<const StoredValues>{std::move(values)};
  }

  [[nodiscard]] std::string_view form() const noexcept override { return "MXFP4"; }

  void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept override {
    const std::size_t first = row * row_blocks_ * block + column;
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = 0.5f * static_cast<float>(twice(first + i)) * to_float(exponent((first + i) / block));
  }

  /// Twice the values are whole numbers up to 12, so 8 bits and half the scale hold them.
  [[nodiscard]] const GroupCodes* symmetric_codes() const noexcept override {
    for (std::size_t i = 0; i < exponents_.size(); ++i)
      if (!is_exact_f16(0.5f * to_float(exponent(i)))) return nullptr;
    return this;
  }

 private:
  [[nodiscard]] f8_e8m0 exponent(std::size_t index) const noexcept { return {std::to_integer<std::uint8_t>(exponents_[index])}; }
  [[nodiscard]] int twice(std::size_t index) const noexcept {
    constexpr std::array<std::int8_t, 8> doubled{0, 1, 2, 3, 4, 6, 8, 12};
    const unsigned code = std::to_integer<unsigned>(nibbles_[index / 2]) >> (index % 2 * 4) & 15u;
    return (code & 8u) != 0 ? -doubled[code & 7u] : doubled[code & 7u];
  }

  [[nodiscard]] std::uint8_t bits() const noexcept override { return 8; }
  [[nodiscard]] std::size_t columns() const noexcept override { return block; }
  [[nodiscard]] float scale(std::size_t row, std::size_t column) const noexcept override {
    return 0.5f * to_float(exponent(row * row_blocks_ + column / block));
  }
  void codes(std::size_t row, std::size_t column, std::span<std::uint8_t> out) const noexcept override {
    const std::size_t first = row * row_blocks_ * block + column;
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(128 + twice(first + i));
  }

  std::span<const std::byte> nibbles_, exponents_;
  std::size_t row_blocks_ = 0;
};

}  // namespace ingot::checkpoint
