// SPDX-License-Identifier: Apache-2.0
#include <ingot/text/jinja/special_casing.hpp>

#include <doctest/doctest.h>

using namespace ingot::text::jinja::unicode;

TEST_CASE("the table is sorted and finds its ends") {
  for (std::size_t i = 1; i < std::size(special_casings); ++i) REQUIRE(special_casings[i - 1].from < special_casings[i].from);
  REQUIRE(find_special_casing(U'ß'));
  CHECK(find_special_casing(U'ß')->upper == std::array<char32_t, 3>{U'S', U'S', 0});
  CHECK(find_special_casing(U'ß')->title == std::array<char32_t, 3>{U'S', U's', 0});
  CHECK(find_special_casing(U'\ufb17'));
  CHECK_FALSE(find_special_casing(U'a'));
  CHECK_FALSE(find_special_casing(0x10FFFF));
}
