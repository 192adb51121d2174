// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/unicode.hpp: code points of UTF-8 text, classified and cased as Python does.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <utf8proc.h>

#include <ingot/text/jinja/special_casing.hpp>

namespace ingot::text::jinja::unicode {

/// Whether all of `text` is UTF-8 (no overlong forms, no surrogates, nothing above U+10FFFF).
[[nodiscard]] inline bool valid(std::string_view text) noexcept {
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  for (std::size_t i = 0; i < text.size();) {
    if (bytes[i] < 0x80) {
      ++i;
      continue;
    }
    utf8proc_int32_t point = -1;
    const auto n = utf8proc_iterate(bytes + i, static_cast<utf8proc_ssize_t>(text.size() - i), &point);
    if (n <= 0) return false;
    i += static_cast<std::size_t>(n);
  }
  return true;
}

/// The code point that starts at `at`, which moves past it. `text` is valid UTF-8 and at < text.size().
inline char32_t next(std::string_view text, std::size_t& at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0x80); };
  const char32_t lead = byte(at);
  if (lead < 0x80) return ++at, lead;
  const std::size_t extra = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  char32_t point = lead & (0x3Fu >> extra);
  for (std::size_t i = 1; i <= extra; ++i) point = (point << 6) | (byte(at + i) & 0x3Fu);
  at += extra + 1;
  return point;
}

inline void append(std::string& text, char32_t point) {
  const auto put = [&](char32_t byte) { text.push_back(static_cast<char>(static_cast<unsigned char>(byte))); };
  if (point < 0x80) return put(point);
  if (point < 0x800) return put(0xC0 | (point >> 6)), put(0x80 | (point & 0x3F));
  if (point < 0x10000) return put(0xE0 | (point >> 12)), put(0x80 | ((point >> 6) & 0x3F)), put(0x80 | (point & 0x3F));
  put(0xF0 | (point >> 18)), put(0x80 | ((point >> 12) & 0x3F)), put(0x80 | ((point >> 6) & 0x3F)), put(0x80 | (point & 0x3F));
}

/// Code points of valid UTF-8.
[[nodiscard]] inline std::size_t length(std::string_view text) noexcept {
  std::size_t n = 0;
  for (const char c : text) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}

/// The byte at which code point `index` starts, from byte `from`; text.size() beyond the end.
[[nodiscard]] inline std::size_t offset(std::string_view text, std::size_t index, std::size_t from = 0) noexcept {
  std::size_t at = from;
  for (; index > 0 && at < text.size(); --index) do
      ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  return at;
}

/// str.isspace, which is also what `\s` matches and strip() removes.
[[nodiscard]] constexpr bool is_space(char32_t c) noexcept {
  return (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) ||
         c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}
