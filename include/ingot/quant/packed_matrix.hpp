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
/// Columns of a 2:4 matrix whose places a word of 4 bytes names, twelve fours of them.
inline constexpr std::size_t placed_columns = 48;

/// Sizes and positions of the bytes of a matrix [rows, columns] stored by `scheme`. A pure index map: no pointers.
///
/// Quants: [panel][unit][line][64 B]. A line holds 16 rows x 32/width columns in words of 4 bytes, a row each. Codes of fewer than 8 bits:
/// byte 4*i + j (i row, j < 4) holds columns j, 4 + j, 8 + j ... in fields of `width` bits, the first in the lowest.
///   2, 4, 8 bits: the code is one field; 16 bits: element 2*i + j; 32 bits: element i;
///   3 = 2 + 1, 5 = 4 + 1, 6 = 4 + 2 bits: a unit of columns has a line of fields with the higher bits, then lines with the lower ones.
/// A unit is as few lines as hold whole columns: 16 columns of 2 bits, 32 of 3, 8 of 4, 32 of 5, 16 of 6, 4 of 8, 2 of 16, 1 of 32.
/// 2:4: of each four columns two codes are stored, as columns 2 * four and 2 * four + 1 of such units, of which a panel has half as many.
/// Before a panel's units come lines that say where they belong: [48 columns][row] two words of 16 bits, each the places of six fours
/// (two_of_four.hpp), even fours in the first.
/// Scales (integer schemes): [panel][group][16] binary16, followed by the group's 16 mins for Zero::min.
///   Nested: [panel][256 columns][16 binary16 d, (16 binary16 d_min), then a group: 16 bytes s (int8 symmetric, uint8 with min),
///   (16 bytes uint8 m)].
/// Columns are padded to whole groups and units (with binary32 scales to sixteens, too) with codes of 0 weight where there is one
/// (zero_point()); inputs are padded with zeros, so the code of the padding never counts. The last panel is padded with rows of scale 0.
/// Members are inlined always: a copy compiled for one ISA must not serve the others.
struct PackedLayout {
  Scheme scheme;
  std::size_t rows = 0, columns = 0;

