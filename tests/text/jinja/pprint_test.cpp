// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/pprint.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
std::string printed(const Value& value) {
  Budget budget;
  const auto text = PrettyPrinter::print(budget, value);
  return text ? *text : "error: " + text.error().what;
}
}  // namespace

TEST_CASE("what fits in a line stays in one, dictionaries sorted") {
  CHECK(printed(Value{"a"}) == "'a'");
  CHECK(printed(dictionary({{Value{"b"}, number(1)}, {Value{"a"}, list({})}})) == "{'a': [], 'b': 1}");
  CHECK(printed(dictionary({{Value{"b"}, none()}, {number(2), number(1)}})) == "{2: 1, 'b': None}");
  CHECK(printed(Value{std::string(78, 'a')}) == "'" + std::string(78, 'a') + "'");
}

TEST_CASE("what does not goes over several") {
  const std::string word(40, 'a');
  CHECK(printed(list({Value{word}, Value{word}})) == "['" + word + "',\n '" + word + "']");
  CHECK(printed(dictionary({{Value{"k"}, list({Value{word}, Value{word}})}})) == "{'k': ['" + word + "',\n       '" + word + "']}");
  CHECK(printed(Value{word + " " + word}) == "('" + word + " '\n '" + word + "')");
  CHECK(printed(list({Value{word + "\n" + word}})) == "['" + word + "\\n'\n '" + word + "']");
  CHECK(printed(Value{word + word}) == "'" + word + word + "'");
  CHECK(printed(dictionary({{Value{word + word}, Value{""}}})) == "{'" + word + word + "': ''}");
}

TEST_CASE("the limits hold") {
  Limits limits;
  limits.output = 1000;
  Budget budget{limits};
  Value nested = list({Value{std::string(100, 'a')}});
  for (int i = 0; i < 8; ++i) nested = list({nested, nested});
  CHECK_FALSE(PrettyPrinter::print(budget, nested));
}
