// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/format_spec.hpp: format(value, ">8.2f"), Python's format specifications.

#include <string>
#include <string_view>
#include <utility>

#include <ingot/text/jinja/number_format.hpp>
#include <ingot/text/jinja/unicode.hpp>

namespace ingot::text::jinja {

/// `[[fill]align][sign][#][0][width][,|_][.precision][type]`, taken apart.
struct FormatSpec {
  std::string fill = " ";
  char align = 0, sign = '-', grouping = 0, type = 0;
  bool alternate = false;
  std::size_t width = 0;
  std::optional<std::size_t> precision;

  [[nodiscard]] static Result<FormatSpec> parse(std::string_view text) {
    FormatSpec spec;
    std::size_t at = 0;
    const auto peek = [&](std::size_t i) { return i < text.size() ? text[i] : '\0'; };
    const auto aligns = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
    std::size_t after = 0;
    if (!text.empty()) unicode::next(text, after);
    if (after > 0 && aligns(peek(after))) {
      spec.fill = text.substr(0, after);
      spec.align = text[after];
      at = after + 1;
    } else if (aligns(peek(0))) {
      spec.align = text[at++];
    }
    if (peek(at) == '+' || peek(at) == '-' || peek(at) == ' ') spec.sign = text[at++];
    if (peek(at) == '#') spec.alternate = true, ++at;
    if (peek(at) == '0') {
      ++at;
      if (spec.align == 0) spec.fill = "0", spec.align = '=';
    }
    const auto number = [&]() -> Result<std::size_t> {
      std::size_t n = 0;
      for (; peek(at) >= '0' && peek(at) <= '9'; ++at)
        n = std::min(n * 10 + static_cast<std::size_t>(text[at] - '0'), max_format_width + 1);
      if (n > max_format_width) return failure("format wider than the limit of " + std::to_string(max_format_width));
      return n;
    };
    INGOT_TRY(spec.width, number());
    if (peek(at) == ',' || peek(at) == '_') spec.grouping = text[at++];
    if (peek(at) == '.') {
      ++at;
      if (peek(at) < '0' || peek(at) > '9') return failure("ValueError: Format specifier missing precision");
      INGOT_TRY(spec.precision, number());
    }
    if (at < text.size()) spec.type = text[at++];
    if (at < text.size()) return failure("ValueError: Invalid format specifier");
    return spec;
  }
};

namespace detail {

/// Puts `separator` between groups of `size` digits before the point.
inline void group_digits(std::string& digits, char separator, std::size_t size) {
  std::size_t end = 0;
  while (end < digits.size() &&
         ((digits[end] >= '0' && digits[end] <= '9') || (size == 4 && ((digits[end] | 32) >= 'a' && (digits[end] | 32) <= 'f'))))
    ++end;
  while (end > size) digits.insert(end -= size, 1, separator);
}

inline Error unknown_code(char type, const Value& value) {
  return failure("ValueError: Unknown format code '" + std::string{type} + "' for object of type '" + type_name(value) + "'");
}

inline Result<std::string> format_number(const FormatSpec& spec, const Value& value) {
  const bool as_real = value.real() || (spec.type != 0 && std::string_view{"eEfFgG%"}.find(spec.type) != std::string_view::npos);
  std::string digits, prefix;
  bool negative = false;
  std::size_t group = 3;
  if (as_real) {
    double real = to_real(value);
    if (spec.type == '%') real *= 100;
    negative = std::signbit(real);
    if (spec.type == 0 && !spec.precision) {
      digits = real_text(std::abs(real));
    } else if (spec.type == 0) {
      digits = real_format(real, 'g', std::max<std::size_t>(*spec.precision, 1), false);
      if (digits.find_first_of(".en") == digits.npos) digits += ".0";
    } else if (spec.type == 'n' || spec.type == '%' || std::string_view{"eEfFgG"}.find(spec.type) != std::string_view::npos) {
      const std::size_t precision = spec.precision.value_or(6);
      const char type = spec.type == '%' ? 'f' : spec.type == 'n' ? 'g' : spec.type;
      digits = real_format(real, type, type == 'g' || type == 'G' ? std::max<std::size_t>(precision, 1) : precision, spec.alternate);
      if (spec.type == '%') digits += "%";
    } else {
      return unknown_code(spec.type, value);
    }
  } else {
    if (spec.precision) return failure("ValueError: Precision not allowed in integer format specifier");
    negative = to_integer(value).negative();
    unsigned base = 10;
    switch (spec.type) {
      case 0:
      case 'd':
      case 'n':
        break;
      case 'b':
        base = 2, prefix = "0b";
        break;
      case 'o':
        base = 8, prefix = "0o";
        break;
      case 'x':
        base = 16, prefix = "0x";
        break;
      case 'X':
        base = 16, prefix = "0X";
        break;
      case 'c': {
        const auto point = value.small();
        if (!point || *point < 0 || *point >= 0x110000 || (*point >= 0xD800 && *point < 0xE000))
          return failure("OverflowError: %c arg not in range(0x110000)");
        unicode::append(digits, static_cast<char32_t>(*point));
        return digits;
      }
      default:
        return unknown_code(spec.type, value);
    }
    if (!spec.alternate) prefix.clear();
    if (base != 10) group = 4;
    INGOT_TRY(digits, integer_format(value, base, spec.type == 'X'));
  }
  if (spec.grouping != 0) {
    if (spec.grouping == ',' && group == 4) return failure("ValueError: Cannot specify ',' with '" + std::string{spec.type} + "'.");
    group_digits(digits, spec.grouping, group);
  }
  const std::string sign = (negative ? "-" : spec.sign == '-' ? "" : std::string{spec.sign}) + prefix;
  if (spec.align != '=') return sign + digits;
  const std::size_t room = spec.width > sign.size() ? spec.width - sign.size() : 0;
  if (spec.grouping != 0 && spec.fill == "0") {  // the filling zeros are grouped as well
    const std::string tail = digits.substr(std::min(digits.find_first_not_of(std::string{"0123456789"} + spec.grouping), digits.size()));
    std::string head;
    for (const char c : std::string_view{digits}.substr(0, digits.size() - tail.size()))
      if (c != spec.grouping) head.push_back(c);
    for (std::string grouped = digits; grouped.size() < room; digits = grouped) {
      head.insert(0, 1, '0');
      grouped = head;
      group_digits(grouped, spec.grouping, group);
      grouped += tail;
    }
    return sign + digits;
  }
  return sign + padded(std::move(digits), room, '>', spec.fill);
}

}  // namespace detail

/// format(value, spec) for text and numbers; other values only take an empty specification.
[[nodiscard]] inline Result<std::string> format_value(Budget& budget, const Value& value, std::string_view text) {
  if (text.empty()) return to_text(budget, value);
  INGOT_CHECK(budget.text(64 * text.size()));
  INGOT_TRY(const FormatSpec spec, FormatSpec::parse(text));
  std::string out;
  char align = spec.align;
  if (value.text()) {
    if (spec.type != 0 && spec.type != 's') return detail::unknown_code(spec.type, value);
    if (align == '=') {
      if (spec.fill != "0") return failure("ValueError: '=' alignment not allowed in string format specifier");
      align = '<';
    }
    if (spec.sign != '-') return failure("ValueError: Sign not allowed in string format specifier");
    out = value.text()->bytes;
    if (spec.precision) out.resize(unicode::offset(out, *spec.precision));
    if (align == 0) align = '<';
  } else if (value.is_number()) {
    if (value.boolean() && spec.type == 0) {  // a bool without a type is formatted as the integer it is
      INGOT_TRY(out, detail::format_number(spec, Value{*value.small()}));
    } else {
      INGOT_TRY(out, detail::format_number(spec, value));
    }
    if (align == 0) align = '>';
  } else {
    if (value.undefined()) return failure("TypeError: unsupported format string passed to Undefined.__format__");
    return failure("TypeError: unsupported format string passed to " + type_name(value) + ".__format__");
  }
  INGOT_CHECK(budget.text(out.size() + 4 * spec.width));
  return padded(std::move(out), spec.width, align == '=' ? '>' : align, spec.fill);
}

}  // namespace ingot::text::jinja
