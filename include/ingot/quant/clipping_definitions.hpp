// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/clipping_definitions.hpp: descent over the clips of each row; ingot::runtime compiles it, once.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/team.hpp>
#include <ingot/quant/clipping.hpp>

namespace ingot::quant {

namespace detail {

/// The clips of one row.
class RowClips {
 public:
  /// gram: [columns, columns]
  RowClips(const PackedLayout& layout, const float* gram)
      : layout_{layout}, gram_{gram}, tried_(layout.group_columns()), change_(layout.group_columns()), through_(layout.group_columns()) {}

  /// The clips of the least sum of gram_ii error_i^2; leaves the errors. weights, errors: [columns]; clips: [filled groups]
  void begin(std::span<const float> weights, std::span<float> errors, std::span<std::uint8_t> clips) {
    for (std::size_t g = 0; g < clips.size(); ++g) {
      const std::size_t at = group(g).begin, size = group(g).size();
      const auto part = weights.subspan(at, size);
      const auto error = errors.subspan(at, size);
      const Range range = range_of(part);
      const auto lost = [&](Clip clip) {
        if (!round(part, range, clip)) return infinite;
        float sum = 0;
        for (std::size_t i = 0; i < size; ++i) sum += gram_[(at + i) * (layout_.columns + 1)] * tried_[i] * tried_[i];
        return sum;
      };
      Clip best{};
      float least = lost(best);
      const auto consider = [&](Clip clip) {
        const float sum = lost(clip);
        if (sum < least) least = sum, best = clip;
      };
      if (symmetric()) {
        for (int up = 1; up <= Clip::most; ++up) consider({0, up});
      } else {
        for (int down = 0; down <= Clip::most; down += 3)
          for (int up = 0; up <= Clip::most; up += 3) consider({down, up});
        const Clip coarse = best;
        for (int down = std::max(coarse.down - 1, 0); down <= std::min(coarse.down + 1, Clip::most); ++down)
          for (int up = std::max(coarse.up - 1, 0); up <= std::min(coarse.up + 1, Clip::most); ++up) consider({down, up});
      }
      if (!round(part, range, best)) std::fill(tried_.begin(), tried_.end(), 0.f);  // it will be rounded otherwise
      std::copy_n(tried_.begin(), size, error.begin());
      clips[g] = best.byte();
    }
  }

  /// One turn of all groups. pull: gram errors, [columns]; both are kept up to date. Returns whether anything has changed.
  bool improve(std::span<const float> weights, std::span<float> errors, std::span<float> pull, std::span<std::uint8_t> clips) {
    bool changed = false;
    for (std::size_t g = 0; g < clips.size(); ++g) {
      const std::size_t at = group(g).begin, size = group(g).size();
      const auto part = weights.subspan(at, size);
      const Range range = range_of(part);
      const Clip present = Clip::of(clips[g]);
      Clip best = present;
      float least = 0;
      for (int down = std::max(present.down - 1, 0); down <= std::min(present.down + 1, Clip::most); ++down)
        for (int up = std::max(present.up - 1, 0); up <= std::min(present.up + 1, Clip::most); ++up) {
          if ((symmetric() && down != 0) || (down == present.down && up == present.up) || !round(part, range, {down, up})) continue;
          for (std::size_t i = 0; i < size; ++i) tried_[i] -= errors[at + i];
          const float gained = change_of_loss(at, size, pull);
          if (gained < least) least = gained, best = {down, up}, change_ = tried_;
        }
      if (least == 0) continue;
      changed = true;
      clips[g] = best.byte();
      for (std::size_t j = 0; j < size; ++j) {
        errors[at + j] += change_[j];
        const float* const row = gram_ + (at + j) * layout_.columns;
        const float by = change_[j];
        for (std::size_t i = 0; i < layout_.columns; ++i) pull[i] += by * row[i];
      }
    }
    return changed;
  }

