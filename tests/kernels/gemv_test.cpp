// SPDX-License-Identifier: Apache-2.0
#include <ingot/kernels/gemv.hpp>

#include <cmath>

#include <doctest/doctest.h>

#include "fixtures.hpp"

using namespace fixtures;

TEST_CASE_TEMPLATE_DEFINE("a matrix times a vector without the rest of the library", Constant, gemv_schemes) {
  constexpr Scheme S = Constant::value;
  Random random{1};
  const PackedRandom w{S, 37, 131, random};
  const auto x = random.normals(131);
  std::vector<float> y(37);
  const PackedMatrix<S> matrix{w.quants.data(), w.scales.data(), 37, 131};
  kernels::gemv<isa::scalar>(matrix, x, y);
  const Activations input{*kernels::find_functions("scalar"), w.layout, x};
  for (std::size_t n = 0; n < y.size(); ++n) {
    double expected = 0, magnitude = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      expected += w.weight(n, k) * input.value(0, k);
      magnitude += std::fabs(w.weight(n, k) * input.value(0, k));
    }
    CHECK(std::fabs(y[n] - expected) < 1e-6 * magnitude);
  }
}
template <Scheme S>
struct Is {
  static constexpr Scheme value = S;
};
TEST_CASE_TEMPLATE_INVOKE(gemv_schemes, Is<Scheme{.bits = 4, .group = 64}>, Is<Scheme{.bits = 6, .group = 32}>, Is<quant::bf16>);
