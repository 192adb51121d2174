// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/functions.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

namespace {
struct Fixture {
  Runtime runtime{Limits{}, std::tm{}};
  std::string call(const char* name, Arguments arguments) {
    const GlobalFunction function = find_function(name);
    return function ? shown(function(runtime, arguments)) : "no function";
  }
  std::string range(std::vector<Value> arguments) {
    const auto made = functions::range(runtime, {std::move(arguments), {}});
    return made ? shown(list(made->sequence()->items)) : made.error().message();
  }
};
}  // namespace

TEST_CASE_FIXTURE(Fixture, "range") {
  CHECK(range({number(3)}) == "[0, 1, 2]");
  CHECK(range({number(5), number(0), number(-2)}) == "[5, 3, 1]");
  CHECK(range({number(0)}) == "[]");
  const auto least = std::numeric_limits<std::int64_t>::min(), most = std::numeric_limits<std::int64_t>::max();
  CHECK(range({number(least), number(most), number(most)}) == "[-9223372036854775808, -1, 9223372036854775806]");
  CHECK(range({number(most), number(least), number(least)}) == "[9223372036854775807, -1]");
  CHECK(range({number(100'001)}).starts_with("OverflowError: Range too big"));
  CHECK(range({number(1), number(2), number(0)}).starts_with("ValueError"));
  CHECK(call("range", {{number(1), number(9), number(3)}, {}}) == "range(1, 9, 3)");
}

TEST_CASE_FIXTURE(Fixture, "dict and namespace") {
  CHECK(call("dict", {{list({tuple({Value{"a"}, number(1)})})}, {{"b", number(2)}}}) == "{'a': 1, 'b': 2}");
  CHECK(call("dict", {{list({number(1)})}, {}}).starts_with("error: TypeError"));
  CHECK(call("namespace", {{dictionary({{Value{"a"}, number(1)}})}, {{"a", number(2)}}}) == "<Namespace {'a': 2}>");
  CHECK(call("namespace", {{dictionary({{number(1), number(1)}})}, {}}).starts_with("error: "));
}

TEST_CASE_FIXTURE(Fixture, "raise_exception gives its message, strftime_now the time") {
  const auto raised = functions::raise_exception(runtime, {{Value{"stop: é"}}, {}});
  CHECK(raised.error().code == ErrorCode::other);
  CHECK(raised.error().message() == "stop: é");
  runtime.now.tm_year = 126;
  runtime.now.tm_mday = 2;
  CHECK(call("strftime_now", {{Value{"%d %b %Y"}}, {}}) == "'02 Jan 2026'");
  CHECK(call("strftime_now", {{number(1)}, {}}).starts_with("error: "));
  CHECK(call("cycler", {}).starts_with("error: "));
  CHECK(call("nosuch", {}) == "no function");
}
