// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/number_filters.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
std::string filtered(Filter filter, const Value& input, std::vector<Value> arguments = {}) {
  Runtime runtime{Limits{}, std::tm{}};
  return shown(filter(runtime, input, {std::move(arguments), {}}));
}
}  // namespace

TEST_CASE("int") {
  for (const auto& [text, value] : {std::pair{"42", "42"},
                                    {" -7 ", "-7"},
                                    {"4.7", "4"},
                                    {"1e3", "1000"},
                                    {"1_000", "1000"},
                                    {"1__0", "0"},
                                    {"x", "0"},
                                    {"", "0"},
                                    {"٣", "3"},
                                    {"99999999999999999999", "99999999999999999999"},
                                    {"inf", "0"},
                                    {"012", "12"},
                                    {"- 5", "0"}})
    CHECK(filtered(filters::integer, Value{text}) == value);
  CHECK(filtered(filters::integer, Value{"0x1f"}, {number(0), number(16)}) == "31");
  CHECK(filtered(filters::integer, Value{"0b11"}, {number(0), number(0)}) == "3");
  CHECK(filtered(filters::integer, Value{"zz"}, {number(9), number(36)}) == "1295");
  CHECK(filtered(filters::integer, Value{-4.9}) == "-4");
  CHECK(filtered(filters::integer, none(), {number(5)}) == "5");
  CHECK(filtered(filters::integer, Value{std::numeric_limits<double>::infinity()}).starts_with("error: OverflowError"));
  CHECK(filtered(filters::integer, Value::undefined("gone")) == "error: gone");
}

TEST_CASE("float") {
  for (const auto& [text, value] : {std::pair{"4.5", "4.5"},
                                    {" .5 ", "0.5"},
                                    {"5.", "5.0"},
                                    {"-1e3", "-1000.0"},
                                    {"INF", "inf"},
                                    {"1e400", "inf"},
                                    {"1_0.5", "10.5"},
                                    {"x", "0.0"},
                                    {"0x1", "0.0"},
                                    {"", "0.0"}})
    CHECK(filtered(filters::real, Value{text}) == value);
  CHECK(filtered(filters::real, Value{true}) == "1.0");
}

TEST_CASE("round") {
  CHECK(filtered(filters::round, Value{2.5}) == "2.0");
  CHECK(filtered(filters::round, Value{3.5}) == "4.0");
  CHECK(filtered(filters::round, Value{-0.4}) == "-0.0");
  CHECK(filtered(filters::round, Value{2.675}, {number(2)}) == "2.67");
  CHECK(filtered(filters::round, number(1250), {number(-2)}) == "1200");
  CHECK(filtered(filters::round, number(1350), {number(-2)}) == "1400");
  CHECK(filtered(filters::round, Value{42.55}, {number(1), Value{"floor"}}) == "42.5");
  CHECK(filtered(filters::round, Value{42.51}, {number(1), Value{"ceil"}}) == "42.6");
  CHECK(filtered(filters::round, Value{"a"}).starts_with("error: "));
  CHECK(filtered(filters::round, Value{1.0}, {number(1'000'000)}).starts_with("error: "));
}

TEST_CASE("sum, abs and sizes") {
  CHECK(filtered(filters::sum, list({number(1), Value{0.5}})) == "1.5");
  CHECK(filtered(filters::sum, list({list({number(1)})}), {none(), list({})}) == "[1]");
  CHECK(filtered(filters::sum, list({Value{"a"}})).starts_with("error: TypeError"));
  CHECK(filtered(filters::absolute, number(std::numeric_limits<std::int64_t>::min())) == "9223372036854775808");
  CHECK(filtered(filters::file_size, number(1)) == "'1 Byte'");
  CHECK(filtered(filters::file_size, number(1'500'000)) == "'1.5 MB'");
  CHECK(filtered(filters::file_size, number(1'500'000), {Value{true}}) == "'1.4 MiB'");
  CHECK(filtered(filters::file_size, Value{1e30}) == "'1000000.0 YB'");
}
