// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/checkpoint/scaled_values.hpp: 8-bit weights times scales of their own tensor: FP8 and INT8 checkpoints.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ingot/checkpoint/decode.hpp>
#include <ingot/checkpoint/stored_values.hpp>
#include <ingot/checkpoint/tensor_index.hpp>
#include <ingot/core/checked.hpp>

namespace ingot::checkpoint {

/// Rows and columns of a matrix under one scale.
struct ScaleBlock {
  std::size_t rows = 1, columns = 1;
};

/// value(r, c) = (weight(r, c) - zero) * scale, scale and zero those of the block that holds (r, c). Blocks at the lower and right
/// edge may be smaller. Of [experts, out, in] weights each expert has blocks of its own.
class ScaledValues final : public StoredValues, private GroupCodes {
 public:
  /// `weight` [.., out, in] is of F8_E4M3, F8_E5M2 or I8, `scale` of a float type: one value, [out], [out, 1], [.., out, groups] of the
  /// columns, or, where `block` is given, one for each of them: DeepSeek-V3's weight_scale_inv of blocks of 128 x 128, which is
  /// multiplied with nevertheless. `zero` of I8 has the shape of `scale`. Errors: unsupported (types), damaged (shapes).
  [[nodiscard]] static Result<std::shared_ptr<const StoredValues>> create(const TensorInfo& weight, const TensorInfo& scale,
                                                                          const TensorInfo* zero, std::optional<ScaleBlock> block) {
    if (weight.type != ElementType::f8_e4m3 && weight.type != ElementType::f8_e5m2 && weight.type != ElementType::i8)
      return weight.problem(ErrorCode::unsupported, "scales for weights of type " + std::string{name(weight.type)});
    if (!is_scale_type(scale.type)) return scale.problem(ErrorCode::unsupported, "scales of type " + std::string{name(scale.type)});
    if (weight.shape.size() < 2 || weight.elements() == 0) return weight.problem(ErrorCode::damaged, "scales for what is no matrix");
    if (zero != nullptr && (zero->type != ElementType::i8 || zero->shape != scale.shape))
      return zero->problem(ErrorCode::damaged, "its type or shape is not that of zero points for these scales");
    auto values = std::make_shared<ScaledValues>();
    values->weight_ = weight, values->scale_ = scale;
    if (zero != nullptr) values->zero_ = *zero;
    if (!values->fit(block))
      return scale.problem(ErrorCode::damaged, "its shape fits neither rows, groups nor blocks of the weight",
                           "weights and quantization_config are of different models");
    return std::shared_ptr<const StoredValues>{std::move(values)};
  }

  [[nodiscard]] std::string_view form() const noexcept override {
    return weight_.type == ElementType::i8 ? "scaled I8" : weight_.type == ElementType::f8_e4m3 ? "scaled F8_E4M3" : "scaled F8_E5M2";
  }

  void decode(std::size_t row, std::size_t column, std::span<float> out) const noexcept override {
    detail::decode_row(weight_.type, weight_.bytes.subspan(row * weight_.columns() + column, out.size()), out);
    for (std::size_t i = 0, size; i < out.size(); i += size) {
      size = std::min(out.size() - i, block_.columns - (column + i) % block_.columns);
      const float factor = scale(row, column + i);
      const float offset = zero_ ? value_of(*zero_, index(row, column + i)) : 0.0f;
      for (float& value : out.subspan(i, size)) value = (value - offset) * factor;
    }
  }

  [[nodiscard]] const GroupCodes* symmetric_codes() const noexcept override {
    if (weight_.type != ElementType::i8) return nullptr;
    for (std::size_t i = 0; i < scale_.elements(); ++i)
      if (!is_exact_f16(value_of(scale_, i)) || (zero_ && value_of(*zero_, i) != 0)) return nullptr;
    return this;
  }

 private:
  [[nodiscard]] static bool is_scale_type(ElementType type) noexcept {
    return type == ElementType::f32 || type == ElementType::f16 || type == ElementType::bf16 || type == ElementType::f8_e8m0;
  }
  [[nodiscard]] static float value_of(const TensorInfo& tensor, std::size_t index) noexcept {
    return detail::load_element(tensor.type, tensor.bytes, index);
  }

  /// Finds out which weights a scale stands for.
  [[nodiscard]] bool fit(std::optional<ScaleBlock> wanted) noexcept {
    const std::size_t columns = weight_.columns(), count = scale_.elements();
    matrix_rows_ = weight_.shape[weight_.shape.size() - 2];
    if (count == 1) {
      matrix_rows_ = weight_.rows();
      block_ = {matrix_rows_, columns};
    } else if (wanted && scale_.shape.size() == weight_.shape.size() && wanted->rows != 0 && wanted->columns != 0 &&
               scale_.columns() == divide_up(columns, wanted->columns) &&
               scale_.shape[scale_.shape.size() - 2] == divide_up(matrix_rows_, wanted->rows)) {
      block_ = *wanted;
    } else if (count == weight_.rows()) {
      block_ = {1, columns};
    } else if (scale_.rows() == weight_.rows() && scale_.columns() != 0 && columns % scale_.columns() == 0) {
      block_ = {1, columns / scale_.columns()};
    } else {
      return false;
    }
    row_blocks_ = divide_up(matrix_rows_, block_.rows), column_blocks_ = divide_up(columns, block_.columns);
    return count == weight_.rows() / matrix_rows_ * row_blocks_ * column_blocks_;
  }

  [[nodiscard]] std::size_t index(std::size_t row, std::size_t column) const noexcept {
    const std::size_t row_block = row / matrix_rows_ * row_blocks_ + row % matrix_rows_ / block_.rows;
    return row_block * column_blocks_ + column / block_.columns;
  }

  [[nodiscard]] std::uint8_t bits() const noexcept override { return 8; }
  [[nodiscard]] std::size_t columns() const noexcept override { return block_.columns; }
  [[nodiscard]] float scale(std::size_t row, std::size_t column) const noexcept override { return value_of(scale_, index(row, column)); }
  void codes(std::size_t row, std::size_t column, std::span<std::uint8_t> out) const noexcept override {
    const auto stored = weight_.bytes.subspan(row * weight_.columns() + column, out.size());
    std::transform(stored.begin(), stored.end(), out.begin(), [](std::byte code) { return std::to_integer<std::uint8_t>(code) ^ 0x80u; });
  }

  TensorInfo weight_, scale_;
  std::optional<TensorInfo> zero_;
  std::size_t matrix_rows_ = 1, row_blocks_ = 1, column_blocks_ = 1;  // of one expert
  ScaleBlock block_;
};

}  // namespace ingot::checkpoint
