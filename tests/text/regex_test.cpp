// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/regex.hpp>

#include <vector>

#include <doctest/doctest.h>

using namespace ingot;
using namespace ingot::text;

namespace {
std::optional<Span> find(std::string_view pattern, std::string_view text, std::size_t from = 0) {
  const auto regex = Regex::compile(pattern);
  REQUIRE(regex);
  RegexScratch scratch;
  const auto found = regex->find(text, from, scratch);
  REQUIRE(found);
  return *found;
}
}  // namespace

TEST_CASE("searches start where they are told") {
  CHECK(find("b+", "abbcb") == Span{1, 3});
  CHECK(find("b+", "abbcb", 3) == Span{4, 5});
  CHECK(!find("x", "abbcb"));
  CHECK(find("(?<=b)c", "abbcb", 3) == Span{3, 4});  // lookbehind sees what lies before
  CHECK(find("x*", "ab", 2) == Span{2, 2});
}

TEST_CASE("Unicode as Oniguruma has it") {
  CHECK(!find(R"(\s)", "\u180e"));
  CHECK(find(R"(\s)", "a\u3000") == Span{1, 4});
  CHECK(find(R"(\p{L}+)", "1é中2") == Span{1, 6});
  CHECK(find("(?i:'s)", "x'\u017f") == Span{1, 4});
  CHECK(find(R"(\s+$)", "a  \nb") == Span{1, 3});      // $ stands before every line break
  CHECK(find(R"(\p{Han}+)", "。漢字") == Span{3, 9});  // script, not script extensions
  CHECK(find(R"([\p{L}&&[^\p{Han}]]+)", "漢ab字") == Span{3, 5});
}

TEST_CASE("a pattern that backtracks for ever ends in an error") {
  const auto regex = Regex::compile("(a|aa)+(b|c)$");
  REQUIRE(regex);
  RegexScratch scratch;
  const auto found = regex->find(std::string(5000, 'a'), 0, scratch);
  REQUIRE(!found);
  CHECK(found.error().code == ErrorCode::unsupported);
  CHECK(regex->find("aab", 0, scratch));  // the scratch is still good
}

TEST_CASE("long texts do not meet the limit or the stack's end") {
  const auto regex = Regex::compile(R"((?:\p{N}{1,3})+|\s+(?!\S)|\s+)");
  REQUIRE(regex);
  RegexScratch scratch;
  const std::string digits(300'000, '7'), spaces = std::string(300'000, ' ') + "x";
  CHECK(**regex->find(digits, 0, scratch) == Span{0, digits.size()});
  CHECK(**regex->find(spaces, 0, scratch) == Span{0, spaces.size() - 2});
}

TEST_CASE("what is no regex is damaged, with the pattern in the error") {
  const auto regex = Regex::compile("a(b");
  REQUIRE(!regex);
  CHECK(regex.error().code == ErrorCode::damaged);
  CHECK(regex.error().message().find("a(b") != std::string::npos);
  CHECK(!Regex::compile(R"(\C)"));
}

TEST_CASE("lookbehinds whose alternatives differ in length, and what is not supported by name") {
  CHECK(find("(?<=a|bcd)x", "ybcdx") == Span{4, 5});
  CHECK(find("(?<!a|bcd)x", "axbcdxyx") == Span{7, 8});
  for (const auto& [pattern, named] :
       {std::pair{"(?<=ab?)x", "lookbehind"}, {"(?<!a+)x", "lookbehind"}, {"(?~ab)", "(?~...)"}, {"\\y", "\\y"}, {"\\Y", "\\Y"}}) {
    const auto regex = Regex::compile(pattern);
    REQUIRE(!regex);
    CHECK(regex.error().code == ErrorCode::unsupported);
    CHECK(regex.error().message().find(named) != std::string::npos);
  }
}
