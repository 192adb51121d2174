// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/hqq.hpp: scale and min of a group that do not follow its outliers, by half-quadratic splitting (HQQ).

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <ingot/quant/encoder.hpp>

namespace ingot::quant {

namespace detail {

/// What one iteration needs to know of a group at a given scale and min.
struct HqqPass {
  float error;      ///< sum importance (w - decoded)^2, at the nearest codes
  GroupScale next;  ///< the least-squares fit to the weights less their outliers
};

/// One iteration of half-quadratic quantization: weights are rounded to codes; what an error exceeds `steps` of the scale by
/// is taken for an outlier (the proximal operator of |e|); scale and min are fitted to the rest. A weight w counts usual + |w|.
[[nodiscard]] inline HqqPass hqq_pass(const Scheme& scheme, const GroupScale& stored, std::span<const float> weights, float usual,
                                      float steps) noexcept {
  const float scale = stored.scale, min = stored.min, inverse = 1 / scale, threshold = std::abs(scale) * steps;
  const float zero = static_cast<float>(scheme.zero_point()), last = static_cast<float>((1 << scheme.bits) - 1);
  const float middle = scheme.zero == Zero::min ? last / 2 : zero;  // keeps sums of codes small
  constexpr std::size_t lanes = 4;  // as a vector: GCC makes no such code of loops over arrays, which take four times as long
  using Lanes [[gnu::vector_size(sizeof(float) * lanes)]] = float;
  Lanes counted{}, squared{}, codes{}, squares{}, rests{}, products{};
  const auto add = [&](const Lanes& w, const Lanes& is_one) __attribute__((always_inline)) {
    const Lanes counts = (usual + (w > 0.f ? w : -w)) * is_one;
    Lanes code = (w - min) * inverse + zero;
    code = code > 0.f ? code : Lanes{};
    code = code < last ? code : Lanes{} + last;
    code = (code + 0x1.8p23f) - 0x1.8p23f;  // as round_to_even()
    const Lanes error = w - (scale * (code - zero) + min), q = code - middle;
    Lanes rest = error > -threshold ? error : Lanes{} - threshold;
    rest = (rest < threshold ? rest : Lanes{} + threshold) * counts;
    counted += counts, squared += error * error * counts;
    codes += q * counts, squares += q * q * counts, rests += rest, products += rest * q;
  };
  std::size_t i = 0;
  Lanes w;
  for (; i + lanes <= weights.size(); i += lanes) {
    std::memcpy(&w, weights.data() + i, sizeof w);
    add(w, Lanes{} + 1.f);
  }
  if (i < weights.size()) {
    Lanes is_one{};
    w = Lanes{};
    for (std::size_t k = 0; i < weights.size(); ++i, ++k) w[k] = weights[i], is_one[k] = 1;
    add(w, is_one);
  }
  const auto sum = [](const Lanes& v) { return (v[0] + v[1]) + (v[2] + v[3]); };
  const float all_codes = sum(codes), all_squares = sum(squares), all_rests = sum(rests);
  HqqPass pass{sum(squared), stored};
  if (scheme.zero == Zero::none) {
    if (all_squares > 0) pass.next.scale = as_stored(scheme, scale + sum(products) / all_squares);
    return pass;
  }
  const float n = sum(counted);
  const float spread = all_squares - all_codes * all_codes / n;
  const float slope = spread > 1e-6f * all_squares ? (sum(products) - all_codes * all_rests / n) / spread : 0;
  const float level = (all_rests - slope * all_codes) / n;
  pass.next = {as_stored(scheme, scale + slope), as_stored(scheme, min + level - slope * middle)};
  return pass;
}

}  // namespace detail

/// Chooses scale, min and codes of a group by half-quadratic quantization (HQQ, Badri and Shaji, 2023), which steps towards the least sum
/// of |w - decoded|^p; here p = 1, whose proximal operator needs no power, once with outliers and once with none, p = 2. Of what the steps
/// come by, the least squared error is taken, in which a weight counts its group's root mean square and its own size: the least absolute
/// error cuts ranges so far that in 3 bits layers of SmolLM2-135M lost half as much again; the plain squared one spends the largest
/// weights, which meet the largest activations: of 30 layers, two lost 1.3 and 2.1 times as much as with the authors' program, now 1.1
/// and 1.3, the mean 0.99 (4 bits in groups of 64, three seeds). Unlike their program, errors are counted in steps of the group's scale
/// (their constant makes no weight of a language model an outlier), the scale is fitted beside the zero, and each group stops on its own,
/// when 3 iterations brought nothing or a fixed point is reached. Every candidate is judged as it is stored: the result is never worse than
/// encode_group()'s.
inline GroupScale hqq_scale(const Scheme& scheme, std::span<const float> weights, std::span<std::uint8_t> codes) noexcept {
  constexpr int iterations = 20, patience = 3;
  constexpr float outliers = 0.25f, none = 1e6f;  // of 1/8 to 1/2.5, constant or falling, the least squared error in 3 and 4 bits
  const GroupScale nearest = encode_group(scheme, weights, codes);
  if (!is_usable(scheme, nearest)) return nearest;
  GroupScale best = nearest;
  float squares = 0;
  for (const float w : weights) squares += w * w;
  const float usual = std::sqrt(squares / static_cast<float>(weights.size()));
  float least = detail::hqq_pass(scheme, nearest, weights, usual, none).error;
  const auto descend = [&](GroupScale at, float steps) {
    for (int i = 0, wasted = 0; i < iterations && wasted < patience && is_usable(scheme, at); ++i) {
      const auto [error, next] = detail::hqq_pass(scheme, at, weights, usual, steps);
      if (error < least)
        least = error, best = at, wasted = 0;
      else
        ++wasted;
      if (next == at) break;
      at = next;
    }
  };
  const auto [low, high] = detail::range_of(weights);
  for (const float steps : {none, outliers}) {
    descend(nearest, steps);
    if (scheme.zero == Zero::none)  // the lowest code reaches one step further: it goes to the largest weight
      descend({as_stored(scheme, (high > -low ? high : low) / -static_cast<float>(scheme.zero_point())), 0}, steps);
  }
  if (scheme.bits > 5 &&
      scheme.scale == Scale::half) {  // codes so fine that binary16's rounding of scale and min shows: 3 % of the squared error in 8 bits
    const GroupScale middle = best;
    const auto moved = [](float h, int steps) { return to_float(ingot::f16{static_cast<std::uint16_t>(to_f16(h).bits + steps)}); };
    for (int scale = -1; scale <= 1; ++scale)
      for (int min = scheme.zero == Zero::min && middle.min != 0 ? -1 : 0; min <= (scheme.zero == Zero::min ? 1 : 0); ++min) {
        const GroupScale at{moved(middle.scale, scale), moved(middle.min, min)};
        if (!is_usable(scheme, at)) continue;
        const float error = detail::hqq_pass(scheme, at, weights, usual, none).error;
        if (error < least) least = error, best = at;
      }
  }
  if (best == nearest) return nearest;
  const float scale = best.scale, min = best.min, inverse = 1 / scale;
  const float zero = static_cast<float>(scheme.zero_point()), last = static_cast<float>((1 << scheme.bits) - 1);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float code = detail::round_to_even(std::min(std::max((weights[i] - min) * inverse + zero, 0.f), last));
    codes[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(code));
  }
  return best;
}

/// hqq_scale() for every group.
class HqqEncoder final : public GroupEncoder {
 private:
  GroupScale encode_group(const Scheme& scheme, std::size_t, std::span<const float> weights,
                          std::span<std::uint8_t> codes) const noexcept override {
    return hqq_scale(scheme, weights, codes);
  }
};

}  // namespace ingot::quant
