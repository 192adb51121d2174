// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/elementwise.hpp: norm, residual, rotary embedding, gated activation, maximum, softmax.

#include <cmath>
#include <cstddef>
#include <limits>

#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/exp.hpp>

namespace ingot::kernels {

/// y = x / sqrt(mean(x^2) + eps) * weight (RMSNorm, arXiv 1910.07467). y may be x.
template <class Isa>
void rms_norm(const float* x, const float* weight, float* y, std::size_t n, float eps) noexcept {
  using B = FloatBatch<Isa>;
  const auto square = [](B sum, B v) { return xsimd::fma(v, v, sum); };
  const auto add = [](B a, B b) { return a + b; };
  const float sum = sum_lanes<Isa>(fold<Isa>(x, n, 0.f, 0.f, square, add));
  const B scale(1.0f / std::sqrt(sum / static_cast<float>(n) + eps));
  transform<Isa>(
      y, n, [scale](B v, B w) { return v * scale * w; }, x, weight);
}

/// x += delta
template <class Isa>
void add(float* x, const float* delta, std::size_t n) noexcept {
  transform<Isa>(
      x, n, [](FloatBatch<Isa> a, FloatBatch<Isa> b) { return a + b; }, x, delta);
}

/// Rotates the pairs (i, i + rotary/2) of a head by the angles whose cosines and sines are given (arXiv 2104.09864, in the
/// order of GPT-NeoX).
template <class Isa>
void rope_half(float* head, const float* cosine, const float* sine, std::size_t rotary) noexcept {
  using B = FloatBatch<Isa>;
  const std::size_t half = rotary / 2;
  float* other = head + half;
  std::size_t i = 0;
  for (; i + B::size <= half; i += B::size) {
    const B a = B::load_unaligned(head + i), b = B::load_unaligned(other + i);
    const B c = B::load_unaligned(cosine + i), s = B::load_unaligned(sine + i);
    (a * c - b * s).store_unaligned(head + i);
    (b * c + a * s).store_unaligned(other + i);
  }
  if (i < half) {
    const std::size_t rest = half - i;
    const B a = load_part<Isa>(head + i, rest, 0.f), b = load_part<Isa>(other + i, rest, 0.f);
    const B c = load_part<Isa>(cosine + i, rest, 0.f), s = load_part<Isa>(sine + i, rest, 0.f);
    store_part<Isa>(head + i, a * c - b * s, rest);
    store_part<Isa>(other + i, b * c + a * s, rest);
  }
}

/// y = silu(gate) * up, silu(g) = g / (1 + e^-g) (arXiv 2002.05202). y may be gate or up.
template <class Isa>
void swiglu(const float* gate, const float* up, float* y, std::size_t n) noexcept {
  using B = FloatBatch<Isa>;
  transform<Isa>(
      y, n, [](B g, B u) { return g / (B(1.f) + exponential<Isa>(-g)) * u; }, gate, up);
}

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
