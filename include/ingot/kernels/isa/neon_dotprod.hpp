// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/isa/neon_dotprod.hpp: the operations in NEON with sdot; a strip is a quarter of a panel.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <arm_neon.h>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>

namespace ingot::kernels {

template <>
struct Ops<isa::neon_dotprod> {
  static constexpr std::size_t lanes = 4;
  static constexpr std::size_t registers = 32;
  using floats = float32x4_t;
  using ints = int32x4_t;
  using bytes = uint8x16_t;
  using partials = int32x4_t;
  template <unsigned bits>
  static constexpr std::size_t fold_columns = 0;
  /// sdot takes signed bytes only: 8-bit codes are multiplied as code - 128.
  template <unsigned bits>
  static constexpr std::int32_t code_offset = bits == 8 ? 128 : 0;

  template <auto S>
  static constexpr TileShape tile{.tokens = 8, .strips = 2};
  template <auto S>
  static constexpr TileShape float_tile{.tokens = 6, .strips = 2};
  static constexpr std::size_t few_tokens = 4;
  template <auto>
  static constexpr TileShape few(std::size_t tokens) noexcept {
    return {.tokens = tokens, .strips = 4};
  }
  static constexpr TileShape page_tile(std::size_t tokens) noexcept { return {.tokens = tokens, .strips = 4}; }

  INGOT_INLINE static floats broadcast(float value) noexcept { return vdupq_n_f32(value); }
  INGOT_INLINE static ints broadcast(std::int32_t value) noexcept { return vdupq_n_s32(value); }
  INGOT_INLINE static floats load(const void* p) noexcept { return vreinterpretq_f32_u8(vld1q_u8(static_cast<const std::uint8_t*>(p))); }
  INGOT_INLINE static floats load(const float* p, std::size_t count) noexcept {
    float part[lanes] = {};
    std::memcpy(part, p, count * sizeof(float));
    return vld1q_f32(part);
  }
  INGOT_INLINE static void store(float* p, floats v) noexcept { vst1q_f32(p, v); }
  INGOT_INLINE static void store(float* p, floats v, std::size_t count) noexcept {
    float part[lanes];
    vst1q_f32(part, v);
    std::memcpy(p, part, count * sizeof(float));
  }

  INGOT_INLINE static floats add(floats a, floats b) noexcept { return vaddq_f32(a, b); }
  INGOT_INLINE static floats multiply(floats a, floats b) noexcept { return vmulq_f32(a, b); }
  INGOT_INLINE static floats multiply_add(floats a, floats b, floats c) noexcept { return vfmaq_f32(c, a, b); }
  INGOT_INLINE static floats rounded(floats v) noexcept {
    asm("" : "+w"(v));
    return v;
  }
  INGOT_INLINE static float sum_lanes(floats v) noexcept { return vaddvq_f32(v); }
  INGOT_INLINE static std::int32_t sum_lanes(ints v) noexcept { return vaddvq_s32(v); }
  INGOT_INLINE static float max_lanes(floats v) noexcept { return vmaxvq_f32(v); }
  template <unsigned stride>
  INGOT_INLINE static floats butterfly(floats v) noexcept {
    const floats other = stride == 1 ? vrev64q_f32(v) : vextq_f32(v, v, 2);
    constexpr std::uint32_t first[4] = {0, stride == 1 ? ~0u : 0u, stride == 2 ? ~0u : 0u, ~0u};
    return vbslq_f32(vld1q_u32(first), vsubq_f32(other, v), vaddq_f32(v, other));
  }
  INGOT_INLINE static ints add(ints a, ints b) noexcept { return vaddq_s32(a, b); }
  INGOT_INLINE static floats to_floats(ints v) noexcept { return vcvtq_f32_s32(v); }

