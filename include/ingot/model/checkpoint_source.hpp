// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/checkpoint_source.hpp: weights of a checkpoint, packed in memory as they are asked for.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/source.hpp>
#include <ingot/core/buffer.hpp>
#include <ingot/core/team.hpp>
#include <ingot/model/weights.hpp>
#include <ingot/quant/codec.hpp>
#include <ingot/quant/import.hpp>
#include <ingot/quant/pack.hpp>

namespace ingot::model {

/// The tensor `name`, of this shape. Errors: damaged (not there, or of another shape).
[[nodiscard]] inline Result<const checkpoint::TensorInfo*> find_tensor(const checkpoint::TensorIndex& tensors, std::string_view name,
                                                                       std::span<const std::size_t> shape) {
  INGOT_TRY(const checkpoint::TensorInfo* tensor, tensors.at(name));
  if (std::equal(shape.begin(), shape.end(), tensor->shape.begin(), tensor->shape.end())) return tensor;
  const auto text = [](std::span<const std::size_t> extents) {
    std::string list;
    for (const std::size_t n : extents) list += (list.empty() ? "" : ", ") + std::to_string(n);
    return "[" + list + "]";
  };
  return tensor->problem(ErrorCode::damaged, "its shape is " + text(tensor->shape) + ", the config asks for " + text(shape),
                         "config.json and weights are of different models");
}
[[nodiscard]] inline Result<const checkpoint::TensorInfo*> find_matrix(const checkpoint::TensorIndex& tensors, std::string_view name,
                                                                       std::size_t rows, std::size_t columns) {
  return find_tensor(tensors, name, std::array{rows, columns});
}
/// `size` values as WeightSource::vector() names them: [size], or [rows, size / rows].
[[nodiscard]] inline Result<const checkpoint::TensorInfo*> find_vector(const checkpoint::TensorIndex& tensors, std::string_view name,
                                                                       std::size_t size, std::size_t rows) {
  const std::array<std::size_t, 2> table{rows, size / rows};
  return find_tensor(tensors, name, std::span{table}.subspan(rows == 1 ? 1 : 0));
}

/// A norm's weight or a bias as floats. Errors: unsupported (its type), damaged (not finite: it would poison every logit).
[[nodiscard]] inline Result<Buffer<float>> decode_vector(const checkpoint::TensorInfo& tensor) {
  Buffer<float> values{tensor.elements()};
  const std::span<float> all{values.data(), values.size()};
  INGOT_CHECK(checkpoint::decode_rows(tensor, 0, tensor.rows(), all));
  if (!quant::all_finite(all))
    return tensor.problem(ErrorCode::damaged, "a value is not finite", "the checkpoint is damaged or was trained badly");
  return values;
}

/// Packs what the decoder asks for into memory: in float32 (the reference mode), or in the scheme that holds each tensor as it is.
class CheckpointSource final : public WeightSource {
 public:
  CheckpointSource(checkpoint::TensorIndex tensors, bool as_float, std::uint32_t threads)
      : tensors_{std::move(tensors)}, as_float_{as_float}, team_{threads} {}

  [[nodiscard]] bool has(std::string_view name) const override { return tensors_.find(name) != nullptr; }

  Result<quant::MatrixView> matrix(std::string_view name, Role, std::uint32_t rows, std::uint32_t columns) override {
    if (const auto packed = matrices_.find(name); packed != matrices_.end()) return packed->second.view();
    INGOT_TRY(const checkpoint::TensorInfo* tensor, find_matrix(tensors_, name, rows, columns));
    const bool as_stored = !as_float_ && quant::native_scheme(*tensor);
    auto packed =
        as_stored ? quant::pack_native(*tensor, team_) : quant::pack(quant::f32, rows, columns, quant::row_source(*tensor), team_);
    if (!packed) return as_stored ? std::move(packed).error() : std::move(packed).error().in(tensor->file + ": " + tensor->name);
    return matrices_.emplace(name, *std::move(packed)).first->second.view();
  }

  Result<const float*> vector(std::string_view name, std::uint32_t size, std::uint32_t rows = 1) override {
    INGOT_TRY(const checkpoint::TensorInfo* tensor, find_vector(tensors_, name, size, rows));
    if (const auto decoded = vectors_.find(name); decoded != vectors_.end()) return decoded->second.data();
    INGOT_TRY(auto values, decode_vector(*tensor));
    return vectors_.emplace(name, std::move(values)).first->second.data();
  }

 private:
  checkpoint::TensorIndex tensors_;
  bool as_float_;
  Team team_;
  std::map<std::string, quant::PackedStorage, std::less<>> matrices_;
  std::map<std::string, Buffer<float>, std::less<>> vectors_;
};

}  // namespace ingot::model
