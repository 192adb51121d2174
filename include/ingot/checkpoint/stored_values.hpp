// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/stored_values.hpp: values that several stored tensors hold together: codes here, their scales there.

#include <cstddef>
#include <span>

namespace ingot::checkpoint {

/// A matrix that no single ElementType describes. Whoever makes one has checked that its parts fit each other and the matrix.
class StoredValues {
 public:
  StoredValues() = default;
  StoredValues(const StoredValues&) = delete;
  StoredValues& operator=(const StoredValues&) = delete;
  virtual ~StoredValues() = default;

  /// Values of row `row` (all dimensions but the last counted as one) from column `column` on. Called from several threads at once.
  virtual void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept = 0;
};

}  // namespace ingot::checkpoint
