// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/isa/avx512vnni.hpp: the operations in AVX-512 with vpdpbusd; a strip is a whole panel.

#include <cstddef>
#include <cstdint>

#include <immintrin.h>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>

namespace ingot::kernels {

template <>
struct Ops<isa::avx512vnni> {
  static constexpr std::size_t lanes = 16;
  static constexpr std::size_t registers = 32;
  using floats = __m512;
  using ints = __m512i;
  using bytes = __m512i;
  using partials = __m512i;
  template <unsigned bits>
  static constexpr std::size_t fold_columns = 0;

  template <unsigned bits>
  static constexpr std::int32_t code_offset = 0;

  // Zen 4, one 512-bit product a cycle: 6 x 32 with the broadcast in the product's memory operand leaves room for 12 float
  // accumulators. 64 columns without a loop: GCC 12 spills when a group takes several rounds of 2 lines (68 % of the peak
  // instead of 90 % for int4-g64). Where larger groups leave no choice and take more registers, the tile is one token less.
  template <auto S>
  static constexpr TileShape tile{
      .tokens = S.group > 64 && (S.bits == 8 || S.zero_point() == 0) ? 5u : 6u, .strips = 2, .lines = 8, .operand = Operand::memory};
  /// 96 % of the multiply-add peak with bf16, 83 to 90 % with f32 (96 to 512 tokens). vdpbf16ps multiplies two columns at once, but
  /// activations of 24 bits need two of it, rounded and rest: on Zen 4 the same 96 %, with three times the error.
  template <auto S>
  static constexpr TileShape float_tile{.tokens = S.bits == 16 ? 5u : 6u, .strips = 4};
  /// Two panels streamed at a time, half of all panels apart, where their sums fit the registers; two beside each other cost Zen 4 1.9
  /// instead of 1.3 times one token's pass at four tokens. Of the read sweep at 1, 4 and 8 tokens (8960 columns), one panel at a time, Zen
  /// 4: 94, 77 and 49 % without prefetches, 99, 87 and 75 % into the L1 cache, 93, 92 and 82 % into the L2. Emerald Rapids waits longer for
  /// its memory: 27 GB/s at 1 token and 21 to 24 at 4 without prefetches, 32 to 34 and 28 with 2 KiB into the L1 cache and 8 into the L2,
  /// 34 to 35 and 29 with 1, 4 and those of scales, 35 to 37 and 32 to 35 with two panels.
  static constexpr std::size_t few_tokens = 8;
  template <auto S>
  static constexpr TileShape few(std::size_t tokens) noexcept {
    const bool crowded = S.group == 16 || S.scale == decltype(S.scale)::nested;  // what scales they have takes registers
    const bool two = tokens <= (crowded ? 2 : 4) && S.sparsity == decltype(S.sparsity)::dense;
    return {.tokens = tokens,
            .strips = two ? 2u : 1u,
            .lines = 4,
            .prefetch = tokens > 4 ? 0u : 1024u,
            .prefetch_l2 = 3072,
            .prefetch_scales = 256,
            .operand = two ? Operand::registers : Operand::memory,
            .apart = two};
  }

  /// One panel at a time here, too.
  static constexpr TileShape page_tile(std::size_t tokens) noexcept { return {.tokens = tokens, .lines = 8, .operand = Operand::memory}; }

  INGOT_INLINE static floats broadcast(float value) noexcept { return _mm512_set1_ps(value); }
  INGOT_INLINE static ints broadcast(std::int32_t value) noexcept { return _mm512_set1_epi32(value); }
  INGOT_INLINE static floats load(const void* p) noexcept { return _mm512_loadu_ps(p); }
  INGOT_INLINE static floats load(const float* p, std::size_t count) noexcept { return _mm512_maskz_loadu_ps(first(count), p); }
  INGOT_INLINE static void store(float* p, floats v) noexcept { _mm512_storeu_ps(p, v); }
  INGOT_INLINE static void store(float* p, floats v, std::size_t count) noexcept { _mm512_mask_storeu_ps(p, first(count), v); }

