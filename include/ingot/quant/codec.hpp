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

/// Scale and min of one group as they are stored: with Scale::half numbers of binary16. `min` is 0 for symmetric schemes.
struct GroupScale {
  float scale = 0, min = 0;

  friend constexpr bool operator==(const GroupScale&, const GroupScale&) = default;
};

[[nodiscard]] constexpr bool is_finite(ingot::f16 h) noexcept { return (h.bits & 0x7c00u) != 0x7c00u; }
[[nodiscard]] constexpr bool is_finite(float value) noexcept { return (std::bit_cast<std::uint32_t>(value) & 0x7f800000u) != 0x7f800000u; }

/// The smallest scale with all its digits.
[[nodiscard]] constexpr float least_scale(const Scheme& scheme) noexcept { return scheme.scale == Scale::half ? 0x1p-14f : 0x1p-126f; }
/// What storing a scale or a min makes of it. A binary32 without all its digits becomes 0: its inverse may be none.
[[nodiscard]] constexpr float as_stored(const Scheme& scheme, float value) noexcept {
  if (scheme.scale == Scale::half) return to_float(to_f16(value));
  return value < 0x1p-126f && value > -0x1p-126f ? 0 : value;
}

/// What searches may propose: finite, and a scale with all its digits: with fewer it cannot be fitted.
[[nodiscard]] inline bool is_usable(const Scheme& scheme, const GroupScale& group) noexcept {
  return is_finite(group.scale) && is_finite(group.min) && std::abs(group.scale) >= least_scale(scheme);
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

/// `extent / steps` as stored, of binary16 one step up where the nearest one would cut off more than half a code at the end of the range
/// (which happens among the subnormals, below 2^-14).
[[nodiscard]] constexpr float scale_for(const Scheme& scheme, float extent, float steps) noexcept {
  const float nearest = as_stored(scheme, extent / steps);
  return scheme.scale == Scale::half && extent > (steps + 0.5f) * nearest ? to_float(next_above(to_f16(nearest))) : nearest;
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
/// Scale and min are rounded as they are stored first and the codes fitted to that, so |decode - w| <= |scale| / 2 up to float
/// rounding (about |scale| at the end of symmetric codes of 2 and 3 bits that lacks one), for subnormal scales and for groups far from
/// zero as well. Scale or min come back infinite where they are beyond what stores them (65520 with Scale::half); the codes mean nothing
/// then.
/// `codes` has the size of `weights`, at least 1. `scheme` is an integer one without nested scales.
inline GroupScale encode_group(const Scheme& scheme, std::span<const float> weights, std::span<std::uint8_t> codes) noexcept {
  assert(scheme.is_integer() && scheme.scale != Scale::nested && !weights.empty() && codes.size() == weights.size());
  const auto [low, high] = detail::range_of(weights);
  GroupScale group;
  float offset = 0, first_code = 0, last_code = 0;
  if (scheme.zero == Zero::none) {
    const float zero = static_cast<float>(scheme.zero_point()), most = scheme.bits <= 3 ? zero : zero - 1;
    group.scale = detail::scale_for(scheme, std::max(-low, high), most);
    if (scheme.bits <= 3 && high > -low) group.scale = -group.scale;
    first_code = zero - most, last_code = 2 * zero - 1, offset = zero;
  } else {
    last_code = static_cast<float>((1 << scheme.bits) - 1);
    group.min = as_stored(scheme, low);
    if (scheme.scale == Scale::half && group.min - low > (high - low) / last_code / 2)
      group.min = to_float(detail::next_below(to_f16(group.min)));
    if (!is_finite(group.min)) return group;
    group.scale = as_stored(scheme, (high - low) / last_code);
    if (high - group.min > (last_code + 0.5f) * group.scale) group.scale = detail::scale_for(scheme, high - group.min, last_code);
  }
  if (!is_finite(group.scale)) return group;
  const auto [scale, min] = group;
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
  for (std::size_t i = 0; i < codes.size(); ++i) weights[i] = decode(scheme, codes[i], group.scale, group.min);
}

}  // namespace ingot::quant
