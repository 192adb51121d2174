// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/clipping.hpp: how far the range of each group of weights is cut before it is rounded: found from what the
              // matrix makes of its inputs, stored in a byte a group.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <ingot/core/result.hpp>
#include <ingot/quant/encoder.hpp>
#include <ingot/quant/gptq.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/scale_search.hpp>

namespace ingot {
class Team;
}

namespace ingot::quant {

/// The ends of a group's range, each moved towards its middle by up to a half, in 30ths of half the range: OmniQuant's clipping strengths
/// (arXiv 2308.13137, eq. 2) in four bits each. Symmetric schemes have one range, down from the weight of largest magnitude: `up` cuts it.
struct Clip {
  static constexpr int most = 15;
  int down = 0, up = 0;  ///< 0 .. most

  [[nodiscard]] constexpr std::uint8_t byte() const noexcept { return static_cast<std::uint8_t>(down << 4 | up); }
  [[nodiscard]] static constexpr Clip of(std::uint8_t byte) noexcept { return {byte >> 4, byte & 15}; }

  /// The scale and min of a group whose extremes are `range`, cut. Where they are not usable the group has no scale (is_usable()).
  [[nodiscard]] GroupScale scale(const Scheme& scheme, const detail::Range& range) const noexcept {
    const auto kept = [](int cut) { return 1 - 0.5f * static_cast<float>(cut) / most; };
    if (scheme.zero == Zero::none) {
      const float largest = range.max > -range.min ? range.max : range.min;  // gets the lowest code
      return {as_stored(scheme, largest * kept(up) / -static_cast<float>(1 << (scheme.bits - 1))), 0};
    }
    const float middle = (range.min + range.max) / 2, reach = (range.max - range.min) / 2;
    const float first = middle - reach * kept(down), end = middle + reach * kept(up);
    return {as_stored(scheme, (end - first) / static_cast<float>((1 << scheme.bits) - 1)), as_stored(scheme, first)};
  }
};

/// Rounds to the nearest codes of ranges that are cut as `clips` say: [rows, groups of filled columns] of a matrix, Clip::byte() each.
/// A group that cannot be cut so is rounded as NearestEncoder does.
class ClipEncoder final : public Encoder {
 public:
  explicit ClipEncoder(std::span<const std::uint8_t> clips) noexcept : clips_{clips} {}

  void encode(const PackedLayout& layout, std::span<const float> weights, const EncodedRows& out) const noexcept override {
    const std::size_t columns = layout.columns, group = layout.group_columns(), filled = layout.filled_groups();
    for (std::size_t row = 0; row < weights.size() / columns; ++row)
      for (std::size_t g = 0; g < filled; ++g) {
        const std::size_t begin = g * group, size = std::min(group, columns - begin);
        const auto part = weights.subspan(row * columns + begin, size);
        const auto codes = out.codes.subspan(row * layout.padded_columns() + begin, size);
        const GroupScale cut = Clip::of(clips_[(out.first + row) * filled + g]).scale(layout.scheme, detail::range_of(part));
        out.scales[row * layout.groups() + g] = is_usable(layout.scheme, cut) ? cut : encode_group(layout.scheme, part, codes);
        if (!is_usable(layout.scheme, cut)) continue;
        const detail::NearestCode code{layout.scheme, cut};
        for (std::size_t i = 0; i < size; ++i) codes[i] = static_cast<std::uint8_t>(code(part[i]) - code.first);
      }
  }

 private:
  std::span<const std::uint8_t> clips_;
};

/// Learns the clips of a matrix: those that leave the least of tr(E G ET), E the error of its rounded weights and G the Gram of its inputs
/// (quant::Gram, which see) with what is off its diagonal times `correlation` (0: inputs are taken as independent): what its outputs lose.
/// From the least sum G_ii E_i^2 on, groups take in turn what is best beside what all others of their row have taken. The result is the
/// same for every number of threads. factors: of columns, [columns], that the inputs have been divided by since, or none. Needs two
/// matrices of columns^2 floats and two of the weights' size. Errors: those of `rows`. Compiled in ingot::runtime.
[[nodiscard]] Result<std::vector<std::uint8_t>> learn_clips(const PackedLayout& layout, const RowSource& rows, const Gram& gram,
                                                            std::span<const float> factors, float correlation, const Product& product,
                                                            Team& team);

}  // namespace ingot::quant
