// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/page_input.hpp: queries and weights in the form a page of the KV cache is multiplied with.

#include <cstddef>
#include <cstdint>
#include <cstring>

#include <ingot/kernels/attention_task.hpp>
#include <ingot/kernels/quantize.hpp>

namespace ingot::kernels::detail {

/// The rows that a product with a page's keys or values reads: floats, and for int8 pages their codes.
template <class Isa, quant::Scheme KV>
class PageInput {
 public:
  PageInput(float*& memory, const PackedLayout& page) noexcept
      : form_{form_of(page)}, stride_{round_up(page.columns, 16)}, code_stride_{round_up(page.columns, 64)}, floats_{memory} {
    codes_ = reinterpret_cast<std::int8_t*>(floats_ + query_block * stride_);
    scales_ = floats_ + query_block * (stride_ + code_stride_ / 4);
    corrections_ = reinterpret_cast<std::int32_t*>(scales_ + query_block);
    memory += query_block * page_input_floats(page.columns);
  }
  [[nodiscard]] INGOT_INLINE float* row(std::size_t r) const noexcept { return floats_ + r * stride_; }
  [[nodiscard]] INGOT_INLINE float* floats() const noexcept { return floats_; }
  [[nodiscard]] INGOT_INLINE std::size_t stride() const noexcept { return stride_; }
  /// To be called when row r is written.
  INGOT_INLINE void complete(std::size_t r) const noexcept {
    if constexpr (KV.is_integer())
      quantize_row<Isa>(row(r), form_.columns < stride_ ? form_.columns : stride_, form_, codes_ + r * code_stride_, scales_ + r,
                        corrections_ + r);
  }
  /// The same where the largest magnitude in the row is known.
  INGOT_INLINE void complete(std::size_t r, float largest) const noexcept {
    if constexpr (KV.is_integer())
      quantize_row_by<Isa>(largest, row(r), form_.columns, form_.columns, form_, codes_ + r * code_stride_, scales_ + r, corrections_ + r);
  }
  [[nodiscard]] INGOT_INLINE Input rows(std::size_t count) const noexcept {
    if constexpr (KV.is_integer())
      return {
          .codes = codes_, .stride = code_stride_, .scales = scales_, .corrections = corrections_, .correction_stride = 1, .rows = count};
    else
      return {.floats = floats_, .stride = stride_, .rows = count};
  }

 private:
  InputForm form_;
  std::size_t stride_, code_stride_;
  float* floats_;
  std::int8_t* codes_;
  float* scales_;
  std::int32_t* corrections_;
};

/// The scratch of one lane, cut into its parts.
template <class Isa, quant::Scheme KV>
struct AttentionScratch {
  AttentionScratch(float* memory, HeadShape head) noexcept
      : queries{memory, key_layout(KV, head)}, weights{memory, value_layout(KV, head)}, partial{memory} {
    const PartialLayout layout{head};
    joined = partial + query_block * layout.stride();
    ones = reinterpret_cast<std::byte*>(joined + query_block * layout.stride());
    if constexpr (KV.is_integer())
      for (std::size_t i = 0; i < layout.values; ++i) {
        constexpr std::uint16_t one = 0x3c00;  // binary16
        std::memcpy(ones + 2 * i, &one, sizeof one);
      }
  }
  PageInput<Isa, KV> queries;  // [block, head.key], scaled
  PageInput<Isa, KV> weights;  // [block, 64]
  float *partial, *joined;     // [block, PartialLayout::stride()]
  std::byte* ones;             // the scales of int8 values are multiplied into the weights
};

}  // namespace ingot::kernels::detail
