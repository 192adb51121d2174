// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/unicode.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
std::string lossy(std::string_view bytes) {
  std::string out;
  append_lossy(out, bytes, true);
  return out;
}
}  // namespace

static_assert(code_point_size('a') == 1 && code_point_size('\xc3') == 2 && code_point_size('\xe2') == 3 && code_point_size('\xf0') == 4);
static_assert(is_whitespace(U'\u3000') && is_whitespace(U'\u0085') && !is_whitespace(U'\u180e') && !is_whitespace(U'\u200b'));

TEST_CASE("every scalar value survives the way to UTF-8 and back") {
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string text;
    append_utf8(text, c);
    REQUIRE(text.size() == code_point_size(text[0]));
    REQUIRE(first_unit(text).state == Utf8Unit::complete);
    std::size_t at = 0;
    REQUIRE(next_code_point(text, at) == c);
    REQUIRE(at == text.size());
    REQUIRE(previous_code_point(text, at) == 0);
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
      const Utf8Unit unit = first_unit(std::string_view{text}.substr(0, cut));
      REQUIRE(unit.state == Utf8Unit::cut_off);
      REQUIRE(unit.size == cut);
    }
  }
}

TEST_CASE("one replacement character for each maximal invalid part") {  // as Rust's from_utf8_lossy
  CHECK(lossy("plain \xc3\xa9") == "plain \xc3\xa9");
  CHECK(lossy("\xf0\x9f\x98") == "\ufffd");
  CHECK(lossy("\xf0\x9f\x98x") == "\ufffdx");
  CHECK(lossy("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");  // a surrogate
  CHECK(lossy("\xc0\xaf\xe0\x80\x80") == "\ufffd\ufffd\ufffd\ufffd\ufffd");
  CHECK(lossy("\xf4\x90\x80\x80") == "\ufffd\ufffd\ufffd\ufffd");
  CHECK(lossy("\x80\xff"
              "a") ==
        "\ufffd\ufffd"
        "a");
}

TEST_CASE("a cut-off end is left for later") {
  std::string out;
  CHECK(append_lossy(out, "a\xe2\x82", false) == 1);
  CHECK(out == "a");
  CHECK(append_lossy(out, "\xe2\x82\xac\xe2", false) == 3);
  CHECK(out == "a\u20ac");
  CHECK(append_lossy(out, "\xe2", true) == 1);
  CHECK(out == "a\u20ac\ufffd");
}

TEST_CASE("invalid bytes never lead a step outside the text") {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const char text[] = {static_cast<char>(byte)};
    std::size_t at = 0;
    (void)next_code_point({text, 1}, at);
    CHECK(at == 1);
  }
}

TEST_CASE("character classes") {
  CHECK((is_numeric(U'7') && is_numeric(U'\u00bd') && is_numeric(U'\u2167') && is_numeric(U'\u0967') && !is_numeric(U'a')));
  CHECK((is_word(U'_') && is_word(U'\u00e9') && is_word(U'\u0301') && is_word(U'\u24d0') && is_word(U'\u200d') && !is_word(U'-') &&
         !is_word(U'\u00b2')));
}
