// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/float16.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace ingot;

static_assert(to_float(f16{0x3c00}) == 1.0f && to_float(f16{0x0001}) == 0x1p-24f && to_float(f16{0xfbff}) == -65504.0f);
static_assert(to_f16(65519.9f).bits == 0x7bff && to_f16(65520.0f).bits == 0x7c00 && to_f16(1.0f + 0x1p-11f).bits == 0x3c00);
static_assert(to_bf16(1.0f + 0x1p-8f).bits == 0x3f80 && to_bf16(1.0f + 0x1.8p-7f).bits == 0x3f82, "ties to even");

static_assert(is_exact_f16(1.5f) && is_exact_f16(-0x1p-24f) && is_exact_f16(65504.0f) && is_exact_f16(0.0f));
static_assert(!is_exact_f16(0x1p-25f) && !is_exact_f16(65536.0f) && !is_exact_f16(1.0f + 0x1p-11f));
static_assert(!is_exact_f16(std::numeric_limits<float>::infinity()) && !is_exact_f16(std::numeric_limits<float>::quiet_NaN()));

TEST_CASE("every half survives the way to float and back") {
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const f16 half{static_cast<std::uint16_t>(i)};
    const float value = to_float(half);
    if (std::isnan(value)) {
      CHECK(std::isnan(to_float(to_f16(value))));
    } else {
      REQUIRE(to_f16(value) == half);
    }
    const bf16 brain{static_cast<std::uint16_t>(i)};
    if (!std::isnan(to_float(brain))) REQUIRE(to_bf16(to_float(brain)) == brain);
  }
}

TEST_CASE("rounding picks the nearest half, ties to even") {
  for (std::uint32_t i = 0; i + 1 < 0x7c00; ++i) {  // every gap between neighbouring finite halves
    const float low = to_float(f16{static_cast<std::uint16_t>(i)}), high = to_float(f16{static_cast<std::uint16_t>(i + 1)});
    const float middle = low + (high - low) / 2;
    REQUIRE(to_f16(middle).bits == (i % 2 == 0 ? i : i + 1));
    REQUIRE(to_f16(std::nextafter(middle, 0.0f)).bits == i);
    REQUIRE(to_f16(-std::nextafter(middle, 1e9f)).bits == ((i + 1) | 0x8000));
  }
}

TEST_CASE("out of range and not a number") {
  const float infinity = std::numeric_limits<float>::infinity();
  CHECK(to_f16(infinity).bits == 0x7c00);
  CHECK(to_f16(-1e10f).bits == 0xfc00);
  CHECK(std::isnan(to_float(to_bf16(std::numeric_limits<float>::quiet_NaN()))));
  CHECK(to_bf16(std::numeric_limits<float>::max()).bits == 0x7f80);
}
