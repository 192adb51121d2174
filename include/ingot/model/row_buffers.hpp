// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/row_buffers.hpp: rows of activations, as floats and as the codes that integer matrices read.

#include <cstddef>
#include <cstdint>

#include <ingot/core/buffer.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/tensor/tensor.hpp>

namespace ingot::model {

/// Rows of floats that grow on demand. Strides are whole cache lines; the padding stays zero.
class RowBuffer {
 public:
  Rows<float> reserve(std::size_t rows, std::size_t columns) {
    const std::size_t stride = round_up(columns, 16);
    storage_.reserve_discarding(rows * stride);
    return {{storage_.data(), storage_.size()}, {rows, columns, stride}};
  }

 private:
  Buffer<float> storage_;
};

/// Rows [first, first + count) of x from column `column` on, as float matrices take them: where they are.
[[nodiscard]] inline kernels::Input float_input(Rows<float> x, std::size_t first, std::size_t count, std::size_t column = 0) noexcept {
  kernels::Input input{};
  input.floats = x.row(first) + column;
  input.stride = x.layout().stride();
  input.rows = count;
  return input;
}

/// Rows as integer matrices take them: int8 codes, a scale a block, a correction a group.
class CodeBuffer {
 public:
  void reserve(std::size_t rows, std::size_t columns) {
    codes_.reserve_discarding(rows * (columns + 256));  // padding: at most one group
    scales_.reserve_discarding(rows * divide_up(columns + 256, std::size_t{kernels::smallest_block}));
    corrections_.reserve_discarding(rows * divide_up(columns + 256, 16));  // the smallest group
  }
  /// `columns` values of each of the rows, from column `first` on.
  template <class Kernels>
  void quantize(const Kernels& k, Rows<float> x, Slice rows, std::size_t columns, const kernels::InputForm& form, std::size_t first = 0) {
    for (std::size_t r = rows.begin; r < rows.end; ++r)
      k.quantize_row(x.row(r) + first, columns, form, codes_.data() + r * form.columns, &scales_[r * form.scales()],
                     corrections_.data() + r * form.corrections());
  }
  /// The columns `part` of each of the rows of a matrix of `columns`: whole blocks of `form`, or the last ones. x: [rows, part]
  template <class Kernels>
  void quantize_columns(const Kernels& k, Rows<float> x, Slice rows, Slice part, std::size_t columns, const kernels::InputForm& form) {
    kernels::InputForm part_form = form;
    part_form.columns = static_cast<std::uint32_t>((part.end == columns ? form.columns : part.end) - part.begin);
    for (std::size_t r = rows.begin; r < rows.end; ++r)
      k.quantize_row(x.row(r), part.size(), part_form, codes_.data() + r * form.columns + part.begin,
                     &scales_[r * form.scales() + part.begin / form.scale_columns()],
                     corrections_.data() + r * form.corrections() + part.begin / form.group);
  }
  [[nodiscard]] kernels::Input view(const kernels::InputForm& form, std::size_t rows) const noexcept {
    kernels::Input input{};
    input.codes = codes_.data();
    input.stride = form.columns;
    input.scales = scales_.data();
    input.scale_stride = form.scales();
    input.corrections = corrections_.data();
    input.correction_stride = form.corrections();
    input.rows = rows;
    return input;
  }

 private:
  Buffer<std::int8_t> codes_;
  Buffer<float> scales_;
  Buffer<std::int32_t> corrections_;
};

}  // namespace ingot::model
