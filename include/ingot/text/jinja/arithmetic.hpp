// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/text/jinja/arithmetic.hpp: + - * / // % ** and signs, on numbers, text and lists.

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <ingot/text/jinja/compare.hpp>
#include <ingot/text/jinja/escape.hpp>
#include <ingot/text/jinja/printf.hpp>

namespace ingot::text::jinja {

enum class Operator : std::uint8_t { add, subtract, multiply, divide, floor_divide, modulo, power };

[[nodiscard]] constexpr const char* sign_of(Operator op) noexcept {
  constexpr const char* signs[] = {"+", "-", "*", "/", "//", "%", "** or pow()"};
  return signs[static_cast<std::size_t>(op)];
}

namespace detail {

inline Error zero_division(const char* what) { return failure(std::string{"ZeroDivisionError: "} + what); }

inline Error unsupported_operands(Operator op, const Value& a, const Value& b) {
  return failure(std::string{"TypeError: unsupported operand type(s) for "} + sign_of(op) + ": '" + type_name(a) + "' and '" +
                 type_name(b) + "'");
}

inline Result<Value> integer_result(Budget& budget, Integer value) {
  if (value.digits() > budget.limits().digits + 9)
    return failure("integer of more than " + std::to_string(budget.limits().digits) + " digits");
  INGOT_CHECK(budget.text(64 * value.digits()));
  return Value{std::move(value)};
}

/// Square and multiply; the number of digits is checked before each product.
inline Result<Value> integer_power(Budget& budget, Integer base, std::uint64_t exponent) {
  Integer result{1};
  for (; exponent != 0; exponent >>= 1) {
    if (std::max(result.digits(), base.digits()) > budget.limits().digits + 9) return integer_result(budget, std::max(result, base));
    INGOT_CHECK(budget.spend(base.digits()));
    if (exponent & 1) result = result * base;
    if (exponent > 1) base = base * base;
  }
  return integer_result(budget, std::move(result));
}

inline Result<Value> real_arithmetic(Operator op, double a, double b) {
  const auto modulo = [&] {
    const double rest = std::fmod(a, b);
    return rest == 0 ? std::copysign(0.0, b) : (b < 0) != (rest < 0) ? rest + b : rest;
  };
  switch (op) {
    case Operator::add:
      return Value{a + b};
    case Operator::subtract:
      return Value{a - b};
    case Operator::multiply:
      return Value{a * b};
    case Operator::divide:
      if (b == 0) return zero_division("float division by zero");
      return Value{a / b};
    case Operator::floor_divide: {
      if (b == 0) return zero_division("float floor division by zero");
      const double quotient = (a - modulo()) / b, floor = std::floor(quotient);
      return Value{quotient == 0 ? std::copysign(0.0, a / b) : quotient - floor > 0.5 ? floor + 1 : floor};
    }
    case Operator::modulo:
      if (b == 0) return zero_division("float modulo");
      return Value{modulo()};
    case Operator::power: {
      if (a == 0 && b < 0) return zero_division("0.0 cannot be raised to a negative power");
      if (a < 0 && std::isfinite(b) && b != std::floor(b)) return lacking("complex numbers");
      const double result = std::pow(a, b);
      if (std::isinf(result) && std::isfinite(a) && std::isfinite(b))
        return failure("OverflowError: (34, 'Numerical result out of range')");
      return Value{result};
    }
  }
  return Value{};
}

inline Result<Value> integer_arithmetic(Budget& budget, Operator op, const Value& a, const Value& b) {
  const auto x = a.small(), y = b.small();
  std::int64_t small = 0;
  switch (op) {
    case Operator::add:
      if (x && y && !__builtin_add_overflow(*x, *y, &small)) return Value{small};
      return integer_result(budget, to_integer(a) + to_integer(b));
    case Operator::subtract:
      if (x && y && !__builtin_sub_overflow(*x, *y, &small)) return Value{small};
      return integer_result(budget, to_integer(a) - to_integer(b));
    case Operator::multiply:
      if (x && y && !__builtin_mul_overflow(*x, *y, &small)) return Value{small};
      return integer_result(budget, to_integer(a) * to_integer(b));
    case Operator::divide:
      if (y && *y == 0) return zero_division("division by zero");
      return Value{to_real(a) / to_real(b)};
    case Operator::floor_divide:
    case Operator::modulo: {
      if (y && *y == 0) return zero_division(op == Operator::modulo ? "integer modulo by zero" : "integer division or modulo by zero");
      if (x && y && *y != -1) {
        const std::int64_t quotient = *x / *y, rest = *x % *y;
        const bool below = rest != 0 && (rest < 0) != (*y < 0);
        return Value{op == Operator::modulo ? rest + (below ? *y : 0) : quotient - (below ? 1 : 0)};
      }
      INGOT_CHECK(budget.spend(a.big() ? a.big()->digits() * (1 + to_integer(b).digits()) : 1));
      auto [quotient, rest] = to_integer(a).divide(to_integer(b));
      return Value{op == Operator::modulo ? std::move(rest) : std::move(quotient)};
    }
    case Operator::power:
      if (to_integer(b).negative()) return real_arithmetic(op, to_real(a), to_real(b));
      if (x && (*x == 0 || *x == 1)) return Value{std::int64_t{to_integer(b).zero() ? 1 : *x}};
      if (x && *x == -1) return Value{std::int64_t{to_integer(b).divide(Integer{2}).second.zero() ? 1 : -1}};
      if (!y) return failure("integer of more than " + std::to_string(budget.limits().digits) + " digits");
      return integer_power(budget, to_integer(a), static_cast<std::uint64_t>(*y));
  }
  return Value{};
}

/// `text * count` and `list * count`.
inline Result<Value> repeat(Budget& budget, const Value& value, const Value& count) {
  const auto times = count.small();
  if (!times) return failure("OverflowError: cannot fit 'int' into an index-sized integer");
  const std::size_t n = *times < 0 ? 0 : static_cast<std::size_t>(*times);
  if (const auto* text = value.text()) {
    if (!text->bytes.empty() && n > budget.limits().output / text->bytes.size()) return budget.text(budget.limits().output + 1).error();
    INGOT_CHECK(budget.text(n * text->bytes.size()));
    std::string out;
    out.reserve(n * text->bytes.size());
    for (std::size_t i = 0; i < n && !text->bytes.empty(); ++i) out += text->bytes;
    return Value{std::move(out), text->markup};
  }
  const auto& items = value.sequence()->items;
  if (!items.empty() && n > budget.limits().elements / items.size()) return budget.elements(budget.limits().elements + 1).error();
  INGOT_CHECK(budget.elements(n * items.size()));
  std::vector<Value> out;
  out.reserve(n * items.size());
  for (std::size_t i = 0; i < n && !items.empty(); ++i) out.insert(out.end(), items.begin(), items.end());
  return make_sequence(budget, std::move(out), value.list() ? Flavor::list : Flavor::tuple);
}

inline Result<Value> add_others(Budget& budget, const Value& a, const Value& b) {
  if (a.text() && b.text()) {
    const auto &x = *a.text(), &y = *b.text();
    INGOT_CHECK(budget.text(x.bytes.size() + y.bytes.size()));
    if (x.markup == y.markup) return Value{x.bytes + y.bytes, x.markup};
    return make_text(budget, x.markup ? x.bytes + escaped(y.bytes) : escaped(x.bytes) + y.bytes, true);
  }
  if ((a.list() && b.list()) || (a.tuple() && b.tuple())) {
    std::vector<Value> items = a.sequence()->items;
    items.insert(items.end(), b.sequence()->items.begin(), b.sequence()->items.end());
    return make_sequence(budget, std::move(items), a.list() ? Flavor::list : Flavor::tuple);
  }
  if (a.text() || a.list() || a.tuple()) {
    const std::string kind = a.text() ? "str" : a.list() ? "list" : "tuple";
    return failure("TypeError: can only concatenate " + kind + " (not \"" + type_name(b) + "\") to " + kind);
  }
  return unsupported_operands(Operator::add, a, b);
}

}  // namespace detail

/// `a op b` as Python computes it. Integers never overflow; what has no meaning is an Error with Python's words.
[[nodiscard]] inline Result<Value> arithmetic(Budget& budget, Operator op, const Value& a, const Value& b) {
  if (a.is_number() && b.is_number())
    return a.real() || b.real() ? detail::real_arithmetic(op, to_real(a), to_real(b)) : detail::integer_arithmetic(budget, op, a, b);
  if (op == Operator::modulo && a.text()) return percent_format(budget, *a.text(), b);
  for (const Value* side : {&a, &b})
    if (const auto* undefined = side->undefined()) return failure(undefined->message);
  if (op == Operator::add) return detail::add_others(budget, a, b);
  if (op == Operator::multiply) {
    const auto repeats = [](const Value& v) { return v.text() || v.list() || v.tuple(); };
    if (repeats(a) && b.is_integer()) return detail::repeat(budget, a, b);
    if (repeats(b) && a.is_integer()) return detail::repeat(budget, b, a);
    if (repeats(a) || repeats(b))
      return failure("TypeError: can't multiply sequence by non-int of type '" + type_name(repeats(a) ? b : a) + "'");
  }
  return detail::unsupported_operands(op, a, b);
}

/// `-value` and `+value`.
[[nodiscard]] inline Result<Value> negated(Budget& budget, const Value& value, bool minus = true) {
  if (const auto* undefined = value.undefined()) return failure(undefined->message);
  if (const auto* real = value.real()) return Value{minus ? -*real : *real};
  if (value.is_integer()) return arithmetic(budget, minus ? Operator::subtract : Operator::add, Value{std::int64_t{0}}, value);
  return failure(std::string{"TypeError: bad operand type for unary "} + (minus ? "-" : "+") + ": '" + type_name(value) + "'");
}

}  // namespace ingot::text::jinja
