// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/quantized_tensors.hpp: the matrices of a quantized checkpoint, each put together from its parts.

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/mxfp4_values.hpp>
#include <ingot/checkpoint/packed_weights.hpp>
#include <ingot/checkpoint/quantization_config.hpp>
#include <ingot/checkpoint/scaled_values.hpp>
#include <ingot/checkpoint/tensor_index.hpp>

namespace ingot::checkpoint {

namespace detail {

/// What a quantized matrix `STEM.weight` consists of: `STEM` + the name of each part, codes first.
inline constexpr std::array<std::string_view, 4> gptq_names{".qweight", ".qzeros", ".scales", ".g_idx"};
inline constexpr std::array<std::string_view, 5> compressed_names{".weight_packed", ".weight_shape", ".weight_scale", ".weight_zero_point",
                                                                  ".weight_g_idx"};
inline constexpr std::array<std::string_view, 2> mxfp4_names{"_blocks", "_scales"};
inline constexpr std::array<std::string_view, 4> scaled_names{"", "_scale_inv", "_scale", "_zero_point"};

/// Puts the matrices of `index` together.
class QuantizedTensors {
 public:
  QuantizedTensors(const TensorIndex& index, const QuantizationConfig& config) : index_{index}, config_{config} {}

  [[nodiscard]] Result<std::vector<TensorInfo>> put_together() const {
    std::vector<TensorInfo> tensors;
    for (const TensorInfo& tensor : index_) {
      INGOT_TRY(auto matrix, matrix_of(tensor));
      if (matrix)
        tensors.push_back(*std::move(matrix));
      else if (!is_part(tensor))
        tensors.push_back(tensor);
    }
    return tensors;
  }

 private:
  using Method = QuantizationConfig::Method;

  [[nodiscard]] std::span<const std::string_view> names() const noexcept {
    switch (config_.method) {
      case Method::gptq:
        return gptq_names;
      case Method::awq:
        return std::span{gptq_names}.first(3);
      case Method::compressed:
        return compressed_names;
      case Method::mxfp4:
        return mxfp4_names;
      default:
        return {};
    }
  }
  [[nodiscard]] static bool is_scaled_type(ElementType type) noexcept {
    return type == ElementType::i8 || type == ElementType::f8_e4m3 || type == ElementType::f8_e5m2;
  }

  /// Whether it is part of a matrix, but not the codes.
  [[nodiscard]] bool is_part(const TensorInfo& tensor) const {
    const std::string_view name = tensor.name;
    const auto codes = [&](std::string_view part, std::string_view of) -> const TensorInfo* {
      return name.ends_with(part) ? index_.find(std::string{name.substr(0, name.size() - part.size())}.append(of)) : nullptr;
    };
    for (std::size_t i = 1; i < names().size(); ++i)
      if (codes(names()[i], names()[0]) != nullptr) return true;
    for (std::size_t i = 1; i < scaled_names.size(); ++i)
      if (const TensorInfo* weight = codes(scaled_names[i], scaled_names[0]); weight != nullptr && is_scaled_type(weight->type))
        return true;
    return false;
  }

  /// The matrix whose codes `tensor` is; nothing for all other tensors.
  [[nodiscard]] Result<std::optional<TensorInfo>> matrix_of(const TensorInfo& tensor) const {
    if (is_scaled_type(tensor.type))
      for (std::size_t i = 1; i <= 2; ++i)
        if (const TensorInfo* scale = index_.find(tensor.name + std::string{scaled_names[i]})) return scaled(tensor, *scale);
    if (names().empty() || !tensor.name.ends_with(names()[0])) return std::optional<TensorInfo>{};
    const std::string stem = tensor.name.substr(0, tensor.name.size() - names()[0].size());
    if (config_.method == Method::mxfp4) return mxfp4(tensor, stem);

    GroupedParts parts;
    const TensorInfo* const order = index_.find(stem + std::string{config_.method == Method::gptq ? ".g_idx" : ".weight_g_idx"});
    if (config_.method == Method::compressed) {
      INGOT_TRY(const TensorInfo* shape, index_.at(stem + ".weight_shape"));
      INGOT_TRY(const TensorInfo* scales, index_.at(stem + ".weight_scale"));
      INGOT_TRY(parts, compressed_parts(tensor, *shape, *scales, index_.find(stem + ".weight_zero_point"), order));
    } else {
      INGOT_TRY(const TensorInfo* zeros, index_.at(stem + ".qzeros"));
      INGOT_TRY(const TensorInfo* scales, index_.at(stem + ".scales"));
      INGOT_TRY(parts, config_.method == Method::gptq ? gptq_parts(tensor, *zeros, *scales, order, config_)
                                                      : awq_parts(tensor, *zeros, *scales, config_));
    }
    TensorInfo matrix = tensor;
    matrix.name = stem + ".weight";
    matrix.type = parts.scale_type;
    matrix.shape = {parts.rows, parts.columns};
    matrix.values = std::make_shared<const GroupedCodes>(parts);
    return std::optional{std::move(matrix)};
  }

  [[nodiscard]] Result<std::optional<TensorInfo>> mxfp4(const TensorInfo& blocks, const std::string& stem) const {
    INGOT_TRY(const TensorInfo* exponents, index_.at(stem + "_scales"));
    TensorInfo matrix = blocks;
    INGOT_TRY(matrix.values, Mxfp4Values::create(blocks, *exponents));
    matrix.name = stem, matrix.type = ElementType::mxfp4;
    matrix.shape.pop_back();
    const auto columns = checked_mul(matrix.shape.back(), Mxfp4Values::block);
    if (!columns) return blocks.problem(ErrorCode::damaged, "the shape overflows");
    matrix.shape.back() = *columns;
    return std::optional{std::move(matrix)};
  }

  [[nodiscard]] Result<std::optional<TensorInfo>> scaled(const TensorInfo& weight, const TensorInfo& scale) const {
    TensorInfo matrix = weight;
    INGOT_TRY(matrix.values, ScaledValues::create(weight, scale, index_.find(weight.name + "_zero_point"), config_.block));
    return std::optional{std::move(matrix)};
  }

  const TensorIndex& index_;
  const QuantizationConfig& config_;
};

}  // namespace detail

/// The tensors of a quantized checkpoint with one of `STEM.weight` [out, in] for each quantized matrix, its values decoded as they are
/// asked for; others stay. 8-bit weights find their scales whatever `config` says. Errors: damaged (parts that are missing or do
/// not fit), unsupported (types).
[[nodiscard]] inline Result<TensorIndex> put_together(TensorIndex&& index, const QuantizationConfig& config) {
  INGOT_TRY(auto tensors, detail::QuantizedTensors(index, config).put_together());
  return TensorIndex::create(std::move(index).release().first, std::move(tensors));
}

}  // namespace ingot::checkpoint
