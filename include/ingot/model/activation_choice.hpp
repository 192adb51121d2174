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

/// Some rows of a matrix's input, evenly spread over those that it was shown.
class InputSample {
 public:
  static constexpr std::size_t most = 256;

  void take(Rows<const float> x) {
    columns_ = x.extent(1);
    const std::size_t step = (x.extent(0) + most - 1) / most;
    for (std::size_t r = 0; r < x.extent(0) && values_.size() < most * columns_; r += std::max<std::size_t>(step, 1))
      values_.insert(values_.end(), x.row(r), x.row(r) + columns_);
  }
  [[nodiscard]] std::size_t rows() const noexcept { return columns_ == 0 ? 0 : values_.size() / columns_; }

  /// Sum of squares of what `weights` [outputs, columns] make of the sample, or of what it loses as int8 with scales of `block` columns.
  [[nodiscard]] double energy(std::span<const float> weights, std::size_t block, const quant::Product& product) const {
    std::vector<float> turned(values_.size()), row(columns_), outputs(weights.size() / columns_ * rows());
    for (std::size_t r = 0; r < rows(); ++r) {
      const std::span<const float> x = std::span{values_}.subspan(r * columns_, columns_);
      if (block == 0)
        std::copy(x.begin(), x.end(), row.begin());
      else
        quant::input_rounding(x, block, row);
      for (std::size_t c = 0; c < columns_; ++c) turned[c * rows() + r] = row[c];
    }
    const PaddedRows a{weights.size() / columns_, columns_, columns_}, b{columns_, rows(), rows()},
        c{a.extents().extent(0), rows(), rows()};
    product({weights, a}, {std::span<const float>{turned}, b}, {outputs, c});
    double sum = 0;
    for (const double y : outputs) sum += y * y;
    return sum;
  }

 private:
  std::size_t columns_ = 0;
  std::vector<float> values_;  // [rows, columns]
};

/// The coarsest block whose rounding adds no more than a quarter to the error that the matrix's own rounding leaves in its outputs.
[[nodiscard]] inline std::uint32_t activation_block(const InputSample& sample, std::span<const float> weights, double weights_error,
                                                    const quant::Product& product) {
  for (const std::uint32_t block : {256u, 128u, 64u})
    if (4 * sample.energy(weights, block, product) <= weights_error) return block;
  return 32;
}

}  // namespace ingot::model::detail
