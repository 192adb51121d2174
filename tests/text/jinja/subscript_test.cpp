// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/subscript.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
struct Fixture {
  Runtime runtime{Limits{}, std::tm{}};
  Value dict = dictionary({{Value{"items"}, number(1)}, {Value{"a"}, number(2)}, {number(5), number(3)}});
  std::string dot(const Value& value, const char* name) { return shown(attribute(runtime, value, Value{name})); }
  std::string at(const Value& value, const Value& key) { return shown(item(runtime, value, key)); }
  std::string cut(const Value& value, const Value& start, const Value& stop, const Value& step) {
    return shown(slice(runtime, value, start, stop, step));
  }
};
}  // namespace

TEST_CASE_FIXTURE(Fixture, "a dot tries the attribute first, brackets the item") {
  CHECK(attribute(runtime, dict, Value{"items"})->method());
  CHECK(at(dict, Value{"items"}) == "1");
  CHECK(dot(dict, "a") == "2");
  CHECK(item(runtime, dict, Value{"keys"})->method());
  CHECK(at(dict, Value{5.0}) == "3");
  CHECK(at(dict, list({})) == "Undefined");
}

TEST_CASE_FIXTURE(Fixture, "what is not there is undefined, and undefined has no parts") {
  const auto gone = attribute(runtime, dict, Value{"x"});
  REQUIRE(gone->undefined());
  CHECK(gone->undefined()->message == "'dict object' has no attribute 'x'");
  CHECK(item(runtime, list({}), number(0))->undefined()->message == "list object has no element 0");
  CHECK(attribute(runtime, none(), Value{"x"})->undefined()->message == "'None' has no attribute 'x'");
  CHECK(dot(*gone, "y") == "error: 'dict object' has no attribute 'x'");
  CHECK(at(*gone, number(0)) == "error: 'dict object' has no attribute 'x'");
}

TEST_CASE_FIXTURE(Fixture, "the sandbox hides what changes a value") {
  CHECK(attribute(runtime, list({}), Value{"append"})->undefined()->message == "access to attribute 'append' of 'list' object is unsafe.");
  CHECK(attribute(runtime, dict, Value{"update"})->undefined());
  CHECK(attribute(runtime, Value{"a"}, Value{"__class__"})->undefined()->message ==
        "access to attribute '__class__' of 'str' object is unsafe.");
}

TEST_CASE_FIXTURE(Fixture, "indices count code points and from the end") {
  CHECK(at(Value{"日本"}, number(-1)) == "'本'");
  CHECK(at(list({number(1), number(2)}), Value{true}) == "2");
  CHECK(at(list({number(1)}), number(-2)) == "Undefined");
  CHECK(at(list({number(1)}), number(std::numeric_limits<std::int64_t>::min())) == "Undefined");
  CHECK(at(list({number(1)}, Flavor::keys), number(0)) == "Undefined");
}

TEST_CASE_FIXTURE(Fixture, "slices") {
  const Value items = list({number(0), number(1), number(2), number(3)}), missing;
  CHECK(cut(items, number(1), missing, missing) == "[1, 2, 3]");
  CHECK(cut(items, missing, number(-1), missing) == "[0, 1, 2]");
  CHECK(cut(items, missing, missing, number(-2)) == "[3, 1]");
  CHECK(cut(items, number(3), number(1), number(-1)) == "[3, 2]");
  CHECK(cut(items, number(-100), number(100), none()) == "[0, 1, 2, 3]");
  CHECK(cut(items, number(2), number(1), missing) == "[]");
  CHECK(cut(items, missing, missing, number(std::numeric_limits<std::int64_t>::min())) == "[3]");
  CHECK(cut(items, missing, missing, number(std::numeric_limits<std::int64_t>::max())) == "[0]");
  CHECK(cut(Value{"a日b本"}, number(1), number(3), missing) == "'日b'");
  CHECK(cut(Value{"a日b本"}, missing, missing, number(-1)) == "'本b日a'");
  CHECK(cut(items, missing, missing, number(0)) == "error: ValueError: slice step cannot be zero");
  CHECK(cut(number(1), missing, missing, missing).starts_with("error: TypeError"));
  CHECK(cut(items, Value{"a"}, missing, missing).starts_with("error: TypeError"));
}
