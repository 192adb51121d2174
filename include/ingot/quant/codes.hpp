// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/codes.hpp: codes of a panel into the lines of the packed layout, and those of a row back.

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include <ingot/quant/packed_matrix.hpp>
#include <ingot/quant/two_of_four.hpp>

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

namespace detail {

/// The places of one panel of a 2:4 matrix into its first lines; `kept` [16, padded columns / 2] takes the codes there.
inline void store_places(const PackedLayout& layout, std::span<const std::uint8_t> codes, std::byte* lines, std::span<std::uint8_t> kept) {
  const std::size_t columns = layout.padded_columns();
  const auto zero = static_cast<std::uint8_t>(layout.scheme.zero_point());
  for (std::size_t row = 0; row < panel_rows; ++row)
    for (std::size_t begin = 0; begin < columns; begin += placed_columns)
      for (std::size_t word = 0; word < 2; ++word) {
        std::array<std::uint32_t, word_fours> digits{};
        for (std::size_t i = 0; i < word_fours; ++i) {
          const std::size_t column = begin + 8 * i + 4 * word;
          if (column >= columns) break;
          const std::span<const std::uint8_t, 4> four{codes.data() + row * columns + column, 4};
          Places places{};
          const bool fits = find_places(four, zero, places);
          assert(fits);
          static_cast<void>(fits);
          digits[i] = digit_of(places);
          kept[(row * columns + column) / 2] = four[places.first];
          kept[(row * columns + column) / 2 + 1] = four[places.second];
        }
        const std::uint16_t stored = word_of(digits);
        std::memcpy(lines + begin / placed_columns * line_bytes + row * 4 + word * 2, &stored, sizeof stored);
      }
}

/// Spreads the kept codes in the first half of `codes` over all of it; `word` is the row's in the panel's first line of places. Every digit
/// that a word can hold names two of the four.
inline void spread_codes(const std::byte* word, std::size_t first, std::uint8_t zero, std::span<std::uint8_t> codes) noexcept {
  for (std::size_t four = codes.size() / 4; four-- > 0;) {  // from the end: what is read lies before what is written
    const std::size_t column = first + 4 * four, within = column % placed_columns;
    std::uint16_t digits = 0;
    std::memcpy(&digits, word + column / placed_columns * line_bytes + within / 4 % 2 * 2, sizeof digits);
    const Places places = all_places[leading_digit(advanced(digits, within / 8))];
    const std::uint8_t one = codes[2 * four], other = codes[2 * four + 1];
    std::fill_n(codes.data() + 4 * four, 4, zero);
    codes[4 * four + places.first] = one;
    codes[4 * four + places.second] = other;
  }
}

}  // namespace detail

/// Whether the codes of a row, whole fours, are those of a 2:4 matrix: two of four at most are not `zero`.
[[nodiscard]] inline bool is_two_of_four(std::span<const std::uint8_t> codes, std::uint8_t zero) noexcept {
  bool fits = true;
  Places places{};
  for (std::size_t i = 0; i + 4 <= codes.size(); i += 4)
    fits &= find_places(std::span<const std::uint8_t, 4>{codes.data() + i, 4}, zero, places);
  return fits;
}

/// Interleaves the codes of one panel, [16, padded columns], into its lines. `layout` is that of an integer scheme; if of a 2:4 one,
/// is_two_of_four() of each row.
inline void store_codes(const PackedLayout& layout, std::span<const std::uint8_t> codes, std::byte* quants) {
  assert(layout.scheme.is_integer() && codes.size() == panel_rows * layout.padded_columns());
  if (layout.is_sparse()) {
    std::vector<std::uint8_t> kept(codes.size() / 2);
    detail::store_places(layout, codes, quants, kept);
    return store_codes(layout.kept(), kept, quants + layout.place_bytes());
  }
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
  if (layout.is_sparse()) {
    load_codes(layout.kept(), quants + layout.place_bytes(), lane, first / 2, codes.first(codes.size() / 2));
    return detail::spread_codes(quants + lane * 4, first, static_cast<std::uint8_t>(layout.scheme.zero_point()), codes);
  }
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
