// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/batches.hpp: loops over arrays in xsimd batches, their remainders included.

#include <cstddef>
#include <cstring>

#include <xsimd/xsimd.hpp>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>

namespace ingot::kernels {

template <class Isa>
using FloatBatch = xsimd::batch<float, typename Isa::batch_arch>;

/// The first `count` of a batch's lanes from memory, `fill` in the others.
template <class Isa>
INGOT_INLINE FloatBatch<Isa> load_part(const float* p, std::size_t count, float fill) noexcept {
  float values[FloatBatch<Isa>::size];
  for (std::size_t i = 0; i < FloatBatch<Isa>::size; ++i) values[i] = i < count ? p[i] : fill;
  return FloatBatch<Isa>::load_unaligned(values);
}

template <class Isa>
INGOT_INLINE void store_part(float* p, FloatBatch<Isa> v, std::size_t count) noexcept {
  float values[FloatBatch<Isa>::size];
  v.store_unaligned(values);
  for (std::size_t i = 0; i < count; ++i) p[i] = values[i];
}

/// out[i] = f(in[i]...) for batches of the arrays; `fill` stands behind their ends.
template <class Isa, class F, class... In>
INGOT_INLINE void transform(float* out, std::size_t n, F&& f, const In*... in) noexcept {
  using B = FloatBatch<Isa>;
  std::size_t i = 0;
  for (; i + B::size <= n; i += B::size) f(B::load_unaligned(in + i)...).store_unaligned(out + i);
  if (i < n) store_part<Isa>(out + i, f(load_part<Isa>(in + i, n - i, 0.f)...), n - i);
}

/// Folds batches of x into one: four independent accumulators, so that the adder's latency is hidden. `fill` is the value of
/// the lanes behind the end and must not change the result. step(accumulator, batch), join(accumulator, accumulator).
template <class Isa, class Step, class Join>
INGOT_INLINE FloatBatch<Isa> fold(const float* x, std::size_t n, float start, float fill, Step&& step, Join&& join) noexcept {
  using B = FloatBatch<Isa>;
  B sum[4] = {B(start), B(start), B(start), B(start)};
  std::size_t i = 0;
  for (; i + 4 * B::size <= n; i += 4 * B::size)
    for (std::size_t j = 0; j < 4; ++j) sum[j] = step(sum[j], B::load_unaligned(x + i + j * B::size));
  for (; i + B::size <= n; i += B::size) sum[0] = step(sum[0], B::load_unaligned(x + i));
  if (i < n) sum[1] = step(sum[1], load_part<Isa>(x + i, n - i, fill));
  return join(join(sum[0], sum[1]), join(sum[2], sum[3]));
}

namespace detail {
/// Joins neighbours, then pairs of them, and so on: the order is fixed. Scalar on purpose: loops over shrinking halves of the
/// array became vector stores and loads that wait for each other (30 ns instead of 5).
template <class Isa, std::size_t n, class Join>
INGOT_INLINE float join_lanes(const float* lane, Join&& join) noexcept {
  if constexpr (n == 1)
    return lane[0];
  else
    return join(join_lanes<Isa, n / 2>(lane, join), join_lanes<Isa, n / 2>(lane + n / 2, join));
}
}  // namespace detail

/// Whether a batch is the register that Ops<Isa> works on, and so has its reductions.
template <class Isa>
inline constexpr bool batch_is_register = requires(FloatBatch<Isa> v) {
  Ops<Isa>::sum_lanes(v);
};

template <class Isa>
INGOT_INLINE float sum_lanes(FloatBatch<Isa> v) noexcept {
  if constexpr (batch_is_register<Isa>) return Ops<Isa>::sum_lanes(v);
  float lane[FloatBatch<Isa>::size];
  v.store_unaligned(lane);
  return detail::join_lanes<Isa, FloatBatch<Isa>::size>(lane, [](float a, float b) { return a + b; });
}

template <class Isa>
INGOT_INLINE float max_lanes(FloatBatch<Isa> v) noexcept {
  if constexpr (batch_is_register<Isa>) return Ops<Isa>::max_lanes(v);
  float lane[FloatBatch<Isa>::size];
  v.store_unaligned(lane);
  return detail::join_lanes<Isa, FloatBatch<Isa>::size>(lane, [](float a, float b) { return a < b ? b : a; });
}

}  // namespace ingot::kernels
