// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/block_scratch.hpp: part of a panel as block products read it: bytes in rows of the unit, scales as floats.

#include <cstddef>
#include <cstdint>
#include <utility>

#include <ingot/core/config.hpp>
#include <ingot/kernels/fields.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/kernels/matrix.hpp>
#include <ingot/kernels/scales.hpp>

namespace ingot::kernels {

/// Whether Isa multiplies whole blocks of bytes.
template <class Isa>
inline constexpr bool multiplies_blocks = requires {
  typename Ops<Isa>::Blocks;
};

/// The scheme for which block products of `s` are instantiated: what differs between schemes is how their codes and scales are unpacked.
[[nodiscard]] constexpr quant::Scheme block_scheme(quant::Scheme s) noexcept {
  if (s.scale != quant::Scale::nested) s.group = 16, s.zero = quant::Zero::min, s.scale = quant::Scale::half;
  return s;
}

/// Integer sums of 16 rows and two panels.
using BlockTotals = std::int32_t[2][16 * quant::panel_rows];

/// What a lane keeps on its stack (100 KB) while it multiplies two panels with a chunk of rows: unpacked weights and totals stay in the L1
/// cache, activations and sums in the L2 cache.
struct BlockScratch {
  static constexpr std::size_t columns = 640;  // of a part of a panel: whole groups, unless a row is one
  static constexpr std::size_t rows = 256;     // for each of which the weights are unpacked again
  static constexpr std::size_t batch = 4;      // groups whose totals are made before they are scaled
  static constexpr std::size_t groups = columns / 16;
  static constexpr std::size_t panel_bytes = columns * quant::panel_rows;

  /// Columns of the parts of a row: all, rather than a short second part.
  [[nodiscard]] static constexpr std::size_t part_of(std::size_t row_columns) noexcept { return row_columns <= columns ? columns : 512; }
  /// Rows of a chunk, at most 1 MiB of activations.
  [[nodiscard]] static constexpr std::size_t rows_of(std::size_t row_bytes) noexcept {
    const std::size_t most = (std::size_t{1} << 20) / row_bytes / 16 * 16;
    return most < 64 ? 64 : most > rows ? rows : most;
  }

  alignas(64) std::byte weights[2][columns / 4][quant::line_bytes];
  alignas(64) float scales[2][groups][quant::panel_rows], mins[2][groups][quant::panel_rows];
  alignas(64) BlockTotals totals[batch];
  alignas(64) float sums[rows / 16][2][16][quant::panel_rows];  // of complete blocks of groups
  union {
    alignas(64) float open[rows / 16][2][16][quant::panel_rows];  // of a block that goes on in the next part
    alignas(64) BlockTotals carried[rows / 16];                   // of a group that does
  };
  alignas(64) std::int8_t rest[16][64];  // the last columns of 16 rows, and zeros
};

namespace detail {

/// The codes of columns [begin, end) of a panel, minus the code for zero unless there is a min; zeros up to a multiple of 64 columns.
template <class Isa, quant::Scheme S>
INGOT_INLINE void unpack_weights(const MatrixBytes& w, std::size_t panel, std::size_t begin, std::size_t end, bool has_min,
                                 std::byte (*out)[quant::line_bytes]) noexcept {
  using O = Ops<Isa>;
  using F = Fields<S>;
  const std::byte* words = w.quants + panel * w.layout.panel_quant_bytes();
  const std::int32_t zero = has_min ? 0 : std::int32_t{1} << (S.bits - 1);
  const auto quads = [&]<std::size_t count>(std::size_t k) __attribute__((always_inline)) {
    const Quads<Isa, S, 0, count> codes{words + k / F::columns * F::bytes, k % F::columns / 16};
    [&]<std::size_t... q>(std::index_sequence<q...>) __attribute__((always_inline)) {
      (O::store_bytes(*out++, O::subtract(codes.template quad<q>(), zero)), ...);
    }
    (std::make_index_sequence<count>{});
  };
  std::size_t k = begin;
  for (; k + 16 <= end; k += 16) quads.template operator()<4>(k);
  if constexpr (F::columns < 16)  // others are padded to sixteens
    for (; k < end; k += F::columns) quads.template operator()<F::columns / 4>(k);
  for (; (k - begin) % 64 != 0; k += 4) O::store_bytes(*out++, typename O::bytes{});
}

/// The scales of groups [begin, end) of a panel, and the mins where there are any.
template <class Isa, quant::Scheme S>
INGOT_INLINE void unpack_scales(const MatrixBytes& w, std::size_t panel, std::size_t begin, std::size_t end, bool has_min,
                                float (*scales)[quant::panel_rows], float (*mins)[quant::panel_rows]) noexcept {
  using O = Ops<Isa>;
  const std::byte* plane = w.scales + panel * w.layout.panel_scale_bytes();
  for (std::size_t g = begin; g < end; ++g) {
    GroupScale<Isa> s;
    if constexpr (S.scale == quant::Scale::half)
      s = load_scale<Isa>(has_min, w.layout.scheme.scale == quant::Scale::single, plane, g, 0);
    else
      s = load_scale<Isa, S>(plane, g, 0);
    O::store(scales[g - begin], s.scale);
    if (has_min) O::store(mins[g - begin], s.min);
  }
}

}  // namespace detail

}  // namespace ingot::kernels