 private:
  static constexpr float infinite = 3e38f;
  [[nodiscard]] bool symmetric() const noexcept { return layout_.scheme.zero == Zero::none; }
  /// Columns of a group.
  [[nodiscard]] Slice group(std::size_t g) const noexcept {
    const std::size_t begin = g * layout_.group_columns();
    return {begin, std::min(begin + layout_.group_columns(), layout_.columns)};
  }
  /// tried_ = decoded - weights
  bool round(std::span<const float> weights, const Range& range, Clip clip) noexcept {
    const GroupScale cut = clip.scale(layout_.scheme, range);
    if (!is_usable(layout_.scheme, cut)) return false;
    const NearestCode code{layout_.scheme, cut};
    for (std::size_t i = 0; i < weights.size(); ++i) tried_[i] = cut.scale * code(weights[i]) + cut.min - weights[i];
    return true;
  }
  /// Of errors + tried_: 2 tried pull + tried gram tried.
  [[nodiscard]] float change_of_loss(std::size_t at, std::size_t size, std::span<const float> pull) noexcept {
    for (std::size_t i = 0; i < size; ++i) through_[i] = 2 * pull[at + i];
    for (std::size_t j = 0; j < size; ++j) {
      const float* const row = gram_ + (at + j) * layout_.columns + at;
      const float by = tried_[j];
      for (std::size_t i = 0; i < size; ++i) through_[i] += by * row[i];
    }
    float sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += tried_[i] * through_[i];
    return sum;
  }

  const PackedLayout& layout_;
  const float* gram_;
  std::vector<float> tried_, change_, through_;  // of a group
};

}  // namespace detail

Result<std::vector<std::uint8_t>> learn_clips(const PackedLayout& layout, const RowSource& rows, const Gram& gram,
                                              std::span<const float> factors, float correlation, const Product& product, Team& team) {
  const std::size_t columns = layout.columns, filled = layout.filled_groups();
  Buffer<float> weights{layout.rows * columns}, errors{layout.rows * columns}, pull{layout.rows * columns}, seen{columns * columns};
  INGOT_CHECK(detail::for_each_slice(team, layout.rows, [&](Slice slice) {
    return rows(slice.begin, slice.end, {weights.data() + slice.begin * columns, slice.size() * columns});
  }));
  const float share = 1 / static_cast<float>(std::max<std::size_t>(gram.inputs(), 1));
  team.run([&](Lane& lane) {
    const Slice mine = lane.slice(columns);
    for (std::size_t i = mine.begin; i < mine.end; ++i)
      for (std::size_t j = 0; j < columns; ++j) {
        const float by = factors.empty() ? 1 : factors[i] * factors[j];
        seen[i * columns + j] = gram(i, j) * share / by * (i == j ? 1 : correlation);
      }
  });
  std::vector<std::uint8_t> clips(layout.rows * filled);
  const auto each_row = [&](auto&& use) {
    team.run([&](Lane& lane) {
      detail::RowClips row{layout, seen.data()};
      const Slice mine = lane.slice(layout.rows);
      for (std::size_t r = mine.begin; r < mine.end; ++r)
        use(row, r, std::span<const float>{weights.data() + r * columns, columns}, std::span<float>{errors.data() + r * columns, columns},
            std::span{clips}.subspan(r * filled, filled));
    });
  };
  each_row([](detail::RowClips& row, std::size_t, auto w, auto e, auto c) { row.begin(w, e, c); });
  if (correlation == 0) return clips;
  const PaddedRows of_weights{layout.rows, columns, columns}, of_gram{columns, columns, columns};
  product({{errors.data(), of_weights.span_size()}, of_weights}, {{seen.data(), of_gram.span_size()}, of_gram},
          {{pull.data(), of_weights.span_size()}, of_weights});
  constexpr int turns = 3;
  each_row([&](detail::RowClips& row, std::size_t r, auto w, auto e, auto c) {
    for (int turn = 0; turn < turns && row.improve(w, e, {pull.data() + r * columns, columns}, c); ++turn) {
    }
  });
  return clips;
}

}  // namespace ingot::quant
