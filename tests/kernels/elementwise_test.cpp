// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/elementwise.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("add, add_scaled and scale") {
  Random random{2};
  for (const Functions* f : runnable())
    for (const std::size_t n : row_lengths) {
      CAPTURE(f->isa);
      CAPTURE(n);
      const auto a = random.normals(n), b = random.normals(n);
      std::vector<float> y(a);
      y.push_back(untouched);
      f->add(y.data(), b.data(), n);
      for (std::size_t i = 0; i < n; ++i) CHECK(y[i] == a[i] + b[i]);
      f->add_scaled(y.data(), b.data(), -0.3f, n);
      for (std::size_t i = 0; i < n; ++i) CHECK(std::fabs(y[i] - (a[i] + 0.7 * b[i])) < 2e-6);
      const auto before = y;
      f->scale(y.data(), 0.7f, n);
      for (std::size_t i = 0; i < n; ++i) CHECK(y[i] == before[i] * 0.7f);
      CHECK(y[n] == untouched);
    }
}

TEST_CASE("soft_cap bounds what is large and keeps what is small") {
  Random random{6};
  for (const Functions* f : runnable())
    for (const std::size_t n : row_lengths)
      for (const float cap : {1.0f, 30.0f, 50.0f}) {
        CAPTURE(f->isa);
        CAPTURE(n);
        CAPTURE(cap);
        auto x = random.normals(n + 1);
        for (float& v : x) v *= v * v * v * 100;  // from 1e-8 to 1e4
        x[n] = untouched;
        const auto before = x;
        f->soft_cap(x.data(), n, cap);
        double worst = 0;
        for (std::size_t i = 0; i < n; ++i) {
          const double expected = cap * std::tanh(before[i] / static_cast<double>(cap));
          worst = std::max(worst, std::fabs(x[i] / expected - 1));
        }
        CHECK(worst < 3e-7);
        CHECK(x[n] == untouched);
      }
}
