// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/error_statistics.hpp: what packing cost: bits per weight, and the distance to the original weights.

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <ingot/quant/pack.hpp>
#include <ingot/quant/unpack.hpp>

namespace ingot::quant {

/// Bits that a stored weight takes, scales and padding counted.
[[nodiscard]] constexpr double bits_per_weight(const PackedLayout& layout) noexcept {
  const double bytes = static_cast<double>(layout.quant_bytes()) + static_cast<double>(layout.scale_bytes());
  return 8 * bytes / (static_cast<double>(layout.rows) * static_cast<double>(layout.columns));
}

/// Sums over weights; those of several matrices add up.
struct ErrorStatistics {
  double weights = 0;         ///< how many were compared
  double max_error = 0;       ///< max |w - unpacked|
  double squared_error = 0;   ///< sum (w - unpacked)^2
  double squared_weight = 0;  ///< sum w^2

  /// RMS of the error over RMS of the weights; 0 where all weights are 0.
  [[nodiscard]] double relative_rms() const noexcept { return squared_weight > 0 ? std::sqrt(squared_error / squared_weight) : 0; }

  ErrorStatistics& operator+=(const ErrorStatistics& other) noexcept {
    weights += other.weights;
    max_error = std::max(max_error, other.max_error);
    squared_error += other.squared_error;
    squared_weight += other.squared_weight;
    return *this;
  }
};

/// Compares the rows of `slice` with the original ones. Errors: those of `source`.
[[nodiscard]] inline Result<ErrorStatistics> error_statistics(const MatrixView& matrix, const RowSource& source, Slice slice) {
  std::vector<float> original(matrix.columns), unpacked(matrix.columns);
  ErrorStatistics statistics;
  for (std::size_t row = slice.begin; row < slice.end; ++row) {
    INGOT_CHECK(source(row, row + 1, original));
    unpack_row(matrix, row, unpacked);
    double squared_error = 0, squared_weight = 0;
    for (std::size_t i = 0; i < original.size(); ++i) {
      const double weight = original[i], error = weight - unpacked[i];
      statistics.max_error = std::max(statistics.max_error, std::abs(error));
      squared_error += error * error;
      squared_weight += weight * weight;
    }
    statistics += {.weights = static_cast<double>(original.size()), .squared_error = squared_error, .squared_weight = squared_weight};
  }
  return statistics;
}

/// The whole matrix, on all lanes; summed panel by panel, so that the figures do not depend on their number.
[[nodiscard]] inline Result<ErrorStatistics> error_statistics(const MatrixView& matrix, const RowSource& source, Team& team) {
  std::vector<ErrorStatistics> panels(matrix.layout().panels());
  INGOT_CHECK(detail::for_each_slice(team, panels.size(), [&](Slice slice) -> Status {
    for (std::size_t panel = slice.begin; panel < slice.end; ++panel) {
      const Slice rows{panel * panel_rows, std::min((panel + 1) * panel_rows, matrix.rows)};
      INGOT_TRY(panels[panel], error_statistics(matrix, source, rows));
    }
    return {};
  }));
  ErrorStatistics sum;
  for (const ErrorStatistics& panel : panels) sum += panel;
  return sum;
}

}  // namespace ingot::quant
