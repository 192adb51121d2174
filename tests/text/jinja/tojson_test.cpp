// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/tojson.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
std::string json(const Value& value, std::vector<std::pair<std::string, Value>> options = {}) {
  Runtime runtime{Limits{}, std::tm{}};
  const auto text = to_json(runtime, value, {{}, std::move(options)});
  return text ? text->text()->bytes : "error: " + text.error().message();
}
}  // namespace

TEST_CASE("values as json.dumps writes them") {
  const Value big{Integer{std::string_view{"123456789012345678901234567890"}}};
  CHECK(json(list({none(), Value{true}, number(1), Value{1.0}, Value{1e22}, big, Value{"é<&\u2028"}, tuple({})})) ==
        "[null, true, 1, 1.0, 1e+22, 123456789012345678901234567890, \"é<&\u2028\", []]");
  CHECK(json(Value{"\x01\"\\\n\r\t\b\f/\x7f"}) == "\"\\u0001\\\"\\\\\\n\\r\\t\\b\\f/\x7f\"");
  CHECK(json(list({Value{std::numeric_limits<double>::infinity()}, Value{-std::numeric_limits<double>::infinity()}})) ==
        "[Infinity, -Infinity]");
  CHECK(json(dictionary({{number(1), none()}, {none(), none()}, {Value{true}, none()}, {Value{1.5}, none()}})) ==
        "{\"1\": null, \"null\": null, \"1.5\": null}");
}

TEST_CASE("options") {
  const Value value = dictionary({{Value{"b"}, list({number(1), dictionary({})})}, {Value{"a"}, list({})}});
  CHECK(json(value, {{"indent", number(2)}}) == "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": []\n}");
  CHECK(json(value, {{"indent", Value{"\t"}}, {"sort_keys", Value{true}}}) == "{\n\t\"a\": [],\n\t\"b\": [\n\t\t1,\n\t\t{}\n\t]\n}");
  CHECK(json(value, {{"separators", tuple({Value{","}, Value{":"}})}}) == "{\"b\":[1,{}],\"a\":[]}");
  CHECK(json(Value{"é😀\x7f"}, {{"ensure_ascii", Value{true}}}) == "\"\\u00e9\\ud83d\\ude00\\u007f\"");
  CHECK(json(list({number(1)}), {{"indent", number(0)}}) == "[\n1\n]");
}

TEST_CASE("what JSON has no form for is an error") {
  CHECK(json(Value::undefined("")) == "error: TypeError: Object of type Undefined is not JSON serializable");
  CHECK(json(list({Value::undefined("")})).starts_with("error: "));
  CHECK(json(dictionary({{tuple({}), none()}})) == "error: TypeError: keys must be str, int, float, bool or None, not tuple");
  CHECK(json(list({none()}), {{"indent", number(1'000'000)}}).starts_with("error: "));
  CHECK(json(dictionary({{number(1), none()}, {Value{"a"}, none()}}), {{"sort_keys", Value{true}}}).starts_with("error: TypeError"));
}

TEST_CASE("what shares its parts stays within the budget") {
  Value value = list({});
  for (int i = 0; i < 60; ++i) value = list({value, value});
  Runtime runtime{few_steps(100'000), std::tm{}};
  CHECK_FALSE(to_json(runtime, value, {}));
}
