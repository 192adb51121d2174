// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/isa/amx.hpp: AVX-512 with AMX: blocks of 16 rows x 64 bytes, multiplied by one instruction.

#include <cstddef>
#include <cstdint>

#include <ingot/kernels/isa/avx512vnni.hpp>

namespace ingot::kernels {

/// The unit multiplies eight times as fast as vpdpbusd (2.95 beside 0.38 T multiply-adds a second of one core, Emerald Rapids); what
/// takes the time is that totals leave it through memory, 16 cycles a block, and are scaled there: with a group of 64 columns 23 cycles
/// for the 16 of the product. At 512 tokens, 1536 columns, the products of 4-bit weights run 1.9 times as fast as tiles with groups of 64,
/// 2.7 with 128, 1.2 with 32 and mins; 8-bit channels 3.2 times; 1.5 times at 16 tokens (groups of 64). Tried and no faster: four blocks at
/// once, sums in registers for all columns, scaling a batch while the next is multiplied, prefetches of activations.
template <>
struct Ops<isa::amx> : Ops<isa::avx512vnni> {
  /// The block registers (AMX calls them tiles), from construction to destruction: both take about 70 ns, so once a product of matrices. In
  /// assembler, whose order among reads and writes of memory is certain: compilers' intrinsics do not all say that a load reads.
  class Blocks {
   public:
    static constexpr std::size_t rows = 16;
    static constexpr std::size_t most_columns = 64;
    static constexpr std::size_t registers = 8;

    /// `columns` (a multiple of 4, at most most_columns) of activations are multiplied at once. sums, activations, weights: the
    /// registers' numbers below which each kind ends.
    INGOT_INLINE Blocks(std::size_t columns, std::size_t sums, std::size_t activations) noexcept {
      struct alignas(64) {
        std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
        std::uint16_t bytes[16] = {};  // of a row of each register
        std::uint8_t rows[16] = {};
      } shape;
      for (std::size_t i = 0; i < registers; ++i) {
        const bool activation = i >= sums && i < activations, weight = i >= activations;
        shape.bytes[i] = static_cast<std::uint16_t>(activation ? columns : 64);
        shape.rows[i] = static_cast<std::uint8_t>(weight ? columns / 4 : rows);
      }
      asm volatile("ldtilecfg %0" : : "m"(shape));
    }
    INGOT_INLINE ~Blocks() { asm volatile("tilerelease"); }
    Blocks(const Blocks&) = delete;
    Blocks& operator=(const Blocks&) = delete;

    /// Rows of a register lie `stride` bytes apart.
    template <std::size_t i>
    INGOT_INLINE static void load(const void* p, std::size_t stride) noexcept {
      asm volatile("tileloadd (%0,%1,1), %%tmm%c2" : : "r"(p), "r"(stride), "i"(i) : "memory");
    }
    template <std::size_t i>
    INGOT_INLINE static void store(void* p, std::size_t stride) noexcept {
      asm volatile("tilestored %%tmm%c2, (%0,%1,1)" : : "r"(p), "r"(stride), "i"(i) : "memory");
    }
    template <std::size_t i>
    INGOT_INLINE static void clear() noexcept {
      asm volatile("tilezero %%tmm%c0" : : "i"(i));
    }
    /// sum[m][n] += the products of activations[m][k] with weights[k / 4][n][k % 4], signed or unsigned.
    template <std::size_t sum, std::size_t activations, std::size_t weights, bool is_signed>
    INGOT_INLINE static void multiply() noexcept {
      if constexpr (is_signed)
        asm volatile("tdpbssd %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sum), "i"(activations), "i"(weights));
      else
        asm volatile("tdpbsud %%tmm%c2, %%tmm%c1, %%tmm%c0" : : "i"(sum), "i"(activations), "i"(weights));
    }
  };

  /// Codes with the number for zero subtracted: signed bytes.
  INGOT_INLINE static bytes subtract(bytes codes, std::int32_t zero) noexcept {
    return _mm512_sub_epi8(codes, _mm512_set1_epi8(static_cast<char>(zero)));
  }
  INGOT_INLINE static void store_bytes(std::byte* p, bytes v) noexcept { _mm512_store_si512(p, v); }
  INGOT_INLINE static ints load_ints(const std::int32_t* p) noexcept { return _mm512_load_si512(p); }
};

}  // namespace ingot::kernels
