// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/elementwise.hpp: sums, multiples and bounds of rows.

#include <cstddef>

#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/tanh.hpp>

namespace ingot::kernels {

/// x += delta
template <class Isa>
void add(float* x, const float* delta, std::size_t n) noexcept {
  transform<Isa>(
      x, n, [](FloatBatch<Isa> a, FloatBatch<Isa> b) { return a + b; }, x, delta);
}

/// x += factor * delta
template <class Isa>
void add_scaled(float* x, const float* delta, float factor, std::size_t n) noexcept {
  transform<Isa>(
      x, n, [factor](FloatBatch<Isa> a, FloatBatch<Isa> b) { return xsimd::fma(b, FloatBatch<Isa>(factor), a); }, x, delta);
}

/// x *= factor
template <class Isa>
void scale(float* x, float factor, std::size_t n) noexcept {
  transform<Isa>(
      x, n, [factor](FloatBatch<Isa> v) { return v * FloatBatch<Isa>(factor); }, x);
}

namespace detail {
/// cap * tanh(x / cap); cap > 0
template <class Isa>
class SoftCap {
 public:
  explicit SoftCap(float cap) noexcept : cap_{cap}, inverse_{1.f / cap} {}
  [[nodiscard]] INGOT_INLINE FloatBatch<Isa> operator()(FloatBatch<Isa> x) const noexcept {
    return FloatBatch<Isa>(cap_) * hyperbolic_tangent<Isa>(x * FloatBatch<Isa>(inverse_));
  }

 private:
  float cap_, inverse_;
};
}  // namespace detail

/// x = cap * tanh(x / cap), cap > 0, with a relative error below 3e-7 (the soft cap of Gemma 2, arXiv 2408.00118).
template <class Isa>
void soft_cap(float* x, std::size_t n, float cap) noexcept {
  transform<Isa>(x, n, detail::SoftCap<Isa>{cap}, x);
}

}  // namespace ingot::kernels
