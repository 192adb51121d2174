// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/elementwise.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

namespace {

constexpr std::size_t lengths[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 33, 64, 100, 576, 1000};
constexpr float untouched = -777.0f;

/// Largest difference in units of `scale`.
double distance(const std::vector<float>& got, const std::vector<double>& expected, double scale) {
  double worst = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) worst = std::max(worst, std::fabs(got[i] - expected[i]) / scale);
  return worst;
}

}  // namespace

TEST_CASE("rms_norm") {
  Random random{1};
  for (const Functions* f : runnable())
    for (const std::size_t n : lengths) {
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
    }
}

TEST_CASE("add, swiglu and softmax") {
  Random random{2};
  for (const Functions* f : runnable())
    for (const std::size_t n : lengths) {
      CAPTURE(f->isa);
      CAPTURE(n);
      const auto a = random.normals(n), b = random.normals(n);
      std::vector<float> y(a);
      y.push_back(untouched);
      f->add(y.data(), b.data(), n);
      for (std::size_t i = 0; i < n; ++i) CHECK(y[i] == a[i] + b[i]);
      CHECK(y[n] == untouched);

      f->swiglu(a.data(), b.data(), y.data(), n);
      std::vector<double> expected(n);
      for (std::size_t i = 0; i < n; ++i) expected[i] = a[i] / (1 + std::exp(-static_cast<double>(a[i]))) * b[i];
      CHECK(distance(y, expected, 3) < 1e-6);
      CHECK(y[n] == untouched);

      std::copy(a.begin(), a.end(), y.begin());
      for (std::size_t i = 0; i < n; ++i) y[i] *= 10;
      double sum = 0;
      for (std::size_t i = 0; i < n; ++i)
        sum += expected[i] = std::exp(static_cast<double>(y[i]) - *std::max_element(y.begin(), y.end() - 1));
      if (*std::max_element(y.begin(), y.end() - 1) < untouched) continue;
      for (double& e : expected) e /= sum;
      f->softmax(y.data(), n);
      CHECK(distance(y, expected, 1) < 1e-6);
      CHECK(y[n] == untouched);
    }
}

TEST_CASE("maximum looks at numbers only") {
  Random random{4};
  constexpr float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const Functions* f : runnable())
    for (const std::size_t n : lengths) {
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

TEST_CASE("swiglu far from zero") {
  for (const Functions* f : runnable()) {
    const float gate[] = {-1000, -100, -87, -0.0f, 0, 87, 100, 1000}, up[] = {1, 1, 1, 1, 1, 1, 1, 1};
    float y[8];
    f->swiglu(gate, up, y, 8);
    for (int i = 0; i < 4; ++i) CHECK(std::fabs(y[i]) < 1e-34f);
    CHECK(y[4] == 0);
    for (int i = 5; i < 8; ++i) CHECK(y[i] == gate[i]);
  }
}

TEST_CASE("rope_half rotates pairs and leaves the rest") {
  Random random{3};
  for (const Functions* f : runnable())
    for (const std::size_t rotary : {2u, 4u, 6u, 16u, 32u, 64u, 80u, 128u}) {
      const std::size_t half = rotary / 2;
      auto head = random.normals(rotary + 5);
      const auto before = head;
      std::vector<float> cosine(half), sine(half);
      for (std::size_t i = 0; i < half; ++i)
        cosine[i] = std::cos(0.37f * static_cast<float>(i + 1)), sine[i] = std::sin(0.37f * static_cast<float>(i + 1));
      f->rope_half(head.data(), cosine.data(), sine.data(), rotary);
      for (std::size_t i = 0; i < half; ++i) {
        const double a = before[i], b = before[i + half];
        CHECK(std::fabs(head[i] - (a * cosine[i] - b * sine[i])) < 1e-6);
        CHECK(std::fabs(head[i + half] - (b * cosine[i] + a * sine[i])) < 1e-6);
      }
      for (std::size_t i = rotary; i < head.size(); ++i) CHECK(head[i] == before[i]);
    }
}
