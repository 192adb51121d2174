// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/tests.hpp>

#include <ingot/text/jinja/filters.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace ingot::text::jinja {
bool filter_exists(std::string_view name) noexcept { return name == "upper"; }
}  // namespace ingot::text::jinja

namespace {
std::string holds(const char* name, const Value& input, std::vector<Value> arguments = {}) {
  Runtime runtime{Limits{}, std::tm{}};
  const Test test = find_test(name);
  if (test == nullptr) return "no test";
  const auto result = test(runtime, input, {std::move(arguments), {}});
  return result ? (*result ? "yes" : "no") : result.error().message();
}
}  // namespace

TEST_CASE("types") {
  CHECK(holds("sequence", Value{"a"}) == "yes");
  CHECK(holds("sequence", dictionary({})) == "yes");
  CHECK(holds("sequence", list({}, Flavor::items)) == "no");
  CHECK(holds("mapping", list({})) == "no");
  CHECK(holds("iterable", Value::undefined("")) == "yes");
  CHECK(holds("iterable", number(1)) == "no");
  CHECK(holds("number", Value{true}) == "yes");
  CHECK(holds("integer", Value{true}) == "no");
  CHECK(holds("true", number(1)) == "no");
  CHECK(holds("boolean", Value{false}) == "yes");
  CHECK(holds("defined", Value::undefined("")) == "no");
  CHECK(holds("escaped", Value{std::string{}, true}) == "yes");
}

TEST_CASE("comparisons and arithmetic") {
  CHECK(holds("eq", number(1), {Value{1.0}}) == "yes");
  CHECK(holds("==", number(1), {number(2)}) == "no");
  CHECK(holds("ge", number(1), {number(1)}) == "yes");
  CHECK(holds("gt", number(1), {number(1)}) == "no");
  CHECK(holds("lessthan", Value{"a"}, {Value{"b"}}) == "yes");
  CHECK(holds("lt", Value{"a"}, {number(1)}).starts_with("TypeError"));
  CHECK(holds("odd", number(-3)) == "yes");
  CHECK(holds("even", number(-3)) == "no");
  CHECK(holds("divisibleby", number(9), {number(3)}) == "yes");
  CHECK(holds("divisibleby", number(9), {number(0)}).starts_with("ZeroDivisionError"));
  CHECK(holds("in", Value{"a"}, {Value{"abc"}}) == "yes");
  CHECK(holds("eq", number(1)).starts_with("TypeError"));
}

TEST_CASE("names") {
  CHECK(holds("filter", Value{"upper"}) == "yes");
  CHECK(holds("test", Value{"odd"}) == "yes");
  CHECK(holds("test", Value{"nope"}) == "no");
  CHECK(holds("nope", none()) == "no test");
  CHECK(holds("lower", Value{"abc"}) == "yes");
  CHECK(holds("upper", Value{"aBC"}) == "no");
}
