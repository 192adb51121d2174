// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/append.hpp: stores the key and the value of a position in a page of the KV cache.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <ingot/kernels/attention_task.hpp>
#include <ingot/kernels/batches.hpp>
#include <ingot/kernels/isa.hpp>

namespace ingot::kernels {

namespace detail {

/// As to_bf16(), inlined into code of this ISA.
INGOT_INLINE std::uint16_t brain_bits(float v) noexcept {
  const auto u = __builtin_bit_cast(std::uint32_t, v);
  const bool nan = (u & 0x7fffffffu) > 0x7f800000u;
  return static_cast<std::uint16_t>(nan ? u >> 16 | 0x40u : (u + 0x7fffu + (u >> 16 & 1u)) >> 16);
}

/// The smallest binary16 that is at least `scale` (0 <= scale), and its value: a scale that was rounded down would clip.
struct HalfScale {
  std::uint16_t bits;
  float value;
};
INGOT_INLINE HalfScale half_scale(float scale) noexcept {
  constexpr float smallest_normal = 6.103515625e-05f, largest = 65504.f;
  if (!(scale < largest)) return {0x7bff, largest};
  if (scale < smallest_normal) {  // a multiple of 2^-24
    auto steps = static_cast<std::uint32_t>(scale * 16777216.f);
    steps += static_cast<float>(steps) < scale * 16777216.f ? 1u : 0u;
    return {static_cast<std::uint16_t>(steps), static_cast<float>(steps) * 5.9604644775390625e-08f};
  }
  const std::uint32_t u = (__builtin_bit_cast(std::uint32_t, scale) + 0x1fffu) & ~0x1fffu;
  return {static_cast<std::uint16_t>((u >> 13) - (112u << 10)), __builtin_bit_cast(float, u)};
}

/// The values at(begin), at(begin + 1), ... of n: a panel's worth, zeros behind the last.
template <class Isa, class At>
INGOT_INLINE void take_part(float (&part)[quant::panel_rows], std::size_t begin, std::size_t n, At&& at) noexcept {
  if (n - begin >= quant::panel_rows) {
    for (std::size_t j = 0; j < quant::panel_rows; ++j) part[j] = at(begin + j);
  } else {
    for (std::size_t j = 0; j < quant::panel_rows; ++j) part[j] = begin + j < n ? at(begin + j) : 0.f;
  }
}

/// max|at(i)| / 127, the scale of n values.
template <class Isa, class At>
INGOT_INLINE float code_scale(std::size_t n, At&& at) noexcept {
  using B = FloatBatch<Isa>;
  B largest(0.f);
  for (std::size_t i = 0; i < n; i += quant::panel_rows) {
    float part[quant::panel_rows];
    take_part<Isa>(part, i, n, at);
    for (std::size_t j = 0; j < quant::panel_rows; j += B::size) largest = xsimd::max(largest, xsimd::abs(B::load_unaligned(part + j)));
  }
  constexpr float vanishing = 1e-30f;  // below it 1 / scale could overflow; the values count as zeros
  const float scale = max_lanes<Isa>(largest) / 127.0f;
  return scale > vanishing ? scale : 0.f;
}

/// What values are multiplied by to become codes.
INGOT_INLINE float code_factor(float scale) noexcept { return scale > 0 ? 1 / scale : 0.f; }

/// An element of a page: the bits of a float, of a bf16, or a code.
template <class Isa, quant::Scheme KV>
using PageElement = std::conditional_t<KV.bits == 32, std::uint32_t, std::conditional_t<KV.bits == 16, std::uint16_t, std::uint8_t>>;

/// The elements of a panel's worth of values; codes are 128 + round(value * factor).
template <class Isa, quant::Scheme KV>
INGOT_INLINE void encode_part(const float (&part)[quant::panel_rows], float factor,
                              PageElement<Isa, KV> (&out)[quant::panel_rows]) noexcept {
  if constexpr (KV.is_integer()) {
    std::int8_t codes[quant::panel_rows];
    for (std::size_t j = 0; j < quant::panel_rows; j += Ops<Isa>::lanes) Ops<Isa>::store_codes(codes + j, part + j, factor);
    for (std::size_t j = 0; j < quant::panel_rows; ++j) out[j] = static_cast<std::uint8_t>(codes[j] + 128);
  } else if constexpr (KV == quant::bf16) {
    for (std::size_t j = 0; j < quant::panel_rows; ++j) out[j] = brain_bits(part[j]);
  } else {
    std::memcpy(out, part, sizeof part);
  }
}

/// Writes n values as row `slot` of a page's keys: four bytes to each line.
template <class Isa, quant::Scheme KV, class At>
INGOT_INLINE void write_key(std::byte* keys, const PackedLayout& plane, std::uint32_t slot, std::size_t n, float factor, At&& at) noexcept {
  constexpr std::size_t word = 4, line_columns = 32 / KV.bits;
  std::byte* line = keys + slot / quant::panel_rows * plane.panel_quant_bytes() + slot % quant::panel_rows * word;
  for (std::size_t i = 0; i < n; i += quant::panel_rows) {
    float part[quant::panel_rows];
    take_part<Isa>(part, i, n, at);
    PageElement<Isa, KV> elements[quant::panel_rows];
    encode_part<Isa, KV>(part, factor, elements);
    for (std::size_t j = 0; j < quant::panel_rows && i + j < n; j += line_columns, line += quant::line_bytes)
      std::memcpy(line, elements + j, word);
  }
}

/// Writes n values as column `slot` of a page's values: one element of each word of a line, whose other columns stay.
template <class Isa, quant::Scheme KV, class At>
INGOT_INLINE void write_value(std::byte* values, const PackedLayout& plane, std::uint32_t slot, std::size_t n, float factor,
                              At&& at) noexcept {
  constexpr std::size_t line_columns = 32 / KV.bits;
  std::byte* line = values + slot / line_columns * quant::line_bytes;
  const std::uint32_t shift = slot % line_columns * KV.bits, others = ~(~std::uint32_t{0} >> (32 - KV.bits) << shift);
  for (std::size_t i = 0; i < n; i += quant::panel_rows, line += plane.panel_quant_bytes()) {
    float part[quant::panel_rows];
    take_part<Isa>(part, i, n, at);
    PageElement<Isa, KV> elements[quant::panel_rows];
    encode_part<Isa, KV>(part, factor, elements);
    std::uint32_t words[quant::panel_rows];
    static_assert(sizeof words == quant::line_bytes);
    std::memcpy(words, line, sizeof words);
    for (std::size_t j = 0; j < quant::panel_rows; ++j) words[j] = (words[j] & others) | std::uint32_t{elements[j]} << shift;
    std::memcpy(line, words, sizeof words);
  }
}

}  // namespace detail

/// Stores the key and the value of one position (slot = position % 64) of one KV head into its page. The positions of a page
/// come in order: the first is what the others are differences from, and makes the scales of all values behind it zeros, so that
/// attention may multiply its weights, zeros there, by them.
template <class Isa, quant::Scheme KV>
void append(const float* key, const float* value, HeadShape head, std::uint32_t slot, std::byte* keys, std::byte* values) noexcept {
  static_assert(kv_index(KV) < kv_schemes.size(), "no kernel for this KV scheme");
  const PackedLayout key_plane = key_layout(KV, head), value_plane = value_layout(KV, head);
  const auto plain = [&](std::size_t d) __attribute__((always_inline)) { return value[d]; };
  if constexpr (KV.is_integer()) {
    auto* const reference = reinterpret_cast<float*>(keys + reference_offset(KV, head));
    if (slot == 0)
      for (std::size_t d = 0; d < reference_floats(head); ++d) reference[d] = d < head.key ? key[d] : 0.f;
    const auto difference = [&](std::size_t d) __attribute__((always_inline)) { return key[d] - reference[d]; };
    const detail::HalfScale key_scale = detail::half_scale(detail::code_scale<Isa>(head.key, difference));
    detail::write_key<Isa, KV>(keys, key_plane, slot, head.key, detail::code_factor(key_scale.value), difference);
    std::byte* const scale_row =
        keys + key_plane.quant_bytes() + slot / quant::panel_rows * key_plane.panel_scale_bytes() + slot % quant::panel_rows * 2;
    std::memcpy(scale_row, &key_scale.bits, sizeof key_scale.bits);

    std::byte* const value_scales = values + value_plane.quant_bytes();
    if (slot == 0) std::memset(value_scales, 0, page_positions * sizeof(float));
    const float value_scale = detail::code_scale<Isa>(head.value, plain);
    detail::write_value<Isa, KV>(values, value_plane, slot, head.value, detail::code_factor(value_scale), plain);
    std::memcpy(value_scales + slot * sizeof value_scale, &value_scale, sizeof value_scale);
  } else {
    const auto as_it_is = [&](std::size_t d) __attribute__((always_inline)) { return key[d]; };
    detail::write_key<Isa, KV>(keys, key_plane, slot, head.key, 1.f, as_it_is);
    detail::write_value<Isa, KV>(values, value_plane, slot, head.value, 1.f, plain);
  }
}

}  // namespace ingot::kernels
