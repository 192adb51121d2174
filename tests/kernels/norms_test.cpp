// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/norms.hpp>

#include <algorithm>
#include <cmath>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE("rms_norm, with and without a weight") {
  Random random{1};
  for (const Functions* f : runnable())
    for (const std::size_t n : row_lengths) {
      CAPTURE(f->isa);
      CAPTURE(n);
      const auto x = random.normals(n), weight = random.normals(n);
      std::vector<float> y(n + 1, untouched);
      f->rms_norm(x.data(), weight.data(), y.data(), n, 1e-5f);
      double sum = 0;
      for (const float v : x) sum += static_cast<double>(v) * v;
      std::vector<double> expected(n);
      for (std::size_t i = 0; i < n; ++i) expected[i] = x[i] / std::sqrt(sum / static_cast<double>(n) + 1e-5f) * weight[i];
      CHECK(distance(y, expected, 3) < 1e-6);
      CHECK(y[n] == untouched);
      std::vector<float> in_place = x;
      f->rms_norm(in_place.data(), weight.data(), in_place.data(), n, 1e-5f);
      CHECK(std::equal(in_place.begin(), in_place.end(), y.begin()));

      in_place = x;
      f->rms_norm(in_place.data(), nullptr, in_place.data(), n, 1e-5f);
      for (std::size_t i = 0; i < n; ++i) expected[i] = x[i] / std::sqrt(sum / static_cast<double>(n) + 1e-5f);
      CHECK(distance(in_place, expected, 3) < 1e-6);
    }
}

TEST_CASE("layer_norm, with and without a bias, and of values far from zero") {
  Random random{5};
  for (const Functions* f : runnable())
    for (const std::size_t n : row_lengths)
      for (const float centre : {0.0f, 1000.0f}) {
        CAPTURE(f->isa);
        CAPTURE(n);
        CAPTURE(centre);
        auto x = random.normals(n);
        for (float& v : x) v += centre;
        const auto weight = random.normals(n), bias = random.normals(n);
        double mean = 0, variance = 0;
        for (const float v : x) mean += static_cast<double>(v) / static_cast<double>(n);
        for (const float v : x) variance += (v - mean) * (v - mean) / static_cast<double>(n);
        std::vector<double> plain(n), shifted(n);
        for (std::size_t i = 0; i < n; ++i) {
          plain[i] = (x[i] - mean) / std::sqrt(variance + static_cast<double>(0.01f)) * weight[i];
          shifted[i] = plain[i] + bias[i];
        }
        const double tolerance = centre == 0 ? 2e-6 : 5e-4;  // half a unit of 1000 in the mean, times 10
        std::vector<float> y(n + 1, untouched);
        f->layer_norm(x.data(), weight.data(), bias.data(), y.data(), n, 0.01f);
        CHECK(distance(y, shifted, 3) < tolerance);
        CHECK(y[n] == untouched);
        f->layer_norm(x.data(), weight.data(), nullptr, x.data(), n, 0.01f);
        CHECK(distance(x, plain, 3) < tolerance);
      }
}
