// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/word_pattern.hpp>

#include <random>
#include <string>

#include <doctest/doctest.h>

#include <ingot/text/regex.hpp>

using namespace ingot::text;

namespace {

constexpr std::string_view regexes[] = {
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
    R"('(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}+| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
    R"('(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+)",
};

/// Checks every match in `text`, and how many of them the regex had to give.
std::size_t compare(const Regex& regex, const WordPattern& words, std::string_view text) {
  RegexScratch scratch;
  std::size_t unsure = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto expected = regex.find(text, at, scratch);
    REQUIRE((expected && *expected && (*expected)->begin == at));
    const auto end = words.match_end(text, at);
    if (end && *end != (*expected)->end) FAIL("\"" << std::string{text} << "\" at " << at << ": " << *end << ", not " << (*expected)->end);
    unsure += !end;
    at = (*expected)->end;
  }
  return unsure;
}

}  // namespace

TEST_CASE("random texts are cut as the regex cuts them") {
  constexpr std::u32string_view alphabet =
      U"aZsStTmMdDrReEvVlL''''   \t\n\r\r\n\v\u0085\u00A0\u2028\u3000\u180E\u200B109\u0663\u00BD\u2167.,!/_-\u20AC\u4F60\u3042\u00E9\u0416"
      U"\u0301\u0903\u093E\u20DD\u017F\u212A\U0001F600\U0001D7D8\u0130\u02B0\u01C5\U00031350\U0003FFFF";
  for (const std::string_view pattern : regexes) {
    const auto words = WordPattern::recognise(pattern);
    REQUIRE(words);
    const auto regex = Regex::compile(pattern);
    REQUIRE(regex);
    std::mt19937 random{7};
    for (int round = 0; round < 4000; ++round) {
      std::string text;
      for (std::size_t size = 1 + random() % 24; size > 0; --size) {
        const char32_t c = alphabet[random() % alphabet.size()];
        for (std::size_t times = random() % 8 == 0 ? 2 + random() % 4 : 1; times > 0; --times) append_utf8(text, c);
      }
      compare(*regex, *words, text);
    }
  }
}

TEST_CASE("every character is of the kind that the regex takes it for") {
  for (const std::string_view pattern : {regexes[0], regexes[5]}) {
    const auto words = WordPattern::recognise(pattern);
    const auto regex = Regex::compile(pattern);
    REQUIRE((words && regex));
    std::string text;
    std::size_t unsure = 0, assigned = 0;
    for (char32_t c = 0; c < 0x110000; ++c) {
      if (c >= 0xD800 && c < 0xE000) continue;
      assigned += category(c) != UTF8PROC_CATEGORY_CN;
      if (category(c) == UTF8PROC_CATEGORY_CN && c % 64 != 0) continue;  // 830,000 of them: a sample is enough
      text = "a ";
      append_utf8(text, c);
      text += "a1";
      append_utf8(text, c);
      text += "! ";
      const std::size_t asked = compare(*regex, *words, text);
      if (category(c) != UTF8PROC_CATEGORY_CN) unsure += asked > 0;
    }
    CHECK(unsure < assigned / 25);  // what is fast for few characters only would not be fast
  }
}

TEST_CASE("other regexes are left to the engine") {
  CHECK(!WordPattern::recognise(R"(\p{N}{1,3})"));
  CHECK(!WordPattern::recognise(""));
}
