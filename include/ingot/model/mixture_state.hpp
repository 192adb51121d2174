// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/model/mixture_state.hpp: what a mixture of experts writes during a step.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <deque>
#include <vector>

#include <ingot/core/buffer.hpp>
#include <ingot/core/checked.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/model/config.hpp>
#include <ingot/model/routing.hpp>
#include <ingot/model/row_buffers.hpp>
#include <ingot/tensor/tensor.hpp>

namespace ingot::model {

/// Rows that an expert multiplies at a time. 256 rows of 4096 codes fill half of a 2 MiB L2 cache.
inline constexpr std::size_t expert_rows = 256;
/// Floats of the experts' intermediate rows that are kept at a time: of more visitors, some after the others.
inline constexpr std::size_t wide_floats = std::size_t{1} << 22;

/// Rows from here and there in the forms that matrices read, each row in its own form.
class PickedRows {
 public:
  /// floats: whether rows may be kept as floats, too
  void reserve(std::size_t rows, std::size_t columns, bool floats) {
    stride_ = columns + 256;                                    // padding: at most one group
    corrections_stride_ = divide_up(stride_, std::size_t{16});  // the smallest group
    codes_.reserve_discarding(rows * stride_);
    scales_stride_ = divide_up(stride_, std::size_t{kernels::smallest_block});
    scales_.reserve_discarding(rows * scales_stride_);
    corrections_.reserve_discarding(rows * corrections_stride_);
    if (floats) floats_ = float_buffer_.reserve(rows, columns);
  }

  /// Row i = factor * x[0 .. n), quantized where the form says so.
  template <class Kernels>
  void set(const Kernels& kernels, std::size_t i, const float* x, std::size_t n, float factor, const kernels::InputForm& form) {
    if (!form.integer) {
      std::copy_n(x, n, floats_.row(i));
      if (factor != 1) kernels.scale(floats_.row(i), factor, n);
      return;
    }
    float* const scales = scales_.data() + i * scales_stride_;
    kernels.quantize_row(x, n, form, codes_.data() + i * stride_, scales, corrections_.data() + i * corrections_stride_);
    for (std::uint32_t b = 0; b < form.scales(); ++b) scales[b] *= factor;
  }
  /// Row i = factor * row r of `from`, codes of this form.
  void copy(std::size_t i, const kernels::Input& from, std::size_t r, float factor, const kernels::InputForm& form) {
    std::memcpy(codes_.data() + i * stride_, from.codes + r * from.stride, form.columns);
    std::copy_n(from.corrections + r * from.correction_stride, form.corrections(), corrections_.data() + i * corrections_stride_);
    for (std::uint32_t b = 0; b < form.scales(); ++b) scales_[i * scales_stride_ + b] = from.scales[r * from.scale_stride + b] * factor;
  }
  [[nodiscard]] kernels::Input rows(std::size_t first, std::size_t count, const kernels::InputForm& form) const noexcept {
    if (!form.integer) return float_input(floats_, first, count);
    kernels::Input input{};
    input.codes = codes_.data() + first * stride_;
    input.stride = stride_;
    input.scales = scales_.data() + first * scales_stride_;
    input.scale_stride = scales_stride_;
    input.corrections = corrections_.data() + first * corrections_stride_;
    input.correction_stride = corrections_stride_;
    input.rows = count;
    return input;
  }

 private:
  std::size_t stride_ = 0, scales_stride_ = 0, corrections_stride_ = 0;
  Buffer<std::int8_t> codes_;
  Buffer<float> scales_;
  Buffer<std::int32_t> corrections_;
  RowBuffer float_buffer_;
  Rows<float> floats_;
};

/// The widest of any layer's mixture; zeros where there is none.
struct MixtureWidths {
  std::size_t experts = 0, used = 0, width = 0, hidden = 0;

  void widen(const Shape& shape) noexcept {
    experts = std::max<std::size_t>(experts, shape.experts);
    used = std::max<std::size_t>(used, std::min(shape.experts_used, shape.experts));
    width = std::max<std::size_t>(width, shape.expert_width);
    hidden = shape.hidden;
  }
};

/// What a mixture of experts writes during a step, shared by the lanes; grows to the largest batch seen.
class MixtureState {
 public:
  /// What one lane needs for itself.
  struct LaneState {
    ExpertChoice choice;
    Dispatch dispatch;          // the same in each lane
    PickedRows picked;          // [expert_rows, hidden] of the input
    std::vector<Visit> visits;  // [rows, experts_used]; lane 0's is that of all, unless the step is replicated
    PickedRows wide;            // [most_visitors(), expert_width]; likewise
  };

  Rows<float> logits;    // [rows, experts]
  Rows<float> switches;  // [rows, 1] logits of the shared expert's switch
  Rows<float> gate, up;  // [most_visitors(), expert_width]
  Rows<float> output;    // [expert_rows, hidden] of one expert

  void reserve(const MixtureWidths& widths, std::size_t rows, std::size_t lanes, bool replicated) {
    if (widths.experts == 0) return;
    replicated_ = replicated;
    const std::size_t visits = rows * widths.used, picked = std::min(rows, expert_rows);
    most_visitors_ = std::min(visits, std::max(expert_rows, wide_floats / std::max<std::size_t>(widths.width, 1)));
    logits = logits_.reserve(rows, widths.experts);
    switches = switches_.reserve(rows, 1);
    gate = gate_.reserve(most_visitors_, widths.width);
    up = up_.reserve(most_visitors_, widths.width);
    output = output_.reserve(picked, widths.hidden);
    while (lanes_.size() < lanes) lanes_.emplace_back();
    for (LaneState& lane : lanes_) {
      lane.choice.reserve(widths.experts);
      lane.dispatch.reserve(visits, widths.experts, expert_rows);
      lane.picked.reserve(picked, widths.hidden, true);
      if (!replicated && &lane != &lanes_.front()) continue;
      lane.visits.resize(std::max(lane.visits.size(), visits));
      lane.wide.reserve(most_visitors_, widths.width, false);
    }
  }

  /// Visitors whose intermediate rows are kept at a time: no fewer than expert_rows, if there are as many.
  [[nodiscard]] std::size_t most_visitors() const noexcept { return most_visitors_; }
  [[nodiscard]] LaneState& own(std::uint32_t rank) noexcept { return lanes_[rank]; }
  /// The lane's own in a replicated step, else what all share.
  [[nodiscard]] LaneState& lane(std::uint32_t rank) noexcept { return lanes_[replicated_ ? rank : 0]; }

 private:
  std::size_t most_visitors_ = 0;
  bool replicated_ = false;
  std::deque<LaneState> lanes_;
  RowBuffer logits_, switches_, gate_, up_, output_;
};

}  // namespace ingot::model
