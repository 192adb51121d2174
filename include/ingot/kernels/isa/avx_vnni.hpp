// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/isa/avx_vnni.hpp: AVX2 with the byte product of AVX-VNNI; a strip is half a panel.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ingot/kernels/isa/avx2.hpp>

namespace ingot::kernels {

namespace detail {

/// How vpdpbusd of 256 bits is encoded: AVX-VNNI is its VEX form; AVX512-VNNI with VL has the EVEX form, which tests run where
/// the other is missing.
enum class Encoding : bool { vex, evex };

/// The product is assembler, so the translation unit needs the flags of AVX2 only: whatever it shares with that of avx2 runs
/// there, too. vpdpbusd adds four products to 32 bits and does not saturate: unsigned codes of 8 bits are multiplied as they are.
template <Encoding encoding>
struct AvxVnniOps : Ops<isa::avx2> {
  using partials = ints;
  template <unsigned bits>
  static constexpr std::size_t fold_columns = 0;

  /// Ten chains: two products a cycle with a latency of four (Zen 4) or five (Golden Cove). Not all of their float sums fit the 16
  /// registers: they wait on the stack, read and written once a group. Of the peak for int4-g64 on Zen 4, EVEX form: 85 %; 4 x 2
  /// 80 %; 3 x 2, which fits, 69 %; 6 x 1 62 %. Of large groups of 8 bits GCC 12 loads all lines of a round first where the tile is small.
  template <auto S>
  static constexpr TileShape tile{.tokens = 5, .strips = 2, .lines = S.bits == 8 && S.group > 64 ? 4u : 8u};
  /// Of the read sweep on Emerald Rapids: 61 % without prefetches, 82 % with them (int4-g64, 1 token).
  template <auto>
  static constexpr TileShape few(std::size_t tokens) noexcept {
    return {.tokens = tokens, .strips = 2, .prefetch = 2048, .prefetch_l2 = 8192};
  }

  template <unsigned, Operand>
  INGOT_INLINE static void dot(partials& sum, bytes w, const std::int8_t* x) noexcept {
    std::int32_t four;
    std::memcpy(&four, x, sizeof four);
    product(sum, w, _mm256_set1_epi32(four));
  }

  template <unsigned bits>
  static constexpr std::size_t kept_fold = 0;
  template <unsigned>
  INGOT_INLINE static void multiply_bytes(partials& sum, bytes a, bytes b) noexcept {
    product(sum, a, b);
  }
  template <unsigned>
  INGOT_INLINE static ints kept_sum(partials sum) noexcept {
    return sum;
  }

  /// Twelve products in flight: enough for two a cycle with a latency of five.
  static std::uint64_t product_burst(std::uint64_t rounds) noexcept {
    for (std::uint64_t i = 0; i < rounds; ++i) {
      if constexpr (encoding == Encoding::vex)
        asm volatile(".irp n, 4,5,6,7,8,9,10,11,12,13,14,15\n\t %{vex%} vpdpbusd %%ymm1, %%ymm0, %%ymm\\n\n\t .endr"
                     :
                     :
                     : "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
      else
        asm volatile(".irp n, 4,5,6,7,8,9,10,11,12,13,14,15\n\t %{evex%} vpdpbusd %%ymm1, %%ymm0, %%ymm\\n\n\t .endr"
                     :
                     :
                     : "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    }
    return rounds * 12 * 32;
  }

 private:
  INGOT_INLINE static void product(ints& sum, bytes w, bytes x) noexcept {
    if constexpr (encoding == Encoding::vex)
      asm("%{vex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(w), "x"(x));
    else
      asm("%{evex%} vpdpbusd %2, %1, %0" : "+x"(sum) : "x"(w), "x"(x));
  }
};

}  // namespace detail

template <>
struct Ops<isa::avx_vnni> : detail::AvxVnniOps<detail::Encoding::vex> {};

}  // namespace ingot::kernels
