// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/exp.hpp>

#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using ingot::kernels::exponential;
using ingot::kernels::FloatBatch;
using Isa = ingot::kernels::isa::scalar;

namespace {
float value(float x) {
  float lanes[FloatBatch<Isa>::size];
  exponential<Isa>(FloatBatch<Isa>(x)).store_unaligned(lanes);
  return lanes[0];
}
}  // namespace

TEST_CASE("the relative error stays below 1e-7 wherever the result is a normal float") {
  double worst = 0;
  for (float x = -87.3f; x < 88.3f; x += 0.0007f) worst = std::max(worst, std::fabs(value(x) / std::exp(static_cast<double>(x)) - 1));
  CHECK(worst < 1e-7);
  MESSAGE("largest relative error ", worst);
}

TEST_CASE("special values") {
  CHECK(value(0.0f) == 1.0f);
  CHECK(value(-0.0f) == 1.0f);
  CHECK(value(-88.0f) == 0.0f);
  CHECK(value(-1e30f) == 0.0f);
  CHECK(value(-std::numeric_limits<float>::infinity()) == 0.0f);
  CHECK(value(200.0f) == value(88.3f));
  CHECK(std::isfinite(value(std::numeric_limits<float>::infinity())));
  CHECK(std::isnan(value(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("the coarse one stays within 2e-5 up to 0") {
  const auto coarse = [](float x) {
    float lanes[FloatBatch<Isa>::size];
    ingot::kernels::coarse_exponential<Isa>(FloatBatch<Isa>(x)).store_unaligned(lanes);
    return lanes[0];
  };
  double worst = 0;
  for (float x = -87.3f; x <= 0; x += 0.0007f) worst = std::max(worst, std::fabs(coarse(x) / std::exp(static_cast<double>(x)) - 1));
  CHECK(worst < 2e-5);
  CHECK(coarse(0.0f) == 1.0f);
  for (const float x : {-88.0f, -1e30f, -std::numeric_limits<float>::infinity()}) CHECK(coarse(x) == 0.0f);
  CHECK(std::isnan(coarse(std::numeric_limits<float>::quiet_NaN())));
  MESSAGE("largest relative error ", worst);
}

TEST_CASE("every ISA computes the same through softmax") {
  for (const fixtures::Functions* f : fixtures::runnable())
    for (float x = -80; x < 0; x += 0.37f) {
      float pair[2] = {x, 0};
      f->softmax(pair, 2);
      const double e = std::exp(static_cast<double>(x));
      CHECK(std::fabs(pair[0] / (e / (1 + e)) - 1) < 4e-7);
    }
}
