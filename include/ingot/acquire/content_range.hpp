// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/acquire/content_range.hpp: what a 206 or 416 says about the bytes that follow.

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

#include <ingot/acquire/headers.hpp>
#include <ingot/acquire/transport.hpp>

namespace ingot::acquire {

/// `Content-Range: bytes 0-99/200`, with either side unknown as `*`.
struct ContentRange {
  std::optional<ByteRange> range;
  std::optional<std::uint64_t> total;
};

namespace detail {
/// Takes decimal digits off the front of `text`.
[[nodiscard]] constexpr std::optional<std::uint64_t> take_number(std::string_view& text) noexcept {
  std::uint64_t number = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
    const auto digit = static_cast<std::uint64_t>(text[digits] - '0');
    if (number > (~std::uint64_t{0} - digit) / 10) return {};
    number = number * 10 + digit;
  }
  if (digits == 0) return {};
  text.remove_prefix(digits);
  return number;
}
}  // namespace detail

/// A whole decimal number and nothing else.
[[nodiscard]] constexpr std::optional<std::uint64_t> parse_number(std::string_view text) noexcept {
  const auto number = detail::take_number(text);
  return text.empty() ? number : std::nullopt;
}

/// RFC 9110 section 14.4; nothing for what is not of that form, or contradicts itself (an end before its begin or past the total).
[[nodiscard]] constexpr std::optional<ContentRange> parse_content_range(std::string_view text) noexcept {
  constexpr std::string_view unit = "bytes";
  if (text.size() <= unit.size() || !equal_ignoring_case(text.substr(0, unit.size()), unit) || text[unit.size()] != ' ') return {};
  text = trimmed(text.substr(unit.size()));
  ContentRange parsed;
  if (text.starts_with('*')) {
    text.remove_prefix(1);
  } else {
    const auto first = detail::take_number(text);
    if (!first || !text.starts_with('-')) return {};
    text.remove_prefix(1);
    const auto last = detail::take_number(text);
    if (!last || *last < *first || *last == ~std::uint64_t{0}) return {};
    parsed.range = ByteRange{*first, *last + 1};
  }
  if (!text.starts_with('/')) return {};
  text.remove_prefix(1);
  if (text != "*") {
    parsed.total = parse_number(text);
    if (!parsed.total || (parsed.range && parsed.range->end > *parsed.total)) return {};
  }
  return parsed;
}

}  // namespace ingot::acquire
