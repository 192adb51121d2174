// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/utf8.hpp>

#include <string>
#include <string_view>

#include <doctest/doctest.h>

using ingot::is_utf8;

TEST_CASE("the shortest forms of code points are text, and nothing else") {
  for (const std::string_view text : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                                      "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    CHECK(is_utf8(text));
  for (const std::string_view bytes : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                                       "\xf5\x80\x80\x80", "\xc2", "\xe2\x82", "\xf0\x9f\x98", "a\xff"})
    CHECK_FALSE(is_utf8(bytes));
  CHECK(is_utf8(std::string_view{"\0", 1}));
}

TEST_CASE("a fault is found wherever it stands") {
  for (std::size_t size = 1; size < 200; ++size) {
    std::string text(size, 'a');
    CHECK(is_utf8(text));
    for (const std::size_t at : {std::size_t{0}, size / 2, size - 1}) {
      text[at] = '\xbf';
      CHECK_FALSE(is_utf8(text));
      text[at] = 'a';
    }
  }
}
