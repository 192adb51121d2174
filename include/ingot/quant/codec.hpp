// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/codec.hpp: one group of weights to codes and back, rounding to the nearest code (RTN).

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ingot/core/float16.hpp>
#include <ingot/quant/scheme.hpp>

namespace ingot::quant {

/// Scale and min of one group as they are stored. `min` is 0 for symmetric schemes.
struct GroupScale {
  ingot::f16 scale, min;
};

[[nodiscard]] constexpr bool is_finite(ingot::f16 h) noexcept { return (h.bits & 0x7c00u) != 0x7c00u; }

/// What searches may propose: finite, and a scale among binary16's normal numbers, below which it has too few digits to be fitted.
[[nodiscard]] inline bool is_usable(const GroupScale& group) noexcept {
  return is_finite(group.scale) && is_finite(group.min) && std::abs(to_float(group.scale)) >= 0x1p-14f;
}

/// No NaN and no infinity among `values`.
[[nodiscard]] constexpr bool all_finite(std::span<const float> values) noexcept {
  std::uint32_t bad = 0;
  for (const float value : values) bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & 0x7f800000u) == 0x7f800000u);
  return bad == 0;
}

/// The weight that `code` stands for.
[[nodiscard]] constexpr float decode(const Scheme& scheme, std::uint8_t code, float scale, float min) noexcept {
  const float product = scale * static_cast<float>(code - scheme.zero_point());
  return scheme.zero == Zero::min ? product + min : product;  // adding 0 would lose the sign of -0
}

namespace detail {

/// Ties to even, for |x| < 2^22: adding 1.5 * 2^23 leaves no bits below the units. A libm call costs ten times as much.
[[nodiscard]] constexpr float round_to_even(float x) noexcept { return (x + 0x1.8p23f) - 0x1.8p23f; }

[[nodiscard]] constexpr ingot::f16 next_above(ingot::f16 h) noexcept {  // of h >= 0
  return {static_cast<std::uint16_t>(h.bits + 1)};
}
[[nodiscard]] constexpr ingot::f16 next_below(ingot::f16 h) noexcept {
  if (h.bits == 0) return {0x8001};
  return {static_cast<std::uint16_t>((h.bits & 0x8000u) != 0 ? h.bits + 1 : h.bits - 1)};
}

/// `extent / steps` as binary16, one step up where the nearest one would cut off more than half a code at the end of the range
/// (which happens among the subnormals, below 2^-14).
[[nodiscard]] constexpr ingot::f16 scale_for(float extent, float steps) noexcept {
  const ingot::f16 nearest = to_f16(extent / steps);
  return extent > (steps + 0.5f) * to_float(nearest) ? next_above(nearest) : nearest;
}

struct Range {
  float min, max;
};
[[nodiscard]] constexpr Range range_of(std::span<const float> weights) noexcept {
  constexpr std::size_t lanes = 8;  // independent minima, so that the loop is not one chain of 4-cycle instructions
  float low[lanes], high[lanes];
  std::fill_n(low, lanes, weights[0]);
  std::fill_n(high, lanes, weights[0]);
  std::size_t i = 0;
  for (; i + lanes <= weights.size(); i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) {
      low[k] = std::min(low[k], weights[i + k]);
      high[k] = std::max(high[k], weights[i + k]);
    }
  for (; i < weights.size(); ++i) {
    low[0] = std::min(low[0], weights[i]);
    high[0] = std::max(high[0], weights[i]);
  }
  return {*std::min_element(low, low + lanes), *std::max_element(high, high + lanes)};
}

}  // namespace detail

/// Chooses scale, min and codes for one group of finite weights (MNN's uniform quantization, but for 2 and 3 bits):
///   Zero::none  scale = absmax / (2^(bits-1) - 1),        code = round(w / scale) + 2^(bits-1), the lowest code unused;
///               2, 3 bits: scale = -w_max / 2^(bits-1) of either sign, w_max the weight of largest magnitude: it takes the lowest code.
///               Normally distributed weights in groups of 64 lose 39 and 19 % (rms), with a code unused 72 and 25 %;
///   Zero::min   scale = (max - min) / (2^bits - 1),       code = round((w - min) / scale).
/// Scale and min are rounded to binary16 first and the codes fitted to what is stored, so |decode - w| <= |scale| / 2 up to float
/// rounding (about |scale| at the end of symmetric codes of 2 and 3 bits that lacks one), for subnormal scales and for groups far from
/// zero as well. Scale or min come back infinite where the weights are beyond binary16 (|min| >= 65520); the codes mean nothing then.
/// `codes` has the size of `weights`, at least 1. `scheme` is an integer one with Scale::half.
inline GroupScale encode_group(const Scheme& scheme, std::span<const float> weights, std::span<std::uint8_t> codes) noexcept {
  assert(scheme.is_integer() && scheme.scale == Scale::half && !weights.empty() && codes.size() == weights.size());
  const auto [low, high] = detail::range_of(weights);
  GroupScale group;
  float offset = 0, first_code = 0, last_code = 0;
  if (scheme.zero == Zero::none) {
    const float zero = static_cast<float>(scheme.zero_point()), most = scheme.bits <= 3 ? zero : zero - 1;
    group.scale = detail::scale_for(std::max(-low, high), most);
    if (scheme.bits <= 3 && high > -low) group.scale.bits |= 0x8000u;
    first_code = zero - most, last_code = 2 * zero - 1, offset = zero;
  } else {
    last_code = static_cast<float>((1 << scheme.bits) - 1);
    group.min = to_f16(low);
    if (to_float(group.min) - low > (high - low) / last_code / 2) group.min = detail::next_below(group.min);
    if (!is_finite(group.min)) return group;
    group.scale = to_f16((high - low) / last_code);
    if (high - to_float(group.min) > (last_code + 0.5f) * to_float(group.scale))
      group.scale = detail::scale_for(high - to_float(group.min), last_code);
  }
  if (!is_finite(group.scale)) return group;
  const float scale = to_float(group.scale), min = to_float(group.min);
  if (scale == 0) {
    std::fill(codes.begin(), codes.end(), static_cast<std::uint8_t>(scheme.zero_point()));
    return group;
  }
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float code = detail::round_to_even((weights[i] - min) / scale) + offset;
    codes[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(std::clamp(code, first_code, last_code)));
  }
  return group;
}

/// The inverse of encode_group up to rounding.
inline void decode_group(const Scheme& scheme, GroupScale group, std::span<const std::uint8_t> codes, std::span<float> weights) noexcept {
  assert(codes.size() == weights.size());
  const float scale = to_float(group.scale), min = to_float(group.min);
  for (std::size_t i = 0; i < codes.size(); ++i) weights[i] = decode(scheme, codes[i], scale, min);
}

}  // namespace ingot::quant
