// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/isa/neon_i8mm.hpp: NEON with usdot, which takes unsigned codes as they are.

#include <cstdint>

#include <ingot/kernels/isa/neon_dotprod.hpp>

namespace ingot::kernels {

template <>
struct Ops<isa::neon_i8mm> : Ops<isa::neon_dotprod> {
  template <unsigned bits>
  static constexpr std::int32_t code_offset = 0;

  template <unsigned, Operand>
  INGOT_INLINE static void dot(partials& sum, bytes w, const std::int8_t* x) noexcept {
    sum = vusdotq_s32(sum, w, repeated(x));
  }
};

}  // namespace ingot::kernels
