// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/norms.hpp: RMSNorm and LayerNorm of a row.

#include <cmath>
#include <cstddef>

#include <ingot/kernels/batches.hpp>

namespace ingot::kernels {

namespace detail {
/// The sum of f(x[i]); f(fill) must be 0.
template <class Isa, class F>
[[nodiscard]] INGOT_INLINE float sum_of(const float* x, std::size_t n, float fill, F&& f) noexcept {
  using B = FloatBatch<Isa>;
  const auto add = [](B a, B b) { return a + b; };
  return sum_lanes<Isa>(fold<Isa>(x, n, 0.f, fill, f, add));
}
}  // namespace detail

/// y = x / sqrt(mean(x^2) + eps) * weight (RMSNorm, arXiv 1910.07467). y may be x; without a weight (nullptr) it counts as 1: the
/// "L2 norm" of Llama 4's queries and keys.
template <class Isa>
void rms_norm(const float* x, const float* weight, float* y, std::size_t n, float eps) noexcept {
  using B = FloatBatch<Isa>;
  const float sum = detail::sum_of<Isa>(x, n, 0.f, [](B so_far, B v) { return xsimd::fma(v, v, so_far); });
  const B scale(1.0f / std::sqrt(sum / static_cast<float>(n) + eps));
  if (weight == nullptr)
    transform<Isa>(
        y, n, [scale](B v) { return v * scale; }, x);
  else
    transform<Isa>(
        y, n, [scale](B v, B w) { return v * scale * w; }, x, weight);
}

/// y = (x - mean) / sqrt(variance + eps) * weight + bias (LayerNorm, arXiv 1607.06450). y may be x; bias may be nullptr. The
/// variance is the mean of squared differences, so that a large mean costs no precision.
template <class Isa>
void layer_norm(const float* x, const float* weight, const float* bias, float* y, std::size_t n, float eps) noexcept {
  using B = FloatBatch<Isa>;
  const auto count = static_cast<float>(n);
  const float centre = detail::sum_of<Isa>(x, n, 0.f, [](B so_far, B v) { return so_far + v; }) / count;
  const B mean(centre);
  const float squares = detail::sum_of<Isa>(x, n, centre, [mean](B so_far, B v) { return xsimd::fma(v - mean, v - mean, so_far); });
  const B scale(1.0f / std::sqrt(squares / count + eps));
  if (bias == nullptr)
    transform<Isa>(
        y, n, [mean, scale](B v, B w) { return (v - mean) * scale * w; }, x, weight);
  else
    transform<Isa>(
        y, n, [mean, scale](B v, B w, B b) { return xsimd::fma((v - mean) * scale, w, b); }, x, weight, bias);
}

}  // namespace ingot::kernels
