// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/input.hpp: activations in the form a packed matrix multiplies.

#include <cstddef>
#include <cstdint>

#include <ingot/core/config.hpp>
#include <ingot/quant/packed_matrix.hpp>

namespace ingot::kernels {

using quant::Element;
using quant::PackedLayout;
using quant::Scale;

/// Columns of a row of activations that share a scale, where nobody has measured what a matrix needs (MatrixBytes::input_block): one scale
/// a row rounds the many by the few that are large (of SmolLM2's logits' divergence from float activations 0.063 nats with one, 0.027 by
/// 256, 0.015 by 128, 0.009 by 64, 0.005 by 32). Weights of 4 bits lose more than that; those of 8 bits are asked for where it counts.
[[nodiscard]] constexpr std::uint32_t usual_block(const quant::Scheme& scheme) noexcept {
  return scheme.bits < 8 || scheme.scale == Scale::nested ? 128 : 32;
}
/// No block is smaller.
inline constexpr std::uint32_t smallest_block = 32;

/// How a row of activations is stored for a matrix; matrices with equal forms share one quantized row.
struct InputForm {
  bool integer = false;       ///< int8 codes with scales; else floats as they are
  std::uint32_t columns = 0;  ///< codes of a row, zeros behind the last value included
  std::uint32_t group = 0;    ///< columns under one correction
  std::int32_t factor = 0;    ///< correction = factor * (sum of the group's codes)
  std::uint32_t block = 0;    ///< columns under one scale, whole groups; 0: all

  friend constexpr bool operator==(const InputForm&, const InputForm&) = default;
  [[nodiscard]] constexpr std::uint32_t corrections() const noexcept { return integer ? columns / group : 0; }
  /// Columns under one scale, and how many scales a row has.
  [[nodiscard]] constexpr std::uint32_t scale_columns() const noexcept { return block != 0 ? block : columns; }
  [[nodiscard]] constexpr std::uint32_t scales() const noexcept { return integer ? (columns + scale_columns() - 1) / scale_columns() : 0; }
};

/// The form that a matrix of this layout reads. Symmetric: sum (code - z) x = sum code x + correction with factor -z, so the
/// correction is where the accumulator starts. With a min: sum (s code + m) x = s sum code x + m * correction, factor 1. 2:4: z is taken
/// from the codes, as not all x count; factor 0. input_block: a power of two of at least smallest_block, or 0 for usual_block(); a group
/// that is larger takes its place.
[[nodiscard]] constexpr InputForm form_of(const PackedLayout& layout, std::uint32_t input_block = 0) noexcept {
  if (!layout.scheme.is_integer()) return {.columns = static_cast<std::uint32_t>(layout.columns)};
  const auto columns = static_cast<std::uint32_t>(layout.padded_columns()), group = static_cast<std::uint32_t>(layout.group_columns());
  const std::uint32_t wanted = input_block != 0 ? input_block : usual_block(layout.scheme), block = group > wanted ? group : wanted;
  return {.integer = true,
          .columns = columns,
          .group = group,
          .factor = layout.is_sparse()                 ? 0
                    : layout.scheme.zero == Zero::none ? -layout.scheme.zero_point()
                                                       : 1,
          .block = block < columns ? block : 0};
}

static_assert(form_of({{.bits = 4, .group = 64}, 16, 100}) == InputForm{true, 128, 64, -8});
static_assert(form_of({{.bits = 8, .group = 0, .zero = Zero::min}, 16, 999}) == InputForm{true, 1000, 1000, 1});
static_assert(form_of({{.bits = 4, .group = 32}, 16, 300}) == InputForm{true, 320, 32, -8, 128});
static_assert(form_of({{.bits = 8, .group = 32}, 16, 300}).block == 32 && form_of({{.bits = 4, .group = 64}, 16, 300}, 32).block == 64);

/// Rows of activations; does not own them. Float matrices read `floats`, integer ones the rest.
struct Input {
  const float* floats = nullptr;       // [rows, columns]
  const std::int8_t* codes = nullptr;  // [rows, form.columns], -127 .. 127
  std::size_t stride = 0;              // values or codes from one row to the next
  const float* scales = nullptr;       // [rows, form.scales()]
  std::size_t scale_stride = 1;
  const std::int32_t* corrections = nullptr;  // [rows, form.corrections()]
  std::size_t correction_stride = 0;
  std::size_t rows = 0;

  /// `count` rows from row `first` on.
  [[nodiscard]] INGOT_INLINE Input from(std::size_t first, std::size_t count) const noexcept {
    Input part = *this;
    part.rows = count;
    if (floats != nullptr) {
      part.floats += first * stride;
    } else {
      part.codes += first * stride;
      part.scales += first * scale_stride;
      part.corrections += first * correction_stride;
    }
    return part;
  }
};

}  // namespace ingot::kernels
