// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/integer_tile.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>

#include "fixtures.hpp"

using namespace fixtures;
using Scalar = kernels::isa::scalar;

namespace {

/// Two tokens times a panel and a half through a tile of shape T; the strip past the last panel is computed and dropped.
template <Scheme S, kernels::TileShape T>
void check() {
  Random random{11};
  const std::size_t rows = 23, columns = 300, tokens = T.tokens;
  const PackedRandom w{S, rows, columns, random};
  const Activations x{*kernels::find_functions("scalar"), w.layout, random.normals(tokens * columns)};
  const kernels::Input in = x.input();
  std::vector<float> y(tokens * rows, 1000.0f);
  alignas(64) float blocks[kernels::tile_floats];
  kernels::integer_tile<Scalar, kernels::kernel_scheme(S), T>({.quants = w.quants.data(),
                                                               .scales = w.scales.data(),
                                                               .quant_step = w.layout.panel_quant_bytes(),
                                                               .scale_step = w.layout.panel_scale_bytes(),
                                                               .last_panel = 1,
                                                               .columns = w.layout.padded_columns(),
                                                               .group = w.layout.group_columns(),
                                                               .has_min = S.zero == Zero::min,
                                                               .codes = in.codes,
                                                               .stride = in.stride,
                                                               .input_scales = in.scales,
                                                               .input_scale_stride = in.scale_stride,
                                                               .block_groups = x.form.scale_columns() / x.form.group,
                                                               .corrections = in.corrections,
                                                               .correction_stride = in.correction_stride,
                                                               .y = y.data(),
                                                               .y_stride = rows,
                                                               .outputs = rows,
                                                               .blocks = blocks});
  for (std::size_t t = 0; t < tokens; ++t)
    for (std::size_t n = 0; n < rows; ++n) {
      double expected = 0;
      for (std::size_t k = 0; k < columns; ++k) expected += w.weight(n, k) * x.value(t, k);
      if (n < T.strips * 16)
        CHECK(static_cast<double>(y[t * rows + n]) == doctest::Approx(expected).epsilon(1e-4));
      else
        CHECK(y[t * rows + n] == 1000.0f);
    }
}

}  // namespace

TEST_CASE("shapes of tiles give the same products for every kind of group") {
  check<Scheme{.bits = 4, .group = 32}, kernels::TileShape{.tokens = 2, .strips = 2, .lines = 2}>();
  check<Scheme{.bits = 4, .group = 64, .zero = Zero::min}, kernels::TileShape{.tokens = 2, .strips = 1}>();
  check<Scheme{.bits = 8, .group = 0}, kernels::TileShape{.tokens = 1, .strips = 3, .lines = 4, .prefetch = 64}>();
  check<Scheme{.bits = 8, .group = 128}, kernels::TileShape{.tokens = 3, .strips = 2, .lines = 8, .operand = kernels::Operand::memory}>();
  check<Scheme{.bits = 3, .group = 16}, kernels::TileShape{.tokens = 2, .strips = 2}>();
  check<Scheme{.bits = 5, .group = 0, .zero = Zero::min},
        kernels::TileShape{.tokens = 1, .strips = 1, .prefetch = 64, .prefetch_l2 = 128}>();
  check<Scheme{.bits = 8, .group = 16}, kernels::TileShape{.tokens = 1, .strips = 2}>();
}
