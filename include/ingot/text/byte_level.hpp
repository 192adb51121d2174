// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/byte_level.hpp: GPT-2's alphabet, which writes each byte as one printable character.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <ingot/text/unicode.hpp>

namespace ingot::text::byte_level {

/// True for bytes that stand for themselves (as Latin-1 characters): printable, and neither blank nor soft hyphen.
[[nodiscard]] constexpr bool is_own_character(unsigned byte) noexcept {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

/// The character of each byte: itself, or the next one from U+0100 on, in byte order.
inline constexpr std::array<char16_t, 256> characters = [] {
  std::array<char16_t, 256> table{};
  char16_t next = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) table[byte] = is_own_character(byte) ? static_cast<char16_t>(byte) : next++;
  return table;
}();
inline constexpr char32_t last_character = 0x143;  // of byte 0xAD
static_assert(characters[' '] == U'Ġ' && characters['\n'] == U'Ċ' && characters[0xAD] == last_character);

/// The byte of each character up to `last_character`; -1 where the alphabet has a gap.
inline constexpr std::array<std::int16_t, last_character + 1> bytes = [] {
  std::array<std::int16_t, last_character + 1> table{};
  table.fill(-1);
  for (unsigned byte = 0; byte < 256; ++byte) table[characters[byte]] = static_cast<std::int16_t>(byte);
  return table;
}();

/// Appends the alphabet's spelling of `raw`.
inline void append_encoded(std::string& out, std::string_view raw) {
  for (const char byte : raw) append_utf8(out, characters[static_cast<unsigned char>(byte)]);
}

/// Appends the bytes that `spelling` (valid UTF-8) stands for; as it is when one character is outside the alphabet.
inline void append_decoded(std::string& out, std::string_view spelling) {
  const std::size_t size = out.size();
  for (std::size_t at = 0; at < spelling.size();) {
    const char32_t c = next_code_point(spelling, at);
    if (c > last_character || bytes[c] < 0) {
      out.resize(size);
      out.append(spelling);
      return;
    }
    out.push_back(static_cast<char>(bytes[c]));
  }
}

}  // namespace ingot::text::byte_level
