// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/methods.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
struct Fixture {
  Runtime runtime{Limits{}, std::tm{}};
  std::string call(const Value& self, const char* name, std::vector<Value> arguments = {}) {
    return shown(call_method(runtime, self, name, {std::move(arguments), {}}));
  }
};
}  // namespace

TEST_CASE_FIXTURE(Fixture, "dictionaries") {
  const Value dict = dictionary({{Value{"a"}, number(1)}, {number(2), none()}});
  CHECK(call(dict, "items") == "dict_items([('a', 1), (2, None)])");
  CHECK(call(dict, "keys") == "dict_keys(['a', 2])");
  CHECK(call(dict, "values") == "dict_values([1, None])");
  CHECK(call(dict, "get", {Value{"a"}}) == "1");
  CHECK(call(dict, "get", {Value{"b"}}) == "None");
  CHECK(call(dict, "get", {Value{"b"}, number(5)}) == "5");
  CHECK(call(dict, "get").starts_with("error: TypeError"));
  CHECK(call(dict, "get", {list({})}).starts_with("error: TypeError: unhashable"));
}

TEST_CASE_FIXTURE(Fixture, "lists") {
  const Value items = list({number(1), Value{1.0}, Value{"a"}});
  CHECK(call(items, "count", {number(1)}) == "2");
  CHECK(call(items, "index", {Value{"a"}}) == "2");
  CHECK(call(items, "index", {number(1), number(1)}) == "1");
  CHECK(call(items, "index", {Value{"z"}}) == "error: ValueError: 'z' is not in list");
}

TEST_CASE_FIXTURE(Fixture, "loops, cyclers and numbers") {
  Loop loop;
  loop.index0 = 1;
  const Value value{static_cast<Object*>(&loop)};
  CHECK(call(value, "cycle", {Value{"a"}, Value{"b"}}) == "'b'");
  CHECK(call(value, "cycle").starts_with("error: "));
  CHECK(call(value, "changed", {number(1)}) == "True");
  CHECK(call(value, "changed", {number(1)}) == "False");
  CHECK(call(value, "changed", {number(2)}) == "True");
  Cycler cycler{{number(1), number(2)}};
  const Value turns{static_cast<Object*>(&cycler)};
  CHECK(call(turns, "next") == "1");
  CHECK(call(turns, "next") == "2");
  CHECK(call(turns, "next") == "1");
  CHECK(call(turns, "reset") == "None");
  CHECK(call(turns, "next") == "1");
  CHECK(call(Value{2.0}, "is_integer") == "True");
  CHECK(call(number(-5), "bit_length") == "3");
}
