// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/unicode.hpp: UTF-8 in steps of one code point, and the character classes tokenizers ask for.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <utf8proc.h>

#include <ingot/core/utf8.hpp>

namespace ingot::text {

inline constexpr std::string_view replacement_character = "\xef\xbf\xbd";  ///< U+FFFD

/// Bytes from `begin` up to `end` of some text.
struct Span {
  std::size_t begin = 0, end = 0;
  [[nodiscard]] constexpr std::size_t size() const noexcept { return end - begin; }
  [[nodiscard]] constexpr std::string_view of(std::string_view text) const noexcept { return text.substr(begin, end - begin); }
  friend constexpr bool operator==(Span, Span) = default;
};

[[nodiscard]] constexpr bool is_continuation(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Bytes of the code point that starts with `lead`, in valid UTF-8.
[[nodiscard]] constexpr std::size_t code_point_size(char lead) noexcept {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

/// The code point at `at`, which moves behind it. Expects valid UTF-8 and at < text.size().
[[nodiscard]] constexpr char32_t next_code_point(std::string_view text, std::size_t& at) noexcept {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t size = std::min(code_point_size(text[at]), text.size() - at);
  char32_t value = size == 1 ? lead : lead & (0x7Fu >> size);
  for (std::size_t i = 1; i < size; ++i) value = value << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
  at += size;
  return value;
}

/// Where the code point that ends before `at` starts. Expects at > 0.
[[nodiscard]] constexpr std::size_t previous_code_point(std::string_view text, std::size_t at) noexcept {
  do --at;
  while (at > 0 && is_continuation(text[at]));
  return at;
}

/// Expects a scalar value (at most U+10FFFF, no surrogate).
constexpr void append_utf8(std::string& out, char32_t c) {
  const auto byte = [&](char32_t b) { out.push_back(static_cast<char>(b)); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xC0 | c >> 6), byte(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    byte(0xE0 | c >> 12), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F));
  } else {
    byte(0xF0 | c >> 18), byte(0x80 | (c >> 12 & 0x3F)), byte(0x80 | (c >> 6 & 0x3F)), byte(0x80 | (c & 0x3F));
  }
}

/// What stands at the start of some bytes: one code point, or the maximal part of one that is damaged or cut off.
struct Utf8Unit {
  std::size_t size;  ///< bytes, at least 1
  enum : std::uint8_t { complete, invalid, cut_off } state;
};

/// Expects at least one byte. Unicode 15, table 3-7 and section 3.9 ("maximal subpart").
[[nodiscard]] constexpr Utf8Unit first_unit(std::string_view bytes) noexcept {
  const auto lead = static_cast<unsigned char>(bytes[0]);
  if (lead < 0x80) return {1, Utf8Unit::complete};
  if (lead < 0xC2 || lead > 0xF4) return {1, Utf8Unit::invalid};
  const std::size_t size = code_point_size(bytes[0]);
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80, high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < size; ++i) {
    if (i == bytes.size()) return {i, Utf8Unit::cut_off};
    const auto byte = static_cast<unsigned char>(bytes[i]);
    if (i == 1 ? byte < low || byte > high : byte < 0x80 || byte > 0xBF) return {i, Utf8Unit::invalid};
  }
  return {size, Utf8Unit::complete};
}

/// Appends `bytes` with one U+FFFD for each maximal invalid part; a part cut off at the end counts when `at_end`,
/// else it is left for later. Returns how many bytes were taken.
inline std::size_t append_lossy(std::string& out, std::string_view bytes, bool at_end) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const Utf8Unit unit = first_unit(bytes.substr(at));
    if (unit.state == Utf8Unit::cut_off && !at_end) break;
    out.append(unit.state == Utf8Unit::complete ? bytes.substr(at, unit.size) : replacement_character);
    at += unit.size;
  }
  return at;
}

/// The extended grapheme cluster (UAX 29) that `text` (valid UTF-8, not empty) begins with.
[[nodiscard]] inline std::string_view first_grapheme(std::string_view text) noexcept {
  std::size_t end = 0;
  utf8proc_int32_t state = 0, before = static_cast<utf8proc_int32_t>(next_code_point(text, end));
  while (end < text.size()) {
    std::size_t next = end;
    const auto after = static_cast<utf8proc_int32_t>(next_code_point(text, next));
    if (utf8proc_grapheme_break_stateful(before, after, &state)) break;
    before = after;
    end = next;
  }
  return text.substr(0, end);
}

/// The general category of `c` (UTF8PROC_CATEGORY_*), Unicode 15.
[[nodiscard]] inline utf8proc_category_t category(char32_t c) noexcept { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

/// Nd, Nl or No.
[[nodiscard]] inline bool is_numeric(char32_t c) noexcept {
  if (c < 0x80) return c >= '0' && c <= '9';
  const auto k = category(c);
  return k == UTF8PROC_CATEGORY_ND || k == UTF8PROC_CATEGORY_NL || k == UTF8PROC_CATEGORY_NO;
}

/// The property White_Space.
[[nodiscard]] constexpr bool is_whitespace(char32_t c) noexcept {
  return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
         c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

/// What `\w` means in Unicode regexes (UTS 18, annex C): Alphabetic, M, Nd, Pc, Join_Control.
[[nodiscard]] inline bool is_word(char32_t c) noexcept {
  if (c < 0x80) return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  const auto k = category(c);
  const bool circled_letter =
      (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) || (c >= 0x1F150 && c <= 0x1F169) || (c >= 0x1F170 && c <= 0x1F189);
  return (k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_NL) || k == UTF8PROC_CATEGORY_PC || c == 0x200C || c == 0x200D ||
         circled_letter;
}

}  // namespace ingot::text