/// What str.splitlines splits at; "\r\n" counts as one.
[[nodiscard]] constexpr bool is_line_break(char32_t c) noexcept {
  return (c >= 0x0A && c <= 0x0D) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

[[nodiscard]] inline utf8proc_category_t category(char32_t c) noexcept { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }
[[nodiscard]] inline bool is_alpha(char32_t c) noexcept {
  const auto kind = category(c);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO;
}
[[nodiscard]] inline bool is_decimal(char32_t c) noexcept { return category(c) == UTF8PROC_CATEGORY_ND; }
/// The value of a decimal digit of any script: they come in runs of ten from zero to nine.
[[nodiscard]] inline unsigned decimal_value(char32_t c) noexcept {
  unsigned value = 0;
  while (value < 50 && is_decimal(c - value - 1)) ++value;
  return value % 10;
}
/// Decimal digits, and the superscript, subscript and circled ones that stand for one digit.
[[nodiscard]] inline bool is_digit(char32_t c) noexcept {
  const auto in = [c](char32_t low, char32_t high) { return c >= low && c <= high; };
  return is_decimal(c) || in(0xB2, 0xB3) || c == 0xB9 || in(0x1369, 0x1371) || c == 0x19DA || c == 0x2070 || in(0x2074, 0x2079) ||
         in(0x2080, 0x2089) || in(0x2460, 0x2468) || in(0x2474, 0x247C) || in(0x2488, 0x2490) || c == 0x24EA || in(0x24F5, 0x24FD) ||
         c == 0x24FF || in(0x2776, 0x277E) || in(0x2780, 0x2788) || in(0x278A, 0x2792) || in(0x10A40, 0x10A43) || in(0x10E60, 0x10E68) ||
         in(0x11052, 0x1105A) || in(0x1F100, 0x1F10A);
}
/// Digits, fractions, roman numerals; the ideographs that are numbers are left out.
[[nodiscard]] inline bool is_numeric(char32_t c) noexcept {
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_ND || kind == UTF8PROC_CATEGORY_NL || kind == UTF8PROC_CATEGORY_NO;
}
[[nodiscard]] inline bool is_word(char32_t c) noexcept { return c == '_' || is_alpha(c) || is_numeric(c); }
[[nodiscard]] inline bool is_upper(char32_t c) noexcept {
  return category(c) == UTF8PROC_CATEGORY_LU || (c >= 0x2160 && c <= 0x216F) || (c >= 0x24B6 && c <= 0x24CF);
}
[[nodiscard]] inline bool is_lower(char32_t c) noexcept {
  return category(c) == UTF8PROC_CATEGORY_LL || c == 0xAA || c == 0xBA || (c >= 0x2B0 && c <= 0x2B8) || (c >= 0x2170 && c <= 0x217F) ||
         (c >= 0x24D0 && c <= 0x24E9);
}
[[nodiscard]] inline bool is_title(char32_t c) noexcept { return category(c) == UTF8PROC_CATEGORY_LT; }
[[nodiscard]] inline bool is_cased(char32_t c) noexcept { return is_upper(c) || is_lower(c) || is_title(c); }
/// str.isprintable: neither a control, format, surrogate, private or unassigned character nor a separator other than a blank.
[[nodiscard]] inline bool is_printable(char32_t c) noexcept {
  const auto kind = category(c);
  return c == ' ' || (kind != UTF8PROC_CATEGORY_CN && (kind < UTF8PROC_CATEGORY_ZS || kind > UTF8PROC_CATEGORY_CO));
}

inline void append_upper(std::string& out, char32_t c) {
  if (const auto* special = find_special_casing(c)) {
    for (const char32_t to : special->upper)
      if (to != 0) append(out, to);
  } else {
    append(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
  }
}
inline void append_title(std::string& out, char32_t c) {
  if (const auto* special = find_special_casing(c)) {
    for (const char32_t to : special->title)
      if (to != 0) append(out, to);
  } else {
    append(out, static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c))));
  }
}
/// Lower case of the code point that ends at byte `end` of `text`: a sigma at the end of a word has its own form.
inline void append_lower(std::string& out, char32_t c, std::string_view text, std::size_t end) {
  if (c == 0x130) return append(out, 'i'), append(out, 0x307);
  if (c != 0x3A3) return append(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
  const auto letter = [](char32_t point) { return is_cased(point); };
  const auto ignorable = [](char32_t point) {
    const auto kind = category(point);
    return point == '\'' || point == '.' || point == ':' || point == 0xB7 || point == 0x2019 || kind == UTF8PROC_CATEGORY_MN ||
           kind == UTF8PROC_CATEGORY_ME || kind == UTF8PROC_CATEGORY_CF || kind == UTF8PROC_CATEGORY_LM || kind == UTF8PROC_CATEGORY_SK;
  };
  bool before = false;
  for (std::size_t at = end - 2; at > 0;) {  // U+03A3 takes two bytes
    do --at;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
    std::size_t cursor = at;
    const char32_t point = next(text, cursor);
    if (!letter(point) && ignorable(point)) continue;
    before = letter(point);
    break;
  }
  bool after = false;
  for (std::size_t at = end; at < text.size();) {
    const char32_t point = next(text, at);
    if (!letter(point) && ignorable(point)) continue;
    after = letter(point);
    break;
  }
  append(out, before && !after ? 0x3C2 : 0x3C3);
}

[[nodiscard]] inline std::string upper(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) append_upper(out, next(text, at));
  return out;
}
[[nodiscard]] inline std::string lower(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = next(text, at);
    append_lower(out, c, text, at);
  }
  return out;
}

/// `text` without what `drop(char32_t)` holds for, at the left and/or right end.
template <class Drop>
[[nodiscard]] std::string_view strip(std::string_view text, bool left, bool right, Drop&& drop) {
  std::size_t begin = 0, end = text.size();
  while (left && begin < end) {
    std::size_t at = begin;
    if (!drop(next(text, at))) break;
    begin = at;
  }
  while (right && end > begin) {
    std::size_t start = end;
    do --start;
    while (start > begin && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80);
    std::size_t at = start;
    if (!drop(next(text, at))) break;
    end = start;
  }
  return text.substr(begin, end - begin);
}
[[nodiscard]] inline std::string_view strip(std::string_view text) { return strip(text, true, true, is_space); }

}  // namespace ingot::text::jinja::unicode
