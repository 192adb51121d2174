// SPDX-License-Identifier: Apache-2.0
#pragma once  // tests/quant/matrices.hpp: seeded weights, and products to compare with.

#include <algorithm>
#include <cstddef>
#include <random>
#include <span>
#include <vector>

#include <ingot/quant/mask.hpp>
#include <ingot/quant/pack.hpp>
#include <ingot/quant/product.hpp>
#include <ingot/tensor/tensor.hpp>

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

/// Weights that `scheme` can hold: pruned by magnitude for a 2:4 one.
inline std::vector<float> fit_for(const quant::Scheme& scheme, std::vector<float> weights, std::size_t columns) {
  const std::vector<float> ones(columns, 1.f);
  if (scheme.sparsity == quant::Sparsity::two_of_four)
    for (std::size_t at = 0; at < weights.size(); at += columns) quant::prune_row(std::span{weights}.subspan(at, columns), ones);
  return weights;
}

/// c += a b, summed in double.
inline const quant::Product loops = [](Rows<const float> a, Rows<const float> b, Rows<float> c) {
  std::vector<double> sums(c.extent(1));
  for (std::size_t i = 0; i < c.extent(0); ++i) {
    std::ranges::fill(sums, 0.0);
    for (std::size_t k = 0; k < b.extent(0); ++k)
      for (std::size_t j = 0; j < sums.size(); ++j) sums[j] += static_cast<double>(a(i, k)) * static_cast<double>(b(k, j));
    for (std::size_t j = 0; j < sums.size(); ++j) c(i, j) += static_cast<float>(sums[j]);
  }
};

}  // namespace ingot::test
