// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/erfc.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using ingot::kernels::FloatBatch;
using Isa = ingot::kernels::isa::scalar;

namespace {
float value(float x) {
  float lanes[FloatBatch<Isa>::size];
  ingot::kernels::complementary_error<Isa>(FloatBatch<Isa>(x)).store_unaligned(lanes);
  return lanes[0];
}
}  // namespace

TEST_CASE("the absolute error stays below 5e-7, the relative one below 2e-4 before the tail vanishes") {
  double worst = 0, relative = 0;
  for (float x = 0; x < 12; x += 0.0001f) {
    const double expected = std::erfc(static_cast<double>(x));
    worst = std::max(worst, std::fabs(value(x) - expected));
    if (x < 5) relative = std::max(relative, std::fabs(value(x) / expected - 1));
  }
  CHECK(worst < 5e-7);
  CHECK(relative < 2e-4);
  MESSAGE("largest absolute error ", worst, ", relative ", relative);
}

TEST_CASE("the ends") {
  CHECK(value(0.0f) == doctest::Approx(1).epsilon(2e-7));
  CHECK(value(1e30f) == 0.0f);
  CHECK(value(std::numeric_limits<float>::infinity()) == 0.0f);
  CHECK(std::isnan(value(std::numeric_limits<float>::quiet_NaN())));
}