  [[nodiscard]] INGOT_INLINE constexpr std::size_t panels() const noexcept { return divide_up(rows, panel_rows); }
  /// Bits of a code in the lines of lower bits, and in the line of higher ones, if there is one.
  [[nodiscard]] INGOT_INLINE constexpr unsigned low_bits() const noexcept {
    return scheme.bits >= 8 || scheme.bits == 4 ? scheme.bits : scheme.bits > 4 ? 4 : 2;
  }
  [[nodiscard]] INGOT_INLINE constexpr unsigned high_bits() const noexcept { return scheme.bits - low_bits(); }
  [[nodiscard]] INGOT_INLINE constexpr bool is_sparse() const noexcept { return scheme.sparsity == Sparsity::two_of_four; }
  /// Columns of a unit; of a 2:4 matrix those whose stored codes fill units, 16 codes at least.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t unit_columns() const noexcept {
    const std::size_t codes = 32 / (high_bits() != 0 ? high_bits() : low_bits());
    return !is_sparse() ? codes : 2 * (codes < 16 ? 16 : codes);
  }
  /// Byte of a unit where the lines of lower bits begin.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t low_offset() const noexcept { return high_bits() != 0 ? line_bytes : 0; }
  [[nodiscard]] INGOT_INLINE constexpr std::size_t unit_bytes() const noexcept {
    return unit_columns() * scheme.bits / (is_sparse() ? 64 : 32) * line_bytes;
  }
  [[nodiscard]] INGOT_INLINE constexpr std::size_t padded_columns() const noexcept {
    if (scheme.scale == Scale::nested) return round_up(columns, nested_columns);
    const std::size_t least =
        scheme.scale == Scale::single && unit_columns() < 16 ? 16 : unit_columns();  // what shared kernels take at once
    return round_up(columns, scheme.group > least ? scheme.group : least);
  }
  /// Columns that share a scale: the scheme's group, or the padded row.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t group_columns() const noexcept {
    return scheme.group != 0 ? scheme.group : padded_columns();
  }
  [[nodiscard]] INGOT_INLINE constexpr std::size_t groups() const noexcept { return padded_columns() / group_columns(); }
  /// Groups that have columns of the matrix. 16 columns behind them may be padding alone: units of 3 and 5 bits have 32.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t filled_groups() const noexcept { return divide_up(columns, group_columns()); }

  /// Bytes of the lines of places that open a panel of a 2:4 matrix.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t place_bytes() const noexcept {
    return is_sparse() ? divide_up(padded_columns(), placed_columns) * line_bytes : 0;
  }
  /// The codes that a 2:4 matrix stores, as a matrix of their own; its panels begin place_bytes() later.
  [[nodiscard]] INGOT_INLINE constexpr PackedLayout kept() const noexcept {
    return {{.bits = scheme.bits, .group = 0, .zero = scheme.zero}, rows, padded_columns() / 2};
  }
  [[nodiscard]] INGOT_INLINE constexpr std::size_t panel_quant_bytes() const noexcept {
    return place_bytes() + padded_columns() / unit_columns() * unit_bytes();
  }
  [[nodiscard]] INGOT_INLINE constexpr std::size_t quant_bytes() const noexcept { return panels() * panel_quant_bytes(); }

  /// Bytes of one scale or min; where nested, of its 8 bits.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t scale_size() const noexcept {
    return scheme.scale == Scale::nested ? 1 : scheme.scale == Scale::half ? 2 : 4;
  }
  /// Bytes of one group's scales (and mins) in a panel.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t group_scale_bytes() const noexcept {
    const std::size_t parts = scheme.zero == Zero::min ? 2 : 1;
    return scheme.is_integer() ? parts * panel_rows * scale_size() : 0;
  }
  /// Bytes of the binary16 factors that open each 256 columns of nested scales.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t nested_header_bytes() const noexcept {
    return scheme.scale == Scale::nested ? (scheme.zero == Zero::min ? 2 : 1) * panel_rows * 2 : 0;
  }
  [[nodiscard]] INGOT_INLINE constexpr std::size_t panel_scale_bytes() const noexcept {
    if (!scheme.is_integer()) return 0;
    const std::size_t headers = scheme.scale == Scale::nested ? padded_columns() / nested_columns * nested_header_bytes() : 0;
    return groups() * group_scale_bytes() + headers;
  }
  [[nodiscard]] INGOT_INLINE constexpr std::size_t scale_bytes() const noexcept { return panels() * panel_scale_bytes(); }

  /// Byte of (row, column) among the quants of a dense matrix, and the bit in it where the code's low_bits() begin.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t quant_offset(std::size_t row, std::size_t column) const noexcept {
    return unit_offset(row, column) + low_offset() + field_offset(row, column % unit_columns(), low_bits());
  }
  [[nodiscard]] INGOT_INLINE constexpr unsigned quant_shift(std::size_t column) const noexcept { return field_shift(column, low_bits()); }
  /// The same for the high_bits().
  [[nodiscard]] INGOT_INLINE constexpr std::size_t high_offset(std::size_t row, std::size_t column) const noexcept {
    return unit_offset(row, column) + field_offset(row, column % unit_columns(), high_bits());
  }
  [[nodiscard]] INGOT_INLINE constexpr unsigned high_shift(std::size_t column) const noexcept { return field_shift(column, high_bits()); }

  /// Byte where the scales of `group` of the panel of `row` begin (the nested header is before the first group of its block).
  [[nodiscard]] INGOT_INLINE constexpr std::size_t scale_offset(std::size_t row, std::size_t group) const noexcept {
    std::size_t offset = row / panel_rows * panel_scale_bytes() + group * group_scale_bytes();
    if (scheme.scale == Scale::nested) offset += (group / (nested_columns / scheme.group) + 1) * nested_header_bytes();
    return offset;
  }
  /// Byte of the binary16 factor d of the block that holds `group`; d_min follows 32 bytes later.
  [[nodiscard]] INGOT_INLINE constexpr std::size_t nested_header_offset(std::size_t row, std::size_t group) const noexcept {
    const std::size_t first = group / (nested_columns / scheme.group) * (nested_columns / scheme.group);
    return scale_offset(row, first) - nested_header_bytes();
  }

 private:
  [[nodiscard]] INGOT_INLINE constexpr std::size_t unit_offset(std::size_t row, std::size_t column) const noexcept {
    return row / panel_rows * panel_quant_bytes() + column / unit_columns() * unit_bytes();
  }
  /// Byte of a field of `width` bits in the lines of such fields.
  [[nodiscard]] static constexpr std::size_t field_offset(std::size_t row, std::size_t column, unsigned width) noexcept {
    const std::size_t line = column / (32 / width), within = column % (32 / width);
    return line * line_bytes + row % panel_rows * 4 + (width < 8 ? within % 4 : within * (width / 8));
  }
  [[nodiscard]] static constexpr unsigned field_shift(std::size_t column, unsigned width) noexcept {
    return width < 8 ? static_cast<unsigned>(column % (32 / width) / 4) * width : 0;
  }
};

static_assert(PackedLayout{{.bits = 4, .group = 64}, 16, 64}.quant_bytes() == 512);
static_assert(PackedLayout{{.bits = 4, .group = 64}, 17, 65}.quant_bytes() == 2 * 1024, "padded to panels and groups");
static_assert(PackedLayout{{.bits = 2, .group = 16}, 16, 17}.quant_bytes() == 2 * 64);
static_assert(PackedLayout{{.bits = 3, .group = 16}, 16, 33}.padded_columns() == 64 &&
              PackedLayout{{.bits = 3}, 16, 64}.quant_bytes() == 384);
static_assert(PackedLayout{{.bits = 5, .group = 0}, 16, 9}.quant_bytes() == 320 && PackedLayout{{.bits = 6}, 16, 64}.quant_bytes() == 768);
static_assert(PackedLayout{{.bits = 5}, 16, 64}.high_offset(3, 45) == 320 + 13 && PackedLayout{{.bits = 5}, 16, 64}.high_shift(45) == 3);
static_assert(PackedLayout{{.bits = 4, .group = 64, .zero = Zero::min}, 16, 128}.scale_bytes() == 128);
static_assert(PackedLayout{{.bits = 4, .group = 32, .zero = Zero::min, .scale = Scale::nested}, 16, 256}.scale_bytes() == 320);
static_assert(PackedLayout{{.bits = 4, .sparsity = Sparsity::two_of_four}, 16, 192}.quant_bytes() == (12 + 4) * 64);
static_assert(PackedLayout{{.bits = 8, .group = 0, .sparsity = Sparsity::two_of_four}, 16, 70}.quant_bytes() == (12 + 2) * 64);
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
