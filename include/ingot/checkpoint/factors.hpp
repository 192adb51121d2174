// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/factors.hpp: what the rows and columns of a tensor are multiplied by when it is read.

#include <cassert>
#include <cstddef>
#include <span>
#include <vector>

namespace ingot::checkpoint {

/// diag(rows) W diag(columns). Empty: all 1. A vector is one row, so its factors are those of columns.
struct Factors {
  std::vector<float> rows, columns;

  /// values: those of row `row`, [columns]
  void apply(std::size_t row, std::span<float> values) const noexcept {
    assert((rows.empty() || row < rows.size()) && (columns.empty() || columns.size() == values.size()));
    const float of_row = rows.empty() ? 1 : rows[row];
    for (std::size_t i = 0; i < values.size(); ++i) values[i] *= columns.empty() ? of_row : of_row * columns[i];
  }
};

}  // namespace ingot::checkpoint
