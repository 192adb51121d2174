// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/float_tile.hpp>

#include <doctest/doctest.h>

#include <ingot/kernels/isa/scalar.hpp>

#include "fixtures.hpp"

using namespace fixtures;
using Scalar = kernels::isa::scalar;

namespace {

template <Scheme S, std::size_t Tokens, std::size_t Strips>
void check(std::size_t columns) {
  Random random{12};
  const std::size_t rows = 16 * Strips - 5;
  const PackedRandom w{S, rows, columns, random};
  const auto x = random.normals(Tokens * columns);
  std::vector<float> y(Tokens * rows, 1.0f);
  kernels::float_tile<Scalar, S, Tokens, Strips>({.quants = w.quants.data(),
                                                  .quant_step = w.layout.panel_quant_bytes(),
                                                  .last_panel = Strips - 1,
                                                  .columns = columns,
                                                  .x = x.data(),
                                                  .stride = columns,
                                                  .y = y.data(),
                                                  .y_stride = rows,
                                                  .outputs = rows,
                                                  .epilogue = {kernels::Update::add}});
  for (std::size_t t = 0; t < Tokens; ++t)
    for (std::size_t n = 0; n < rows; ++n) {
      double expected = 1;
      for (std::size_t k = 0; k < columns; ++k) expected += w.weight(n, k) * static_cast<double>(x[t * columns + k]);
      CHECK(static_cast<double>(y[t * rows + n]) == doctest::Approx(expected).epsilon(1e-4));
    }
}

}  // namespace

TEST_CASE("f32, f16 and bf16 tiles add their products to what is there, odd columns included") {
  check<quant::f32, 2, 2>(33);
  check<quant::f16, 3, 1>(32);
  check<quant::bf16, 1, 3>(17);
}
