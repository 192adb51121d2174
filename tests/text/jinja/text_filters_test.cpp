// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/text_filters.hpp>

#include "text/jinja/values.hpp"
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
std::string filtered(Filter filter, const Value& input, std::vector<Value> arguments = {}) {
  Runtime runtime{Limits{}, std::tm{}};
  return shown(filter(runtime, input, {std::move(arguments), {}}));
}
}  // namespace

TEST_CASE("indent") {
  CHECK(filtered(filters::indent, Value{"a\n\nb\n"}) == "'a\\n\\n    b\\n'");
  CHECK(filtered(filters::indent, Value{"a\nb"}, {number(2), Value{true}}) == "'  a\\n  b'");
  CHECK(filtered(filters::indent, Value{"a\n\nb"}, {Value{"> "}, Value{true}, Value{true}}) == "'> a\\n> \\n> b'");
  CHECK(filtered(filters::indent, Value{""}) == "''");
  CHECK(filtered(filters::indent, Value{"a"}, {number(1'000'000'000)}).starts_with("error: string larger"));
}

TEST_CASE("truncate and wordwrap") {
  CHECK(filtered(filters::truncate, Value{"foo bar baz qux"}, {number(9)}) == "'foo...'");
  CHECK(filtered(filters::truncate, Value{"foo bar baz qux"}, {number(9), Value{true}}) == "'foo ba...'");
  CHECK(filtered(filters::truncate, Value{"foo bar baz qux"}, {number(11)}) == "'foo bar baz qux'");
  CHECK(filtered(filters::truncate, Value{"日本語日本語"}, {number(2), Value{true}, Value{""}, number(0)}) == "'日本'");
  CHECK(filtered(filters::truncate, Value{"a"}, {number(1)}).starts_with("error: AssertionError"));
  CHECK(filtered(filters::word_wrap, Value{"aa bb\ncc dd"}, {number(3)}) == "'aa\\nbb\\ncc\\ndd'");
  CHECK(filtered(filters::word_wrap, Value{"a"}, {number(0)}).starts_with("error: "));
}

TEST_CASE("escaping and its end") {
  CHECK(filtered(filters::escape, Value{"<"}) == "Markup('&lt;')");
  CHECK(filtered(filters::escape, Value{std::string{"<"}, true}) == "Markup('<')");
  CHECK(filtered(filters::force_escape, Value{std::string{"<"}, true}) == "Markup('&lt;')");
  CHECK(filtered(filters::safe, number(5)) == "Markup('5')");
  CHECK(filtered(filters::strip_tags, Value{"<b>a</b>  &lt;"}) == "'a <'");
}

TEST_CASE("titles, replacements, counts, encodings, formats") {
  CHECK(filtered(filters::title, Value{"it's foo-bar (baz)"}) == "\"It's Foo-Bar (Baz)\"");
  CHECK(filtered(filters::replace, number(155), {number(5), Value{"x"}, number(1)}) == "'1x5'");
  CHECK(filtered(filters::word_count, Value{"a-b c_d, é 日本"}) == "5");
  CHECK(filtered(filters::url_encode, Value{"a b/é&~"}) == "'a%20b/%C3%A9%26~'");
  CHECK(filtered(filters::url_encode, dictionary({{Value{"a b"}, Value{"c/d"}}})) == "'a+b=c%2Fd'");
  CHECK(filtered(filters::xml_attributes, dictionary({{Value{"a"}, Value{"<"}}, {Value{"b"}, none()}})) == "' a=\"&lt;\"'");
  CHECK(filtered(filters::xml_attributes, dictionary({{Value{"a b"}, Value{"<"}}})).starts_with("error: ValueError"));
  CHECK(filtered(filters::format, Value{"%s-%s"}, {number(1), number(2)}) == "'1-2'");
  CHECK(filtered(filters::center, Value{"a"}, {number(3)}) == "' a '");
}
