// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/format.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
std::string formatted(const char* format, Arguments arguments, bool markup = false) {
  Runtime runtime{Limits{}, std::tm{}};
  return shown(format_method(runtime, *Value{std::string{format}, markup}.text(), arguments));
}
}  // namespace

TEST_CASE("fields by position, name, attribute and item") {
  CHECK(formatted("{} {}", {{number(1), Value{"a"}}, {}}) == "'1 a'");
  CHECK(formatted("{1}{0}{{}}", {{number(1), number(2)}, {}}) == "'21{}'");
  CHECK(formatted("{x[k]} {x.k} {0[1]}", {{list({none(), number(5)})}, {{"x", dictionary({{Value{"k"}, number(7)}})}}}) == "'7 7 5'");
  CHECK(formatted("{!r:>5}|{:{}}|{:{w}.1}", {{Value{"a"}, Value{"b"}, number(3), Value{"cd"}}, {{"w", number(2)}}}) == "\"  'a'|b  |c \"");
}

TEST_CASE("markup escapes its fields") { CHECK(formatted("<{}>", {{Value{"<"}}, {}}, true) == "Markup('<&lt;>')"); }

TEST_CASE("format_map takes a mapping") {
  Runtime runtime{Limits{}, std::tm{}};
  const Value text{"{a}"};
  CHECK(shown(format_map_method(runtime, *text.text(), {{dictionary({{Value{"a"}, number(1)}})}, {}})) == "'1'");
  CHECK_FALSE(format_map_method(runtime, *text.text(), {{number(1)}, {}}));
}

TEST_CASE("mistakes are errors") {
  for (const char* bad :
       {"{", "}", "{}{}", "{0}{}", "{}{0}", "{x}", "{0!x}", "{0!r5}", "{0[a}", "{0.}", "{:{:{}}}", "{5}", "{99999999999}", "{0.x.y}"})
    CHECK(formatted(bad, {{number(1)}, {}}).starts_with("error: "));
}
