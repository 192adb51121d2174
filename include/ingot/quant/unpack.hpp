// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/unpack.hpp: packed rows back to float: the oracle of every kernel, and embedding rows.

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include <ingot/core/float16.hpp>
#include <ingot/quant/codec.hpp>
#include <ingot/quant/codes.hpp>
#include <ingot/quant/matrix_view.hpp>

namespace ingot::quant {

namespace detail {

template <class T>
[[nodiscard]] T load(const std::byte* at) noexcept {
  T value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

}  // namespace detail

/// Scale and min of `group` of `row` as floats: both are products where the scheme nests them, exact in either case.
struct GroupFactors {
  float scale = 0, min = 0;
};
[[nodiscard]] inline GroupFactors group_factors(const MatrixView& matrix, std::size_t row, std::size_t group) noexcept {
  const PackedLayout layout = matrix.layout();
  const std::size_t lane = row % panel_rows;
  const bool has_min = matrix.scheme.zero == Zero::min;
  const std::byte* at = matrix.scales.data() + layout.scale_offset(row, group);
  const auto half = [](const std::byte* h) { return to_float(detail::load<ingot::f16>(h)); };
  if (matrix.scheme.scale == Scale::half) return {half(at + lane * 2), has_min ? half(at + (panel_rows + lane) * 2) : 0.0f};
  const auto single = [](const std::byte* f) { return detail::load<float>(f); };
  if (matrix.scheme.scale == Scale::single) return {single(at + lane * 4), has_min ? single(at + (panel_rows + lane) * 4) : 0.0f};
  const std::byte* header = matrix.scales.data() + layout.nested_header_offset(row, group) + lane * 2;
  if (!has_min) return {half(header) * static_cast<float>(detail::load<std::int8_t>(at + lane)), 0.0f};
  return {half(header) * static_cast<float>(detail::load<std::uint8_t>(at + lane)),
          -(half(header + panel_rows * 2) * static_cast<float>(detail::load<std::uint8_t>(at + panel_rows + lane)))};
}

/// Decodes row `row` of `matrix` into `out`, which holds `columns` floats: what the kernels multiply with, bit for bit.
inline void unpack_row(const MatrixView& matrix, std::size_t row, std::span<float> out) noexcept {
  assert(row < matrix.rows && out.size() == matrix.columns);
  const PackedLayout layout = matrix.layout();
  const Scheme& scheme = matrix.scheme;
  const std::byte* panel = matrix.quants.data() + row / panel_rows * layout.panel_quant_bytes();
  if (!scheme.is_integer()) {
    const std::size_t step = layout.unit_columns();
    for (std::size_t column = 0; column < matrix.columns; ++column) {
      const std::byte* at = panel + column / step * line_bytes + row % panel_rows * 4 + column % step * (scheme.bits / 8);
      out[column] = scheme.bits == 32                  ? detail::load<float>(at)
                    : scheme.element == Element::brain ? to_float(detail::load<ingot::bf16>(at))
                                                       : to_float(detail::load<ingot::f16>(at));
    }
    return;
  }
  std::array<std::uint8_t, 256> codes;  // whole units and groups of every scheme
  for (std::size_t begin = 0; begin < matrix.columns; begin += codes.size()) {
    const std::size_t end = std::min(begin + codes.size(), matrix.columns);
    load_codes(layout, panel, row % panel_rows, begin, std::span{codes}.first(round_up(end - begin, layout.unit_columns())));
    for (std::size_t column = begin; column < end;) {
      const std::size_t group = column / layout.group_columns();
      const auto [scale, min] = group_factors(matrix, row, group);
      for (const std::size_t last = std::min((group + 1) * layout.group_columns(), end); column < last; ++column)
        out[column] = decode(scheme, codes[column - begin], scale, min);
    }
  }
}

}  // namespace ingot::quant