  INGOT_INLINE static floats add(floats a, floats b) noexcept { return _mm512_add_ps(a, b); }
  INGOT_INLINE static floats multiply(floats a, floats b) noexcept { return _mm512_mul_ps(a, b); }
  INGOT_INLINE static floats multiply_add(floats a, floats b, floats c) noexcept { return _mm512_fmadd_ps(a, b, c); }
  INGOT_INLINE static floats rounded(floats v) noexcept {
    asm("" : "+v"(v));
    return v;
  }
  INGOT_INLINE static float sum_lanes(floats v) noexcept { return _mm512_reduce_add_ps(v); }
  INGOT_INLINE static std::int32_t sum_lanes(ints v) noexcept { return _mm512_reduce_add_epi32(v); }
  INGOT_INLINE static float max_lanes(floats v) noexcept { return _mm512_reduce_max_ps(v); }
  INGOT_INLINE static ints add(ints a, ints b) noexcept { return _mm512_add_epi32(a, b); }
  template <unsigned stride>
  INGOT_INLINE static floats butterfly(floats v) noexcept {
    floats other;
    if constexpr (stride == 1) other = _mm512_permute_ps(v, 0xb1);
    if constexpr (stride == 2) other = _mm512_permute_ps(v, 0x4e);
    if constexpr (stride == 4) other = _mm512_shuffle_f32x4(v, v, 0xb1);
    if constexpr (stride == 8) other = _mm512_shuffle_f32x4(v, v, 0x4e);
    constexpr __mmask16 second = stride == 1 ? 0xaaaa : stride == 2 ? 0xcccc : stride == 4 ? 0xf0f0 : 0xff00;
    return _mm512_mask_sub_ps(_mm512_add_ps(v, other), second, other, v);
  }
  INGOT_INLINE static floats to_floats(ints v) noexcept { return _mm512_cvtepi32_ps(v); }

