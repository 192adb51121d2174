// SPDX-License-Identifier: Apache-2.0
#include <ingot/quant/two_of_four.hpp>

#include <array>
#include <cstdint>
#include <vector>

#include <doctest/doctest.h>

using namespace ingot::quant;

TEST_CASE("every six digits come back from their word") {
  for (std::uint32_t number = 0; number < 46656; ++number) {
    std::array<std::uint32_t, word_fours> digits{};
    for (std::size_t i = word_fours, rest = number; i-- > 0; rest /= 6) digits[i] = static_cast<std::uint32_t>(rest % 6);
    const std::uint16_t word = word_of(digits);
    for (std::size_t i = 0; i < word_fours; ++i) REQUIRE(leading_digit(advanced(word, i)) == digits[i]);
  }
}

TEST_CASE("whatever word a file holds, its digits name places") {
  for (std::uint32_t word = 0; word < 65536; ++word)
    for (std::size_t i = 0; i < word_fours; ++i) REQUIRE(leading_digit(advanced(static_cast<std::uint16_t>(word), i)) < all_places.size());
  for (const Places& places : all_places) {
    CHECK(places.first < places.second);
    CHECK(places.second < 4);
    CHECK(all_places[digit_of(places)] == places);
  }
}

TEST_CASE("places are those of the codes that are not zero; of three or four there are none") {
  for (std::uint32_t mask = 0; mask < 16; ++mask) {
    std::array<std::uint8_t, 4> codes{};
    std::size_t count = 0;
    for (std::size_t i = 0; i < 4; ++i) count += (mask >> i & 1u), codes[i] = (mask >> i & 1u) != 0 ? 3 : 8;
    Places places{};
    CHECK(find_places(codes, 8, places) == (count <= 2));
    CHECK(places.first < places.second);
    for (std::uint8_t i = 0; i < 4 && count <= 2; ++i)
      if (codes[i] != 8) CHECK((i == places.first || i == places.second));
  }
}
