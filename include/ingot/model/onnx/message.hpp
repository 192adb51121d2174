// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/onnx/message.hpp: one protocol-buffers message, written field by field.

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace ingot::model::onnx {

/// Appends fields to a message. Its own 40 lines because libonnx of Debian 12 is of 2022 (no 4-bit types, no blocked scales) and would
/// give its message classes only, at the price of libprotobuf for every user of the library.
class Message {
 public:
  /// An int32, int64, uint64, bool or enum: negative numbers take ten bytes, as the format has it.
  Message& number(std::uint32_t field, std::int64_t value) {
    tag(field, 0);
    varint(static_cast<std::uint64_t>(value));
    return *this;
  }
  Message& real(std::uint32_t field, float value) {
    tag(field, 5);
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (const int shift : {0, 8, 16, 24}) bytes_.push_back(static_cast<char>(bits >> shift & 255));
    return *this;
  }
  /// A string or bytes.
  Message& text(std::uint32_t field, std::string_view value) {
    tag(field, 2);
    varint(value.size());
    bytes_.append(value);
    return *this;
  }
  Message& message(std::uint32_t field, const Message& value) { return text(field, value.bytes_); }

  [[nodiscard]] const std::string& bytes() const& noexcept { return bytes_; }
  [[nodiscard]] std::string bytes() && noexcept { return std::move(bytes_); }

 private:
  void tag(std::uint32_t field, std::uint32_t wire) { varint(std::uint64_t{field} << 3 | wire); }
  void varint(std::uint64_t value) {
    for (; value >= 128; value >>= 7) bytes_.push_back(static_cast<char>(value | 128));
    bytes_.push_back(static_cast<char>(value));
  }

  std::string bytes_;
};

}  // namespace ingot::model::onnx
