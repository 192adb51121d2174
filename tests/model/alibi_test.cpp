// SPDX-License-Identifier: Apache-2.0
#include <ingot/model/alibi.hpp>

#include <cmath>
#include <vector>

#include <doctest/doctest.h>

using ingot::model::alibi_slopes;

TEST_CASE("slopes of a power of two of heads are a geometric sequence from 2^(-8/n) to 2^-8") {
  CHECK(alibi_slopes(1) == std::vector<float>{1.0f / 256});
  CHECK(alibi_slopes(8) == std::vector<float>{0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f, 0.015625f, 0.0078125f, 0.00390625f});
}

TEST_CASE("further heads take every other slope of twice as many") {
  const auto forty = alibi_slopes(40), thirty_two = alibi_slopes(32), sixty_four = alibi_slopes(64);
  REQUIRE(forty.size() == 40);
  for (std::size_t i = 0; i < 32; ++i) CHECK(forty[i] == thirty_two[i]);
  for (std::size_t i = 0; i < 8; ++i) CHECK(forty[32 + i] == sixty_four[2 * i]);
  CHECK(alibi_slopes(5).back() == doctest::Approx(std::exp2(-1.0)));
  CHECK(alibi_slopes(0).empty());
}
