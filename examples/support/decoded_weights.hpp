// SPDX-License-Identifier: Apache-2.0
#pragma once  // examples/support/decoded_weights.hpp: a package's weights as other tools read them.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <ingot/checkpoint/safetensors_writer.hpp>
#include <ingot/core/progress.hpp>
#include <ingot/core/result.hpp>
#include <ingot/model/package_directory.hpp>
#include <ingot/quant/package.hpp>
#include <ingot/quant/unpack.hpp>

namespace program {

/// Writes all weights of a package to the safetensors file `out` in float32, under their names in the package: what its kernels
/// multiply with, bit for bit. Errors: not_found (no package), those of opening it, disk, cancelled.
inline ingot::Status write_decoded_weights(const std::string& path, const std::string& out, const ingot::ProgressSink& progress,
                                           const ingot::Cancellation& cancellation) {
  namespace checkpoint = ingot::checkpoint;
  const auto directory = ingot::model::package_directory(path);
  if (!directory)
    return ingot::Error{ingot::ErrorCode::not_found, "this is no package", path, "a checkpoint holds its weights as they are"};
  INGOT_TRY(const auto package, ingot::quant::Package::open(*directory));
  std::vector<checkpoint::TensorDeclaration> tensors;
  for (const auto& [name, matrix] : package.matrices())
    tensors.push_back({name, checkpoint::ElementType::f32, {matrix.rows, matrix.columns}});
  for (const auto& [name, values] : package.vectors()) tensors.push_back({name, checkpoint::ElementType::f32, {values.size()}});
  INGOT_TRY(auto writer, checkpoint::SafetensorsWriter::create(out, tensors, {}));
  std::size_t number = 0;
  std::vector<float> row;
  for (const auto& [name, matrix] : package.matrices()) {
    INGOT_CHECK(cancellation.check());
    row.resize(matrix.columns);
    for (std::size_t r = 0; r < matrix.rows; ++r) {
      ingot::quant::unpack_row(matrix, r, row);
      INGOT_CHECK(writer.write(number, std::as_bytes(std::span{row})));
    }
    progress(name, ++number, tensors.size());
  }
  for (const auto& [name, values] : package.vectors()) INGOT_CHECK(writer.write(number++, std::as_bytes(values)));
  return writer.finish();
}

}  // namespace program
