// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/number_format.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

TEST_CASE("floats in the formats of printf") {
  CHECK(real_format(12345.678, 'e', 2) == "1.23e+04");
  CHECK(real_format(-2.25, 'f', 1) == "2.2");
  CHECK(real_format(0.0001, 'g', 6) == "0.0001");
  CHECK(real_format(1e10, 'G', 3) == "1E+10");
  CHECK(real_format(2, 'f', 0, true) == "2.");
  CHECK(real_format(std::numeric_limits<double>::infinity(), 'F', 2) == "INF");
  CHECK(real_format(1e308, 'f', max_format_width).size() == 309 + 1 + max_format_width);
}

TEST_CASE("integers in other bases") {
  CHECK(*integer_format(number(-255), 16) == "ff");
  CHECK(*integer_format(number(255), 16, true) == "FF");
  CHECK(*integer_format(number(0), 2) == "0");
  CHECK(*integer_format(number(std::numeric_limits<std::int64_t>::min()), 8) == "1000000000000000000000");
  const Value big{Integer{std::string_view{"-99999999999999999999"}}};
  CHECK(*integer_format(big, 10) == "99999999999999999999");
  CHECK(integer_format(big, 16).error().exit_code() == 10);
}

TEST_CASE("padding counts code points") {
  CHECK(padded("日", 3, '>', "·") == "··日");
  CHECK(padded("ab", 5, '^', " ") == " ab  ");
  CHECK(padded("ab", 1, '<', " ") == "ab");
}
