// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/checkpoint_source.hpp: weights of a checkpoint, packed in memory as they are asked for.

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

/// The tensor `name` of shape [rows, columns], or [rows] when columns is 1 and it is a vector.
/// Errors: damaged (not there, or of another shape).
[[nodiscard]] inline Result<const checkpoint::TensorInfo*> find_tensor(const checkpoint::TensorIndex& tensors, std::string_view name,
                                                                       std::size_t rows, std::size_t columns, bool is_vector) {
  INGOT_TRY(const checkpoint::TensorInfo* tensor, tensors.at(name));
  const bool fits = is_vector ? tensor->shape.size() == 1 && tensor->shape[0] == rows
                              : tensor->shape.size() == 2 && tensor->shape[0] == rows && tensor->shape[1] == columns;
  if (fits) return tensor;
  std::string shape;
  for (const std::size_t n : tensor->shape) shape += (shape.empty() ? "" : ", ") + std::to_string(n);
  const std::string wanted = is_vector ? std::to_string(rows) : std::to_string(rows) + ", " + std::to_string(columns);
  return tensor->problem(ErrorCode::damaged, "its shape is [" + shape + "], the config asks for [" + wanted + "]",
                         "config.json and weights are of different models");
}

/// A norm's weight or a bias as floats. Errors: unsupported (its type), damaged (not finite: it would poison every logit).
[[nodiscard]] inline Result<Buffer<float>> decode_vector(const checkpoint::TensorInfo& tensor) {
  Buffer<float> values{tensor.elements()};
  const std::span<float> all{values.data(), values.size()};
  INGOT_CHECK(checkpoint::decode_rows(tensor, 0, 1, all));
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
    INGOT_TRY(const checkpoint::TensorInfo* tensor, find_tensor(tensors_, name, rows, columns, false));
    const bool as_stored = !as_float_ && quant::native_scheme(*tensor);
    auto packed =
        as_stored ? quant::pack_native(*tensor, team_) : quant::pack(quant::f32, rows, columns, quant::row_source(*tensor), team_);
    if (!packed) return as_stored ? std::move(packed).error() : std::move(packed).error().in(tensor->file + ": " + tensor->name);
    return matrices_.emplace(name, *std::move(packed)).first->second.view();
  }

  Result<const float*> vector(std::string_view name, std::uint32_t size) override {
    INGOT_TRY(const checkpoint::TensorInfo* tensor, find_tensor(tensors_, name, size, 1, true));
    INGOT_TRY(auto values, decode_vector(*tensor));
    return vectors_.insert_or_assign(std::string{name}, std::move(values)).first->second.data();
  }

 private:
  checkpoint::TensorIndex tensors_;
  bool as_float_;
  Team team_;
  std::map<std::string, quant::PackedStorage, std::less<>> matrices_;
  std::map<std::string, Buffer<float>, std::less<>> vectors_;
};

}  // namespace ingot::model
