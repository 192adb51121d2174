// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/codes.hpp: codes of a panel into the lines of the packed layout, and those of a row back.

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ingot/quant/packed_matrix.hpp>

namespace ingot::quant {

namespace detail {

/// Bits [bit, bit + width) of all codes of a panel, into lines of such fields; `lines` is the first of them in the first unit.
template <unsigned width>
void store_fields(const PackedLayout& layout, const std::uint8_t* codes, unsigned bit, std::byte* lines) noexcept {
  constexpr unsigned mask = (1u << width) - 1;
  const std::size_t columns = layout.padded_columns();
  for (std::size_t unit = 0; unit < columns; unit += layout.unit_columns(), lines += layout.unit_bytes()) {
    std::byte* word = lines;
    for (std::size_t column = unit; column < unit + layout.unit_columns(); column += 32 / width)
      for (std::size_t row = 0; row < panel_rows; ++row, word += 4) {
        const std::uint8_t* from = codes + row * columns + column;
        for (std::size_t j = 0; j < 4; ++j) {
          unsigned byte = 0;
          for (unsigned field = 0; field < 8 / width; ++field) byte |= (from[4 * field + j] >> bit & mask) << field * width;
          word[j] = static_cast<std::byte>(byte);
        }
      }
  }
}

/// Adds those bits to the codes of a row's `columns`, whole units; `lines` points at the row's word in the first.
template <unsigned width>
void load_fields(const PackedLayout& layout, const std::byte* lines, unsigned bit, std::size_t columns, std::uint8_t* codes) noexcept {
  constexpr unsigned mask = (1u << width) - 1;
  for (std::size_t unit = 0; unit < columns; unit += layout.unit_columns(), lines += layout.unit_bytes()) {
    const std::byte* word = lines;
    for (std::size_t column = unit; column < unit + layout.unit_columns(); column += 32 / width, word += line_bytes)
      for (unsigned field = 0; field < 8 / width; ++field)
        for (std::size_t j = 0; j < 4; ++j)
          codes[column + 4 * field + j] |= static_cast<std::uint8_t>((std::to_integer<unsigned>(word[j]) >> field * width & mask) << bit);
  }
}

/// Calls f.template operator()<width>() for a width of fields.
template <class F>
void with_width(unsigned width, F&& f) {
  if (width == 1) return f.template operator()<1>();
  if (width == 2) return f.template operator()<2>();
  if (width == 4) return f.template operator()<4>();
  f.template operator()<8>();
}

}  // namespace detail

/// Interleaves the codes of one panel, [16, padded columns], into its lines. `layout` is that of an integer scheme.
inline void store_codes(const PackedLayout& layout, std::span<const std::uint8_t> codes, std::byte* quants) noexcept {
  assert(layout.scheme.is_integer() && codes.size() == panel_rows * layout.padded_columns());
  detail::with_width(layout.low_bits(),
                     [&]<unsigned width>() { detail::store_fields<width>(layout, codes.data(), 0, quants + layout.low_offset()); });
  if (layout.high_bits() != 0)
    detail::with_width(layout.high_bits(),
                       [&]<unsigned width>() { detail::store_fields<width>(layout, codes.data(), layout.low_bits(), quants); });
}

/// The codes of row `lane` of a panel, whose lines begin at `quants`: codes.size() of them from column `first` on, both whole units.
inline void load_codes(const PackedLayout& layout, const std::byte* quants, std::size_t lane, std::size_t first,
                       std::span<std::uint8_t> codes) noexcept {
  assert(layout.scheme.is_integer() && first % layout.unit_columns() == 0 && codes.size() % layout.unit_columns() == 0);
  std::fill(codes.begin(), codes.end(), std::uint8_t{0});
  const std::byte* word = quants + first / layout.unit_columns() * layout.unit_bytes() + lane * 4;
  detail::with_width(layout.low_bits(), [&]<unsigned width>() {
    detail::load_fields<width>(layout, word + layout.low_offset(), 0, codes.size(), codes.data());
  });
  if (layout.high_bits() != 0)
    detail::with_width(layout.high_bits(),
                       [&]<unsigned width>() { detail::load_fields<width>(layout, word, layout.low_bits(), codes.size(), codes.data()); });
}

}  // namespace ingot::quant
