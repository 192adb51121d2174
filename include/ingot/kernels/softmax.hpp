// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/softmax.hpp: the largest value of a row, and its softmax.

#include <cstddef>
#include <limits>

#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/exp.hpp>

namespace ingot::kernels {

/// The largest of n values that are numbers; -inf where none is.
template <class Isa>
float maximum(const float* x, std::size_t n) noexcept {
  using B = FloatBatch<Isa>;
  constexpr float least = -std::numeric_limits<float>::infinity();
  const auto larger = [](B a, B b) { return xsimd::select(b > a, b, a); };
  return max_lanes<Isa>(fold<Isa>(x, n, least, least, larger, larger));
}

/// x = e^(x - max) / sum, n >= 1.
template <class Isa>
void softmax(float* x, std::size_t n) noexcept {
  using B = FloatBatch<Isa>;
  const B largest(maximum<Isa>(x, n));
  transform<Isa>(
      x, n, [largest](B v) { return exponential<Isa>(v - largest); }, x);
  const auto plus = [](B a, B b) { return a + b; };
  const B inverse(1.0f / sum_lanes<Isa>(fold<Isa>(x, n, 0.f, 0.f, plus, plus)));
  transform<Isa>(
      x, n, [inverse](B v) { return v * inverse; }, x);
}

}  // namespace ingot::kernels
