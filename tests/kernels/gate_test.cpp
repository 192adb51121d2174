// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/gate.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;
using kernels::Activation;

namespace {

constexpr Activation all[] = {Activation::silu, Activation::gelu, Activation::gelu_tanh, Activation::relu, Activation::quick_gelu};
static_assert(std::size(all) == kernels::activation_count);

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

double activated(Activation a, double x) {
  switch (a) {
    case Activation::silu:
      return x * sigmoid(x);
    case Activation::gelu:
      return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
    case Activation::gelu_tanh:
      return x * 0.5 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case Activation::relu:
      return x > 0 ? x : 0;
    case Activation::quick_gelu:
      return x * sigmoid(1.702 * x);
  }
  return NAN;
}

}  // namespace

TEST_CASE("gates and activations of every length") {
  Random random{2};
  for (const Functions* f : runnable())
    for (const Activation a : all)
      for (const std::size_t n : row_lengths) {
        CAPTURE(f->isa);
        CAPTURE(static_cast<int>(a));
        CAPTURE(n);
        auto x = random.normals(n), up = random.normals(n);
        for (float& v : x) v *= 2;
        std::vector<double> alone(n), gated(n);
        for (std::size_t i = 0; i < n; ++i) alone[i] = activated(a, x[i]), gated[i] = alone[i] * up[i];
        std::vector<float> y(n + 1, untouched);
        f->gate(a, x.data(), up.data(), y.data(), n);
        CHECK(distance(y, gated, 3) < 1e-6);
        CHECK(y[n] == untouched);
        f->gate(a, x.data(), up.data(), up.data(), n);
        CHECK(std::equal(up.begin(), up.end(), y.begin()));
        std::copy(x.begin(), x.end(), y.begin());
        f->activate(a, y.data(), n);
        CHECK(distance(y, alone, 3) < 1e-6);
        CHECK(y[n] == untouched);
      }
}

TEST_CASE("activations from tail to tail, and of what is no number") {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  for (const Functions* f : runnable())
    for (const Activation a : all) {
      CAPTURE(f->isa);
      CAPTURE(static_cast<int>(a));
      std::vector<float> x;
      for (float v = -30; v < 30; v += 0.0101f) x.push_back(v);
      auto y = x;
      f->activate(a, y.data(), y.size());
      double worst = 0;
      for (std::size_t i = 0; i < x.size(); ++i)
        worst = std::max(worst, std::fabs(y[i] - activated(a, x[i])) / std::max(std::fabs(static_cast<double>(x[i])), 1e-3));
      CHECK(worst < 3e-7);

      float ends[] = {-1e30f, -1000, -100, -0.0f, 0, 100, 1000, 1e30f, infinity, std::numeric_limits<float>::quiet_NaN()};
      f->activate(a, ends, std::size(ends));
      CHECK(std::fabs(ends[0]) < 1e-7f);  // silu and the like leave e^-88 of it
      for (int i = 1; i < 5; ++i) CHECK(std::fabs(ends[i]) < 1e-34f);
      CHECK(ends[5] == 100);
      CHECK(ends[6] == 1000);
      CHECK(ends[7] == 1e30f);
      CHECK(ends[8] == infinity);
      CHECK(std::isnan(ends[9]));
    }
}

TEST_CASE("the clamped gate bounds the gate from above and the other factor on both sides") {
  Random random{7};
  constexpr float limit = 7, alpha = 1.702f;
  for (const Functions* f : runnable())
    for (const std::size_t n : row_lengths) {
      CAPTURE(f->isa);
      CAPTURE(n);
      auto gate = random.normals(n), up = random.normals(n);
      for (float& v : gate) v *= 6;
      for (float& v : up) v *= 6;
      std::vector<double> expected(n);
      for (std::size_t i = 0; i < n; ++i) {
        const double g = std::min(gate[i], limit), u = std::clamp(up[i], -limit, limit);
        expected[i] = (u + 1) * g * sigmoid(static_cast<double>(alpha) * g);
      }
      std::vector<float> y(n + 1, untouched);
      f->gate_clamped(gate.data(), up.data(), y.data(), n, limit, alpha);
      CHECK(distance(y, expected, 56) < 3e-7);
      CHECK(y[n] == untouched);
      f->gate_clamped(gate.data(), up.data(), gate.data(), n, limit, alpha);
      CHECK(std::equal(gate.begin(), gate.end(), y.begin()));
    }
}

TEST_CASE("the sigmoid gate") {
  Random random{9};
  for (const Functions* f : runnable())
    for (const std::size_t n : row_lengths) {
      CAPTURE(f->isa);
      CAPTURE(n);
      auto x = random.normals(n), gate = random.normals(n);
      for (float& v : gate) v *= 5;
      std::vector<double> expected(n);
      for (std::size_t i = 0; i < n; ++i) expected[i] = x[i] * sigmoid(gate[i]);
      x.push_back(untouched);
      f->sigmoid_gate(x.data(), gate.data(), n);
      CHECK(distance(x, expected, 3) < 3e-7);
      CHECK(x[n] == untouched);
    }
}
