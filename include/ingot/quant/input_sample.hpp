// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/input_sample.hpp: what a calibration keeps of one input: sizes of its channels, and some of its rows.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/tensor/tensor.hpp>

namespace ingot::quant {

/// Sums over all rows that were added, and at most `most_rows` of them, evenly spaced.
class InputSample {
 public:
  InputSample(std::size_t columns, std::size_t most_rows)
      : columns_{columns}, most_rows_{most_rows}, magnitudes_(columns), squares_(columns), largest_(columns), kept_{most_rows * columns} {}

  /// x: [rows, columns]
  void add(Rows<const float> x) {
    for (std::size_t r = 0; r < x.extent(0); ++r) {
      const std::span<const float> row{x.row(r), columns_};
      for (std::size_t i = 0; i < columns_; ++i) {
        const float magnitude = std::abs(row[i]);
        magnitudes_[i] += static_cast<double>(magnitude);
        squares_[i] += static_cast<double>(magnitude) * static_cast<double>(magnitude);
        largest_[i] = std::max(largest_[i], magnitude);
      }
      if (seen_++ % step_ == 0) keep(row);
    }
  }

  [[nodiscard]] std::size_t columns() const noexcept { return columns_; }
  /// Rows that were added.
  [[nodiscard]] std::size_t seen() const noexcept { return seen_; }
  /// [n, columns], n <= most_rows
  [[nodiscard]] Rows<const float> rows() const noexcept {
    const PaddedRows layout{count_, columns_, columns_};
    return {{kept_.data(), layout.span_size()}, layout};
  }
  /// Of each channel, [columns]: mean |x|, mean x^2, max |x|.
  [[nodiscard]] std::vector<float> mean_magnitudes() const { return means(magnitudes_); }
  [[nodiscard]] std::vector<float> mean_squares() const { return means(squares_); }
  [[nodiscard]] const std::vector<float>& largest() const noexcept { return largest_; }

 private:
  /// When there is no room, every second row goes, and rows come half as often from then on.
  void keep(std::span<const float> row) {
    if (count_ == most_rows_) {
      const std::size_t half = (count_ + 1) / 2;
      for (std::size_t i = 1; i < half; ++i) std::copy_n(kept_.data() + 2 * i * columns_, columns_, kept_.data() + i * columns_);
      count_ = half;
      step_ *= 2;
      if ((seen_ - 1) % step_ != 0) return;
    }
    std::copy(row.begin(), row.end(), kept_.data() + count_++ * columns_);
  }
  [[nodiscard]] std::vector<float> means(const std::vector<double>& sums) const {
    std::vector<float> values(columns_);
    for (std::size_t i = 0; i < columns_; ++i)
      values[i] = static_cast<float>(sums[i] / static_cast<double>(std::max<std::size_t>(seen_, 1)));
    return values;
  }

  std::size_t columns_, most_rows_;
  std::size_t seen_ = 0, count_ = 0, step_ = 1;
  std::vector<double> magnitudes_, squares_;
  std::vector<float> largest_;
  Buffer<float> kept_;  // [most_rows, columns]
};

}  // namespace ingot::quant
