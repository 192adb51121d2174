// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/number_filters.hpp: filters that give numbers or print sizes.

#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/text/jinja/filter_tools.hpp>

namespace ingot::text::jinja::filters {

inline Result<Value> absolute(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_CHECK(bind("abs", arguments, {}));
  if (input.undefined()) return failure(input.undefined()->message);
  if (input.real()) return Value{std::abs(*input.real())};
  if (!input.is_integer()) return failure("TypeError: bad operand type for abs(): '" + type_name(input) + "'");
  return negated(runtime.budget, input, to_integer(input).negative());
}

/// White space around it gone and digits of other scripts as ASCII digits.
[[nodiscard]] inline std::string plain_number(std::string_view text) {
  std::string out;
  text = unicode::strip(text);
  for (std::size_t at = 0; at < text.size();) {
    const char32_t c = unicode::next(text, at);
    unicode::append(out, unicode::is_decimal(c) ? '0' + unicode::decimal_value(c) : c);
  }
  return out;
}

/// float(text), or nothing where Python raises ValueError.
[[nodiscard]] inline std::optional<double> parse_real(std::string_view given) {
  std::string text;
  const std::string trimmed = plain_number(given);
  const auto digit = [&](std::size_t i) { return i < trimmed.size() && trimmed[i] >= '0' && trimmed[i] <= '9'; };
  for (std::size_t i = 0; i < trimmed.size(); ++i) {
    if (trimmed[i] == '_' && i > 0 && digit(i - 1) && digit(i + 1)) continue;
    text.push_back(static_cast<char>(trimmed[i] >= 'A' && trimmed[i] <= 'Z' ? trimmed[i] + 32 : trimmed[i]));
  }
  std::string_view body = text;
  const bool minus = body.starts_with('-');
  if (minus || body.starts_with('+')) body.remove_prefix(1);
  double value = 0;
  if (body == "inf" || body == "infinity") {
    value = std::numeric_limits<double>::infinity();
  } else if (body == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    if (body.empty() || !((body[0] >= '0' && body[0] <= '9') || body[0] == '.')) return std::nullopt;
    const auto [end, code] = std::from_chars(body.data(), body.data() + body.size(), value);
    if (end != body.data() + body.size() || code == std::errc::invalid_argument) return std::nullopt;
    if (code == std::errc::result_out_of_range) value = body.find("e-") == body.npos ? std::numeric_limits<double>::infinity() : 0.0;
  }
  return minus ? -value : value;
}

/// int(text, base), or nothing where Python raises ValueError.
[[nodiscard]] inline std::optional<Integer> parse_integer(const Budget& budget, std::string_view given, std::int64_t base) {
  const std::string plain = plain_number(given);
  std::string_view text = plain;
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  const char kind = text.size() > 1 && text[0] == '0' ? static_cast<char>(text[1] | 32) : '\0';
  const std::int64_t named = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 0;
  bool prefixed = false;
  if (named != 0 && (base == named || base == 0)) {
    base = named;
    text.remove_prefix(2);
    prefixed = true;
  }
  const bool automatic = base == 0;
  if (automatic) base = 10;
  if (base < 2 || base > 36 || text.size() > budget.limits().digits) return std::nullopt;
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '_' && i + 1 < text.size() && text[i + 1] != '_' && (i > 0 || prefixed)) continue;
    const char lower = static_cast<char>(text[i] | 32);
    const std::int64_t digit = text[i] >= '0' && text[i] <= '9' ? text[i] - '0' : lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
    if (digit >= base) return std::nullopt;
    digits.push_back(static_cast<char>(digit));
  }
  if (digits.empty() || (automatic && digits.size() > 1 && digits[0] == 0)) return std::nullopt;
  Integer value;
  if (base == 10) {
    for (char& digit : digits) digit = static_cast<char>(digit + '0');
    value = Integer{digits};
  } else {
    for (const char digit : digits) value = value * Integer{base} + Integer{digit};
  }
  return minus ? -value : value;
}

inline Result<Value> integer(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("int", arguments, {"default", "base"}));
  INGOT_TRY(const std::int64_t base, to_index(bound[1], 10));
  if (input.undefined()) return failure(input.undefined()->message);
  if (input.is_integer()) return Value{to_integer(input)};
  if (input.real() && std::isinf(*input.real())) return failure("OverflowError: cannot convert float infinity to integer");
  std::optional<double> real;
  if (const auto* text = input.text()) {
    INGOT_CHECK(runtime.budget.spend(text->bytes.size()));
    if (const auto whole = parse_integer(runtime.budget, text->bytes, base)) return Value{*whole};
    real = parse_real(text->bytes);
  } else if (input.real()) {
    real = *input.real();
  }
  if (real && std::isfinite(*real)) return Value{truncated(*real)};
  return bound[0].missing() ? Value{std::int64_t{0}} : bound[0];
}

