// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/integer_tile.hpp: the register tile of integer products, the heart of prefill and decode.

#include <cstddef>
#include <cstdint>

#include <ingot/core/config.hpp>
#include <ingot/kernels/epilogue.hpp>
#include <ingot/kernels/field_products.hpp>
#include <ingot/kernels/input.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/kernels/kept_products.hpp>
#include <ingot/kernels/scales.hpp>

namespace ingot::kernels {

/// The panels under a tile's strips and the rows of activations beside it; both for the first of several tiles.
struct TileArguments {
  const std::byte* quants;     // first panel
  const std::byte* scales;     // first panel
  std::size_t quant_step = 0;  // bytes to the next panel
  std::size_t scale_step = 0;
  std::size_t last_panel = 0;   // strips past it repeat it; their results are not stored
  std::size_t first_strip = 0;  // within the first panel
  std::size_t strip_step = 1;   // from one strip of a tile to the next, where T.apart
  std::size_t columns = 0;      // padded
  std::size_t place_bytes = 0;  // of a panel of a 2:4 matrix
  std::size_t group = 0;        // of shared kernels: columns under one scale,
  bool has_min = false;         // whether it has a min,
  bool wide_scales = false;     // and whether those are binary32
  const std::int8_t* codes;     // first row
  std::size_t stride = 0;
  const float* input_scales;
  std::size_t input_scale_stride = 1;
  std::size_t block_groups = 1;  // groups under one input scale
  const std::int32_t* corrections;
  std::size_t correction_stride = 0;
  float* y;
  std::size_t y_stride = 0;
  std::size_t outputs = 0;  // stored columns of y
  Epilogue epilogue{};      // its bias that of the first strip
  float* blocks = nullptr;  // [T.tokens][T.strips * lanes], aligned to 64 bytes: for the sums of blocks that registers have no room for
};

/// Floats of TileArguments::blocks for any tile.
inline constexpr std::size_t tile_floats = 256;

/// y[t][n] for tokens x (strips * lanes) outputs. Groups are added in order with one rounding each, and so are the blocks of groups that
/// share a scale of the activations, whatever the shape: every shape gives the same bits.
template <class Isa, quant::Scheme S, TileShape T>
INGOT_INLINE void integer_tile(const TileArguments& a) noexcept {
  static_assert(S.is_integer() && S == kernel_scheme(S), "no kernel for this scheme");
  using O = Ops<Isa>;
  using floats = typename O::floats;
  using ints = typename O::ints;
  using partials = typename O::partials;
  using bytes = typename O::bytes;
  constexpr bool shared = shares_kernels(S), sparse = S.sparsity != quant::Sparsity::dense;
  const bool has_min = shared && !sparse ? a.has_min : S.zero == quant::Zero::min;
  constexpr std::size_t M = T.tokens, N = T.strips, panel_strips = quant::panel_rows / O::lanes;
  constexpr std::size_t pair_bytes = quant::line_bytes * S.bits / 4;  // of 8 columns
  constexpr std::size_t fold = O::template fold_columns<S.bits>;
  constexpr std::int32_t offset = O::template code_offset<S.bits>;
  static_assert(offset == 0 || offset == 1 << (S.bits - 1));

  const std::size_t distance = T.apart ? a.strip_step : 1;  // of strips
  const std::byte* w[N];
  const std::byte* scales[N];
  std::size_t lane[N];
  INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
    const std::size_t strip = a.first_strip + n * distance;
    const std::size_t panel = strip / panel_strips < a.last_panel ? strip / panel_strips : a.last_panel;
    lane[n] = strip % panel_strips * O::lanes;
    w[n] = a.quants + panel * a.quant_step + lane[n] * 4;
    scales[n] = a.scales + panel * a.scale_step;
  }
  const std::int8_t* x = a.codes;
  const std::size_t stride = a.stride;

