// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/dequantize.hpp: one row of a packed matrix as floats, for embedding lookups.

#include <cstddef>
#include <cstring>

#include <ingot/core/config.hpp>
#include <ingot/kernels/epilogue.hpp>
#include <ingot/kernels/fields.hpp>
#include <ingot/kernels/matrix.hpp>
#include <ingot/kernels/scales.hpp>

namespace ingot::kernels {

/// out[k] = w[r][k] for the columns of the matrix. Reads 4 bytes of each line: the panel serves 16 rows.
template <class Isa, quant::Scheme S>
void dequantize_row(const MatrixBytes& w, std::size_t r, float* out) noexcept {
  using O = Ops<Isa>;
  const std::size_t columns = w.layout.columns, row = r % quant::panel_rows, lane = row % O::lanes;
  const std::byte* line = w.quants + r / quant::panel_rows * w.layout.panel_quant_bytes() + row * 4;
  const auto pick = [&](typename O::floats v) __attribute__((always_inline)) {
    float values[O::lanes];
    O::store(values, v);
    return values[lane];
  };
  if constexpr (S.is_integer()) {
    const std::byte* scales = w.scales + r / quant::panel_rows * w.layout.panel_scale_bytes();
    const std::size_t group_columns = w.layout.group_columns(), place_bytes = w.layout.place_bytes();
    for (std::size_t k = 0, g = 0; k < columns; ++g) {
      const GroupScale<Isa> group = load_scale<Isa, S>(scales, g, row - lane);
      const float scale = pick(group.scale), min = S.zero == quant::Zero::min ? pick(group.min) : 0.f;
      for (const std::size_t end = columns - k < group_columns ? columns : k + group_columns; k < end; ++k) {
        const auto code = static_cast<std::int32_t>(code_at<Isa, S>(line + place_bytes, k, place_bytes));
        out[k] = scale * static_cast<float>(code - S.zero_point()) + min;
      }
    }
  } else if constexpr (S.bits == 32) {
    for (std::size_t k = 0; k < columns; ++k) std::memcpy(out + k, line + k * quant::line_bytes, sizeof(float));
  } else {
    const std::byte* strip = line - lane * 4;
    for (std::size_t k = 0; k < columns; k += 2, strip += quant::line_bytes) {
      out[k] = pick(S == quant::f16 ? O::template half_column<0>(strip) : O::template brain_column<0>(strip));
      if (k + 1 < columns) out[k + 1] = pick(S == quant::f16 ? O::template half_column<1>(strip) : O::template brain_column<1>(strip));
    }
  }
}

}  // namespace ingot::kernels