inline Result<Value> real(Runtime&, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("float", arguments, {"default"}));
  if (input.undefined()) return failure(input.undefined()->message);
  if (input.is_number()) return Value{to_real(input)};
  if (input.text())
    if (const auto value = parse_real(input.text()->bytes)) return Value{*value};
  return bound[0].missing() ? Value{0.0} : bound[0];
}

inline Result<Value> round(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("round", arguments, {"precision", "method"}));
  INGOT_TRY(const std::int64_t precision, to_index(bound[0], 0));
  const std::string method = bound[1].text() ? bound[1].text()->bytes : bound[1].missing() ? "common" : "";
  if (method != "common" && method != "ceil" && method != "floor") return failure("method must be common, ceil or floor");
  if (input.undefined()) return failure(input.undefined()->message);
  if (!input.is_number()) return failure("TypeError: type " + type_name(input) + " doesn't define __round__ method");
  if (precision > 400 || precision < -400) return failure("precision beyond the limit of 400 digits");
  if (method != "common") {
    INGOT_TRY(const Value scale, arithmetic(runtime.budget, Operator::power, Value{std::int64_t{10}}, Value{precision}));
    INGOT_TRY(const Value scaled, arithmetic(runtime.budget, Operator::multiply, input, scale));
    if (!std::isfinite(to_real(scaled))) return failure("OverflowError: cannot convert float infinity to integer");
    const double whole = scaled.real() ? (method == "ceil" ? std::ceil(*scaled.real()) : std::floor(*scaled.real())) : 0;
    return arithmetic(runtime.budget, Operator::divide, scaled.real() ? Value{truncated(whole)} : scaled, scale);
  }
  if (input.is_integer()) {
    if (precision >= 0) return Value{to_integer(input)};
    INGOT_TRY(const Value unit, arithmetic(runtime.budget, Operator::power, Value{std::int64_t{10}}, Value{-precision}));
    auto [quotient, rest] = to_integer(input).divide(to_integer(unit));
    const auto half = rest + rest <=> to_integer(unit);
    if (half > 0 || (half == 0 && !quotient.divide(Integer{2}).second.zero())) quotient = quotient + Integer{1};
    return Value{quotient * to_integer(unit)};
  }
  const double value = *input.real();
  if (!std::isfinite(value)) return input;
  if (precision >= 0)
    return Value{std::copysign(parse_real(real_format(value, 'f', static_cast<std::size_t>(precision))).value_or(0), value)};
  const double unit = std::pow(10.0, static_cast<double>(-precision));
  return Value{std::isinf(unit) ? std::copysign(0.0, value) : std::nearbyint(value / unit) * unit};
}

inline Result<Value> sum(Runtime& runtime, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("sum", arguments, {"attribute", "start"}));
  INGOT_TRY(const Path path, Path::parse(runtime.budget, bound[0]));
  Value total = bound[1].missing() ? Value{std::int64_t{0}} : bound[1];
  if (total.text()) return failure("TypeError: sum() can't sum strings [use ''.join(seq) instead]");
  INGOT_TRY(Cursor cursor, Cursor::over(runtime.budget, input));
  for (;;) {
    INGOT_TRY(Value item, cursor.next());
    if (item.missing()) return total;
    INGOT_TRY(item, path.get(runtime, std::move(item)));
    INGOT_TRY(total, arithmetic(runtime.budget, Operator::add, total, item));
  }
}

inline Result<Value> file_size(Runtime&, const Value& input, const Arguments& arguments) {
  INGOT_TRY(const auto bound, bind("filesizeformat", arguments, {"binary"}));
  const bool binary = truth(bound[0]);
  std::optional<double> bytes;
  if (input.is_number()) bytes = to_real(input);
  if (input.text()) bytes = parse_real(input.text()->bytes);
  if (!bytes) return failure("TypeError: filesizeformat wants a number, not " + type_name(input));
  const double base = binary ? 1024 : 1000;
  if (*bytes == 1) return Value{"1 Byte"};
  if (*bytes < base) return Value{(*bytes <= -1 ? "-" : "") + real_format(std::trunc(std::fabs(*bytes)), 'f', 0) + " Bytes"};
  double unit = base;
  std::size_t i = 0;
  for (const std::string_view prefixes = "kMGTPEZY";; ++i) {
    unit *= base;
    if (*bytes < unit || i + 1 == prefixes.size())
      return Value{real_format(base * *bytes / unit, 'f', 1) + " " + (binary && i == 0 ? 'K' : prefixes[i]) + (binary ? "iB" : "B")};
  }
}

}  // namespace ingot::text::jinja::filters
