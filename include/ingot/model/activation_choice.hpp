// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/activation_choice.hpp: how finely the input of a matrix has to be scaled beside what its own rounding costs.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <ingot/quant/input_rounding.hpp>
#include <ingot/quant/product.hpp>

namespace ingot::model::detail {

/// Sum of squares of what `weights` [outputs, columns] make of the rows x [n, columns], or of what these lose as int8 with scales of
/// `block` columns.
[[nodiscard]] inline double output_energy(Rows<const float> x, std::span<const float> weights, std::size_t block,
                                          const quant::Product& product) {
  const std::size_t n = x.extent(0), columns = x.extent(1), outputs = weights.size() / columns;
  std::vector<float> turned(n * columns), rounded(columns), y(outputs * n);
  for (std::size_t r = 0; r < n; ++r) {
    std::fill(rounded.begin(), rounded.end(), 0.f);
    if (block != 0) {
      std::copy_n(x.row(r), columns, rounded.begin());
      quant::round_inputs(rounded, block);
    }
    for (std::size_t c = 0; c < columns; ++c) turned[c * n + r] = x.row(r)[c] - rounded[c];
  }
  const PaddedRows a{outputs, columns, columns}, b{columns, n, n}, c{outputs, n, n};
  product({weights, a}, {std::span<const float>{turned}, b}, {y, c});
  double sum = 0;
  for (const double value : y) sum += value * value;
  return sum;
}

/// The coarsest block whose rounding adds no more than a quarter to the error that the matrix's own rounding leaves in its outputs.
[[nodiscard]] inline std::uint32_t activation_block(Rows<const float> x, std::span<const float> weights, double weights_error,
                                                    const quant::Product& product) {
  for (const std::uint32_t block : {256u, 128u, 64u})
    if (4 * output_energy(x, weights, block, product) <= weights_error) return block;
  return 32;
}

}  // namespace ingot::model::detail
