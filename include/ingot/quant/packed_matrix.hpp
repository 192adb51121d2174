// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/packed_matrix.hpp: the layout N16K8: panels of 16 rows, 64-byte lines, scales in a plane of their own.

#include <cstddef>
#include <cstdint>

#include <ingot/core/checked.hpp>
#include <ingot/quant/scheme.hpp>

namespace ingot::quant {

/// Rows of the matrix (outputs) that one panel interleaves: the int32 lanes of a 512-bit register.
inline constexpr std::size_t panel_rows = 16;
inline constexpr std::size_t line_bytes = 64;
/// Columns under one binary16 pair of a nested scale.
inline constexpr std::size_t nested_columns = 256;

/// Sizes and positions of the bytes of a matrix [rows, columns] stored by `scheme`. A pure index map: no pointers.
///
/// Quants: [panel][line][64 B]. A line holds 16 rows x 32/bits columns:
///   4 bits: byte 4*i + j (i row, j < 4) holds column j in its low nibble and column j + 4 in its high one;
///   8 bits: byte 4*i + j holds column j; 16 bits: element 2*i + j; 32 bits: element i.
/// Scales (integer schemes): [panel][group][16] binary16, followed by the group's 16 mins for Zero::min.
///   Nested: [panel][256 columns][16 binary16 d, (16 binary16 d_min), then a group: 16 bytes s (int8 symmetric, uint8 with min),
///   (16 bytes uint8 m)].
/// Columns are padded to whole groups (whole lines for group 0) with codes of 0 weight where there is one (zero_point());
/// inputs are padded with zeros, so the code of the padding never counts. The last panel is padded with rows of scale 0.
struct PackedLayout {
  Scheme scheme;
  std::size_t rows = 0, columns = 0;

  [[nodiscard]] constexpr std::size_t panels() const noexcept { return divide_up(rows, panel_rows); }
  [[nodiscard]] constexpr std::size_t line_columns() const noexcept { return 32 / scheme.bits; }
  [[nodiscard]] constexpr std::size_t padded_columns() const noexcept {
    return round_up(columns, scheme.scale == Scale::nested ? nested_columns : scheme.group != 0 ? scheme.group : line_columns());
  }
  /// Columns that share a scale: the scheme's group, or the padded row.
  [[nodiscard]] constexpr std::size_t group_columns() const noexcept { return scheme.group != 0 ? scheme.group : padded_columns(); }
  [[nodiscard]] constexpr std::size_t groups() const noexcept { return padded_columns() / group_columns(); }

  [[nodiscard]] constexpr std::size_t panel_quant_bytes() const noexcept { return padded_columns() / line_columns() * line_bytes; }
  [[nodiscard]] constexpr std::size_t quant_bytes() const noexcept { return panels() * panel_quant_bytes(); }

  /// Bytes of one group's scales (and mins) in a panel.
  [[nodiscard]] constexpr std::size_t group_scale_bytes() const noexcept {
    const std::size_t parts = scheme.zero == Zero::min ? 2 : 1;
    return scheme.is_integer() ? parts * panel_rows * (scheme.scale == Scale::nested ? 1 : 2) : 0;
  }
  /// Bytes of the binary16 factors that open each 256 columns of nested scales.
  [[nodiscard]] constexpr std::size_t nested_header_bytes() const noexcept {
    return scheme.scale == Scale::nested ? (scheme.zero == Zero::min ? 2 : 1) * panel_rows * 2 : 0;
  }
  [[nodiscard]] constexpr std::size_t panel_scale_bytes() const noexcept {
    if (!scheme.is_integer()) return 0;
    const std::size_t headers = scheme.scale == Scale::nested ? padded_columns() / nested_columns * nested_header_bytes() : 0;
    return groups() * group_scale_bytes() + headers;
  }
  [[nodiscard]] constexpr std::size_t scale_bytes() const noexcept { return panels() * panel_scale_bytes(); }

  /// Byte of (row, column) among the quants; for 4 bits see high_nibble().
  [[nodiscard]] constexpr std::size_t quant_offset(std::size_t row, std::size_t column) const noexcept {
    const std::size_t line = column / line_columns(), within = column % line_columns();
    const std::size_t lane = scheme.bits == 4 ? within % 4 : within * (scheme.bits / 8);
    return row / panel_rows * panel_quant_bytes() + line * line_bytes + row % panel_rows * 4 + lane;
  }
  [[nodiscard]] constexpr bool high_nibble(std::size_t column) const noexcept { return scheme.bits == 4 && column % 8 >= 4; }

  /// Byte where the scales of `group` of the panel of `row` begin (the nested header is before the first group of its block).
  [[nodiscard]] constexpr std::size_t scale_offset(std::size_t row, std::size_t group) const noexcept {
    std::size_t offset = row / panel_rows * panel_scale_bytes() + group * group_scale_bytes();
    if (scheme.scale == Scale::nested) offset += (group / (nested_columns / scheme.group) + 1) * nested_header_bytes();
    return offset;
  }
  /// Byte of the binary16 factor d of the block that holds `group`; d_min follows 32 bytes later.
  [[nodiscard]] constexpr std::size_t nested_header_offset(std::size_t row, std::size_t group) const noexcept {
    const std::size_t first = group / (nested_columns / scheme.group) * (nested_columns / scheme.group);
    return scale_offset(row, first) - nested_header_bytes();
  }
};

static_assert(PackedLayout{{.bits = 4, .group = 64}, 16, 64}.quant_bytes() == 512);
static_assert(PackedLayout{{.bits = 4, .group = 64}, 17, 65}.quant_bytes() == 2 * 1024, "padded to panels and groups");
static_assert(PackedLayout{{.bits = 4, .group = 64, .zero = Zero::min}, 16, 128}.scale_bytes() == 128);
static_assert(PackedLayout{{.bits = 4, .group = 32, .zero = Zero::min, .scale = Scale::nested}, 16, 256}.scale_bytes() == 320);
static_assert(PackedLayout{f32, 16, 3}.quant_bytes() == 192 && PackedLayout{f32, 16, 3}.scale_bytes() == 0);

/// A matrix stored by S; does not own its bytes. Both planes are aligned to 64 bytes.
template <Scheme S>
struct PackedMatrix {
  const std::byte* quants = nullptr;  // [panels, lines, 64]
  const std::byte* scales = nullptr;  // [panels, groups, ...]
  std::size_t rows = 0, columns = 0;

  [[nodiscard]] constexpr PackedLayout layout() const noexcept { return {S, rows, columns}; }
};

}  // namespace ingot::quant

namespace ingot {
using quant::PackedMatrix;
}  // namespace ingot
