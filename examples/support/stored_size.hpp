// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/stored_size.hpp: what the matrices of a model take in its files.

#include <cstdint>
#include <optional>
#include <string>

#include <ingot/core/result.hpp>
#include <ingot/model/open_checkpoint.hpp>
#include <ingot/model/package_directory.hpp>
#include <ingot/quant/package.hpp>

namespace program {

/// Sums over all matrices of a model.
struct StoredSize {
  std::uint64_t bytes = 0;    ///< scales and padding counted
  std::uint64_t weights = 0;  ///< rows times columns, without padding

  [[nodiscard]] double bits_per_weight() const noexcept {
    return weights == 0 ? 0 : 8 * static_cast<double>(bytes) / static_cast<double>(weights);
  }
};

/// Of a package or a checkpoint; nothing where a checkpoint keeps matrices in parts (codes, scales), which have no bytes of their own.
/// Errors: those of opening it.
inline ingot::Result<std::optional<StoredSize>> stored_size(const std::string& path) {
  StoredSize size;
  if (const auto directory = ingot::model::package_directory(path)) {
    INGOT_TRY(const auto package, ingot::quant::Package::open(*directory));
    for (const auto& [name, matrix] : package.matrices()) {
      size.bytes += matrix.layout().quant_bytes() + matrix.layout().scale_bytes();
      size.weights += matrix.rows * matrix.columns;
    }
    return size;
  }
  INGOT_TRY(const auto opened, ingot::model::open_checkpoint(path));
  for (const auto& tensor : opened.files.tensors) {
    if (tensor.shape.size() < 2) continue;
    if (tensor.values) return std::nullopt;
    size.bytes += tensor.rows() * tensor.row_bytes();
    size.weights += tensor.elements();
  }
  return size;
}

}  // namespace program
