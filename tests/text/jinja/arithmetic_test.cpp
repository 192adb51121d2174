// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/arithmetic.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
std::string computed(const Value& a, Operator op, const Value& b) {
  Budget budget;
  return shown(arithmetic(budget, op, a, b));
}
}  // namespace

TEST_CASE("integers grow, divide downwards, and become floats where Python does") {
  CHECK(computed(number(std::numeric_limits<std::int64_t>::max()), Operator::add, number(1)) == "9223372036854775808");
  CHECK(computed(number(std::numeric_limits<std::int64_t>::min()), Operator::floor_divide, number(-1)) == "9223372036854775808");
  CHECK(computed(number(std::numeric_limits<std::int64_t>::min()), Operator::modulo, number(-1)) == "0");
  CHECK(computed(number(-7), Operator::floor_divide, number(2)) == "-4");
  CHECK(computed(number(-7), Operator::modulo, number(3)) == "2");
  CHECK(computed(number(7), Operator::modulo, number(-3)) == "-2");
  CHECK(computed(number(7), Operator::divide, number(2)) == "3.5");
  CHECK(computed(number(2), Operator::power, number(64)) == "18446744073709551616");
  CHECK(computed(number(2), Operator::power, number(-1)) == "0.5");
  CHECK(computed(number(-1), Operator::power, number(1'000'000'000'001)) == "-1");
  CHECK(computed(Value{-7.5}, Operator::modulo, number(2)) == "0.5");
  CHECK(computed(Value{-7.5}, Operator::floor_divide, number(2)) == "-4.0");
  CHECK(computed(Value{true}, Operator::add, Value{true}) == "2");
}

TEST_CASE("text and lists add and repeat; markup escapes what is joined to it") {
  CHECK(computed(Value{"a"}, Operator::add, Value{"b"}) == "'ab'");
  CHECK(computed(number(2), Operator::multiply, Value{"ab"}) == "'abab'");
  CHECK(computed(Value{"ab"}, Operator::multiply, number(-1)) == "''");
  CHECK(computed(list({none()}), Operator::multiply, number(2)) == "[None, None]");
  CHECK(computed(tuple({none()}), Operator::add, tuple({number(1)})) == "(None, 1)");
  CHECK(computed(Value{std::string{"<a>"}, true}, Operator::add, Value{"<"}) == "Markup('<a>&lt;')");
  CHECK(computed(Value{"%s!"}, Operator::modulo, number(1)) == "'1!'");
}

TEST_CASE("what Python refuses is an error in its words") {
  CHECK(computed(Value{"a"}, Operator::add, list({})) == "error: TypeError: can only concatenate str (not \"list\") to str");
  CHECK(computed(number(1), Operator::add, Value{"a"}) == "error: TypeError: unsupported operand type(s) for +: 'int' and 'str'");
  CHECK(computed(Value{"a"}, Operator::multiply, Value{"b"}) == "error: TypeError: can't multiply sequence by non-int of type 'str'");
  CHECK(computed(number(1), Operator::divide, number(0)) == "error: ZeroDivisionError: division by zero");
  CHECK(computed(number(1), Operator::add, Value::undefined("'x' is undefined")) == "error: 'x' is undefined");
  Budget budget;
  CHECK(shown(negated(budget, Value{"a"})) == "error: TypeError: bad operand type for unary -: 'str'");
  CHECK(shown(negated(budget, number(std::numeric_limits<std::int64_t>::min()))) == "9223372036854775808");
}

TEST_CASE("nothing grows beyond the limits") {
  CHECK(computed(Value{"ab"}, Operator::multiply, number(std::numeric_limits<std::int64_t>::max())).starts_with("error: string larger"));
  CHECK(computed(list({none()}), Operator::multiply, number(1'000'000'000)).starts_with("error: container larger"));
  CHECK(computed(number(9), Operator::power, number(1'000'000'000)).starts_with("error: integer of more than 4300 digits"));
  CHECK(computed(number(10), Operator::power, number(1000)).size() == 1001);
}
