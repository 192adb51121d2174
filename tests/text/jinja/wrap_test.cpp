// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/wrap.hpp>

#include <doctest/doctest.h>

using ingot::text::jinja::wrap;
using Lines = std::vector<std::string>;

TEST_CASE("words move to the next line, long ones are cut") {
  CHECK(wrap("The quick brown fox", 9, true, true) == Lines{"The quick", "brown fox"});
  CHECK(wrap("aaaaaaaaaa bb", 4, true, true) == Lines{"aaaa", "aaaa", "aa", "bb"});
  CHECK(wrap("aaaaaaaaaa bb", 4, false, true) == Lines{"aaaaaaaaaa", "bb"});
  CHECK(wrap("日本 日本", 2, true, true) == Lines{"日本", "日本"});
  CHECK(wrap("", 5, true, true).empty());
}

TEST_CASE("hyphens between words and dashes may end a line") {
  CHECK(wrap("well-known fact", 6, true, true) == Lines{"well-", "known", "fact"});
  CHECK(wrap("well-known fact", 6, false, false) == Lines{"well-known", "fact"});
  CHECK(wrap("one--two", 5, true, true) == Lines{"one--", "two"});
  CHECK(wrap("a-b", 2, true, true) == Lines{"a-", "b"});
}
