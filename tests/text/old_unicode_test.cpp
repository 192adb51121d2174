// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/old_unicode.hpp>

#include <doctest/doctest.h>

using namespace ingot::text;

namespace {
template <class Predicate>
int count(Predicate predicate) {
  int found = 0;
  for (char32_t c = 0; c < 0x110000; ++c) found += (c < 0xD800 || c > 0xDFFF) && predicate(c);
  return found;
}
}  // namespace

TEST_CASE("as many of each class as `tokenizers` has") {
  CHECK(count(is_mark) == 2097);
  CHECK(count(is_nonspacing_mark) == 1567);
  CHECK(count(is_punctuation) == 726);
  CHECK(count(is_other) == 137683);
}

TEST_CASE("what Unicode 15 puts elsewhere") {
  CHECK((is_mark(U'\u0301') && is_mark(U'\u0903') && is_mark(U'\u20dd') && is_mark(U'\u1cf2') && !is_mark(U'a') && !is_mark(0x8D3)));
  CHECK((is_nonspacing_mark(U'\u0301') && is_nonspacing_mark(0x1734) && !is_nonspacing_mark(U'\u0903') && !is_nonspacing_mark(0x1885)));
  CHECK((is_punctuation(U'$') && is_punctuation(U'_') && is_punctuation(U'\u3002') && is_punctuation(0x166D)));
  CHECK((!is_punctuation(U'\u20ac') && !is_punctuation(U' ') && !is_punctuation(0x2E52)));
  CHECK((is_other(U'\n') && is_other(U'\u200b') && is_other(0xE000) && !is_other(0x378) && !is_other(0x890)));
}
