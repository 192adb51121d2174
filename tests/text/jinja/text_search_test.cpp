// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/text_search.hpp>

#include "text/jinja/values.hpp"
#include <ingot/text/jinja/text_methods.hpp>
#include <doctest/doctest.h>

using namespace ingot::text::jinja;

namespace {
std::string called(const char* text, const char* name, std::vector<Value> arguments = {}) {
  Runtime runtime{Limits{}, std::tm{}};
  const Value self{text};
  const TextMethod method = find_text_method(name);
  return method ? shown(method(runtime, *self.text(), {std::move(arguments), {}})) : "no method";
}
}  // namespace

TEST_CASE("splitting") {
  CHECK(called(" a b  c ", "split") == "['a', 'b', 'c']");
  CHECK(called(" a b  c ", "split", {none(), number(1)}) == "['a', 'b  c ']");
  CHECK(called(" a b  c ", "rsplit", {none(), number(1)}) == "[' a b', 'c']");
  CHECK(called("a,b,,c", "split", {Value{","}}) == "['a', 'b', '', 'c']");
  CHECK(called("a,b,c", "rsplit", {Value{","}, number(1)}) == "['a,b', 'c']");
  CHECK(called("", "split") == "[]");
  CHECK(called("a", "split", {Value{""}}) == "error: ValueError: empty separator");
  CHECK(called("a\nb\r\nc\u2028d\n", "splitlines") == "['a', 'b', 'c', 'd']");
  CHECK(called("a\r\nb", "splitlines", {Value{true}}) == "['a\\r\\n', 'b']");
  CHECK(called("a.b.c", "rpartition", {Value{"."}}) == "('a.b', '.', 'c')");
  CHECK(called("abc", "partition", {Value{"x"}}) == "('abc', '', '')");
}

TEST_CASE("searching counts code points") {
  CHECK(called("日本x", "find", {Value{"x"}}) == "2");
  CHECK(called("abcabc", "rfind", {Value{"bc"}, number(0), number(-1)}) == "1");
  CHECK(called("abc", "find", {Value{""}, number(9)}) == "-1");
  CHECK(called("abc", "index", {Value{"z"}}) == "error: ValueError: substring not found");
  CHECK(called("aaaa", "count", {Value{"aa"}}) == "2");
  CHECK(called("日本", "count", {Value{""}}) == "3");
  CHECK(called("Hello", "startswith", {tuple({Value{"x"}, Value{"He"}})}) == "True");
  CHECK(called("Hello", "endswith", {Value{"l"}, number(0), number(4)}) == "True");
}

TEST_CASE("joining wants text, and markup escapes") {
  CHECK(called(",", "join", {list({Value{"a"}, Value{"b"}})}) == "'a,b'");
  CHECK(called(",", "join", {list({number(1)})}) == "error: TypeError: sequence item 0: expected str instance, int found");
  Runtime runtime{Limits{}, std::tm{}};
  CHECK(shown(text_methods::join(runtime, *Value{std::string{"<"}, true}.text(), {{Value{"<&"}}, {}})) == "Markup('&lt;<&amp;')");
}
