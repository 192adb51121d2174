// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/printf.hpp: `"…" % values`, Python's printf-style formatting.

#include <string>
#include <string_view>
#include <utility>

#include <ingot/text/jinja/escape.hpp>
#include <ingot/text/jinja/number_format.hpp>

namespace ingot::text::jinja {

namespace detail {

/// One conversion such as `%-5.2f`.
struct Conversion {
  bool left = false, plus = false, blank = false, zero = false, alternate = false;
  std::size_t width = 0;
  std::optional<std::size_t> precision;
  char type = 0;
};

inline Error incomplete_format() { return failure("ValueError: incomplete format"); }

/// The arguments of one `%`: a tuple is read in order, a mapping by name, all else is one argument.
class PercentArguments {
 public:
  explicit PercentArguments(const Value& value) noexcept : value_{value} {}
  [[nodiscard]] Result<Value> next() {
    if (const auto* tuple = value_.tuple()) {
      if (used_ < tuple->items.size()) return tuple->items[used_++];
    } else if (used_++ == 0) {
      return value_;
    }
    return failure("TypeError: not enough arguments for format string");
  }
  [[nodiscard]] Result<Value> named(Budget& budget, const std::string& key) {
    used_ = 1;
    if (!value_.dictionary()) return failure("TypeError: format requires a mapping");
    INGOT_TRY(const Value* found, find(budget, *value_.dictionary(), Value{key}));
    if (found == nullptr) return failure("KeyError: " + in_quotes(key));
    return *found;
  }
  [[nodiscard]] bool all_used() const noexcept {
    if (const auto* tuple = value_.tuple()) return used_ >= tuple->items.size();
    const bool range = value_.sequence() && value_.sequence()->flavor == Flavor::range;
    return used_ > 0 || value_.dictionary() || value_.list() || value_.undefined() || range;  // what Python takes for a mapping
  }

