// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/pattern.hpp>

#include <vector>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
std::vector<Span> matches(const Pattern& pattern, std::string_view text) {
  const auto matcher = Matcher::compile(pattern);
  REQUIRE(matcher);
  RegexScratch scratch;
  std::vector<Span> out;
  REQUIRE(matcher->each_match(text, scratch, [&](Span match) { out.push_back(match); }));
  return out;
}
using Spans = std::vector<Span>;
}  // namespace

TEST_CASE("literals do not overlap and mean themselves") {
  CHECK(matches({"aa", false}, "aaaaa") == Spans{{0, 2}, {2, 4}});
  CHECK(matches({".", false}, "a.b") == Spans{{1, 2}});
  CHECK(matches({"x", false}, "").empty());
}

TEST_CASE("regexes") { CHECK(matches({"a+", true}, "aabaa") == Spans{{0, 2}, {3, 5}}); }

TEST_CASE("empty matches, but none right behind another match") {
  CHECK(matches({"a*", true}, "aab") == Spans{{0, 2}, {3, 3}});
  CHECK(matches({"", true}, "é") == Spans{{0, 0}, {2, 2}});
  CHECK(matches({"", false}, "ab") == Spans{{0, 0}, {1, 1}, {2, 2}});
  CHECK(matches({"(?=b)", true}, "abb") == Spans{{1, 1}, {2, 2}});
}
