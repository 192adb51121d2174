// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/elementwise.hpp: norm, residual, rotary embedding, gated activation, softmax, argmax.

#include <cmath>
#include <cstddef>

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

template <class Isa>
float maximum(const float* x, std::size_t n) noexcept {
  using B = FloatBatch<Isa>;
  const auto larger = [](B a, B b) { return xsimd::max(a, b); };
  return max_lanes<Isa>(fold<Isa>(x, n, x[0], x[0], larger, larger));
}

/// The first index of the largest of n >= 1 values; 0 where they are not comparable (NaN). Blocks, so that only one is searched.
template <class Isa>
std::size_t argmax(const float* x, std::size_t n) noexcept {
  constexpr std::size_t block = 1024;
  std::size_t first = 0;
  float largest = maximum<Isa>(x, n < block ? n : block);
  for (std::size_t begin = block; begin < n; begin += block) {
    const float candidate = maximum<Isa>(x + begin, n - begin < block ? n - begin : block);
    if (candidate > largest) largest = candidate, first = begin;
  }
  for (std::size_t i = first; i < n; ++i)
    if (x[i] == largest) return i;
  return 0;
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
