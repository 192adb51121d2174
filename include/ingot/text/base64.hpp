// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/base64.hpp: bytes that JSON and tiktoken files write as base64.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ingot::text {

/// The bytes of `text` (RFC 4648, standard alphabet, padded), or nothing where it is malformed. OpenSSL's EVP_DecodeBlock takes
/// padding anywhere for zeros, which is why this is not it.
[[nodiscard]] inline std::optional<std::string> decode_base64(std::string_view text) {
  const auto value = [](char c) -> int {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
  };
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int digit = value(c);
    if (digit < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    if ((count += 6) >= 8) bytes.push_back(static_cast<char>(bits >> (count -= 8) & 0xFF));
  }
  if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;  // bits behind the last byte
  return bytes;
}

}  // namespace ingot::text
