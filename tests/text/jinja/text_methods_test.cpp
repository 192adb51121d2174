// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/text_methods.hpp>

#include "text/jinja/values.hpp"
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

TEST_CASE("every method is found, and nothing else") {
  for (const char* name : {"capitalize", "casefold", "count", "isupper", "join", "split", "strip", "zfill"})
    CHECK((find_text_method(name) != nullptr));
  for (const char* name : {"", "a", "zzz", "encode", "Split"}) CHECK((find_text_method(name) == nullptr));
}

TEST_CASE("replacing and padding") {
  CHECK(called("日本", "replace", {Value{""}, Value{"-"}}) == "'-日-本-'");
  CHECK(called("aaa", "replace", {Value{"aa"}, Value{"b"}}) == "'ba'");
  CHECK(called("aaa", "replace", {Value{"a"}, Value{"b"}, number(2)}) == "'bba'");
  CHECK(called("ab", "center", {number(5)}) == "'  ab '");
  CHECK(called("-5", "zfill", {number(4)}) == "'-005'");
  CHECK(called("a\tb", "expandtabs", {number(4)}) == "'a   b'");
  CHECK(called("xxaxx", "strip", {Value{"x"}}) == "'a'");
  CHECK(called("ab", "rjust", {number(3), Value{"ab"}}).starts_with("error: "));
}

TEST_CASE("cases and classes") {
  CHECK(called("they're bill's", "title") == "\"They'Re Bill'S\"");
  CHECK(called("ßA", "capitalize") == "'Ssa'");
  CHECK(called("aB", "swapcase") == "'Ab'");
  CHECK(called("Straße", "casefold") == "'strasse'");
  CHECK(called("ab1", "islower") == "True");
  CHECK(called("", "isalpha") == "False");
  CHECK(called("", "isascii") == "True");
  CHECK(called("Hello World", "istitle") == "True");
  CHECK(called("1a", "isidentifier") == "False");
}

TEST_CASE("no method makes more than the limit") {
  const Value huge = number(std::numeric_limits<std::int64_t>::max());
  for (const char* name : {"center", "ljust", "rjust", "zfill"}) CHECK(called("a", name, {huge}).starts_with("error: "));
  CHECK(called("\t", "expandtabs", {huge}).starts_with("error: "));
  Limits limits;
  limits.output = 100;
  Runtime runtime{limits, std::tm{}};
  const Value text{std::string(50, 'a')};
  CHECK_FALSE(text_methods::replace(runtime, *text.text(), {{Value{"a"}, Value{"bbb"}}, {}}));
  CHECK_FALSE(text_methods::join(runtime, *text.text(), {{Value{"abcdef"}}, {}}));
}
