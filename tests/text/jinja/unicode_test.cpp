// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/unicode.hpp>

#include <doctest/doctest.h>

using namespace ingot::text::jinja::unicode;

TEST_CASE("UTF-8 is validated, read and written") {
  CHECK(valid("aé日😀"));
  for (const char* bad : {"\xff", "\xc0\x80", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "a\x80"}) CHECK_FALSE(valid(bad));
  std::string out;
  const std::string text = "aé日😀";
  for (std::size_t at = 0; at < text.size();) append(out, next(text, at));
  CHECK(out == text);
  CHECK(length(text) == 4);
  CHECK(offset(text, 0) == 0);
  CHECK(offset(text, 2) == 3);
  CHECK(offset(text, 1, 3) == 6);
  CHECK(offset(text, 9) == text.size());
  std::size_t cut = 0;
  CHECK(next("\xe6", cut) < 0x110000);  // a cut character is read without looking past the end
}

TEST_CASE("classes of characters are Python's") {
  for (const char32_t c : {U' ', U'\t', U'\x1c', U'\x85', U'\xa0', U'\u2028', U'\u3000'}) CHECK(is_space(c));
  for (const char32_t c : {U'\u200b', U'\ufeff', U'a', U'\0'}) CHECK_FALSE(is_space(c));
  CHECK(is_line_break(U'\x0b'));
  CHECK_FALSE(is_line_break(U'\t'));
  CHECK(is_alpha(U'ß'));
  CHECK_FALSE(is_alpha(U'1'));
  CHECK(is_decimal(U'٣'));
  CHECK(decimal_value(U'٣') == 3);
  CHECK(decimal_value(U'9') == 9);
  CHECK(decimal_value(U'\U0001D7E0') == 8);  // five alphabets of digits follow one another here
  CHECK((is_digit(U'²') && !is_decimal(U'²')));
  CHECK((is_numeric(U'½') && !is_digit(U'½')));
  CHECK((is_word(U'_') && is_word(U'é') && !is_word(U'-')));
  CHECK((is_upper(U'Ⅷ') && is_lower(U'ª') && is_title(U'ǅ')));
  CHECK((is_printable(U' ') && is_printable(U'😀') && !is_printable(U'\xa0') && !is_printable(U'\u200b') && !is_printable(U'\n')));
}

TEST_CASE("case mappings may change the length, and a final sigma has its own form") {
  CHECK(upper("straße ﬁ") == "STRASSE FI");
  CHECK(lower("ΑΣ ΣΑΣ Σ Σ'Α ΑΣ.") == "ας σας σ σ'α ας.");
  CHECK(lower("İ") == "i̇");
  std::string title;
  append_title(title, U'ß');
  append_title(title, U'ǆ');
  CHECK(title == "Ssǅ");
}

TEST_CASE("strip works on code points") {
  CHECK(strip("\u3000\x1c x \u0085") == "x");
  CHECK(strip(" \t ") == "");
  CHECK(strip("日本日", true, false, [](char32_t c) { return c == U'日'; }) == "本日");
  CHECK(strip("日本日", false, true, [](char32_t c) { return c == U'日'; }) == "日本");
}
