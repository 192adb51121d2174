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

/// Writes the bytes of a `spelling` in two-byte characters up to Ġ, which are those of the bytes up to the blank. False, with something
/// written, for others. Long tokens are runs of white space: a token of 32 line breaks is decoded in 17 ns instead of 37.
inline bool decode_white_space(std::string_view spelling, char* out) noexcept {
  unsigned others = spelling.size() % 2;
  for (std::size_t i = 0; i < spelling.size() / 2; ++i) {
    const auto lead = static_cast<unsigned char>(spelling[2 * i]), rest = static_cast<unsigned char>(spelling[2 * i + 1]);
    others |= static_cast<unsigned>(lead != 0xC4) | static_cast<unsigned>(rest > 0xA0);
    out[i] = static_cast<char>(rest & 0x7F);
  }
  return others == 0;
}
static_assert(characters[0] == 0x100 && characters[' '] == 0x120);

/// Appends the bytes that `spelling` (valid UTF-8) stands for; as it is when one character is outside the alphabet.
inline void append_decoded(std::string& out, std::string_view spelling) {
  const std::size_t size = out.size();
  out.resize(size + spelling.size());  // a byte is spelled in one or two, and push_back would look for room each time
  char* end = out.data() + size;
  if (spelling.size() >= 16 && decode_white_space(spelling, end)) return out.resize(size + spelling.size() / 2);
  for (std::size_t at = 0; at < spelling.size();) {
    char32_t c = static_cast<unsigned char>(spelling[at++]);
    if (c >= 0x80 && at < spelling.size()) c = (c - 0xC0) << 6 | (spelling[at++] & 0x3Fu);  // two bytes; of more, too large
    if (c > last_character || bytes[c] < 0) return void(out.replace(size, std::string::npos, spelling));
    *end++ = static_cast<char>(bytes[c]);
  }
  out.resize(static_cast<std::size_t>(end - out.data()));
}

}  // namespace ingot::text::byte_level
