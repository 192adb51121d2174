// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/value.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

TEST_CASE("a value knows its type") {
  CHECK(Value{}.missing());
  CHECK(none().none());
  CHECK(*Value{true}.boolean());
  CHECK(Value{true}.is_integer());
  CHECK(Value{true}.small() == 1);
  CHECK(Value{2.5}.is_number());
  CHECK(Value{"日本"}.text()->points == 2);
  CHECK(Value{Integer{std::string_view{"5"}}}.integer());
  CHECK(Value{Integer{std::string_view{"99999999999999999999"}}}.big());
  CHECK(Value::undefined("x").undefined()->message == "x");
  CHECK((list({}).list() && !list({}).tuple() && tuple({}).tuple()));
  CHECK(dictionary({}).dictionary());
}

TEST_CASE("copies share, and sameness is identity") {
  const Value a = list({number(1)}), b = a, c = list({number(1)});
  CHECK(a.same(b));
  CHECK_FALSE(a.same(c));
  CHECK(number(1).same(number(1)));
  CHECK_FALSE(number(1).same(Value{true}));
}

TEST_CASE("depth is bounded when a container is made") {
  Limits limits;
  limits.value_depth = 3;
  Budget budget{limits};
  Value value = number(1);
  for (std::size_t i = 0; i < 3; ++i) {
    auto made = make_sequence(budget, {value});
    REQUIRE(made);
    CHECK(made->depth() == i + 1);
    value = *made;
  }
  CHECK_FALSE(make_sequence(budget, {value}));
  CHECK_FALSE(make_iterator(budget, {value}));
  CHECK_FALSE(make_dictionary(budget, {{Value{"k"}, value}}));
}

TEST_CASE("size is bounded before a container or text is made") {
  Limits limits;
  limits.elements = 2;
  limits.output = 3;
  Budget budget{limits};
  CHECK(make_tuple(budget, {none(), none()}));
  CHECK_FALSE(make_tuple(budget, {none(), none(), none()}));
  CHECK(make_text(budget, "abc"));
  CHECK_FALSE(make_text(budget, "abcd"));
}
