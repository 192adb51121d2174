// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/filter_tools.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

TEST_CASE("paths reach into values") {
  Runtime runtime{Limits{}, std::tm{}};
  const Value user = dictionary({{Value{"name"}, list({Value{"Bo"}})}});
  CHECK(shown(filters::Path::parse(runtime.budget, Value{"name.0"})->get(runtime, user)) == "'Bo'");
  CHECK(shown(filters::Path::parse(runtime.budget, none())->get(runtime, number(5))) == "5");
  CHECK(shown(filters::Path::parse(runtime.budget, number(0))->get(runtime, list({number(7)}))) == "7");
  CHECK(shown(filters::Path::parse(runtime.budget, Value{"age"})->get(runtime, user, number(1))) == "1");
  CHECK(shown(filters::Path::parse(runtime.budget, Value{"age.x"})->get(runtime, user)).starts_with("error: "));
}

TEST_CASE("sorting is stable in both directions, and errors end it") {
  Budget budget;
  std::vector<std::pair<Value, Value>> pairs{
      {number(2), Value{"a"}}, {number(1), Value{"b"}}, {number(2), Value{"c"}}, {number(1), Value{"d"}}};
  REQUIRE(filters::sort_by_key(budget, pairs, false));
  CHECK((pairs[0].second.text()->bytes == "b" && pairs[1].second.text()->bytes == "d" && pairs[2].second.text()->bytes == "a"));
  REQUIRE(filters::sort_by_key(budget, pairs, true));
  CHECK((pairs[0].second.text()->bytes == "a" && pairs[1].second.text()->bytes == "c" && pairs[3].second.text()->bytes == "d"));
  pairs.emplace_back(Value{"x"}, none());
  CHECK_FALSE(filters::sort_by_key(budget, pairs, false));
}

TEST_CASE("str() keeps markup") {
  Runtime runtime{Limits{}, std::tm{}};
  CHECK(shown(filters::soft_text(runtime, Value{std::string{"a"}, true})) == "Markup('a')");
  CHECK(shown(filters::soft_text(runtime, number(5))) == "'5'");
  CHECK(shown(filters::without_case(Value{"Aß"})) == "'aß'");
  CHECK(shown(filters::without_case(number(1))) == "1");
}
