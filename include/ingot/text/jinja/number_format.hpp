// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/number_format.hpp: numbers in given bases, precisions and widths.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include <ingot/text/jinja/compare.hpp>
#include <ingot/text/jinja/unicode.hpp>

namespace ingot::text::jinja {

/// Widths and precisions above this are refused: no template needs a page of blanks.
inline constexpr std::size_t max_format_width = 10'000;

/// A double as printf's e, E, f, F, g, G write it, without sign; independent of the locale.
[[nodiscard]] inline std::string real_format(double value, char type, std::size_t precision, bool alternate = false) {
  const bool upper = type >= 'A' && type <= 'Z';
  const char kind = static_cast<char>(upper ? type - 'A' + 'a' : type);
  value = std::abs(value);
  std::string out;
  if (std::isnan(value) || std::isinf(value)) {
    out = std::isnan(value) ? "nan" : "inf";
  } else {
    out.resize(precision + 400);
    const auto format = kind == 'e' ? std::chars_format::scientific : kind == 'f' ? std::chars_format::fixed : std::chars_format::general;
    const auto end = std::to_chars(out.data(), out.data() + out.size(), value, format, static_cast<int>(precision)).ptr;
    out.resize(static_cast<std::size_t>(end - out.data()));
    if (alternate && out.find('.') == out.npos) out.insert(std::min(out.find('e'), out.size()), 1, '.');
  }
  if (upper)
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

/// The digits of an integer without sign, in base 2, 8, 10 or 16.
[[nodiscard]] inline Result<std::string> integer_format(const Value& value, unsigned base, bool upper = false) {
  const Integer whole = to_integer(value);
  std::string out;
  if (base == 10) {
    out = whole.text();
    if (whole.negative()) out.erase(0, 1);
    return out;
  }
  const auto small = value.small();
  if (!small) return lacking("integers beyond 64 bits in another base than ten");
  std::uint64_t rest = *small < 0 ? 0 - static_cast<std::uint64_t>(*small) : static_cast<std::uint64_t>(*small);
  do out.push_back((upper ? "0123456789ABCDEF" : "0123456789abcdef")[rest % base]);
  while ((rest /= base) != 0);
  std::reverse(out.begin(), out.end());
  return out;
}

/// `text` filled up to `width` code points; `align` is <, > or ^ (Python's centring of format specifications).
[[nodiscard]] inline std::string padded(std::string text, std::size_t width, char align, std::string_view fill) {
  const std::size_t length = unicode::length(text);
  if (length >= width) return text;
  const std::size_t missing = width - length, left = align == '>' ? missing : align == '^' ? missing / 2 : 0;
  std::string out;
  for (std::size_t i = 0; i < left; ++i) out += fill;
  out += text;
  for (std::size_t i = left; i < missing; ++i) out += fill;
  return out;
}

}  // namespace ingot::text::jinja
