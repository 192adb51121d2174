// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/stored_values.hpp: values that several stored tensors hold together: codes here, their scales there.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ingot::checkpoint {

/// Integer codes of which `columns` consecutive ones of a row, the first at a multiple of them, share a scale and a zero point:
/// value = scale * (code - zero). Rows are those of the StoredValues.
class GroupCodes {
 public:
  GroupCodes() = default;
  GroupCodes(const GroupCodes&) = delete;
  GroupCodes& operator=(const GroupCodes&) = delete;

  [[nodiscard]] virtual std::uint8_t bits() const noexcept = 0;    ///< 4 or 8
  [[nodiscard]] virtual std::size_t columns() const noexcept = 0;  ///< under one scale; at least 1
  [[nodiscard]] virtual float scale(std::size_t row, std::size_t column) const noexcept = 0;
  /// 2^(bits-1) of symmetric codes.
  [[nodiscard]] virtual std::int32_t zero(std::size_t /*row*/, std::size_t /*column*/) const noexcept { return 1 << (bits() - 1); }
  /// Codes of row `row` from column `column` on.
  virtual void codes(std::size_t row, std::size_t column, std::span<std::uint8_t> out) const noexcept = 0;

 protected:
  ~GroupCodes() = default;
};

class LoraValues;

/// A matrix that no single ElementType describes. Whoever makes one has checked that its parts fit each other and the matrix.
/// All functions are called from several threads at once.
class StoredValues {
 public:
  StoredValues() = default;
  StoredValues(const StoredValues&) = delete;
  StoredValues& operator=(const StoredValues&) = delete;
  virtual ~StoredValues() = default;

  [[nodiscard]] virtual std::string_view form() const noexcept = 0;  ///< for messages: `GPTQ`, `scaled F8_E4M3`
  /// Values of row `row` (all dimensions but the last counted as one) from column `column` on.
  virtual void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept = 0;
  /// The values as symmetric codes; nothing where they have no such form or their scales no binary16. Takes a look at every scale.
  [[nodiscard]] virtual const GroupCodes* symmetric_codes() const noexcept { return nullptr; }
  /// The values as codes with any scales and zero points; nothing where the groups' columns are no neighbours.
  [[nodiscard]] virtual const GroupCodes* group_codes() const noexcept { return symmetric_codes(); }
  /// Whether what is stored was rounded to codes before.
  [[nodiscard]] virtual bool is_quantized() const noexcept { return true; }
  /// Itself, where it is a matrix and a change to it that can be told apart; else nothing.
  [[nodiscard]] virtual const LoraValues* lora() const noexcept { return nullptr; }
};

}  // namespace ingot::checkpoint
