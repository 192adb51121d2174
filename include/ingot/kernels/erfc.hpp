// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/erfc.hpp: the complementary error function.

#include <ingot/kernels/exp.hpp>

namespace ingot::kernels {

/// erfc(x) = 1 - erf(x) for x >= 0 with an absolute error below 5e-7 (tests/kernels/erfc_test.cpp walks the range); NaN stays.
///
/// t p(t) e^(-x^2), t = 1 / (1 + 0.4 x): the form of Abramowitz and Stegun 7.1.26, p of degree 5 fitted to the least absolute
/// error (2.8e-8 before rounding; the relative one is 1e-4 where x < 5).
template <class Isa>
INGOT_INLINE FloatBatch<Isa> complementary_error(FloatBatch<Isa> x) noexcept {
  using B = FloatBatch<Isa>;
  const B t = B(1.f) / xsimd::fma(B(0.4f), x, B(1.f));
  B p = xsimd::fma(t, B(-0.20025968551635742f), B(0.7091491222381592f));
  p = xsimd::fma(p, t, B(-0.3709108531475067f));
  p = xsimd::fma(p, t, B(0.4682765305042267f));
  p = xsimd::fma(p, t, B(0.1618226170539856f));
  p = xsimd::fma(p, t, B(0.2319222390651703f));
  return p * t * exponential<Isa>(-(x * x));
}

}  // namespace ingot::kernels
