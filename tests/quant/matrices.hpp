// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/quant/matrices.hpp: seeded weights for the tests of this folder.

#include <algorithm>
#include <cstddef>
#include <random>
#include <span>
#include <vector>

#include <ingot/quant/pack.hpp>

namespace ingot::test {

/// [rows, columns] values in (-0.2, 0.2), a few of them ten times larger, as in trained matrices.
inline std::vector<float> random_matrix(std::size_t rows, std::size_t columns, unsigned seed) {
  std::mt19937 random{seed};
  std::vector<float> weights(rows * columns);
  for (float& w : weights) {
    w = (static_cast<float>(random()) * 0x1p-31f - 1) * 0.2f;
    if (random() % 50 == 0) w *= 10;
  }
  return weights;
}

inline quant::RowSource source_of(const std::vector<float>& weights, std::size_t columns) {
  return [&weights, columns](std::size_t begin, std::size_t end, std::span<float> out) -> Status {
    std::copy(weights.begin() + static_cast<std::ptrdiff_t>(begin * columns), weights.begin() + static_cast<std::ptrdiff_t>(end * columns),
              out.begin());
    return {};
  };
}

}  // namespace ingot::test
