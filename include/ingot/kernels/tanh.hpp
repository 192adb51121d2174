// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/tanh.hpp: the hyperbolic tangent.

#include <ingot/kernels/exp.hpp>

namespace ingot::kernels {

/// tanh(x) with a relative error below 2e-7, for tiny and for large x, too (tests/kernels/tanh_test.cpp walks the range); NaN stays.
///
/// Below 0.625 x + x^3 p(x^2), p of degree 4 fitted to the least relative error (4.8e-9 before rounding), as the other form would
/// cancel there; above it 1 - 2 / (e^(2 |x|) + 1) with the sign of x.
template <class Isa>
INGOT_INLINE FloatBatch<Isa> hyperbolic_tangent(FloatBatch<Isa> x) noexcept {
  using B = FloatBatch<Isa>;
  const B square = x * x, magnitude = xsimd::abs(x);
  B p = xsimd::fma(square, B(-0.005666973534971476f), B(0.02060617320239544f));
  p = xsimd::fma(p, square, B(-0.05373000726103783f));
  p = xsimd::fma(p, square, B(0.13331331312656403f));
  p = xsimd::fma(p, square, B(-0.33333277702331543f));
  const B small = xsimd::fma(p * square, x, x);
  const B large = B(1.f) - B(2.f) / (exponential<Isa>(magnitude + magnitude) + B(1.f));
  return xsimd::select(magnitude < B(0.625f), small, xsimd::copysign(large, x));
}

}  // namespace ingot::kernels
