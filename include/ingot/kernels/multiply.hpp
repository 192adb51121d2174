// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/multiply.hpp: y = W x over tiles: panels outside, tokens inside, activations kept in the L2 cache.

#include <cstddef>
#include <utility>

#include <ingot/core/config.hpp>
#include <ingot/core/team.hpp>
#include <ingot/kernels/fields.hpp>
#include <ingot/kernels/float_tile.hpp>
#include <ingot/kernels/integer_tile.hpp>
#include <ingot/kernels/matrix.hpp>

namespace ingot::kernels {

/// Bytes of activations that stay in half of a 1 MiB L2 cache beside the panel being multiplied.
inline constexpr std::size_t chunk_bytes = 384 * 1024;

namespace detail {

template <class Isa>
INGOT_INLINE constexpr std::size_t smaller(std::size_t a, std::size_t b) noexcept {
  return a < b ? a : b;
}

/// Rows of activations, `bytes` each, that are multiplied by a panel before the next panel's turn: whole tiles, chunks of like size.
template <class Isa>
INGOT_INLINE std::size_t chunk_rows(std::size_t rows, std::size_t bytes, std::size_t tile) noexcept {
  const std::size_t most = chunk_bytes / (bytes + 1) + 1, chunks = (rows + most - 1) / most;
  return chunks <= 1 ? rows : ((rows + chunks - 1) / chunks + tile - 1) / tile * tile;
}

/// Covers the rows of [begin, end) with tiles of at most Max rows as evenly as possible: nine rows are 5 + 4, not 6 + 3, because
/// small tiles use the multipliers worse. Calls run.operator()<M>(first, tiles) for the tiles of M rows that follow each other: at
/// most twice. Min: no tile will be smaller.
template <class Isa, std::size_t Min, std::size_t Max, class Run>
INGOT_INLINE void split_rows(std::size_t begin, std::size_t end, Run&& run) noexcept {
  if (begin == end) return;
  const std::size_t rows = end - begin, tiles = (rows + Max - 1) / Max, small = rows / tiles, taller = rows % tiles;
  const auto call = [&](std::size_t height, std::size_t first, std::size_t count) __attribute__((always_inline)) {
    [&]<std::size_t... i>(std::index_sequence<i...>) __attribute__((always_inline)) {
      static_cast<void>(((height == Min + i && (run.template operator()<Min + i>(first, count), true)) || ...));
    }
    (std::make_index_sequence<Max - Min + 1>{});
  };
  if (taller != 0) call(small + 1, begin, taller);
  call(small, begin + taller * (small + 1), tiles - taller);
}

/// The smallest tile that split_rows cuts from more than `few` rows.
[[nodiscard]] constexpr std::size_t smallest_tile(std::size_t few, std::size_t max) noexcept {
  std::size_t smallest = max;
  for (std::size_t rows = few + 1; rows <= few + 2 * max; ++rows) {
    const std::size_t tile = rows / ((rows + max - 1) / max);
    smallest = tile < smallest ? tile : smallest;
  }
  return smallest;
}
static_assert(smallest_tile(8, 6) == 4 && smallest_tile(0, 6) == 1 && smallest_tile(1, 4) == 2);

}  // namespace detail

/// The tiles of weights, which are read once for all tokens of a chunk.
template <class Isa>
struct WeightTiles {
  template <quant::Scheme S>
  static constexpr TileShape few(std::size_t tokens) noexcept {
    return Ops<Isa>::template few<S>(tokens);
  }
};
/// The tiles of a page of the KV cache.
template <class Isa>
struct PageTiles {
  template <quant::Scheme>
  static constexpr TileShape few(std::size_t tokens) noexcept {
    return Ops<Isa>::page_tile(tokens);
  }
};

/// The tile of many tokens.
template <class Isa, quant::Scheme S>
inline constexpr TileShape large_tile = S.sparsity == quant::Sparsity::dense ? Ops<Isa>::template tile<S> : Ops<Isa>::kept_tile;

/// y = W x (or y += W x) for the outputs of `panels`, W stored by an integer scheme.
template <class Isa, quant::Scheme S, template <class> class Tiles = WeightTiles>
void multiply_integers(const MatrixBytes& w, const Input& x, float* y, std::size_t y_stride, Slice panels,
                       const Epilogue& epilogue) noexcept {
  using O = Ops<Isa>;
  constexpr std::size_t panel_strips = quant::panel_rows / O::lanes;
  const std::size_t quant_step = w.layout.panel_quant_bytes(), scale_step = w.layout.panel_scale_bytes();
  const std::size_t columns = w.layout.padded_columns(), outputs = detail::smaller<Isa>(w.layout.rows, panels.end * quant::panel_rows);
  constexpr TileShape tile = large_tile<Isa, S>;
  const std::size_t chunk = detail::chunk_rows<Isa>(x.rows, columns, tile.tokens);
  const InputForm form = w.form();
  const std::size_t block_groups = form.scale_columns() / form.group;
  alignas(quant::line_bytes) float blocks[tile_floats];

  const auto run = [&]<TileShape T>(std::size_t token, std::size_t strip, std::size_t strip_tiles, std::size_t token_tiles)
      __attribute__((always_inline)) {
    const std::size_t panel = strip / panel_strips;
    const TileArguments a{.quants = w.quants + panel * quant_step,
                          .scales = w.scales + panel * scale_step,
                          .quant_step = quant_step,
                          .scale_step = scale_step,
                          .last_panel = panels.end - 1 - panel,
                          .first_strip = strip % panel_strips,
                          .strip_step = strip_tiles,
                          .columns = columns,
                          .place_bytes = w.layout.place_bytes(),
                          .group = w.layout.group_columns(),
                          .has_min = w.layout.scheme.zero == quant::Zero::min,
                          .wide_scales = w.layout.scheme.scale == quant::Scale::single,
                          .codes = x.codes + token * x.stride,
                          .stride = x.stride,
                          .input_scales = x.scales + token * x.scale_stride,
                          .input_scale_stride = x.scale_stride,
                          .block_groups = block_groups,
                          .corrections = x.corrections + token * x.correction_stride,
                          .correction_stride = x.correction_stride,
                          .y = y + token * y_stride + strip * O::lanes,
                          .y_stride = y_stride,
                          .outputs = outputs - strip * O::lanes,
                          .epilogue = epilogue.from(strip * O::lanes),
                          .blocks = blocks};
    integer_tiles<Isa, S, T>(a, strip_tiles, token_tiles);
  };
  for (std::size_t begin = 0; begin < x.rows; begin += chunk) {
    const std::size_t end = detail::smaller<Isa>(x.rows, begin + chunk), first = panels.begin * panel_strips;
    if (end - begin <= O::few_tokens) {  // one tile of all rows: weights come straight from memory
      detail::split_rows<Isa, 1, O::few_tokens>(
          begin, end, [&]<std::size_t M>(std::size_t token, std::size_t) __attribute__((always_inline)) {
            constexpr TileShape T = Tiles<Isa>::template few<S>(M);
            run.template operator()<T>(token, first, (outputs - first * O::lanes + T.strips * O::lanes - 1) / (T.strips * O::lanes), 1);
          });
    } else {
      constexpr std::size_t smallest = detail::smallest_tile(O::few_tokens, tile.tokens);
      for (std::size_t strip = first; strip * O::lanes < outputs; strip += tile.strips)
        detail::split_rows<Isa, smallest, tile.tokens>(
            begin, end, [&]<std::size_t M>(std::size_t token, std::size_t tiles) __attribute__((always_inline)) {
              run.template operator()<tile.with(M)>(token, strip, 1, tiles);
            });
    }
  }
}

/// The same for a float scheme and `columns` of its columns: attention multiplies matrices that are still growing.
template <class Isa, quant::Scheme S>
void multiply_floats(const MatrixBytes& w, const Input& x, std::size_t columns, float* y, std::size_t y_stride, Slice panels,
                     const Epilogue& epilogue) noexcept {
  using O = Ops<Isa>;
  constexpr std::size_t panel_strips = quant::panel_rows / O::lanes;
  const std::size_t quant_step = w.layout.panel_quant_bytes();
  const std::size_t outputs = detail::smaller<Isa>(w.layout.rows, panels.end * quant::panel_rows);
  constexpr TileShape tile = O::template float_tile<S>;
  const std::size_t chunk = detail::chunk_rows<Isa>(x.rows, columns * sizeof(float), tile.tokens);

  for (std::size_t begin = 0; begin < x.rows; begin += chunk) {
    const std::size_t end = detail::smaller<Isa>(x.rows, begin + chunk);
    for (std::size_t strip = panels.begin * panel_strips; strip * O::lanes < outputs; strip += tile.strips) {
      const std::size_t panel = strip / panel_strips;
      detail::split_rows<Isa, 1, tile.tokens>(
          begin, end, [&]<std::size_t M>(std::size_t first, std::size_t tiles) __attribute__((always_inline)) {
            for (std::size_t token = first; token < first + tiles * M; token += M)
              float_tile<Isa, S, M, tile.strips>({.quants = w.quants + panel * quant_step,
                                                  .quant_step = quant_step,
                                                  .last_panel = panels.end - 1 - panel,
                                                  .first_strip = strip % panel_strips,
                                                  .columns = columns,
                                                  .x = x.floats + token * x.stride,
                                                  .stride = x.stride,
                                                  .y = y + token * y_stride + strip * O::lanes,
                                                  .y_stride = y_stride,
                                                  .outputs = outputs - strip * O::lanes,
                                                  .epilogue = epilogue.from(strip * O::lanes)});
          });
    }
  }
}

/// The kernel behind Matrix::multiply, for any scheme.
template <class Isa, quant::Scheme S>
void multiply(const MatrixBytes& w, const Input& x, float* y, std::size_t y_stride, Slice panels, const Epilogue& epilogue) noexcept {
  if constexpr (S.is_integer())
    multiply_integers<Isa, kernel_scheme(S)>(w, x, y, y_stride, panels, epilogue);
  else
    multiply_floats<Isa, S>(w, x, w.layout.columns, y, y_stride, panels, epilogue);
}

}  // namespace ingot::kernels
