// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/filters.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
struct Fixture {
  Runtime runtime{Limits{}, std::tm{}};
  Value numbers = list({number(3), number(1), number(2)});
  std::string filtered(const char* name, const Value& input, Arguments arguments = {}) {
    auto result = apply_filter(runtime, name, input, arguments);
    if (result && result->iterator()) return shown(list(*to_items(runtime.budget, *result)));
    return shown(result);
  }
};
}  // namespace

TEST_CASE_FIXTURE(Fixture, "every filter of the reference has a name here") {
  for (const char* name :
       {"abs",    "attr",       "batch",          "capitalize", "center",     "count",       "d",         "default",  "dictsort",
        "e",      "escape",     "filesizeformat", "first",      "float",      "forceescape", "format",    "groupby",  "indent",
        "int",    "items",      "join",           "last",       "length",     "list",        "lower",     "map",      "max",
        "min",    "pprint",     "random",         "reject",     "rejectattr", "replace",     "reverse",   "round",    "safe",
        "select", "selectattr", "slice",          "sort",       "string",     "striptags",   "sum",       "title",    "tojson",
        "trim",   "truncate",   "unique",         "upper",      "urlencode",  "urlize",      "wordcount", "wordwrap", "xmlattr"})
    CHECK(filter_exists(name));
  CHECK_FALSE(filter_exists("from_json"));
  CHECK(apply_filter(runtime, "from_json", none(), {}).error().code == ErrorCode::unsupported);
  CHECK(apply_test(runtime, "nosuch", none(), {}).error().what == "No test named 'nosuch'.");
}

TEST_CASE_FIXTURE(Fixture, "map applies a filter or takes an attribute") {
  CHECK(filtered("map", numbers, {{Value{"string"}}, {}}) == "['3', '1', '2']");
  CHECK(filtered("map", list({Value{"aXa"}}), {{Value{"replace"}, Value{"a"}, Value{"b"}}, {}}) == "['bXb']");
  const Value users = list({dictionary({{Value{"n"}, number(1)}}), dictionary({})});
  CHECK(filtered("map", users, {{}, {{"attribute", Value{"n"}}, {"default", number(9)}}}) == "[1, 9]");
  CHECK(filtered("map", users, {{}, {{"attribute", Value{"n"}}, {"x", number(9)}}}).starts_with("error: "));
  CHECK(filtered("map", Value::undefined(""), {}) == "[]");
  CHECK(filtered("map", numbers, {}).starts_with("error: map requires"));
  CHECK(filtered("map", numbers, {{Value{"map"}}, {}}).starts_with("error: "));
}

TEST_CASE_FIXTURE(Fixture, "select and reject, by value and by attribute") {
  CHECK(filtered("select", numbers, {{Value{"odd"}}, {}}) == "[3, 1]");
  CHECK(filtered("reject", numbers, {{Value{">"}, number(1)}, {}}) == "[1]");
  CHECK(filtered("select", list({number(0), Value{"a"}, none()})) == "['a']");
  const Value users = list({dictionary({{Value{"t"}, Value{"x"}}}), dictionary({})});
  CHECK(filtered("selectattr", users, {{Value{"t"}, Value{"defined"}}, {}}) == "[{'t': 'x'}]");
  CHECK(filtered("rejectattr", users, {{Value{"t"}}, {}}) == "[{}]");
  CHECK(filtered("selectattr", users).starts_with("error: Missing parameter"));
  CHECK(filtered("select", numbers, {{Value{"nosuch"}}, {}}).starts_with("error: No test"));
}
