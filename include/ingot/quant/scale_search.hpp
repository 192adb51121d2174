// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/scale_search.hpp: scale and min of a group by least squares instead of by its extremes.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <ingot/quant/encoder.hpp>

namespace ingot::quant {

namespace detail {

/// What a scale and a min make of a group: the error, and the sums that tell which ones would suit its codes better.
struct Fit {
  float error = 0;                                ///< sum h (w - decoded)^2, h the importance
  float h = 0, hq = 0, hqq = 0, hw = 0, hwq = 0;  ///< sums of h, h q, ..., q the code less its zero point

  /// The scale and min of least squares for these codes; nothing where they do not determine them.
  [[nodiscard]] GroupScale best(const Scheme& scheme) const noexcept {
    if (scheme.zero == Zero::none) return {hqq > 0 ? as_stored(scheme, hwq / hqq) : 0, 0};
    const float determinant = h * hqq - hq * hq;
    if (!(determinant > 1e-6f * h * hqq)) return {};
    return {as_stored(scheme, (h * hwq - hq * hw) / determinant), as_stored(scheme, (hqq * hw - hq * hwq) / determinant)};
  }
};

/// The code nearest to a weight, less the zero point.
struct NearestCode {
  NearestCode(const Scheme& scheme, const GroupScale& group) noexcept
      : scale{group.scale},
        min{group.min},
        inverse{1 / scale},
        first{static_cast<float>(-scheme.zero_point())},
        last{static_cast<float>((1 << scheme.bits) - 1 - scheme.zero_point())} {}
  [[nodiscard]] float operator()(float weight) const noexcept { return std::clamp(round_to_even((weight - min) * inverse), first, last); }
  float scale, min, inverse, first, last;
};

/// Rounds a group to the nearest codes. Sums run in eight lanes, which compilers keep in registers.
[[nodiscard]] inline Fit fit(const Scheme& scheme, const GroupScale& group, std::span<const float> weights,
                             std::span<const float> importance) noexcept {
  constexpr std::size_t lanes = 8;
  const NearestCode nearest{scheme, group};
  float error[lanes]{}, hq[lanes]{}, hqq[lanes]{}, hwq[lanes]{}, h[lanes]{}, hw[lanes]{};
  const auto add = [&](std::size_t i, std::size_t k) __attribute__((always_inline)) {
    const float w = weights[i], weight = importance[i], q = nearest(w), difference = w - (nearest.scale * q + nearest.min);
    error[k] += weight * difference * difference;
    h[k] += weight, hw[k] += weight * w;
    hq[k] += weight * q, hqq[k] += weight * q * q, hwq[k] += weight * w * q;
  };
  std::size_t i = 0;
  for (; i + lanes <= weights.size(); i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) add(i + k, k);
  for (; i < weights.size(); ++i) add(i, 0);
  Fit sums;
  for (std::size_t k = 0; k < lanes; ++k) {
    sums.error += error[k], sums.h += h[k], sums.hw += hw[k];
    sums.hq += hq[k], sums.hqq += hqq[k], sums.hwq += hwq[k];
  }
  return sums;
}

}  // namespace detail

/// Chooses scale, min and codes of a group for the least sum of importance * (w - decoded)^2 among ranges that are cut by up to a half,
/// each refitted to its codes by least squares; the whole range of codes is used, with a negative scale where the largest weight is
/// positive and symmetric codes reach further down than up. Never worse than encode_group(). importance: as many as weights, >= 0
inline GroupScale search_scale(const Scheme& scheme, std::span<const float> weights, std::span<const float> importance,
                               std::span<std::uint8_t> codes) noexcept {
  const GroupScale nearest = encode_group(scheme, weights, codes);
  if (!is_finite(nearest.scale) || !is_finite(nearest.min) || nearest.scale == 0) return nearest;
  float least = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float difference = weights[i] - decode(scheme, codes[i], nearest.scale, nearest.min);
    least += importance[i] * difference * difference;
  }
  bool found = false;
  GroupScale best;
  // Takes a candidate that is better than all before it; returns what would suit its codes better still.
  const auto consider = [&](const GroupScale& candidate) -> GroupScale {
    if (!is_usable(scheme, candidate)) return {};
    const detail::Fit fit = detail::fit(scheme, candidate, weights, importance);
    if (fit.error < least) least = fit.error, best = candidate, found = true;
    return fit.best(scheme);
  };
  const auto [low, high] = detail::range_of(weights);
  const float last = static_cast<float>((1 << scheme.bits) - 1), half = static_cast<float>(1 << (scheme.bits - 1));
  constexpr int cuts = 6;
  const auto kept = [](int cut) { return 1 - 0.5f * static_cast<float>(cut) / cuts; };
  if (scheme.zero == Zero::none) {
    const float largest = high > -low ? high : low;  // gets the lowest code
    for (int cut = 0; cut <= cuts; ++cut) static_cast<void>(consider(consider({as_stored(scheme, largest * kept(cut) / -half), 0})));
  } else {
    const float middle = (low + high) / 2, reach = (high - low) / 2;
    for (int cut = 0; cut <= cuts; ++cut)
      for (const auto& [down, up] : {std::pair{cut, cut}, std::pair{0, cut}, std::pair{cut, 0}}) {
        const float first = middle - reach * kept(down), end = middle + reach * kept(up);
        static_cast<void>(consider(consider({as_stored(scheme, (end - first) / last), as_stored(scheme, first)})));
        if (cut == 0) break;
      }
  }
  if (!found) return nearest;
  for (int round = 0; round < 3; ++round) {
    const float before = least;
    static_cast<void>(consider(detail::fit(scheme, best, weights, importance).best(scheme)));
    if (least == before) break;
  }
  const detail::NearestCode code{scheme, best};
  for (std::size_t i = 0; i < weights.size(); ++i) codes[i] = static_cast<std::uint8_t>(code(weights[i]) - code.first);
  return best;
}

/// search_scale() for every group. importance: [columns] of the matrix
class SearchEncoder final : public GroupEncoder {
 public:
  explicit SearchEncoder(std::vector<float> importance) : importance_{std::move(importance)} {}

 private:
  GroupScale encode_group(const Scheme& scheme, std::size_t column, std::span<const float> weights,
                          std::span<std::uint8_t> codes) const noexcept override {
    return search_scale(scheme, weights, std::span{importance_}.subspan(column, weights.size()), codes);
  }
  std::vector<float> importance_;
};

}  // namespace ingot::quant
