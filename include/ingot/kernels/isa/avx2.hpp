// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/isa/avx2.hpp: the operations in AVX2 with FMA and F16C; a strip is half a panel.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <immintrin.h>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>

namespace ingot::kernels {

template <>
struct Ops<isa::avx2> {
  static constexpr std::size_t lanes = 8;
  static constexpr std::size_t registers = 16;
  using floats = __m256;
  using ints = __m256i;
  using bytes = __m256i;
  using partials = __m256i;  // of less than 8 bits: 16 sums of 16 bits
  /// 32 columns of 4 bits are eight pair sums of at most 2 * 15 * 127: 30480 fits 16 bits, as do 128 columns of 2 bits, 64 of 3, 16 of 5
  /// and 8 of 6. 8-bit codes would not; they are widened first.
  template <unsigned bits>
  static constexpr std::size_t fold_columns = bits == 8   ? 0
                                              : bits == 6 ? 8
                                              : bits == 5 ? 16
                                              : bits == 4 ? 32
                                              : bits == 3 ? 64
                                                          : 128;

  template <unsigned bits>
  static constexpr std::int32_t code_offset = 0;

  /// Codes of 6 bits take registers to put together.
  template <auto S>
  static constexpr TileShape tile{.tokens = S.bits == 6 ? 3u : 4u, .strips = 1};
  /// The conversion of 16-bit weights takes registers that the accumulators of 6 x 2 leave none of.
  template <auto S>
  static constexpr TileShape float_tile{.tokens = S.bits == 16 ? 4u : 6u, .strips = 2};
  static constexpr std::size_t few_tokens = 1;
  /// Of the read sweep on Emerald Rapids: 57 % without prefetches, 80 % with them (int4-g64, 1 token). Nested scales leave no register for
  /// their addresses: Clang 14 spills one then.
  template <auto S>
  static constexpr TileShape few(std::size_t tokens) noexcept {
    return {.tokens = tokens, .strips = 2, .prefetch_l2 = S.scale == decltype(S.scale)::nested ? 0u : 8192u};
  }

  static constexpr TileShape page_tile(std::size_t tokens) noexcept { return {.tokens = tokens, .strips = 2}; }

  INGOT_INLINE static floats broadcast(float value) noexcept { return _mm256_set1_ps(value); }
  INGOT_INLINE static ints broadcast(std::int32_t value) noexcept { return _mm256_set1_epi32(value); }
  INGOT_INLINE static floats load(const void* p) noexcept { return _mm256_loadu_ps(static_cast<const float*>(p)); }
  INGOT_INLINE static floats load(const float* p, std::size_t count) noexcept { return _mm256_maskload_ps(p, first(count)); }
  INGOT_INLINE static void store(float* p, floats v) noexcept { _mm256_storeu_ps(p, v); }
  INGOT_INLINE static void store(float* p, floats v, std::size_t count) noexcept { _mm256_maskstore_ps(p, first(count), v); }

  INGOT_INLINE static floats add(floats a, floats b) noexcept { return _mm256_add_ps(a, b); }
  INGOT_INLINE static floats multiply(floats a, floats b) noexcept { return _mm256_mul_ps(a, b); }
  INGOT_INLINE static floats multiply_add(floats a, floats b, floats c) noexcept { return _mm256_fmadd_ps(a, b, c); }
  INGOT_INLINE static floats rounded(floats v) noexcept {
    asm("" : "+x"(v));
    return v;
  }
  INGOT_INLINE static float sum_lanes(floats v) noexcept {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
  }
  INGOT_INLINE static std::int32_t sum_lanes(ints v) noexcept {
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
    four = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
    return _mm_cvtsi128_si32(_mm_add_epi32(four, _mm_shuffle_epi32(four, 0xb1)));
  }
  INGOT_INLINE static float max_lanes(floats v) noexcept {
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
  }
  INGOT_INLINE static ints add(ints a, ints b) noexcept { return _mm256_add_epi32(a, b); }
  template <unsigned stride>
  INGOT_INLINE static floats butterfly(floats v) noexcept {
    floats other;
    if constexpr (stride == 1) other = _mm256_permute_ps(v, 0xb1);
    if constexpr (stride == 2) other = _mm256_permute_ps(v, 0x4e);
    if constexpr (stride == 4) other = _mm256_permute2f128_ps(v, v, 1);
    constexpr int second = stride == 1 ? 0xaa : stride == 2 ? 0xcc : 0xf0;
    return _mm256_blend_ps(_mm256_add_ps(v, other), _mm256_sub_ps(other, v), second);
  }
  INGOT_INLINE static floats to_floats(ints v) noexcept { return _mm256_cvtepi32_ps(v); }

