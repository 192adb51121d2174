// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/quant/encoder.hpp: how the codes and scales of a matrix are chosen: the seam between packing and the searches.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <ingot/quant/codec.hpp>
#include <ingot/quant/packed_matrix.hpp>

namespace ingot::quant {

/// Consecutive rows of a matrix as they will be stored. `codes` holds zero_point() where nothing has been written.
struct EncodedRows {
  std::size_t first = 0;          ///< row of the matrix
  std::span<std::uint8_t> codes;  ///< [rows, padded_columns()]
  std::span<GroupScale> scales;   ///< [rows, groups()]
};

/// Chooses codes and scales for the rows of one matrix of an integer scheme without nested scales. Called from several threads at once, for
/// different rows. A scale or a min that comes back infinite says that the row's weights are too large for what stores them.
class Encoder {
 public:
  Encoder() = default;
  Encoder(const Encoder&) = delete;
  Encoder& operator=(const Encoder&) = delete;
  virtual ~Encoder() = default;
  /// weights: [rows, layout.columns], finite
  virtual void encode(const PackedLayout& layout, std::span<const float> weights, const EncodedRows& out) const noexcept = 0;
};

/// Replaces rows [n, columns] by what storing them makes of them. codes [n, padded_columns()] and scales [n, groups()]: room.
inline void round_rows(const PackedLayout& layout, const Encoder& encoder, std::span<float> rows, std::span<std::uint8_t> codes,
                       std::span<GroupScale> scales) noexcept {
  std::fill(codes.begin(), codes.end(), static_cast<std::uint8_t>(layout.scheme.zero_point()));
  encoder.encode(layout, rows, {0, codes, scales});
  const std::size_t columns = layout.columns, group_columns = layout.group_columns();
  for (std::size_t row = 0; row < rows.size() / columns; ++row)
    for (std::size_t group = 0; group < layout.filled_groups(); ++group) {
      const std::size_t begin = group * group_columns, size = std::min(group_columns, columns - begin);
      decode_group(layout.scheme, scales[row * layout.groups() + group], codes.subspan(row * layout.padded_columns() + begin, size),
                   rows.subspan(row * columns + begin, size));
    }
}

/// An encoder that looks at one group at a time.
class GroupEncoder : public Encoder {
 public:
  void encode(const PackedLayout& layout, std::span<const float> weights, const EncodedRows& out) const noexcept final {
    const std::size_t columns = layout.columns, group_columns = layout.group_columns(), groups = layout.groups();
    for (std::size_t row = 0; row < weights.size() / columns; ++row)
      for (std::size_t group = 0; group < layout.filled_groups(); ++group) {
        const std::size_t begin = group * group_columns, size = begin + group_columns < columns ? group_columns : columns - begin;
        out.scales[row * groups + group] = encode_group(layout.scheme, begin, weights.subspan(row * columns + begin, size),
                                                        out.codes.subspan(row * layout.padded_columns() + begin, size));
      }
  }

 private:
  /// `weights` begin at column `column` of their row. codes: as many as weights
  virtual GroupScale encode_group(const Scheme& scheme, std::size_t column, std::span<const float> weights,
                                  std::span<std::uint8_t> codes) const noexcept = 0;
};

/// Rounds to the nearest code of the range that the group's extremes set (RTN).
class NearestEncoder final : public GroupEncoder {
 private:
  GroupScale encode_group(const Scheme& scheme, std::size_t, std::span<const float> weights,
                          std::span<std::uint8_t> codes) const noexcept override {
    return quant::encode_group(scheme, weights, codes);
  }
};

}  // namespace ingot::quant
