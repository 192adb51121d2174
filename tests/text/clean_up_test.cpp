// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/clean_up.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
std::string replaced(std::string text, std::string_view from, std::string_view to) {
  replace_all(text, from, to);
  return text;
}
std::string cleaned(std::string text) {
  clean_up_spaces(text);
  return text;
}
}  // namespace

TEST_CASE("replacements are not looked through again") {
  CHECK(replaced("aaab", "aa", "a") == "aab");
  CHECK(replaced("a|b|", "|", "") == "ab");
  CHECK(replaced("ab", "x", "y") == "ab");
}

TEST_CASE("an empty text to replace stands between all characters") {
  CHECK(replaced("a\u00e9", "", " ") == " a \u00e9 ");
  CHECK(replaced("", "", "x") == "x");
}

TEST_CASE("blanks before punctuation and short forms, one rule after the other") {
  CHECK(cleaned("it 's fine , is n't it ? do not !") == "it's fine, isn't it? don't!");
  CHECK(cleaned("a ' b 'm 've 're") == "a'b'm've're");
  CHECK(cleaned("a  .") == "a .");
}
