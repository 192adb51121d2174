// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/protobuf.hpp: the fields of one protocol-buffers message, as they lie in memory.

#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <optional>
#include <string_view>

#include <ingot/core/result.hpp>

namespace ingot::text {

/// One field: its number and what it holds, by wire type.
struct ProtoField {
  enum class Wire : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };
  std::uint32_t number = 0;
  Wire wire = Wire::varint;
  std::uint64_t value = 0;      ///< of the number types
  std::string_view bytes = {};  ///< of strings and messages; a view of the input

  [[nodiscard]] bool is_string(std::uint32_t wanted) const noexcept { return number == wanted && wire == Wire::bytes; }
  [[nodiscard]] bool is_integer(std::uint32_t wanted) const noexcept { return number == wanted && wire == Wire::varint; }
  [[nodiscard]] bool is_float(std::uint32_t wanted) const noexcept { return number == wanted && wire == Wire::fixed32; }
  [[nodiscard]] float as_float() const noexcept { return std::bit_cast<float>(static_cast<std::uint32_t>(value)); }
};

/// Reads a message field by field, never outside it; a message within is another reader over `bytes`. Its own 60 lines because the
/// one message read (a SentencePiece model) needs no generated classes, and libprotobuf would come to every user of the library.
class ProtoReader {
 public:
  explicit ProtoReader(std::string_view message) noexcept : rest_{message}, size_{message.size()} {}

  /// The next field, or nothing at the end. Errors: damaged.
  [[nodiscard]] Result<std::optional<ProtoField>> next() {
    if (rest_.empty()) return std::optional<ProtoField>{};
    ProtoField field;
    INGOT_TRY(const std::uint64_t tag, varint());
    field.wire = static_cast<ProtoField::Wire>(tag & 7);
    if (tag >> 3 == 0 || tag >> 3 > max_number) return damaged("a field without a number");
    field.number = static_cast<std::uint32_t>(tag >> 3);
    switch (field.wire) {
      case ProtoField::Wire::varint: {
        INGOT_TRY(field.value, varint());
        break;
      }
      case ProtoField::Wire::fixed64:
      case ProtoField::Wire::fixed32: {
        INGOT_TRY(const std::string_view raw, take(field.wire == ProtoField::Wire::fixed64 ? 8 : 4));
        std::memcpy(&field.value, raw.data(), raw.size());
        break;
      }
      case ProtoField::Wire::bytes: {
        INGOT_TRY(const std::uint64_t length, varint());
        INGOT_TRY(field.bytes, take(length));
        break;
      }
      default:
        return damaged("an unknown wire type");
    }
    return std::optional{field};
  }

 private:
  static constexpr std::uint64_t max_number = (1u << 29) - 1;

  [[nodiscard]] Error damaged(const char* what) const {
    return {
        ErrorCode::damaged, std::string{"no valid protocol buffer ("} + what + ")", "offset " + std::to_string(size_ - rest_.size()), {}};
  }
  [[nodiscard]] Result<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      INGOT_TRY(const std::string_view one, take(1));
      const auto byte = static_cast<unsigned char>(one[0]);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    return damaged("a number of more than 64 bits");
  }
  [[nodiscard]] Result<std::string_view> take(std::uint64_t count) {
    if (count > rest_.size()) return damaged("a field beyond the end");
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest_;
  std::size_t size_;
};

}  // namespace ingot::text
