// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/checked.hpp>

#include <doctest/doctest.h>

using namespace ingot;

static_assert(checked_add<std::uint32_t>(1, 2) == 3u);
static_assert(!checked_add<std::uint64_t>(~std::uint64_t{0}, 1));
static_assert(checked_mul<std::uint64_t>(1ull << 32, (1ull << 32) - 1) == ((1ull << 32) - 1) << 32);
static_assert(!checked_mul<std::uint64_t>(1ull << 32, 1ull << 32));
static_assert(checked_mul<std::uint64_t>(0, ~std::uint64_t{0}) == 0u);
static_assert(!checked_add<std::uint8_t>(200, 100) && checked_mul<std::uint8_t>(15, 17) == std::uint8_t{255});
static_assert(round_up(0, 16) == 0 && round_up(1, 16) == 16 && round_up(16, 16) == 16 && divide_up(17, 16) == 2);

TEST_CASE("checked products agree with wide ones") {
  for (std::uint32_t a = 0; a < 256; ++a)
    for (std::uint32_t b = 0; b < 256; ++b) {
      const auto product = checked_mul(static_cast<std::uint8_t>(a), static_cast<std::uint8_t>(b));
      REQUIRE(product.has_value() == (a * b < 256));
      if (product) REQUIRE(*product == a * b);
    }
}
