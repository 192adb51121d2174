// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/hadamard.hpp: the Walsh-Hadamard transform of a head, which spreads outliers before int8 storage.

#include <cstddef>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>

namespace ingot::kernels {

/// Values that hadamard() mixes with each other: the largest power of two that divides n. (H q) (H k) = this times q k.
[[nodiscard]] constexpr std::size_t hadamard_block(std::size_t n) noexcept { return n & (~n + 1); }

namespace detail {
/// (a, b) -> (a + b, a - b) for the pairs (i, i + stride) in each block, for every stride below `lanes` at once.
template <class Isa, unsigned stride>
INGOT_INLINE typename Ops<Isa>::floats mix_lanes(typename Ops<Isa>::floats v) noexcept {
  if constexpr (stride < Ops<Isa>::lanes)
    return mix_lanes<Isa, 2 * stride>(Ops<Isa>::template butterfly<stride>(v));
  else
    return v;
}
}  // namespace detail

/// x = H x for blocks of hadamard_block(n) values, H the matrix of 1 and -1 (not normalized). Keys of some models (Qwen2.5) have a
/// few values a hundred times larger than the others; spread over the head, one scale in int8 suits all of them
/// (arXiv 2404.00456).
template <class Isa>
void hadamard(float* x, std::size_t n) noexcept {
  using O = Ops<Isa>;
  const std::size_t block = hadamard_block(n);
  std::size_t stride = 1;
  if (block >= O::lanes) {
    for (std::size_t i = 0; i < n; i += O::lanes) O::store(x + i, detail::mix_lanes<Isa, 1>(O::load(x + i)));
    const typename O::floats minus = O::broadcast(-1.f);
    for (stride = O::lanes; stride < block; stride *= 2)
      for (std::size_t pair = 0; pair < n; pair += 2 * stride)
        for (std::size_t i = pair; i < pair + stride; i += O::lanes) {
          const typename O::floats a = O::load(x + i), b = O::load(x + i + stride);
          O::store(x + i, O::add(a, b));
          O::store(x + i + stride, O::multiply_add(b, minus, a));
        }
  }
  for (; stride < block; stride *= 2)
    for (std::size_t pair = 0; pair < n; pair += 2 * stride)
      for (std::size_t i = pair; i < pair + stride; ++i) {
        const float a = x[i], b = x[i + stride];
        x[i] = a + b, x[i + stride] = a - b;
      }
}

}  // namespace ingot::kernels
