// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/exp.hpp: e^x by a polynomial.

#include <cstdint>

#include <ingot/kernels/batches.hpp>

namespace ingot::kernels {

/// e^x with a relative error below 1e-7 where the result is a normal float (tests/kernels/exp_test.cpp walks the range), exactly
/// 1 at 0. Below -87.3 it is 0, above 88.3 it stays at e^88.3: softmax and silu need neither subnormals nor infinity; NaN stays.
///
/// x = n ln 2 + r with |r| <= ln(2) / 2; e^r = 1 + r + r^2 q(r), q of degree 4 fitted to the least relative error (3.1e-9 before
/// rounding). Adding 1.5 * 2^23 + 127 rounds x / ln 2 to the integer n and leaves n + 127, the exponent of 2^n, in the low bits.
template <class Isa>
INGOT_INLINE FloatBatch<Isa> exponential(FloatBatch<Isa> x) noexcept {
  using B = FloatBatch<Isa>;
  using I = xsimd::batch<std::int32_t, typename Isa::batch_arch>;
  const B magic(12583039.0f), clamped = xsimd::min(B(88.3f), x);
  const B shifted = xsimd::fma(clamped, B(1.44269504f), magic), n = shifted - magic;
  B r = xsimd::fma(n, B(-0.693145752f), clamped);  // ln 2 in two parts: n times the first is exact
  r = xsimd::fma(n, B(-1.42860677e-6f), r);
  B q = xsimd::fma(r, B(0.001381459878757596f), B(0.008368716575205326f));
  q = xsimd::fma(q, r, B(0.04166838899254799f));
  q = xsimd::fma(q, r, B(0.1666652113199234f));
  q = xsimd::fma(q, r, B(0.4999999403953552f));
  const B mantissa = xsimd::fma(r * r, q, r) + B(1.f);
  const B power = xsimd::bitwise_cast<B>(xsimd::bitwise_cast<I>(shifted) << 23);
  return xsimd::select(x < B(-87.3f), B(0.f), mantissa * power);
}

/// e^x for x <= 0 with a relative error below 2e-5, for weights that become int8 codes: exactly 1 at 0, 0 below -87.3; NaN stays.
/// As above, with 1 + r + r^2 q(r), q of degree 2 (5.3e-6 before rounding), in one chain, and ln 2 in one part.
template <class Isa>
INGOT_INLINE FloatBatch<Isa> coarse_exponential(FloatBatch<Isa> x) noexcept {
  using B = FloatBatch<Isa>;
  using I = xsimd::batch<std::int32_t, typename Isa::batch_arch>;
  const B magic(12583039.0f), shifted = xsimd::fma(x, B(1.44269504f), magic);
  const B r = xsimd::fma(shifted - magic, B(-0.693147182f), x);
  B p = xsimd::fma(r, B(0.04127766564488411f), B(0.16753531992435455f));
  p = xsimd::fma(p, r, B(0.5000512003898621f));
  p = xsimd::fma(p, r, B(1.f));
  p = xsimd::fma(p, r, B(1.f));
  const B power = xsimd::bitwise_cast<B>(xsimd::bitwise_cast<I>(shifted) << 23);
  return xsimd::select(x < B(-87.3f), B(0.f), p * power);
}

}  // namespace ingot::kernels
