// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/two_of_four.hpp: which two of four columns a 2:4 matrix keeps, in 8/3 bits.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ingot/core/config.hpp>

namespace ingot::quant {

/// The columns of four that are kept, the first before the second.
struct Places {
  std::uint8_t first, second;

  friend constexpr bool operator==(const Places&, const Places&) = default;
};

/// All there are; their numbers are digits in base 6.
inline constexpr std::array<Places, 6> all_places{{{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}};

/// Fours whose places one word of 16 bits holds: 6^6 = 46656. Four bits for each would cost a third more bytes than the 8/3, and take
/// from a decode of 4 bits in groups of 64 what makes it 1.3 times as fast as a dense one: (4 + 1/4) / (2 + 1 + 1/4) = 1.31, not 1.46.
inline constexpr std::size_t word_fours = 6;

/// The number of `places` in all_places.
[[nodiscard]] constexpr std::uint32_t digit_of(const Places& places) noexcept {
  std::uint32_t digit = 0;
  while (digit + 1 < all_places.size() && !(all_places[digit] == places)) ++digit;
  return digit;
}

/// Six digits as the fraction 0.d0d1d2d3d4d5 in base 6, rounded up to 16 bits: a multiplication by 6 brings the next digit to the front,
/// no division does. Whatever 16 bits a file holds, digits are below 6.
[[nodiscard]] constexpr std::uint16_t word_of(std::span<const std::uint32_t, word_fours> digits) noexcept {
  constexpr std::uint32_t words = 46656;
  std::uint32_t number = 0;
  for (const std::uint32_t digit : digits) number = number * 6 + digit;
  return static_cast<std::uint16_t>((number * 65536ull + words - 1) / words);
}
/// What follows after `count` digits: the word times 6^count, modulo 2^16.
[[nodiscard]] INGOT_INLINE constexpr std::uint16_t advanced(std::uint16_t word, std::size_t count) noexcept {
  for (; count != 0; --count) word = static_cast<std::uint16_t>(word * 6u);
  return word;
}
[[nodiscard]] INGOT_INLINE constexpr std::uint32_t leading_digit(std::uint16_t word) noexcept { return word * 6u >> 16; }

/// Places of the codes that are not `zero`, and of others before them where fewer than two are not. False where more are.
[[nodiscard]] constexpr bool find_places(std::span<const std::uint8_t, 4> codes, std::uint8_t zero, Places& places) noexcept {
  std::uint8_t at[4] = {}, count = 0;
  for (std::uint8_t i = 0; i < 4; ++i)
    if (codes[i] != zero) at[count++] = i;
  if (count >= 2)
    places = {at[0], at[1]};
  else
    places = {0, at[0] == 0 ? std::uint8_t{1} : at[0]};
  return count <= 2;
}

static_assert(sizeof(Places) == 2 && all_places[digit_of({1, 3})] == Places{1, 3});

}  // namespace ingot::quant
