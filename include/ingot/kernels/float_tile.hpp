// SPDX-License-Identifier: Apache-2.0
#pragma once  // ingot/kernels/float_tile.hpp: the register tile of products with f32, f16 and bf16 matrices.

#include <cstddef>

#include <ingot/core/config.hpp>
#include <ingot/kernels/epilogue.hpp>
#include <ingot/kernels/isa.hpp>
#include <ingot/quant/packed_matrix.hpp>

namespace ingot::kernels {

struct FloatTileArguments {
  const std::byte* quants;      // first panel
  std::size_t quant_step = 0;   // bytes to the next panel
  std::size_t last_panel = 0;   // strips past it repeat it; their results are not stored
  std::size_t first_strip = 0;  // within the first panel
  std::size_t columns = 0;      // read of x and of the matrix; not padded
  const float* x;               // first row
  std::size_t stride = 0;
  float* y;
  std::size_t y_stride = 0;
  std::size_t outputs = 0;  // stored columns of y
  Epilogue epilogue{};      // its bias that of the first strip
};

/// y[t][n] for M tokens x (N * lanes) outputs, columns added in order: every shape gives the same bits.
template <class Isa, quant::Scheme S, std::size_t M, std::size_t N>
INGOT_NOINLINE void float_tile(const FloatTileArguments& a) noexcept {
  static_assert(S == quant::f32 || S == quant::f16 || S == quant::bf16, "not a float scheme");
  using O = Ops<Isa>;
  using floats = typename O::floats;
  constexpr std::size_t panel_strips = quant::panel_rows / O::lanes, line_columns = 32 / S.bits;
  const std::byte* w[N];
  INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
    const std::size_t strip = panel_strips == 1 ? n : a.first_strip + n;
    const std::size_t panel = strip / panel_strips < a.last_panel ? strip / panel_strips : a.last_panel;
    w[n] = a.quants + panel * a.quant_step + strip % panel_strips * O::lanes * 4;
  }
  floats sum[M][N];
  INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) sum[m][n] = O::broadcast(0.f);

  const auto column = [&]<unsigned c>(const float* x, std::size_t offset) __attribute__((always_inline)) {
    floats weights[N];
    INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
      if constexpr (S == quant::f32) weights[n] = O::load(w[n] + offset);
      if constexpr (S == quant::f16) weights[n] = O::template half_column<c>(w[n] + offset);
      if constexpr (S == quant::bf16) weights[n] = O::template brain_column<c>(w[n] + offset);
    }
    INGOT_UNROLL for (std::size_t m = 0; m < M; ++m) {
      const floats value = O::broadcast(x[m * a.stride + c]);
      INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) sum[m][n] = O::multiply_add(weights[n], value, sum[m][n]);
    }
  };
  std::size_t k = 0, offset = 0;
  for (; k + line_columns <= a.columns; k += line_columns, offset += quant::line_bytes) {
    column.template operator()<0>(a.x + k, offset);
    if constexpr (line_columns == 2) column.template operator()<1>(a.x + k, offset);
  }
  if (k < a.columns) column.template operator()<0>(a.x + k, offset);

  INGOT_UNROLL for (std::size_t n = 0; n < N; ++n) {
    if (a.outputs <= n * O::lanes) break;
    const std::size_t count = a.outputs - n * O::lanes;
    const floats bias = strip_bias<Isa>(a.epilogue.from(n * O::lanes).bias, count);
    INGOT_UNROLL for (std::size_t m = 0; m < M; ++m)
        write_strip<Isa>(a.y + m * a.y_stride + n * O::lanes, sum[m][n], bias, count, a.epilogue.update);
  }
}

}  // namespace ingot::kernels