  INGOT_INLINE static floats load_halves(const std::byte* p) noexcept { return _mm512_cvtph_ps(load256(p)); }
  INGOT_INLINE static floats load_unsigned(const std::byte* p) noexcept { return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(load128(p))); }
  INGOT_INLINE static floats load_signed(const std::byte* p) noexcept { return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(load128(p))); }
  template <unsigned column>
  INGOT_INLINE static floats half_column(const std::byte* p) noexcept {
    const bytes v = load_bytes(p);
    return _mm512_cvtph_ps(_mm512_cvtepi32_epi16(column == 0 ? v : _mm512_srli_epi32(v, 16)));
  }
  template <unsigned column>
  INGOT_INLINE static floats brain_column(const std::byte* p) noexcept {
    const bytes v = load_bytes(p);
    return _mm512_castsi512_ps(column == 0 ? _mm512_slli_epi32(v, 16) : _mm512_and_si512(v, _mm512_set1_epi32(-65536)));
  }

  INGOT_INLINE static bytes load_bytes(const std::byte* p) noexcept { return _mm512_loadu_si512(p); }
  INGOT_INLINE static bytes low_nibbles(bytes v) noexcept { return _mm512_and_si512(v, _mm512_set1_epi8(15)); }
  INGOT_INLINE static bytes low_nibbles(bytes v, std::uint8_t high) noexcept {
    return _mm512_ternarylogic_epi32(v, _mm512_set1_epi8(15), broadcast_byte(high), 0xEA);  // (v & 15) | high
  }
  INGOT_INLINE static bytes high_nibbles(bytes v) noexcept { return _mm512_and_si512(_mm512_srli_epi16(v, 4), _mm512_set1_epi8(15)); }
  template <unsigned shift, unsigned mask>
  INGOT_INLINE static bytes field(bytes v) noexcept {
    return _mm512_and_si512(shift == 0 ? v : _mm512_srli_epi16(v, shift), _mm512_set1_epi8(static_cast<char>(mask)));
  }
  template <int shift, unsigned mask>
  INGOT_INLINE static bytes join(bytes v, bytes high) noexcept {
    constexpr unsigned left = shift < 0 ? -shift : 0, right = shift < 0 ? 0 : shift;
    if constexpr (left != 0) high = _mm512_slli_epi16(high, left);
    if constexpr (right != 0) high = _mm512_srli_epi16(high, right);
    constexpr int either = 0xf8;  // v | (high & mask)
    return _mm512_ternarylogic_epi32(v, high, _mm512_set1_epi8(static_cast<char>(mask)), either);
  }
  INGOT_INLINE static bytes shift_right(bytes v, unsigned count) noexcept {
    return _mm512_srl_epi16(v, _mm_cvtsi32_si128(static_cast<int>(count)));
  }

  /// GCC 12 copies and spills the accumulators of _mm512_dpbusd_epi32 (a third to half of the speed); the tied operand keeps
  /// them in place.
  template <unsigned, Operand operand>
  INGOT_INLINE static void dot(partials& sum, bytes w, const std::int8_t* x) noexcept {
    if constexpr (operand == Operand::memory)
      asm("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sum) : "v"(w), "m"(*reinterpret_cast<const Four*>(x)));
    else
      asm("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(w), "v"(_mm512_set1_epi32(reinterpret_cast<const Four*>(x)->value)));
  }

  /// few(8): there are instances of it.
  static constexpr TileShape kept_tile{.tokens = 8, .lines = 4, .prefetch_l2 = 3072, .prefetch_scales = 256, .operand = Operand::memory};
  template <unsigned bits>
  static constexpr std::size_t kept_fold = 0;
  static constexpr bool takes_signed = false;
  INGOT_INLINE static bytes broadcast_byte(std::uint8_t value) noexcept { return _mm512_set1_epi8(static_cast<char>(value)); }
  INGOT_INLINE static bytes subtract_bytes(bytes a, bytes b) noexcept { return _mm512_sub_epi8(a, b); }
  /// A table of 16-bit words, eight for each four of the activations: the two that a digit keeps.
  INGOT_INLINE static bytes load_sixteen(const std::int8_t* x) noexcept {
    const bytes kept = _mm512_setr_epi32(0x02000100, 0x02010300, 0x03020301, 0, 0x06040504, 0x06050704, 0x07060705, 0, 0x0a080908,
                                         0x0a090b08, 0x0b0a0b09, 0, 0x0e0c0d0c, 0x0e0d0f0c, 0x0f0e0f0d, 0);
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(load128(reinterpret_cast<const std::byte*>(x))), kept);
  }
  INGOT_INLINE static bytes pick(bytes table, bytes positions) noexcept { return _mm512_permutexvar_epi16(positions, table); }
  /// GCC makes three shifts and additions of the intrinsic.
  template <std::uint16_t power>
  INGOT_INLINE static bytes next_places(bytes places) noexcept {
    bytes next;
    asm("vpmullw %2, %1, %0" : "=v"(next) : "v"(places), "v"(_mm512_set1_epi16(power)));
    return next;
  }
  /// Digits of even and odd words, of the first and the second half of the 16 activations: words of the table. The constants come
  /// out of assembler, as GCC would make them anew for every group, on the port that picks.
  template <std::size_t s>
  INGOT_INLINE static bytes positions(bytes places) noexcept {
    bytes six = _mm512_set1_epi16(6), offset = _mm512_set1_epi32(s == 0 ? 0x00080000 : 0x00180010);
    asm("" : "+v"(six));
    asm("" : "+v"(offset));
    return _mm512_or_si512(_mm512_mulhi_epu16(places, six), offset);
  }
  template <unsigned>
  INGOT_INLINE static void multiply_bytes(partials& sum, bytes a, bytes b) noexcept {
    sum = _mm512_dpbusd_epi32(sum, a, b);
  }
  template <unsigned>
  INGOT_INLINE static ints kept_sum(partials sum) noexcept {
    return sum;
  }
  INGOT_INLINE static ints subtract(ints a, ints b) noexcept { return _mm512_sub_epi32(a, b); }
  INGOT_INLINE static ints sixteenth(ints v) noexcept { return _mm512_srai_epi32(v, 4); }

  INGOT_INLINE static void prefetch(const void* p) noexcept { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0); }
  INGOT_INLINE static void prefetch_l2(const void* p) noexcept { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T1); }

  INGOT_INLINE static ints store_codes(std::int8_t* out, const float* x, float factor) noexcept {
    const __m512i codes = _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x), _mm512_set1_ps(factor)));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm512_cvtsepi32_epi8(codes));
    return codes;
  }

  /// Sixteen products in flight: enough for two a cycle with a latency of four.
  static std::uint64_t product_burst(std::uint64_t rounds) noexcept {
    for (std::uint64_t i = 0; i < rounds; ++i)
      asm volatile(
          "vpdpbusd %%zmm1, %%zmm0, %%zmm16\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm17\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm18\n\t"
          "vpdpbusd %%zmm1, %%zmm0, %%zmm19\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm20\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm21\n\t"
          "vpdpbusd %%zmm1, %%zmm0, %%zmm22\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm23\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm24\n\t"
          "vpdpbusd %%zmm1, %%zmm0, %%zmm25\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm26\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm27\n\t"
          "vpdpbusd %%zmm1, %%zmm0, %%zmm28\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm29\n\t vpdpbusd %%zmm1, %%zmm0, %%zmm30\n\t"
          "vpdpbusd %%zmm1, %%zmm0, %%zmm31"
          :
          :
          : "xmm0", "xmm1", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27",
            "xmm28", "xmm29", "xmm30", "xmm31");
    return rounds * 16 * 64;
  }
  static std::uint64_t fma_burst(std::uint64_t rounds) noexcept {
    for (std::uint64_t i = 0; i < rounds; ++i)
      asm volatile(
          "vxorps %%xmm0, %%xmm0, %%xmm0\n\t vxorps %%xmm1, %%xmm1, %%xmm1\n\t"  // zeros: never a slow subnormal
          "vfmadd231ps %%zmm1, %%zmm0, %%zmm16\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm17\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm18\n\t"
          "vfmadd231ps %%zmm1, %%zmm0, %%zmm19\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm20\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm21\n\t"
          "vfmadd231ps %%zmm1, %%zmm0, %%zmm22\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm23\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm24\n\t"
          "vfmadd231ps %%zmm1, %%zmm0, %%zmm25\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm26\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm27\n\t"
          "vfmadd231ps %%zmm1, %%zmm0, %%zmm28\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm29\n\t vfmadd231ps %%zmm1, %%zmm0, %%zmm30\n\t"
          "vfmadd231ps %%zmm1, %%zmm0, %%zmm31"
          :
          :
          : "xmm0", "xmm1", "xmm16", "xmm17", "xmm18", "xmm19", "xmm20", "xmm21", "xmm22", "xmm23", "xmm24", "xmm25", "xmm26", "xmm27",
            "xmm28", "xmm29", "xmm30", "xmm31");
    return rounds * 16 * 16;
  }

 private:
  struct [[gnu::may_alias]] [[gnu::packed]] Four {
    std::int32_t value;
  };
  INGOT_INLINE static __mmask16 first(std::size_t count) noexcept { return static_cast<__mmask16>((1u << count) - 1); }
  INGOT_INLINE static __m256i load256(const std::byte* p) noexcept { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  INGOT_INLINE static __m128i load128(const std::byte* p) noexcept { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
};

}  // namespace ingot::kernels
