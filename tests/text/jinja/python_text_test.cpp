// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/python_text.hpp>

#include <limits>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

TEST_CASE("floats print as repr() does") {
  const std::pair<double, const char*> cases[] = {{0.0, "0.0"},
                                                  {-0.0, "-0.0"},
                                                  {1.0, "1.0"},
                                                  {0.1, "0.1"},
                                                  {1e15, "1000000000000000.0"},
                                                  {1e16, "1e+16"},
                                                  {123456789.125, "123456789.125"},
                                                  {0.0001, "0.0001"},
                                                  {0.00001, "1e-05"},
                                                  {1e-7, "1e-07"},
                                                  {1.5e300, "1.5e+300"},
                                                  {-2.5e-10, "-2.5e-10"},
                                                  {5e-324, "5e-324"},
                                                  {std::numeric_limits<double>::infinity(), "inf"},
                                                  {-std::numeric_limits<double>::infinity(), "-inf"},
                                                  {std::numeric_limits<double>::quiet_NaN(), "nan"}};
  for (const auto& [value, text] : cases) CHECK(real_text(value) == text);
}

TEST_CASE("strings are quoted as repr() does") {
  CHECK(in_quotes("a") == "'a'");
  CHECK(in_quotes("it's") == "\"it's\"");
  CHECK(in_quotes("it's \"so\"") == "'it\\'s \"so\"'");
  CHECK(in_quotes("\n\t\\\x01\x7f") == "'\\n\\t\\\\\\x01\\x7f'");
  CHECK(in_quotes("é\u00a0\u2028\U000E0001") == "'é\\xa0\\u2028\\U000e0001'");
}

TEST_CASE("containers, names of types, descriptions") {
  CHECK(shown(tuple({number(1)})) == "(1,)");
  CHECK(shown(list({none(), Value{true}, Value{1.0}, Value{"a"}, tuple({}), dictionary({})})) == "[None, True, 1.0, 'a', (), {}]");
  CHECK(shown(dictionary({{Value{"k"}, list({})}, {number(2), none()}})) == "{'k': [], 2: None}");
  CHECK(shown(list({number(1)}, Flavor::items)) == "dict_items([1])");
  CHECK(shown(Value{std::string{"<"}, true}) == "Markup('<')");
  CHECK(shown(Value::undefined("x")) == "Undefined");
  CHECK(type_name(none()) == "NoneType");
  CHECK(described(none()) == "None");
  CHECK(described(dictionary({})) == "dict object");
  Budget budget;
  CHECK(*to_text(budget, Value::undefined("x")) == "");
  CHECK(*to_text(budget, Value{"a'b"}) == "a'b");
  CHECK(*to_text(budget, Value{false}) == "False");
}

TEST_CASE("what shares its parts cannot print without bounds") {
  Value value = list({Value{"aaaaaaaa"}});
  for (int i = 0; i < 60; ++i) value = list({value, value});
  Budget budget{few_steps(100'000)};
  CHECK_FALSE(to_repr(budget, value));
  Namespace space;  // and what contains itself ends
  space.set("me", list({Value{static_cast<Object*>(&space)}}));
  Budget other;
  CHECK_FALSE(to_repr(other, Value{static_cast<Object*>(&space)}));
}
