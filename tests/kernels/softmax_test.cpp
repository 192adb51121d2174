// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/softmax.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("softmax of every length") {
  Random random{2};
  for (const Functions* f : runnable())
    for (const std::size_t n : row_lengths) {
      CAPTURE(f->isa);
      CAPTURE(n);
      auto x = random.normals(n);
      for (float& v : x) v *= 10;
      const float largest = *std::max_element(x.begin(), x.end());
      std::vector<double> expected(n);
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i) sum += expected[i] = std::exp(static_cast<double>(x[i] - largest));
      for (double& e : expected) e /= sum;
      x.push_back(untouched);
      f->softmax(x.data(), n);
      CHECK(distance(x, expected, 1) < 1e-6);
      CHECK(x[n] == untouched);
    }
}

TEST_CASE("maximum looks at numbers only") {
  Random random{4};
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const Functions* f : runnable())
    for (const std::size_t n : row_lengths) {
      CAPTURE(f->isa);
      CAPTURE(n);
      auto x = random.normals(n + 1);
      for (float& v : x) v -= 10;  // all below zero: padding must not win
      x[n] = 100;
      CHECK(f->maximum(x.data(), n) == *std::max_element(x.begin(), x.end() - 1));
      for (const std::size_t at : {std::size_t{0}, n / 2, n - 1}) {
        std::vector<float> rare(n, nan);
        CHECK(f->maximum(rare.data(), n) == -infinity);
        rare[at] = -3;
        CHECK(f->maximum(rare.data(), n) == -3);
      }
    }
}