  INGOT_INLINE static floats load_halves(const std::byte* p) noexcept { return _mm256_cvtph_ps(load128(p)); }
  INGOT_INLINE static floats load_unsigned(const std::byte* p) noexcept { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(load64(p))); }
  INGOT_INLINE static floats load_signed(const std::byte* p) noexcept { return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(load64(p))); }
  template <unsigned column>
  INGOT_INLINE static floats half_column(const std::byte* p) noexcept {
    const bytes v = load_bytes(p);
    const bytes halves = column == 0 ? _mm256_and_si256(v, _mm256_set1_epi32(0xffff)) : _mm256_srli_epi32(v, 16);
    const bytes packed = _mm256_permute4x64_epi64(_mm256_packus_epi32(halves, halves), 0b1000);
    return _mm256_cvtph_ps(_mm256_castsi256_si128(packed));
  }
  template <unsigned column>
  INGOT_INLINE static floats brain_column(const std::byte* p) noexcept {
    const bytes v = load_bytes(p);
    return _mm256_castsi256_ps(column == 0 ? _mm256_slli_epi32(v, 16) : _mm256_and_si256(v, _mm256_set1_epi32(-65536)));
  }

  INGOT_INLINE static bytes load_bytes(const std::byte* p) noexcept { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
  INGOT_INLINE static bytes low_nibbles(bytes v) noexcept { return _mm256_and_si256(v, _mm256_set1_epi8(15)); }
  INGOT_INLINE static bytes high_nibbles(bytes v) noexcept { return _mm256_and_si256(_mm256_srli_epi16(v, 4), _mm256_set1_epi8(15)); }
  template <unsigned shift, unsigned mask>
  INGOT_INLINE static bytes field(bytes v) noexcept {
    return _mm256_and_si256(shift == 0 ? v : _mm256_srli_epi16(v, shift), _mm256_set1_epi8(static_cast<char>(mask)));
  }
  template <int shift, unsigned mask>
  INGOT_INLINE static bytes join(bytes v, bytes high) noexcept {
    constexpr int left = shift < 0 ? -shift : 0, right = shift < 0 ? 0 : shift;
    if constexpr (left != 0) high = _mm256_slli_epi16(high, left);
    if constexpr (right != 0) high = _mm256_srli_epi16(high, right);
    return _mm256_or_si256(v, _mm256_and_si256(high, _mm256_set1_epi8(static_cast<char>(mask))));
  }
  INGOT_INLINE static bytes shift_right(bytes v, unsigned count) noexcept {
    return _mm256_srl_epi16(v, _mm_cvtsi32_si128(static_cast<int>(count)));
  }

  /// The additions are assembler because GCC regroups sums of intrinsics into trees that keep 16 products alive and spills them.
  template <unsigned bits, Operand>
  INGOT_INLINE static void dot(partials& sum, bytes w, const std::int8_t* x) noexcept {
    std::int32_t four;
    std::memcpy(&four, x, sizeof four);
    multiply_bytes<bits>(sum, w, _mm256_set1_epi32(four));
  }
  INGOT_INLINE static ints fold(partials sum) noexcept { return _mm256_madd_epi16(sum, _mm256_set1_epi16(1)); }

  static constexpr TileShape kept_tile{.tokens = 4};
  /// 64 columns of 4 bits are eight pair sums of at most 2 * 8 * 255.
  template <unsigned bits>
  static constexpr std::size_t kept_fold = bits == 8 ? 0 : 32;
  static constexpr bool takes_signed = false;
  INGOT_INLINE static bytes broadcast_byte(std::uint8_t value) noexcept { return _mm256_set1_epi8(static_cast<char>(value)); }
  INGOT_INLINE static bytes subtract_bytes(bytes a, bytes b) noexcept { return _mm256_sub_epi8(a, b); }
  INGOT_INLINE static bytes load_sixteen(const std::int8_t* x) noexcept {
    return _mm256_broadcastsi128_si256(load128(reinterpret_cast<const std::byte*>(x)));
  }
  INGOT_INLINE static bytes pick(bytes values, bytes positions) noexcept { return _mm256_shuffle_epi8(values, positions); }
  /// GCC makes three shifts and additions of the intrinsic.
  template <std::uint16_t power>
  INGOT_INLINE static bytes next_places(bytes places) noexcept {
    bytes next;
    asm("vpmullw %2, %1, %0" : "=x"(next) : "x"(places), "x"(_mm256_set1_epi16(power)));
    return next;
  }
  /// The digit in both bytes, the second taken from the upper half of the table.
  template <std::size_t s>
  INGOT_INLINE static bytes positions(bytes places) noexcept {
    const bytes digits = _mm256_mulhi_epu16(places, _mm256_set1_epi16(6));
    const bytes both = _mm256_or_si256(_mm256_or_si256(digits, _mm256_slli_epi16(digits, 8)), _mm256_set1_epi16(0x0800));
    const bytes table = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 0, 1, 1, 2, 0, 0, 1, 2, 3, 2, 3, 3, 0, 0));
    return _mm256_or_si256(_mm256_shuffle_epi8(table, both), _mm256_set1_epi32(s == 0 ? 0x04040000 : 0x0c0c0808));
  }
  template <unsigned bits>
  INGOT_INLINE static void multiply_bytes(partials& sum, bytes a, bytes b) noexcept {
    if constexpr (bits < 8) {
      asm("vpaddw %1, %0, %0" : "+x"(sum) : "x"(_mm256_maddubs_epi16(a, b)));
    } else {  // bytes 0 and 2 of each lane, then 1 and 3, as 16-bit pairs
      const __m256i even = _mm256_madd_epi16(_mm256_and_si256(a, _mm256_set1_epi16(255)), _mm256_srai_epi16(_mm256_slli_epi16(b, 8), 8));
      const __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(a, 8), _mm256_srai_epi16(b, 8));
      asm("vpaddd %1, %0, %0" : "+x"(sum) : "x"(_mm256_add_epi32(even, odd)));
    }
  }
  template <unsigned bits>
  INGOT_INLINE static ints kept_sum(partials sum) noexcept {
    return bits == 8 ? sum : fold(sum);
  }
  INGOT_INLINE static ints subtract(ints a, ints b) noexcept { return _mm256_sub_epi32(a, b); }

  INGOT_INLINE static void prefetch(const void* p) noexcept { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T0); }
  INGOT_INLINE static void prefetch_l2(const void* p) noexcept { _mm_prefetch(static_cast<const char*>(p), _MM_HINT_T1); }

  INGOT_INLINE static ints store_codes(std::int8_t* out, const float* x, float factor) noexcept {
    const __m256i codes = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x), _mm256_set1_ps(factor)));
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packs_epi16(words, words));
    return codes;
  }

  /// Eight byte products and the widening of their sums.
  static std::uint64_t product_burst(std::uint64_t rounds) noexcept {
    for (std::uint64_t i = 0; i < rounds; ++i)
      asm volatile(
          "vpmaddubsw %%ymm1, %%ymm0, %%ymm4\n\t vpmaddubsw %%ymm1, %%ymm0, %%ymm5\n\t vpmaddubsw %%ymm1, %%ymm0, %%ymm6\n\t"
          "vpmaddubsw %%ymm1, %%ymm0, %%ymm7\n\t vpmaddubsw %%ymm1, %%ymm0, %%ymm8\n\t vpmaddubsw %%ymm1, %%ymm0, %%ymm9\n\t"
          "vpmaddubsw %%ymm1, %%ymm0, %%ymm10\n\t vpmaddubsw %%ymm1, %%ymm0, %%ymm11\n\t vpmaddwd %%ymm1, %%ymm0, %%ymm12"
          :
          :
          : "xmm0", "xmm1", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12");
    return rounds * 8 * 32;
  }
  static std::uint64_t fma_burst(std::uint64_t rounds) noexcept {
    for (std::uint64_t i = 0; i < rounds; ++i)
      asm volatile(
          "vxorps %%xmm0, %%xmm0, %%xmm0\n\t vxorps %%xmm1, %%xmm1, %%xmm1\n\t"  // zeros: never a slow subnormal
          "vfmadd231ps %%ymm1, %%ymm0, %%ymm4\n\t vfmadd231ps %%ymm1, %%ymm0, %%ymm5\n\t vfmadd231ps %%ymm1, %%ymm0, %%ymm6\n\t"
          "vfmadd231ps %%ymm1, %%ymm0, %%ymm7\n\t vfmadd231ps %%ymm1, %%ymm0, %%ymm8\n\t vfmadd231ps %%ymm1, %%ymm0, %%ymm9\n\t"
          "vfmadd231ps %%ymm1, %%ymm0, %%ymm10\n\t vfmadd231ps %%ymm1, %%ymm0, %%ymm11\n\t vfmadd231ps %%ymm1, %%ymm0, %%ymm12\n\t"
          "vfmadd231ps %%ymm1, %%ymm0, %%ymm13\n\t vfmadd231ps %%ymm1, %%ymm0, %%ymm14\n\t vfmadd231ps %%ymm1, %%ymm0, %%ymm15"
          :
          :
          : "xmm0", "xmm1", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    return rounds * 12 * 8;
  }

 private:
  INGOT_INLINE static __m256i first(std::size_t count) noexcept {
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
  }
  INGOT_INLINE static __m128i load128(const std::byte* p) noexcept { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
  INGOT_INLINE static __m128i load64(const std::byte* p) noexcept { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)); }
};

}  // namespace ingot::kernels
