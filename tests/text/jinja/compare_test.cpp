// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/compare.hpp>

#include <limits>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

TEST_CASE("numbers compare by value, whatever their type") {
  Budget budget;
  const Value big{Integer{std::string_view{"9007199254740993"}}}, huge{Integer{std::string_view{"99999999999999999999"}}};
  CHECK(*equal(budget, Value{true}, Value{1.0}));
  CHECK(*equal(budget, number(2), Value{2.0}));
  CHECK_FALSE(*equal(budget, big, Value{9007199254740992.0}));  // equal once rounded to a double
  CHECK((compare_numbers(big, Value{9007199254740992.0}) > 0));
  CHECK((compare_numbers(huge, Value{1e19}) > 0));
  CHECK((compare_numbers(Value{1e20}, huge) > 0));
  CHECK((compare_numbers(Value{std::numeric_limits<double>::infinity()}, huge) > 0));
  CHECK((compare_numbers(Value{std::numeric_limits<double>::quiet_NaN()}, huge) == std::partial_ordering::unordered));
  CHECK(truncated(-1e22).text() == "-10000000000000000000000");
}

TEST_CASE("equality is deep, and lists are no tuples") {
  Budget budget;
  CHECK(*equal(budget, list({number(1), list({Value{"a"}})}), list({Value{1.0}, list({Value{"a"}})})));
  CHECK_FALSE(*equal(budget, list({number(1)}), tuple({number(1)})));
  CHECK(*equal(budget, dictionary({{Value{"a"}, number(1)}, {Value{"b"}, number(2)}}),
               dictionary({{Value{"b"}, number(2)}, {Value{"a"}, number(1)}})));
  CHECK(*equal(budget, Value::undefined("a"), Value::undefined("b")));
  CHECK_FALSE(*equal(budget, none(), Value{false}));
}

TEST_CASE("order is Python's, and unordered types are an error") {
  Budget budget;
  CHECK((*order(budget, Value{"a"}, Value{"é"}) < 0));
  CHECK((*order(budget, list({number(1), number(2)}), list({number(1)})) > 0));
  CHECK(order(budget, Value{"a"}, number(1)).error().what == "TypeError: '<' not supported between instances of 'str' and 'int'");
  CHECK(order(budget, Value::undefined("gone"), number(1)).error().what == "gone");
}

TEST_CASE("dictionaries keep the first place and the last value of a key") {
  Budget budget;
  CHECK(
      shown(dictionary(
          {{Value{"a"}, number(1)}, {number(1), number(2)}, {Value{"a"}, number(3)}, {Value{true}, number(4)}, {Value{1.0}, number(5)}})) ==
      "{'a': 3, 1: 5}");
  std::vector<std::pair<Value, Value>> many;
  for (std::int64_t i = 0; i < 100; ++i) many.emplace_back(Value{std::to_string(i * 37 % 100)}, number(i));
  for (std::int64_t i = 0; i < 100; ++i) many.emplace_back(number(i), number(-i));
  const Value found = dictionary(many);
  for (std::int64_t i = 0; i < 100; ++i) {
    REQUIRE((*find(budget, *found.dictionary(), Value{std::to_string(i * 37 % 100)}))->small() == i);
    REQUIRE((*find(budget, *found.dictionary(), Value{static_cast<double>(i)}))->small() == -i);
  }
  CHECK_FALSE(*find(budget, *found.dictionary(), Value{"x"}));
  CHECK_FALSE(*find(budget, *found.dictionary(), none()));
}

TEST_CASE("lists are no keys") {
  Budget budget;
  CHECK(make_dictionary(budget, {{list({}), number(1)}}).error().what == "TypeError: unhashable type: 'list'");
  CHECK_FALSE(make_dictionary(budget, {{tuple({list({})}), number(1)}}));
  CHECK(make_dictionary(budget, {{tuple({number(1)}), number(1)}}));
  CHECK_FALSE(find(budget, *dictionary({}).dictionary(), list({})));
}

TEST_CASE("comparing what shares its parts stays within the budget") {
  Value a = list({}), b = list({});
  for (int i = 0; i < 60; ++i) a = list({a, a}), b = list({b, b});
  Budget budget{few_steps(100'000)};
  CHECK_FALSE(equal(budget, a, b));
}
