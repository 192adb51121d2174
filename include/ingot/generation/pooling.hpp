// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/generation/pooling.hpp: how the rows of a text become one vector.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ingot::generation {

/// Which rows an embedding is made of. Several are joined in this order, which is that of sentence-transformers.
enum class Pooling : std::uint8_t {
  cls,            ///< the first row
  max,            ///< the largest value of each column
  mean,           ///< the sum by the number of rows
  mean_sqrt,      ///< the sum by the root of the number of rows
  weighted_mean,  ///< row i counts i + 1 times (arXiv 2202.08904)
  last,           ///< the last row
};

/// Names of the poolings, in their order.
inline constexpr std::array<std::string_view, 6> pooling_names = {"cls", "max", "mean", "mean_sqrt", "weighted_mean", "last"};

/// Whether a pooling reads the rows between the first and the last.
[[nodiscard]] constexpr bool reads_all_rows(Pooling pooling) noexcept { return pooling != Pooling::cls && pooling != Pooling::last; }

/// Pools the rows of one text as they are computed. Sums are kept in double, so that they do not depend on the length of the chunks.
class Pooler {
 public:
  /// For rows of `width` values. The first `skipped` rows (a prompt) count for no mean and no maximum.
  Pooler(std::span<const Pooling> poolings, std::size_t width, std::size_t skipped = 0)
      : poolings_{poolings.begin(), poolings.end()}, width_{width}, skipped_{skipped}, values_(poolings.size() * width) {}

  /// The row at `position`. Positions ascend; where all that is wanted is the first or the last row, others may be left out.
  void add(std::size_t position, std::span<const float> row) noexcept {
    const bool counts = position >= skipped_;
    const double weight = static_cast<double>(position + 1);
    for (std::size_t i = 0; i < poolings_.size(); ++i) {
      double* const values = values_.data() + i * width_;
      const Pooling pooling = poolings_[i];
      if (pooling == Pooling::last || (pooling == Pooling::cls && position == 0)) {
        std::copy(row.begin(), row.end(), values);
      } else if (pooling == Pooling::cls || !counts) {
        continue;
      } else if (pooling == Pooling::max) {
        for (std::size_t c = 0; c < width_; ++c) {
          const auto x = static_cast<double>(row[c]);
          values[c] = rows_ == 0 ? x : std::max(values[c], x);
        }
      } else {
        const double factor = pooling == Pooling::weighted_mean ? weight : 1;
        for (std::size_t c = 0; c < width_; ++c) values[c] += factor * static_cast<double>(row[c]);
      }
    }
    if (counts) ++rows_, weights_ += weight;
  }

  /// The vector of what was added, [poolings * width]; zeros where no row counted.
  [[nodiscard]] std::vector<float> result() const {
    std::vector<float> result(values_.size());
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<float>(values_[i] / divisor(poolings_[i / width_]));
    return result;
  }

 private:
  [[nodiscard]] double divisor(Pooling pooling) const noexcept {
    const auto rows = static_cast<double>(std::max<std::size_t>(rows_, 1));
    if (pooling == Pooling::mean) return rows;
    if (pooling == Pooling::mean_sqrt) return std::sqrt(rows);
    return pooling == Pooling::weighted_mean ? std::max(weights_, 1.0) : 1;
  }

  std::vector<Pooling> poolings_;
  std::size_t width_, skipped_, rows_ = 0;
  double weights_ = 0;
  std::vector<double> values_;  // [poolings, width]
};

/// Divides by the length (not below 1e-12, as torch.nn.functional.normalize).
inline void normalize_length(std::span<float> values) noexcept {
  double squares = 0;
  for (const float value : values) squares += static_cast<double>(value) * static_cast<double>(value);
  const double length = std::max(std::sqrt(squares), 1e-12);
  for (float& value : values) value = static_cast<float>(static_cast<double>(value) / length);
}

}  // namespace ingot::generation
