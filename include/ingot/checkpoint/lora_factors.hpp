// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/lora_factors.hpp: the two factors of a changed matrix, in the form that the matrix has in a model.

#include <cstddef>
#include <string>
#include <vector>

#include <ingot/checkpoint/lora_values.hpp>
#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/result.hpp>

namespace ingot::checkpoint {

/// W' = W + up down, the adapter's scale in `up`.
struct LoraFactors {
  std::size_t rank = 0;
  std::vector<float> down;  // [rank, columns]: A
  std::vector<float> up;    // [rows, rank]: B
};

/// Those of `tensor`, a matrix of an Arrangement whose values are LoraValues. Errors: unsupported (DoRA, normalized rows: the change
/// depends on W; heads of latent attention, whose change has no such form).
[[nodiscard]] inline Result<LoraFactors> lora_factors(const TensorInfo& tensor) {
  const LoraParts& parts = tensor.values->lora()->parts();
  const auto refused = [&](std::string what) {
    return tensor.problem(ErrorCode::unsupported, "its adapter cannot stand beside it: " + std::move(what),
                          "merge it: leave --lora_split out");
  };
  if (parts.magnitude != LoraParts::Magnitude::none) return refused("DoRA scales the matrix itself");
  if (tensor.unit_rows || tensor.plus_one) return refused("its rows are normalized");
  if (tensor.shape.size() != 2) return refused("it is no matrix");
  const std::size_t rows = tensor.rows(), columns = tensor.columns(), rank = parts.rank;
  if (rows == 0 || !checked_mul(rank, rows) || !checked_mul(rank, columns)) return refused("its size");

  LoraFactors factors{.rank = rank, .down = std::vector<float>(rank * columns), .up = std::vector<float>(rows * rank)};
  const bool transposed = tensor.column_step != 0;
  const std::size_t width = transposed ? tensor.column_step : 1;  // of a stored row, in what stored() counts
  const std::size_t first = tensor.stored(0) / width, block = first / parts.block_rows, within = first % parts.block_rows;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::size_t stored = tensor.stored(row) / width, column = tensor.stored(row) % width;
    if (transposed ? stored != first : stored / parts.block_rows != block) return refused("its rows lie in several factors");
    for (std::size_t k = 0; k < rank; ++k)
      factors.up[row * rank + k] =
          parts.scale * (transposed ? parts.right(block, column, k) : parts.left(block, stored % parts.block_rows, k));
  }
  for (std::size_t k = 0; k < rank; ++k)
    for (std::size_t column = 0; column < columns; ++column)
      factors.down[k * columns + column] = transposed ? parts.left(block, within + column, k) : parts.right(block, column, k);
  return factors;
}

}  // namespace ingot::checkpoint
