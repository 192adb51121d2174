// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/tanh.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

using ingot::kernels::FloatBatch;
using Isa = ingot::kernels::isa::scalar;

namespace {
float value(float x) {
  float lanes[FloatBatch<Isa>::size];
  ingot::kernels::hyperbolic_tangent<Isa>(FloatBatch<Isa>(x)).store_unaligned(lanes);
  return lanes[0];
}
}  // namespace

TEST_CASE("the relative error stays below 2e-7 from tiny to large") {
  double worst = 0;
  const auto look = [&](float x) { worst = std::max(worst, std::fabs(value(x) / std::tanh(static_cast<double>(x)) - 1)); };
  for (float x = 1e-30f; x < 1e30f; x *= 1.0007f) look(x), look(-x);
  for (float x = 0.5f; x < 10; x += 0.0001f) look(x), look(-x);
  CHECK(worst < 2e-7);
  MESSAGE("largest relative error ", worst);
}

TEST_CASE("special values") {
  CHECK(value(0.0f) == 0.0f);
  CHECK(value(std::numeric_limits<float>::infinity()) == 1.0f);
  CHECK(value(-std::numeric_limits<float>::infinity()) == -1.0f);
  CHECK(std::isnan(value(std::numeric_limits<float>::quiet_NaN())));
}