  INGOT_INLINE static floats load_halves(const std::byte* p) noexcept { return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8(bytes_at(p)))); }
  INGOT_INLINE static floats load_unsigned(const std::byte* p) noexcept {
    return vcvtq_f32_u32(vmovl_u16(vget_low_u16(vmovl_u8(four(p)))));
  }
  INGOT_INLINE static floats load_signed(const std::byte* p) noexcept {
    return vcvtq_f32_s32(vmovl_s16(vget_low_s16(vmovl_s8(vreinterpret_s8_u8(four(p))))));
  }
  template <unsigned column>
  INGOT_INLINE static floats half_column(const std::byte* p) noexcept {
    const uint32x4_t v = vreinterpretq_u32_u8(load_bytes(p));
    return vcvt_f32_f16(vreinterpret_f16_u16(vmovn_u32(column == 0 ? v : vshrq_n_u32(v, 16))));
  }
  template <unsigned column>
  INGOT_INLINE static floats brain_column(const std::byte* p) noexcept {
    const uint32x4_t v = vreinterpretq_u32_u8(load_bytes(p));
    return vreinterpretq_f32_u32(column == 0 ? vshlq_n_u32(v, 16) : vandq_u32(v, vdupq_n_u32(0xffff0000u)));
  }

  INGOT_INLINE static bytes load_bytes(const std::byte* p) noexcept { return vld1q_u8(bytes_at(p)); }
  INGOT_INLINE static bytes low_nibbles(bytes v) noexcept { return vandq_u8(v, vdupq_n_u8(15)); }
  INGOT_INLINE static bytes high_nibbles(bytes v) noexcept { return vshrq_n_u8(v, 4); }
  template <unsigned shift, unsigned mask>
  INGOT_INLINE static bytes field(bytes v) noexcept {
    if constexpr (shift != 0) v = vshrq_n_u8(v, shift);
    if constexpr (mask != 255u >> shift) v = vandq_u8(v, vdupq_n_u8(mask));
    return v;
  }
  template <int shift, unsigned mask>
  INGOT_INLINE static bytes join(bytes v, bytes high) noexcept {
    if constexpr (shift < 0) high = vshlq_n_u8(high, -shift);
    if constexpr (shift > 0) high = vshrq_n_u8(high, shift);
    return vorrq_u8(v, vandq_u8(high, vdupq_n_u8(mask)));
  }
  INGOT_INLINE static bytes shift_right(bytes v, unsigned count) noexcept {
    return vshlq_u8(v, vdupq_n_s8(static_cast<std::int8_t>(-static_cast<int>(count))));
  }

  template <unsigned bits, Operand>
  INGOT_INLINE static void dot(partials& sum, bytes w, const std::int8_t* x) noexcept {
    const int8x16_t codes = vreinterpretq_s8_u8(bits == 8 ? veorq_u8(w, vdupq_n_u8(128)) : w);
    sum = vdotq_s32(sum, codes, repeated(x));
  }

  static constexpr TileShape kept_tile{.tokens = 6, .strips = 2};
  template <unsigned bits>
  static constexpr std::size_t kept_fold = 0;
  static constexpr bool takes_signed = true;
  INGOT_INLINE static bytes broadcast_byte(std::uint8_t value) noexcept { return vdupq_n_u8(value); }
  INGOT_INLINE static bytes subtract_bytes(bytes a, bytes b) noexcept { return vsubq_u8(a, b); }
  INGOT_INLINE static bytes load_sixteen(const std::int8_t* x) noexcept { return vreinterpretq_u8_s8(vld1q_s8(x)); }
  INGOT_INLINE static bytes pick(bytes values, bytes positions) noexcept { return vqtbl1q_u8(values, positions); }
  template <std::uint16_t power>
  INGOT_INLINE static bytes next_places(bytes places) noexcept {
    return vreinterpretq_u8_u16(vmulq_n_u16(vreinterpretq_u16_u8(places), power));
  }
  /// The digit in both bytes, the second taken from the upper half of the table.
  template <std::size_t s>
  INGOT_INLINE static bytes positions(bytes places) noexcept {
    const uint16x8_t words = vreinterpretq_u16_u8(places);
    const uint16x4_t six = vdup_n_u16(6);
    const uint16x8_t first = vreinterpretq_u16_u32(vmull_u16(vget_low_u16(words), six));
    const uint16x8_t digits = vuzp2q_u16(first, vreinterpretq_u16_u32(vmull_u16(vget_high_u16(words), six)));
    const uint16x8_t both = vmlaq_n_u16(vdupq_n_u16(0x0800), digits, 0x0101);
    constexpr std::uint8_t table[16] = {0, 0, 0, 1, 1, 2, 0, 0, 1, 2, 3, 2, 3, 3, 0, 0};
    const uint8x16_t in_four = vqtbl1q_u8(vld1q_u8(table), vreinterpretq_u8_u16(both));
    return vorrq_u8(in_four, vreinterpretq_u8_u32(vdupq_n_u32(s == 0 ? 0x04040000 : 0x0c0c0808)));
  }
  template <unsigned>
  INGOT_INLINE static void multiply_bytes(partials& sum, bytes a, bytes b) noexcept {
    sum = vdotq_s32(sum, vreinterpretq_s8_u8(a), vreinterpretq_s8_u8(b));
  }
  template <unsigned>
  INGOT_INLINE static ints kept_sum(partials sum) noexcept {
    return sum;
  }

  INGOT_INLINE static void prefetch(const void* p) noexcept { __builtin_prefetch(p); }
  INGOT_INLINE static void prefetch_l2(const void* p) noexcept { __builtin_prefetch(p, 0, 2); }

  INGOT_INLINE static ints store_codes(std::int8_t* out, const float* x, float factor) noexcept {
    const int32x4_t codes = vcvtnq_s32_f32(vmulq_n_f32(vld1q_f32(x), factor));
    const int16x4_t words = vqmovn_s32(codes);
    const int8x8_t stored = vqmovn_s16(vcombine_s16(words, words));
    std::memcpy(out, &stored, lanes);
    return codes;
  }

  static std::uint64_t product_burst(std::uint64_t rounds) noexcept {
    int32x4_t sum[8] = {};
    const int8x16_t w = vdupq_n_s8(3), x = vdupq_n_s8(2);
    for (std::uint64_t i = 0; i < rounds; ++i)
      for (int32x4_t& s : sum) asm volatile("sdot %0.4s, %1.16b, %2.16b" : "+w"(s) : "w"(w), "w"(x));
    return rounds * 8 * 16;
  }
  static std::uint64_t fma_burst(std::uint64_t rounds) noexcept {
    float32x4_t sum[8] = {};
    const float32x4_t a = vdupq_n_f32(0.5f), b = vdupq_n_f32(0.25f);
    for (std::uint64_t i = 0; i < rounds; ++i)
      for (float32x4_t& s : sum) asm volatile("fmla %0.4s, %1.4s, %2.4s" : "+w"(s) : "w"(a), "w"(b));
    return rounds * 8 * 4;
  }

 protected:
  INGOT_INLINE static int8x16_t repeated(const std::int8_t* x) noexcept {
    std::int32_t value;
    std::memcpy(&value, x, sizeof value);
    return vreinterpretq_s8_s32(vdupq_n_s32(value));
  }

 private:
  INGOT_INLINE static const std::uint8_t* bytes_at(const std::byte* p) noexcept { return reinterpret_cast<const std::uint8_t*>(p); }
  INGOT_INLINE static uint8x8_t four(const std::byte* p) noexcept {
    std::uint32_t value;
    std::memcpy(&value, p, sizeof value);
    return vreinterpret_u8_u32(vdup_n_u32(value));
  }
};

}  // namespace ingot::kernels
