// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/sweep.hpp: reads memory as fast as it can be read, the measure of every decode kernel.

#include <cstddef>
#include <cstdint>

#include <ingot/kernels/batches.hpp>

namespace ingot::kernels {

/// Exclusive or of the 32-bit words of [p, p + bytes); bytes is a multiple of 256, p is aligned to 64.
template <class Isa>
std::uint64_t read_sweep(const std::byte* p, std::size_t bytes) noexcept {
  using I = xsimd::batch<std::int32_t, typename Isa::batch_arch>;
  I sum[4] = {I(0), I(0), I(0), I(0)};
  const auto* words = reinterpret_cast<const std::int32_t*>(p);
  for (std::size_t i = 0; i + 4 * I::size <= bytes / 4; i += 4 * I::size)
    for (std::size_t j = 0; j < 4; ++j) sum[j] ^= I::load_aligned(words + i + j * I::size);
  std::int32_t lanes[I::size];
  (sum[0] ^ sum[1] ^ sum[2] ^ sum[3]).store_unaligned(lanes);
  std::uint32_t result = 0;
  for (const std::int32_t lane : lanes) result ^= static_cast<std::uint32_t>(lane);
  return result;
}

}  // namespace ingot::kernels
