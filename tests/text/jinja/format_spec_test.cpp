// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/format_spec.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
std::string formatted(const Value& value, const char* spec) {
  Budget budget;
  const auto text = format_value(budget, value, spec);
  return text ? *text : "error: " + text.error().message();
}
}  // namespace

TEST_CASE("specifications for text") {
  CHECK(formatted(Value{"ab"}, "5") == "ab   ");
  CHECK(formatted(Value{"ab"}, ">5") == "   ab");
  CHECK(formatted(Value{"ab"}, "日^5.1") == "日日a日日");
  CHECK(formatted(Value{"ab"}, "05") == "ab000");
  CHECK(formatted(Value{"ab"}, "=5").starts_with("error: "));
  CHECK(formatted(Value{"ab"}, "d") == "error: ValueError: Unknown format code 'd' for object of type 'str'");
}

TEST_CASE("specifications for numbers") {
  CHECK(formatted(number(1234567), ",") == "1,234,567");
  CHECK(formatted(number(-5), "+06d") == "-00005");
  CHECK(formatted(number(1234), "010,") == "00,001,234");
  CHECK(formatted(number(255), "#x") == "0xff");
  CHECK(formatted(number(255), "_b") == "1111_1111");
  CHECK(formatted(number(65), "c") == "A");
  CHECK(formatted(Value{true}, "3") == "  1");
  CHECK(formatted(Value{3.14159}, "05.2f") == "03.14");
  CHECK(formatted(Value{3.14159}, ".3") == "3.14");
  CHECK(formatted(Value{3.0}, ".3") == "3.0");
  CHECK(formatted(Value{0.25}, "%") == "25.000000%");
  CHECK(formatted(Value{1234.5}, ",.1f") == "1,234.5");
  CHECK(formatted(number(5), "e") == "5.000000e+00");
  CHECK(formatted(number(5), ".2d").starts_with("error: "));
}

TEST_CASE("other values take no specification, and widths are bounded") {
  CHECK(formatted(none(), "") == "None");
  CHECK(formatted(none(), ">5") == "error: TypeError: unsupported format string passed to NoneType.__format__");
  CHECK(formatted(number(1), "99999999999999999999").starts_with("error: format wider"));
  CHECK(formatted(number(1), ".").starts_with("error: "));
  CHECK(formatted(number(1), "dd").starts_with("error: "));
}
