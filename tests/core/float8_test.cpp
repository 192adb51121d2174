// SPDX-License-Identifier: Apache-2.0
#include <ingot/core/float8.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using namespace ingot;

static_assert(to_float(f8_e4m3{0x38}) == 1.0f && to_float(f8_e4m3{0x7e}) == 448.0f && to_float(f8_e4m3{0xfe}) == -448.0f);
static_assert(to_float(f8_e4m3{0x01}) == 0x1p-9f && to_float(f8_e4m3{0x08}) == 0x1p-6f && to_float(f8_e4m3{0x07}) == 0x1.cp-7f);
static_assert(to_float(f8_e5m2{0x3c}) == 1.0f && to_float(f8_e5m2{0x7b}) == 57344.0f && to_float(f8_e5m2{0x01}) == 0x1p-16f);

static_assert(to_float(f8_e8m0{127}) == 1.0f && to_float(f8_e8m0{0}) == 0x1p-127f && to_float(f8_e8m0{254}) == 0x1p127f);

TEST_CASE("codes without a number") {
  CHECK(std::isnan(to_float(f8_e8m0{255})));
  CHECK(std::isnan(to_float(f8_e4m3{0x7f})));
  CHECK(std::isnan(to_float(f8_e4m3{0xff})));
  CHECK(std::isnan(to_float(f8_e5m2{0x7d})));
  CHECK(to_float(f8_e5m2{0xfc}) == -std::numeric_limits<float>::infinity());
}

TEST_CASE("both types rise with their codes and are odd in the sign") {
  for (std::uint8_t code = 0; code < 0x7e; ++code) {
    CHECK(to_float(f8_e4m3{code}) < to_float(f8_e4m3{static_cast<std::uint8_t>(code + 1)}));
    CHECK(to_float(f8_e4m3{static_cast<std::uint8_t>(code | 0x80)}) == -to_float(f8_e4m3{code}));
    if (code < 0x7c) CHECK(to_float(f8_e5m2{code}) < to_float(f8_e5m2{static_cast<std::uint8_t>(code + 1)}));
  }
  CHECK(std::signbit(to_float(f8_e4m3{0x80})));
  CHECK(std::signbit(to_float(f8_e5m2{0x80})));
}