 private:
  const Value& value_;
  std::size_t used_ = 0;
};

inline Result<std::string> convert_number(const Conversion& how, const Value& value) {
  const std::string type{how.type};
  const bool real = std::string_view{"eEfFgG"}.find(how.type) != std::string_view::npos;
  Value number = value;
  if (!value.is_number() || (!real && value.real() && std::string_view{"diu"}.find(how.type) == std::string_view::npos)) {
    if (value.undefined() && !real) return failure(value.undefined()->message);
    return failure(real ? "TypeError: must be real number, not " + type_name(value)
                        : "TypeError: %" + type + " format: " +
                              (std::string_view{"diu"}.find(how.type) == std::string_view::npos ? "an integer" : "a real number") +
                              " is required, not " + type_name(value));
  }
  std::string digits, prefix;
  bool negative = false;
  if (real) {
    const double as_real = to_real(value);
    negative = std::signbit(as_real);
    digits = real_format(as_real, how.type, how.precision.value_or(6), how.alternate);
  } else {
    if (value.real()) {
      if (!std::isfinite(*value.real())) return failure("ValueError: cannot convert float NaN or infinity to integer");
      number = Value{truncated(*value.real())};
    }
    negative = to_integer(number).negative();
    const unsigned base = how.type == 'o' ? 8 : how.type == 'x' || how.type == 'X' ? 16 : 10;
    INGOT_TRY(digits, integer_format(number, base, how.type == 'X'));
    if (how.precision && digits.size() < *how.precision) digits.insert(0, *how.precision - digits.size(), '0');
    if (how.alternate && base != 10) prefix = base == 8 ? "0o" : how.type == 'X' ? "0X" : "0x";
  }
  std::string sign = negative ? "-" : how.plus ? "+" : how.blank ? " " : "";
  sign += prefix;
  if (how.zero && !how.left && sign.size() + digits.size() < how.width) digits.insert(0, how.width - sign.size() - digits.size(), '0');
  return sign + digits;
}

inline Result<std::string> convert(Budget& budget, const Conversion& how, const Value& value, bool markup) {
  std::string out;
  switch (how.type) {
    case 's':
    case 'r':
    case 'a':
      if (how.type == 's')
        INGOT_CHECK(append_text(budget, out, value));
      else
        INGOT_CHECK(append_repr(budget, out, value));
      if (how.type == 'a') out = ascii_escaped(out);
      if (markup && !(value.text() && value.text()->markup)) out = escaped(out);
      if (how.precision) out.resize(unicode::offset(out, *how.precision));
      return out;
    case 'c':
      if (const auto point = value.small(); point && *point >= 0 && *point < 0x110000 && !(*point >= 0xD800 && *point < 0xE000)) {
        unicode::append(out, static_cast<char32_t>(*point));
        return out;
      }
      if (value.text() && value.text()->points == 1) return value.text()->bytes;
      return failure("TypeError: %c requires int or char");
    case 'd':
    case 'i':
    case 'u':
    case 'o':
    case 'x':
    case 'X':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
      return convert_number(how, value);
    default:
      return failure("ValueError: unsupported format character '" + std::string{how.type} + "'");
  }
}

}  // namespace detail

/// `format % value`. A Markup format escapes what it inserts.
[[nodiscard]] inline Result<Value> percent_format(Budget& budget, const Text& format, const Value& value) {
  const std::string_view text = format.bytes;
  detail::PercentArguments arguments{value};
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t percent = std::min(text.find('%', at), text.size());
    out += text.substr(at, percent - at);
    at = percent + 1;
    if (percent == text.size()) break;
    const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
    detail::Conversion how;
    std::optional<Value> argument;
    if (peek() == '(') {
      std::size_t depth = 1, end = at + 1;
      for (; end < text.size() && depth > 0; ++end) depth += text[end] == '(' ? 1u : text[end] == ')' ? ~std::size_t{0} : 0u;
      if (depth > 0) return failure("ValueError: incomplete format key");
      INGOT_TRY(argument, arguments.named(budget, std::string{text.substr(at + 1, end - at - 2)}));
      at = end;
    }
    for (bool flag = true; flag;) {
      switch (peek()) {
        case '-':
          how.left = true;
          break;
        case '+':
          how.plus = true;
          break;
        case ' ':
          how.blank = true;
          break;
        case '0':
          how.zero = true;
          break;
        case '#':
          how.alternate = true;
          break;
        default:
          flag = false;
      }
      at += flag;
    }
    const auto number = [&]() -> Result<std::size_t> {
      std::size_t n = 0;
      if (peek() == '*') {
        ++at;
        INGOT_TRY(const Value given, arguments.next());
        const auto small = given.small();
        if (!small) return failure("TypeError: * wants int");
        if (*small < 0) how.left = true;
        n = static_cast<std::size_t>(std::min<std::uint64_t>(
            *small < 0 ? 0 - static_cast<std::uint64_t>(*small) : static_cast<std::uint64_t>(*small), max_format_width + 1));
      }
      for (; peek() >= '0' && peek() <= '9'; ++at) n = std::min(n * 10 + static_cast<std::size_t>(text[at] - '0'), max_format_width + 1);
      if (n > max_format_width) return failure("format wider than the limit of " + std::to_string(max_format_width));
      return n;
    };
    INGOT_TRY(how.width, number());
    if (peek() == '.') {
      ++at;
      INGOT_TRY(how.precision, number());
    }
    if (peek() == 'h' || peek() == 'l' || peek() == 'L') ++at;
    if (at >= text.size()) return detail::incomplete_format();
    how.type = text[at++];
    if (how.type == '%') {
      out.push_back('%');
      continue;
    }
    if (!argument) {
      INGOT_TRY(argument, arguments.next());
    }
    INGOT_TRY(std::string piece, detail::convert(budget, how, *argument, format.markup));
    out += padded(std::move(piece), how.width, how.left ? '<' : '>', " ");
    INGOT_CHECK(budget.text(out.size() > budget.limits().output ? out.size() : how.width));
  }
  if (!arguments.all_used()) return failure("TypeError: not all arguments converted during string formatting");
  return make_text(budget, std::move(out), format.markup);
}

}  // namespace ingot::text::jinja