  // The products of 8 columns: a line of 4-bit codes holds both halves, 8-bit codes take two lines.
  const auto eight = [&](partials(&sum)[M][N], std::size_t line) __attribute__((always_inline)) {
    bytes first[N], second[N];
    INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
      const std::byte* p = w[n] + line * pair_bytes;
      if constexpr (T.prefetch != 0) O::prefetch(p + T.prefetch);
      if constexpr (T.prefetch_l2 != 0) O::prefetch_l2(p + T.prefetch_l2);
      if constexpr (S.bits == 4) {
        const bytes q = O::load_bytes(p);
        first[n] = O::low_nibbles(q), second[n] = O::high_nibbles(q);
      } else {
        first[n] = O::load_bytes(p), second[n] = O::load_bytes(p + quant::line_bytes);
      }
    }
    INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) {
      const std::int8_t* p = x + m * stride + line * 8;
      INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) O::template dot<S.bits, T.operand>(sum[m][n], first[n], p);
      INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) O::template dot<S.bits, T.operand>(sum[m][n], second[n], p + 4);
    }
  };
  const auto next = [&](std::size_t columns) __attribute__((always_inline)) {
    x += columns;
    INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) w[n] += columns / 8 * pair_bytes;
  };

  // Results of many tokens lie far apart, past the L2 cache: asked for now, their lines are there when the sums are (a tenth of the time).
  if constexpr (M > 1)
    INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n)
        O::prefetch(a.y + m * a.y_stride + n * distance * O::lanes);

  // Sums of a block, and of those before. Three sets of accumulators do not fit: the compilers' spills were in every round, while these
  // are read and written once a block.
  constexpr bool kept = (fold == 0 ? 3 : 4) * M * N + 2 * N + 2 <= O::registers * 3 / 4;
  static_assert(M * N * O::lanes <= tile_floats);
  floats y[M][N], blocks[kept ? M : 1][kept ? N : 1];
  const auto clear = [](floats(&sum)[M][N]) __attribute__((always_inline)) {
    INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) sum[m][n] = O::broadcast(0.f);
  };
  clear(y);
  if constexpr (kept) clear(blocks);
  bool first_block = true;
  const float* input_scales = a.input_scales;
  const auto scaled = [&](std::size_t m, std::size_t n) __attribute__((always_inline)) {
    floats before;
    if constexpr (kept)
      before = blocks[m][n];
    else
      before = first_block ? O::broadcast(0.f) : O::load(a.blocks + (m * N + n) * O::lanes);
    return O::multiply_add(y[m][n], O::broadcast(input_scales[m * a.input_scale_stride]), before);
  };

  PlaceReader<Isa, N> places;  // of a 2:4 matrix
  const std::size_t group_columns = shared ? a.group : S.group != 0 ? S.group : a.columns;
  const std::size_t groups = shared || S.group != 0 ? a.columns / group_columns : 1;
  for (std::size_t g = 0, end = a.block_groups; g < groups; ++g) {
    if (g == end) {
      INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
        if constexpr (kept)
          blocks[m][n] = scaled(m, n);
        else
          O::store(a.blocks + (m * N + n) * O::lanes, scaled(m, n));
      }
      first_block = false;
      clear(y);
      ++input_scales;
      end += a.block_groups;
    }
    ints total[M][N];
    INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) {
      // codes - code_offset are multiplied; the correction is the sum of the activations, times the negative zero point if there is one
      const std::int32_t correction = a.corrections[m * a.correction_stride + g];
      const ints start = O::broadcast(has_min ? offset * correction : offset == 0 && !sparse ? correction : 0);
      INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) total[m][n] = start;
    }
    // Columns in chunks of `step`, at most what the partial sums hold; a last, shorter one for channels.
    constexpr std::size_t wanted = T.lines * 8, step_limit = S.group != 0 && S.group < wanted ? S.group : wanted;
    constexpr std::size_t step = fold != 0 && fold < step_limit ? fold : step_limit;
    std::size_t k = 0;
    if constexpr (sparse) {
      kept_products<Isa, S, T>(total, places, w, x, stride, g * group_columns, (g + 1) * group_columns, a.place_bytes);
    } else if constexpr (shared) {
      field_products<Isa, S, T>(total, w, x, stride, g * group_columns, (g + 1) * group_columns);
    } else if constexpr (fold != 0) {
      const auto add = [&](partials(&sum)[M][N]) __attribute__((always_inline)) {
        INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) total[m][n] =
            O::add(total[m][n], O::fold(sum[m][n]));
      };
      for (; k + step <= group_columns; k += step) {
        partials sum[M][N] = {};
        INGOT_UNROLL for (std::size_t line = 0; line < step / 8; ++line) eight(sum, line);
        next(step);
        add(sum);
      }
      for (; S.group == 0 && k + 8 <= group_columns; k += 8) {
        partials sum[M][N] = {};
        eight(sum, 0);
        next(8);
        add(sum);
      }
    } else {
      for (; k + step <= group_columns; k += step) {
        INGOT_UNROLL for (std::size_t line = 0; line < step / 8; ++line) eight(total, line);
        next(step);
      }
      for (; S.group == 0 && k + 8 <= group_columns; k += 8) {
        eight(total, 0);
        next(8);
      }
      if constexpr (S.group == 0 && S.bits == 8) {  // a channel of 8-bit codes is padded to 4 columns only
        if (k < group_columns)
          INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n)
              O::template dot<S.bits, T.operand>(total[m][n], O::load_bytes(w[n]), x + m * stride);
      }
    }
    INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
      const GroupScale<Isa> s = shared ? load_scale<Isa, T.prefetch_scales>(has_min, a.wide_scales, scales[n], g, lane[n])
                                       : load_scale<Isa, S, T.prefetch_scales>(scales[n], g, lane[n]);
      INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) {
        y[m][n] = O::multiply_add(O::to_floats(total[m][n]), s.scale, y[m][n]);
        if (has_min)
          y[m][n] = O::multiply_add(O::broadcast(static_cast<float>(a.corrections[m * a.correction_stride + g])), s.min, y[m][n]);
      }
    }
  }

  INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
    const std::size_t output = n * distance * O::lanes;
    if (a.outputs <= output) break;
    const std::size_t count = a.outputs - output;
    const floats bias = strip_bias<Isa>(a.epilogue.from(output).bias, count);
    INGOT_UNROLL for (std::size_t m = 0; m < M; ++m)
        write_strip<Isa>(a.y + m * a.y_stride + output, scaled(m, n), bias, count, a.epilogue.update);
  }
}

/// `strip_tiles` tiles side by side, those of strips apart each a strip further, and of each `token_tiles` one below the other. One call:
/// with a call for each tile a twentieth of prefill was spent between them.
template <class Isa, quant::Scheme S, TileShape T>
INGOT_NOINLINE void integer_tiles(const TileArguments& first, std::size_t strip_tiles, std::size_t token_tiles) noexcept {
  constexpr std::size_t strips = T.apart ? 1 : T.strips, width = strips * Ops<Isa>::lanes;
  TileArguments a = first;
  for (std::size_t i = 0; i < strip_tiles; ++i) {
    for (std::size_t j = 0; j < token_tiles; ++j) {
      integer_tile<Isa, S, T>(a);
      a.codes += T.tokens * a.stride;
      a.input_scales += T.tokens * a.input_scale_stride;
      a.corrections += T.tokens * a.correction_stride;
      a.y += T.tokens * a.y_stride;
    }
    a.codes = first.codes, a.input_scales = first.input_scales, a.corrections = first.corrections;
    a.first_strip += strips;
    a.y = first.y + (i + 1) * width;
    a.outputs -= width;
    a.epilogue = a.epilogue.from(width);
  }
}

}  // namespace ingot::kernels
