// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/fields.hpp: codes of any width out of the lines that hold their bits.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <ingot/core/config.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/quant/packed_matrix.hpp>
#include <ingot/quant/two_of_four.hpp>

namespace ingot::kernels {

/// Whether the kernels of `s` are shared by all schemes of its bits, and so told at run time how long a group is, whether it has a min and
/// whether those are binary32. Where most weights of most models are, in 4 and 8 bits, both are constants: the loops are a tenth faster.
/// Instances of the rest took as long again to compile.
[[nodiscard]] constexpr bool shares_kernels(const quant::Scheme& s) noexcept {
  const bool common = (s.bits == 4 || s.bits == 8) && s.sparsity == quant::Sparsity::dense;
  return s.is_integer() && s.scale != quant::Scale::nested && (!common || s.group == 16 || s.scale == quant::Scale::single);
}

/// The scheme for which the kernels of `s` are instantiated.
[[nodiscard]] constexpr quant::Scheme kernel_scheme(quant::Scheme s) noexcept {
  if (!shares_kernels(s)) return s;
  s.scale = quant::Scale::half;
  if (s.sparsity != quant::Sparsity::dense)
    s.group = 32;  // the smallest, and no min
  else
    s.group = 16, s.zero = quant::Zero::min;
  return s;
}

/// The scheme for which rows of S are dequantized: one for all groups wherever that makes no difference.
[[nodiscard]] constexpr quant::Scheme row_scheme(quant::Scheme s) noexcept {
  if (s.scale != quant::Scale::nested) s.group = 0;
  return s;
}

/// The lines of a unit of S, as constants.
template <quant::Scheme S>
struct Fields {
  static constexpr quant::PackedLayout layout{S, quant::panel_rows, 0};
  static constexpr unsigned low = layout.low_bits(), high = layout.high_bits();
  static constexpr std::size_t columns = layout.unit_columns(), bytes = layout.unit_bytes();
  static constexpr std::size_t low_offset = layout.low_offset();
  static constexpr std::size_t sixteen_lines = 16 / (32 / low);  // of low bits of 16 columns
};

/// Columns 4 * first to 4 * (first + count) of the 16 that begin `half` of 16 columns behind the first of a unit, four bytes of codes for
/// each lane; `unit` points at the strip's words in the unit.
template <class Isa, quant::Scheme S, std::size_t first, std::size_t count>
struct Quads {
  using O = Ops<Isa>;
  using F = Fields<S>;
  using bytes = typename O::bytes;
  static constexpr std::size_t first_line = first * F::low / 8, lines = (count * F::low + 7) / 8;
  bytes low[lines], high;

  INGOT_INLINE Quads(const std::byte* unit, std::size_t half) noexcept {
    INGOT_UNROLL for (std::size_t i = 0; i < lines; ++i) low[i] =
        O::load_bytes(unit + F::low_offset + (half * F::sixteen_lines + first_line + i) * quant::line_bytes);
    if constexpr (F::high != 0) high = O::load_bytes(unit);
    if constexpr (F::high == 1) high = O::shift_right(high, static_cast<unsigned>(4 * half));  // eight fields to a byte, 32 columns
  }
  /// Columns 4 * f to 4 * f + 3.
  template <std::size_t f>
  [[nodiscard]] INGOT_INLINE bytes quad() const noexcept {
    if constexpr (F::low == 8) return low[f - first_line];
    const bytes lower = O::template field<f * F::low % 8, (1u << F::low) - 1>(low[f * F::low / 8 - first_line]);
    if constexpr (F::high == 0) return lower;
    constexpr int shift = static_cast<int>(f * F::high) - static_cast<int>(F::low);  // to the right
    return O::template join<shift, ((1u << F::high) - 1) << F::low>(lower, high);
  }
};

/// The code in column k of a row of integers; `word` points at the row's word in the panel's first line, of a 2:4 matrix in its first line
/// behind the `place_bytes` of places.
template <class Isa, quant::Scheme S>
[[nodiscard]] INGOT_INLINE std::uint32_t code_at(const std::byte* word, std::size_t k, std::size_t place_bytes = 0) noexcept {
  if constexpr (S.sparsity != quant::Sparsity::dense) {
    std::uint16_t digits = 0;
    std::memcpy(&digits, word - place_bytes + k / quant::placed_columns * quant::line_bytes + k / 4 % 2 * 2, sizeof digits);
    const quant::Places places = quant::all_places[quant::leading_digit(quant::advanced(digits, k % quant::placed_columns / 8))];
    if (k % 4 != places.first && k % 4 != places.second) return static_cast<std::uint32_t>(S.zero_point());
    return code_at<Isa, quant::PackedLayout{S, 1, 0}.kept().scheme>(word, k / 4 * 2 + (k % 4 == places.second));
  } else {
    using F = Fields<S>;
    const std::byte* unit = word + k / F::columns * F::bytes;
    const auto field = [k](const std::byte* lines, std::size_t column, auto width) __attribute__((always_inline)) {
      constexpr std::size_t bits = decltype(width)::value, line_columns = 32 / bits;
      const auto byte = std::to_integer<std::uint32_t>(lines[column / line_columns * quant::line_bytes + k % 4]);
      return byte >> column % line_columns / 4 * bits % 8 & ((1u << bits) - 1);
    };
    const std::uint32_t lower = field(unit + F::low_offset, k % F::columns, std::integral_constant<std::size_t, F::low>{});
    if constexpr (F::high == 0)
      return lower;
    else
      return lower | field(unit, k % F::columns, std::integral_constant<std::size_t, F::high>{}) << F::low;
  }
}

}  // namespace ingot::kernels
