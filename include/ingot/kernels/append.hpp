// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/append.hpp: stores the key and the value of a position in a page of the KV cache.

#include <cstddef>
#include <cstdint>
#include <cstring>

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

/// Calls use(begin, count, values) for the n values at(i), a register's worth at a time, zeros behind the last.
template <class Isa, class At, class Use>
INGOT_INLINE void each_part(std::size_t n, At&& at, Use&& use) noexcept {
  constexpr std::size_t lanes = Ops<Isa>::lanes;
  for (std::size_t i = 0; i < n; i += lanes) {
    const std::size_t count = n - i < lanes ? n - i : lanes;
    float part[lanes] = {};
    for (std::size_t j = 0; j < count; ++j) part[j] = at(i + j);
    use(i, count, part);
  }
}

/// max|at(i)| / 127, the scale of n values.
template <class Isa, class At>
INGOT_INLINE float code_scale(std::size_t n, At&& at) noexcept {
  using B = FloatBatch<Isa>;
  B largest(0.f);
  each_part<Isa>(n, at, [&](std::size_t, std::size_t, const float* part) {
    for (std::size_t j = 0; j < Ops<Isa>::lanes; j += B::size) largest = xsimd::max(largest, xsimd::abs(B::load_unaligned(part + j)));
  });
  constexpr float vanishing = 1e-30f;  // below it 1 / scale could overflow; the values count as zeros
  const float scale = max_lanes<Isa>(largest) / 127.0f;
  return scale > vanishing ? scale : 0.f;
}

/// Calls put(i, code) for the codes of n values, 128 + round(at(i) / scale), scale >= code_scale().
template <class Isa, class At, class Put>
INGOT_INLINE void each_code(std::size_t n, float scale, At&& at, Put&& put) noexcept {
  const float factor = scale > 0 ? 1 / scale : 0.f;
  each_part<Isa>(n, at, [&](std::size_t i, std::size_t count, const float* part) {
    std::int8_t codes[Ops<Isa>::lanes];
    Ops<Isa>::store_codes(codes, part, factor);
    for (std::size_t j = 0; j < count; ++j) put(i + j, static_cast<std::byte>(codes[j] + 128));
  });
}

}  // namespace detail

/// Stores the key and the value of one position (slot = position % 64) of one KV head into its page. The positions of a page
/// come in order: the first is what the others are differences from.
template <class Isa, quant::Scheme KV>
void append(const float* key, const float* value, HeadShape head, std::uint32_t slot, std::byte* keys, std::byte* values) noexcept {
  static_assert(kv_index(KV) < kv_schemes.size(), "no kernel for this KV scheme");
  constexpr std::size_t line_columns = 32 / KV.bits, element = KV.bits / 8;
  const PackedLayout key_plane = key_layout(KV, head), value_plane = value_layout(KV, head);
  std::byte* const key_row = keys + slot / quant::panel_rows * key_plane.panel_quant_bytes() + slot % quant::panel_rows * 4;
  std::byte* const value_column = values + slot / line_columns * quant::line_bytes + slot % line_columns * element;
  const std::size_t value_panel = value_plane.panel_quant_bytes();
  const auto key_at = [&](std::size_t d) __attribute__((always_inline)) {
    return key_row + d / line_columns * quant::line_bytes + d % line_columns * element;
  };
  const auto value_at = [&](std::size_t d) __attribute__((always_inline)) {
    return value_column + d / quant::panel_rows * value_panel + d % quant::panel_rows * 4;
  };
  if constexpr (KV.is_integer()) {
    auto* const reference = reinterpret_cast<float*>(keys + reference_offset(KV, head));
    if (slot == 0)
      for (std::size_t d = 0; d < reference_floats(head); ++d) reference[d] = d < head.key ? key[d] : 0.f;
    const auto difference = [&](std::size_t d) __attribute__((always_inline)) { return key[d] - reference[d]; };
    const detail::HalfScale key_scale = detail::half_scale(detail::code_scale<Isa>(head.key, difference));
    detail::each_code<Isa>(head.key, key_scale.value, difference, [&](std::size_t d, std::byte code) { *key_at(d) = code; });
    std::byte* const scale_row =
        keys + key_plane.quant_bytes() + slot / quant::panel_rows * key_plane.panel_scale_bytes() + slot % quant::panel_rows * 2;
    std::memcpy(scale_row, &key_scale.bits, sizeof key_scale.bits);

    const auto plain = [&](std::size_t d) __attribute__((always_inline)) { return value[d]; };
    const float value_scale = detail::code_scale<Isa>(head.value, plain);
    detail::each_code<Isa>(head.value, value_scale, plain, [&](std::size_t d, std::byte code) { *value_at(d) = code; });
    std::memcpy(values + value_plane.quant_bytes() + slot * sizeof value_scale, &value_scale, sizeof value_scale);
  } else {
    const auto put = [](std::byte * p, float v) __attribute__((always_inline)) {
      if constexpr (KV == quant::f32) {
        std::memcpy(p, &v, sizeof v);
      } else {
        const std::uint16_t brain = detail::brain_bits(v);
        std::memcpy(p, &brain, sizeof brain);
      }
    };
    for (std::size_t d = 0; d < head.key; ++d) put(key_at(d), key[d]);
    for (std::size_t d = 0; d < head.value; ++d) put(value_at(d), value[d]);
  }
}

}  // namespace ingot::kernels
