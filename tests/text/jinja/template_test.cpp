// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/template.hpp>

#include <filesystem>
#include <fstream>

#include <ingot/text/jinja/context.hpp>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text::jinja;

TEST_CASE("snippets render as Jinja2 renders them") {
  std::ifstream file{std::filesystem::path{INGOT_GOLDEN_DIR} / "jinja" / "snippets.jsonl"};
  std::string line;
  REQUIRE(std::getline(file, line));
  const Value context = *value_of_json(line, "context");
  std::tm now{};  // as in tools/golden_jinja.py: Friday, 2026-01-02 03:04:05
  now.tm_year = 126;
  now.tm_mday = 2;
  now.tm_hour = 3;
  now.tm_min = 4;
  now.tm_sec = 5;
  now.tm_wday = 5;
  now.tm_yday = 1;
  std::size_t snippets = 0;
  while (std::getline(file, line)) {
    const auto row = value_of_json(line, "row");
    REQUIRE(row);
    const auto& fields = row->sequence()->items;
    const auto render = [&]() -> Result<std::string> {
      INGOT_TRY(const Template compiled, Template::compile(fields[0].text()->bytes));
      return compiled.render(context, now);
    };
    const auto text = render();
    CAPTURE(fields[0].text()->bytes);
    if (fields[1].text()) {
      const std::string got = text ? *text : text.error().message();
      CHECK(got == fields[1].text()->bytes);
    } else {
      CHECK_FALSE(text);
    }
    ++snippets;
  }
  CHECK(snippets > 250);
}

TEST_CASE("what cannot be compiled is told with its name and place") {
  CHECK(Template::compile("a\n{{ x", "t.jinja").error().message() ==
        "expected end of print statement, got 'end of template': t.jinja: line 2, column 5");
  CHECK(Template::compile("\xff", "t.jinja").error().message() == "template is not UTF-8: t.jinja");
  CHECK(Template::compile("{% include 'x' %}").error().exit_code() == 10);
  Limits limits;
  limits.source = 3;
  CHECK(Template::compile("abcd", {}, limits).error().exit_code() == 6);
}

TEST_CASE("one template renders many times, and only dictionaries are contexts") {
  const auto compiled = Template::compile("{% set ns = namespace(n=0) %}{% set ns.n = ns.n + 1 %}{{ ns.n }}");
  REQUIRE(compiled);
  const Value context = *value_of_json("{}", "c");
  CHECK(*compiled->render(context, std::tm{}) == "1");
  CHECK(*compiled->render(context, std::tm{}) == "1");
  CHECK_FALSE(compiled->render(*value_of_json("[]", "c"), std::tm{}));
}

TEST_CASE("the deepest recursion fits the stack") {
  const auto compiled = Template::compile(
      "{% macro m(n) %}{% if n %}{% for x in [n] %}{% with y = x %}{{ ('a' ~ (m(y) | string | trim)) if true }}{% endwith %}{% endfor %}{% "
      "endif %}{% endmacro %}{{ m(1) }}");
  REQUIRE(compiled);
  CHECK(compiled->render(*value_of_json("{}", "c"), std::tm{}).error().what.starts_with("evaluation nested deeper"));
}
