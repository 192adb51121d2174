// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/printf.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
std::string formatted(const char* format, const Value& value, bool markup = false) {
  Budget budget;
  return shown(percent_format(budget, *Value{std::string{format}, markup}.text(), value));
}
}  // namespace

TEST_CASE("conversions, flags, widths, precisions") {
  CHECK(formatted("%s|%5s|%-5s|%.2s", tuple({none(), Value{"a"}, Value{"b"}, Value{"日本語"}})) == "'None|    a|b    |日本'");
  CHECK(formatted("%d|%05d|%+d|% d|%i|%.3d", tuple({Value{3.9}, number(-42), number(5), number(5), Value{true}, number(7)})) ==
        "'3|-0042|+5| 5|1|007'");
  CHECK(formatted("%x|%X|%#x|%o|%#o", tuple({number(255), number(255), number(255), number(8), number(8)})) == "'ff|FF|0xff|10|0o10'");
  CHECK(formatted("%.2f|%e|%g|%08.3f|%G", tuple({Value{2.0}, Value{12345.678}, Value{0.0001}, Value{-1.5}, Value{1e-10}})) ==
        "'2.00|1.234568e+04|0.0001|-001.500|1E-10'");
  CHECK(formatted("%c%c|%r|%%|%*d", tuple({number(0x65E5), Value{"x"}, Value{"q"}, number(4), number(3)})) == "\"日x|'q'|%|   3\"");
  CHECK(formatted("%(a)s %(b)03d %(a(b))s", dictionary({{Value{"a"}, number(1)}, {Value{"b"}, number(2)}, {Value{"a(b)"}, number(3)}})) ==
        "'1 002 3'");
}

TEST_CASE("what is no tuple is one argument") {
  CHECK(formatted("%s", list({number(1)})) == "'[1]'");
  CHECK(formatted("x", list({number(1)})) == "'x'");
  CHECK(formatted("%s", Value::undefined("")) == "''");
}

TEST_CASE("markup escapes what it takes in") {
  CHECK(formatted("<%s>", Value{"<"}, true) == "Markup('<&lt;>')");
  CHECK(formatted("<%s>", Value{std::string{"<"}, true}, true) == "Markup('<<>')");
}

TEST_CASE("mistakes are errors") {
  CHECK(formatted("%d", Value{"a"}) == "error: TypeError: %d format: a real number is required, not str");
  CHECK(formatted("%s %s", number(1)) == "error: TypeError: not enough arguments for format string");
  CHECK(formatted("x", number(1)) == "error: TypeError: not all arguments converted during string formatting");
  for (const char* bad : {"%", "%5", "%(a", "%(a)s", "%y", "%.", "%*d", "%99999d", "%.99999f", "%x"})
    CHECK(formatted(bad, Value{1.5}).starts_with("error: "));
}
